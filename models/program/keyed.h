// Keyed draws: Philox4x64-10 (Salmon, Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405). Draw number
// ``index`` of (seed, stream, individual, trial) is output number ``index`` of
// numpy.random.Philox(counter=[0, trial, individual, stream], key=[seed, 0]); normal draws by the ziggurat
// (Marsaglia & Tsang 2000, doi:10.18637/jss.v005.i08).  The twin in Python is keyed.py.
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

inline void philox(uint64_t seed, const uint64_t counter[4], uint64_t out[4]) {
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
    out[2] = c2;
    out[3] = c3;
}

// The last block is kept: neighbouring indices share it.
struct Block {
    uint64_t seed, counter[4], word[4];
    bool filled;
};
static thread_local Block last_block = {0, {0, 0, 0, 0}, {0, 0, 0, 0}, false};

__attribute__((noinline)) static void fill(uint64_t seed, uint64_t stream, uint64_t individual,
                                           uint64_t trial, uint64_t count) {
    const uint64_t counter[4] = {count, trial, individual, stream};
    philox(seed, counter, last_block.word);
    for (int k = 0; k < 4; k++) last_block.counter[k] = counter[k];
    last_block.seed = seed;
    last_block.filled = true;
}

inline uint64_t word(uint64_t seed, uint64_t stream, uint64_t individual, uint64_t trial, uint64_t index) {
    const Block& block = last_block;
    if (((block.counter[0] ^ (index >> 2)) | (block.counter[1] ^ trial) | (block.counter[2] ^ individual) |
         (block.counter[3] ^ stream) | (block.seed ^ seed)) != 0 || !block.filled)
        fill(seed, stream, individual, trial, index >> 2);
    return block.word[index & 3];
}

// 52 bits and a half: exact in a double, never 0 and never 1.
inline double open_unit(uint64_t word) { return ((double)(word >> 12) + 0.5) * 2.220446049250313080847e-16; }

// 256 strips of equal area under exp(-x^2/2): strip i reaches to x[i], its part below x[i+1] lies inside.
struct Ziggurat {
    double x[257], height[257], scale[256];
    uint64_t inside[256];
    Ziggurat() {
        const double r = 3.6541528853610088;
        const double area = r * std::exp(-0.5 * r * r) + 1.2533141373155002512 * std::erfc(r / std::sqrt(2.0));
        x[0] = area / std::exp(-0.5 * r * r);
        x[1] = r;
        for (int i = 2; i < 256; i++)
            x[i] = std::sqrt(-2.0 * std::log(area / x[i - 1] + std::exp(-0.5 * x[i - 1] * x[i - 1])));
        x[256] = 0;
        for (int i = 0; i < 257; i++) height[i] = std::exp(-0.5 * x[i] * x[i]);
        for (int i = 0; i < 256; i++) {
            scale[i] = x[i] / 9007199254740992.0;
            inside[i] = (uint64_t)(x[i + 1] / x[i] * 9007199254740992.0);
        }
    }
};
static const Ziggurat ziggurat;

// The value as it is: no arithmetic of the loop around is drawn into it, so that its last bit is the same
// everywhere.
inline double settled(double x) {
#if defined(__x86_64__)
    __asm__("" : "+x"(x));
#elif defined(__aarch64__)
    __asm__("" : "+w"(x));
#else
    volatile double kept = x;
    x = kept;
#endif
    return x;
}

inline double placed(uint64_t drawn) {
    const double x = (double)(int64_t)(drawn >> 11) * ziggurat.scale[drawn & 255];
    return drawn & 256 ? -x : x;
}

// One draw in a hundred: outside the core of its strip.
__attribute__((noinline, cold)) static double outside(uint64_t seed, uint64_t stream, uint64_t individual,
                                                      uint64_t trial, uint64_t index, uint64_t drawn) {
    const Ziggurat& z = ziggurat;
    for (uint64_t attempt = 1;; attempt++) {
        const int strip = drawn & 255;
        const double x = placed(drawn);
        if ((drawn >> 11) < z.inside[strip]) return x;
        const uint64_t counter[4] = {index, trial, individual, stream + (attempt << 32)};
        uint64_t more[4];
        philox(seed, counter, more);
        if (strip == 0) {
            const double far = -std::log(open_unit(more[0])) / z.x[1];
            if (-2.0 * std::log(open_unit(more[1])) > far * far) return x < 0 ? -z.x[1] - far : z.x[1] + far;
        } else {
            const double y = z.height[strip] + open_unit(more[0]) * (z.height[strip + 1] - z.height[strip]);
            if (y < std::exp(-0.5 * x * x)) return x;
        }
        drawn = more[2];
    }
}

inline double normal(uint64_t seed, uint64_t stream, uint64_t individual, uint64_t trial, uint64_t index) {
    const uint64_t drawn = word(seed, stream, individual, trial, index);
    if (__builtin_expect((drawn >> 11) < ziggurat.inside[drawn & 255], 1)) return settled(placed(drawn));
    return outside(seed, stream, individual, trial, index, drawn);
}

}  // namespace hedon_keyed

template <class A, class B, class C, class D, class E>
inline double hedon_keyed_uniform(A seed, B stream, C individual, D trial, E index) {
    using namespace hedon_keyed;
    return open_unit(word(whole(seed), whole(stream), whole(individual), whole(trial), whole(index)));
}

template <class A, class B, class C, class D, class E>
inline double hedon_keyed_normal(A seed, B stream, C individual, D trial, E index) {
    using namespace hedon_keyed;
    return normal(whole(seed), whole(stream), whole(individual), whole(trial), whole(index));
}

#endif
