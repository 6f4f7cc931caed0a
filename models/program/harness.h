// What hedon adds to a generated main.cpp: the call is read and checked, the generator seeded, arguments
// written, progress told, and the requested outputs written whole or not at all.  harness.py generates the
// tables that name the arrays.  Whatever goes wrong is one line on stderr and a status above 0.
// Plain C wherever it will do: this text is compiled anew with every program.
#ifndef HEDON_HARNESS_H
#define HEDON_HARNESS_H

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <unistd.h>
#include <vector>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#if defined(__clang__) || !defined(__GNUC__)
#define HEDON_COLD __attribute__((cold, noinline))
#else
#define HEDON_COLD __attribute__((cold, noinline, optimize("Og")))
#endif

namespace hedon {

enum { BAD_CALL = 3, BAD_OUTPUT = 4, ORPHANED = 5 };

HEDON_COLD __attribute__((noreturn)) static void fail(int status, const char* format, ...) {
    va_list values;
    va_start(values, format);
    std::vfprintf(stderr, format, values);
    std::fputc('\n', stderr);
    std::fflush(stderr);
    _exit(status);
}

template <class T> struct Type;
template <> struct Type<double> { static const char* name() { return "float64"; } };
template <> struct Type<float> { static const char* name() { return "float32"; } };
template <> struct Type<int8_t> { static const char* name() { return "int8"; } };
template <> struct Type<int16_t> { static const char* name() { return "int16"; } };
template <> struct Type<int32_t> { static const char* name() { return "int32"; } };
template <> struct Type<int64_t> { static const char* name() { return "int64"; } };
template <> struct Type<uint16_t> { static const char* name() { return "uint16"; } };
template <> struct Type<uint32_t> { static const char* name() { return "uint32"; } };
template <> struct Type<uint64_t> { static const char* name() { return "uint64"; } };
template <> struct Type<char> { static const char* name() { return "bool"; } };

// Rows of numbers in memory, whatever Brian2 keeps them in.
struct View {
    const char* type;
    size_t size, rows, columns;
    void* source;
    char* (*row)(void*, size_t);
};

template <class T> char* row_of_array(void* source, size_t) { return (char*)source; }
template <class M> char* row_of_matrix(void* source, size_t i) { return (char*)&(*(M*)source)((int)i, 0); }

template <class T> View view(T* data, size_t count) {
    View v = {Type<T>::name(), sizeof(T), count, 1, data, row_of_array<char>};
    return v;
}

template <class T> View view(std::vector<T>& v) { return view(v.empty() ? (T*)0 : &v[0], v.size()); }

// A recording: DynamicArray2D, whose rows need not follow each other in memory.
template <class T, template <class> class Matrix> View view(Matrix<T>& matrix) {
    View v = {Type<T>::name(), sizeof(T), (size_t)matrix.n, (size_t)matrix.m, &matrix, row_of_matrix<Matrix<T> >};
    return v;
}

struct Given {
    const char *name, *type;
    bool scalar;
    size_t count;
    const char* data;
};

static struct {
    const char* folder;
    uint64_t seed;
    double duration;
    long parent;
    size_t n_outputs, n_given;
    int* outputs;
    Given* given;
    char* values;
    FILE *progress, *report;
} call;

HEDON_COLD static FILE* open(const char* name, const char* mode) {
    char path[4096];
    if (std::snprintf(path, sizeof path, "%s/%s", call.folder, name) >= (int)sizeof path)
        fail(BAD_CALL, "the name of the folder is too long");
    FILE* file = std::fopen(path, mode);
    if (!file) fail(BAD_CALL, "cannot open '%s': %s", path, std::strerror(errno));
    return file;
}

HEDON_COLD static char* read_whole(const char* name, size_t& size) {
    FILE* file = open(name, "rb");
    std::fseek(file, 0, SEEK_END);
    size = (size_t)std::ftell(file);
    std::rewind(file);
    char* data = (char*)std::malloc(size + 1);
    if (!data || std::fread(data, 1, size, file) != size) fail(BAD_CALL, "cannot read '%s'", name);
    data[size] = 0;
    std::fclose(file);
    return data;
}

HEDON_COLD static const char* word() {
    const char* found = std::strtok(0, " \n");
    if (!found) fail(BAD_CALL, "the description of the call is cut short");
    return found;
}

// The word after `label`, or simply the next one.
HEDON_COLD static const char* after(const char* label) {
    if (label && std::strcmp(word(), label)) fail(BAD_CALL, "the description of the call lacks '%s'", label);
    return word();
}

HEDON_COLD static uint64_t number(const char* label) { return std::strtoull(after(label), 0, 10); }

template <class Arguments> HEDON_COLD void start(Arguments& args) {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGXFSZ, SIG_IGN);
    if (args.size() != 1) fail(BAD_CALL, "this program is called by hedon, with the folder of the call");
    call.folder = strdup(args[0].c_str());
    args.clear();
    size_t size, offset = 0;
    char* text = read_whole("call", size);
    if (size < 4 || std::strcmp(text + size - 4, "end\n")) fail(BAD_CALL, "the call is cut short");
    std::strtok(text, " \n");
    call.parent = (long)number(0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if ((long)getppid() != call.parent) fail(ORPHANED, "the calling process is gone");
    call.seed = number("seed");
    call.duration = std::strtod(after("duration"), 0);
    call.progress = number("progress") ? open("progress", "wb") : 0;
    call.n_outputs = number("outputs");
    call.outputs = new int[call.n_outputs];
    for (size_t k = 0; k < call.n_outputs; k++) call.outputs[k] = (int)number(0);
    call.n_given = number("values");
    call.given = new Given[call.n_given];
    if (call.n_given) call.values = read_whole("values", size);
    for (size_t k = 0; k < call.n_given; k++) {
        Given& given = call.given[k];
        given.name = word();
        given.type = word();
        given.scalar = !std::strcmp(word(), "scalar");
        given.count = number(0);
        given.data = call.values + offset;
        offset += number(0);
    }
    if (call.n_given && size != offset) fail(BAD_CALL, "the values of the arguments are cut short");
}

// All of a generator's state from 64 bits (splitmix64; Steele, Lea & Flood 2014).
struct Sequence {
    typedef uint32_t result_type;
    uint64_t state;
    template <class It> void generate(It from, It to) {
        for (; from != to; ++from) {
            uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
            *from = (uint32_t)((z ^ (z >> 31)) >> 32);
        }
    }
};

// As Brian2's own seed() for seeds of 32 bits.
template <class Generators> HEDON_COLD void seed(Generators& generators) {
    for (size_t i = 0; i < generators.size(); i++) {
        const uint64_t own = call.seed + i;
        generators[i].seed((unsigned long)(own & 0xFFFFFFFFULL));
        if (own > 0xFFFFFFFFULL) {
            Sequence sequence = {own};
            generators[i].gen.seed(sequence);
        }
    }
}

// Writes the arguments given.  Before the run is set up (`last` false) arrays not yet made are left alone.
HEDON_COLD static void apply(View (*find)(const char*), bool last) {
    for (size_t k = 0; k < call.n_given; k++) {
        const Given& given = call.given[k];
        const View to = find(given.name);
        if (!to.type) fail(BAD_CALL, "no settable variable '%s'", given.name);
        if (to.rows == 0 && !last) continue;
        if (std::strcmp(given.type, to.type))
            fail(BAD_CALL, "'%s' is %s, given as %s", given.name, to.type, given.type);
        if (!given.scalar && given.count != to.rows)
            fail(BAD_CALL, "'%s' has %zu elements, %zu were given", given.name, to.rows, given.count);
        const size_t times = given.scalar ? to.rows : 1, bytes = given.count * to.size;
        for (size_t i = 0; i < times && bytes; i++)
            std::memcpy((char*)to.source + i * bytes, given.data, bytes);
    }
    if (last) {
        std::free(call.values);
        call.values = 0;
    }
}

// An array of the builder's must be as long as the variable that it is written to.
HEDON_COLD static void same(const char* name, size_t size, size_t given) {
    if (size != given) fail(BAD_CALL, "'%s' has %zu elements, the builder writes %zu", name, size, given);
}

HEDON_COLD static void reach(const char* name, size_t size, long index) {
    if (index < 0 || (size_t)index >= size)
        fail(BAD_CALL, "'%s' has %zu elements, none with index %ld", name, size, index);
}

template <class Index> HEDON_COLD void within(const char* name, size_t size, const Index* index, size_t count) {
    for (size_t k = 0; k < count; k++) reach(name, size, (long)index[k]);
}

// A clock for Brian2's progress report, cheap enough to be read before each of a network's objects.
static inline std::clock_t ticks() {
    struct timespec now;
#ifdef CLOCK_MONOTONIC_COARSE
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
#else
    clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return (std::clock_t)now.tv_sec * CLOCKS_PER_SEC + now.tv_nsec / (1000000000 / CLOCKS_PER_SEC);
}

HEDON_COLD static void progress(double completed) {
    if ((long)getppid() != call.parent) fail(ORPHANED, "the calling process is gone");
    if (!call.progress) return;
    std::rewind(call.progress);
    std::fwrite(&completed, sizeof completed, 1, call.progress);
    std::fflush(call.progress);
}

// One static array of the program, which Brian2 reads without a look at how much there was.
HEDON_COLD static void load(const char* name, View to) {
    char path[4096];
    std::snprintf(path, sizeof path, "static_arrays/%s", name);
    FILE* file = std::fopen(path, "rb");
    if (!file || std::fread(to.source, to.size, to.rows, file) != to.rows || std::fgetc(file) != EOF)
        fail(BAD_CALL, "the array '%s' of the program is missing or damaged", name);
    std::fclose(file);
}

HEDON_COLD static void write(const char* name, const char* file_name, View v) {
    FILE* file = open(file_name, "wb");
    const bool one_run = v.columns == 1 && v.row == (char* (*)(void*, size_t))row_of_array<char>;
    const size_t runs = one_run ? 1 : v.rows, length = one_run ? v.rows : v.columns;
    bool good = true;
    for (size_t i = 0; i < runs && length && good; i++)
        good = std::fwrite(v.row(v.source, i), v.size, length, file) == length;
    if (!good || std::fflush(file) || std::fclose(file))
        fail(BAD_OUTPUT, "cannot write output '%s': %s", name, std::strerror(errno));
    std::fprintf(call.report, "%s %s %zu %zu %zu\n", file_name, v.type, v.rows, v.columns,
                 v.rows * v.columns * v.size);
}

HEDON_COLD __attribute__((noreturn)) static int finish(double completed, void (*write_output)(int)) {
    call.report = open("report", "wb");
    for (size_t k = 0; k < call.n_outputs; k++) write_output(call.outputs[k]);
    std::fprintf(call.report, "completed %.17g\nend\n", completed);
    if (std::fflush(call.report) || std::ferror(call.report) || std::fclose(call.report))
        fail(BAD_OUTPUT, "cannot write the report: %s", std::strerror(errno));
    progress(completed);
    std::fflush(stdout);
    _exit(0);
}

}  // namespace hedon

#endif
