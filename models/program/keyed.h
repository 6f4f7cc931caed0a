// Keyed draws: Philox4x64-10 (Salmon, Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405), with the
// conventions of numpy.random.Philox(counter=[index, trial, individual, stream], key=[seed, 0]): the
// counter is advanced once before the first block.  The twin in Python is keyed.py.
#ifndef HEDON_KEYED_H
#define HEDON_KEYED_H

#include <cmath>
#include <cstdint>
#include <type_traits>

namespace hedon_keyed {

template <class T>
inline typename std::enable_if<std::is_floating_point<T>::value, uint64_t>::type whole(T x) {
    return (uint64_t)(int64_t)std::floor((double)x + 0.5);
}

template <class T>
inline typename std::enable_if<!std::is_floating_point<T>::value, uint64_t>::type whole(T x) {
    return (uint64_t)(int64_t)x;
}

inline void philox(uint64_t seed, const uint64_t counter[4], uint64_t out[2]) {
    uint64_t c0 = counter[0] + 1, c1 = counter[1], c2 = counter[2], c3 = counter[3];
    if (c0 == 0 && ++c1 == 0 && ++c2 == 0) ++c3;
    uint64_t k0 = seed, k1 = 0;
    for (int round = 0; round < 10; round++) {
        const unsigned __int128 p0 = (unsigned __int128)0xD2E7470EE14C6C93ULL * c0;
        const unsigned __int128 p1 = (unsigned __int128)0xCA5A826395121157ULL * c2;
        c0 = (uint64_t)(p1 >> 64) ^ c1 ^ k0;
        c2 = (uint64_t)(p0 >> 64) ^ c3 ^ k1;
        c1 = (uint64_t)p1;
        c3 = (uint64_t)p0;
        k0 += 0x9E3779B97F4A7C15ULL;
        k1 += 0xBB67AE8584CAA73BULL;
    }
    out[0] = c0;
    out[1] = c1;
}

// 52 bits and a half: exact in a double, never 0 and never 1.
inline double open_unit(uint64_t word) { return ((double)(word >> 12) + 0.5) * 2.220446049250313080847e-16; }

// Not inlined: its last bit must not depend on the loop around it.
__attribute__((noinline)) static double normal(uint64_t seed, uint64_t stream, uint64_t individual,
                                               uint64_t trial, uint64_t index) {
    const uint64_t counter[4] = {index, trial, individual, stream};
    uint64_t word[2];
    philox(seed, counter, word);
    return std::sqrt(-2.0 * std::log(open_unit(word[0]))) *
           std::cos(6.283185307179586476925 * open_unit(word[1]));
}

}  // namespace hedon_keyed

template <class A, class B, class C, class D, class E>
inline double hedon_keyed_uniform(A seed, B stream, C individual, D trial, E index) {
    using namespace hedon_keyed;
    const uint64_t counter[4] = {whole(index), whole(trial), whole(individual), whole(stream)};
    uint64_t word[2];
    philox(whole(seed), counter, word);
    return open_unit(word[0]);
}

template <class A, class B, class C, class D, class E>
inline double hedon_keyed_normal(A seed, B stream, C individual, D trial, E index) {
    using namespace hedon_keyed;
    return normal(whole(seed), whole(stream), whole(individual), whole(trial), whole(index));
}

#endif
