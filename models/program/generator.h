// The numbers of std::mt19937, many at a time: Matsumoto & Nishimura 1998, doi:10.1145/272991.272995. Brian2's
// uniform draws take two words each, (a*2^26 + b)/2^53 with the upper 27 and 26 bits; here 312 of them are made
// in loops that the compiler can work on several at once, which takes half the time. All is exact.
class HedonGenerator {
    uint32_t word[624];
    double drawn[312];
    int taken;

    static uint32_t mixed(uint32_t upper, uint32_t lower) {
        const uint32_t y = (upper & 0x80000000u) | (lower & 0x7fffffffu);
        return (y >> 1) ^ ((0u - (y & 1u)) & 0x9908b0dfu);
    }
    static uint32_t tempered(uint32_t y) {
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        return y ^ (y >> 18);
    }
    __attribute__((noinline)) void refill() {
        uint32_t* x = word;
        for (int k = 0; k < 227; k++) x[k] = x[k + 397] ^ mixed(x[k], x[k + 1]);
        for (int k = 227; k < 623; k++) x[k] = x[k - 227] ^ mixed(x[k], x[k + 1]);
        x[623] = x[396] ^ mixed(x[623], x[0]);
        make();
        taken = 0;
    }
    void make() {
        const uint32_t* x = word;
        for (int k = 0; k < 312; k++) {
            const double a = (int32_t)(tempered(x[2 * k]) >> 5), b = (int32_t)(tempered(x[2 * k + 1]) >> 6);
            drawn[k] = (a * 67108864.0 + b) / 9007199254740992.0;
        }
    }

public:
    void seed(unsigned long seed) {
        word[0] = (uint32_t)seed;
        for (uint32_t k = 1; k < 624; k++) word[k] = 1812433253u * (word[k - 1] ^ (word[k - 1] >> 30)) + k;
        taken = 312;
    }
    template <class Sequence> void seed(Sequence& sequence) {
        sequence.generate(word, word + 624);
        uint32_t any = word[0] & 0x80000000u;
        for (int k = 1; k < 624; k++) any |= word[k];
        if (!any) word[0] = 0x80000000u;
        taken = 312;
    }
    // Brian2 from 2.11 can store a generator and read it back.
    friend std::ostream& operator<<(std::ostream& out, const HedonGenerator& from) {
        for (int k = 0; k < 624; k++) out << from.word[k] << ' ';
        return out << from.taken;
    }
    friend std::istream& operator>>(std::istream& in, HedonGenerator& to) {
        for (int k = 0; k < 624; k++) in >> to.word[k];
        in >> to.taken;
        to.make();
        return in;
    }
    double unit() {
        if (__builtin_expect(taken == 312, 0)) refill();
        return drawn[taken++];
    }
};

