// What hedon adds to a generated main.cpp: the call is read and checked, the generator seeded, arguments
// written, progress told and the requested outputs written whole or with an error.  harness.py generates
// the tables that name the arrays.  Everything that goes wrong is one line on stderr and a status > 0.
#ifndef HEDON_HARNESS_H
#define HEDON_HARNESS_H

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace hedon {

enum { BAD_CALL = 3, BAD_OUTPUT = 4, ORPHANED = 5 };

__attribute__((cold, noreturn)) static void fail(int status, const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
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

// A run of numbers in memory, whatever Brian2 keeps it in.
struct View {
    const char* type;
    char* data;
    size_t count, size;
};

template <class T> View view(T* data, size_t count) {
    View v = {Type<T>::name(), reinterpret_cast<char*>(data), count, sizeof(T)};
    return v;
}

template <class T> View view(std::vector<T>& v) { return view(v.empty() ? (T*)0 : &v[0], v.size()); }

struct Given {
    std::string name, type;
    bool scalar;
    size_t count, offset;
};

struct Call {
    std::string folder;
    uint64_t seed;
    double duration;
    long parent;
    std::vector<int> outputs;
    std::vector<Given> given;
    std::vector<char> values;
    FILE *progress, *report;
};

static Call call;

__attribute__((cold)) static void read_whole(const std::string& name, std::vector<char>& into) {
    FILE* file = std::fopen(name.c_str(), "rb");
    if (!file) fail(BAD_CALL, "cannot read " + name + ": " + std::strerror(errno));
    char part[1 << 16];
    size_t n;
    while ((n = std::fread(part, 1, sizeof part, file)) > 0) into.insert(into.end(), part, part + n);
    if (std::ferror(file)) fail(BAD_CALL, "cannot read " + name + ": " + std::strerror(errno));
    std::fclose(file);
}

// The words of the file `call`, one after the other.
struct Words {
    std::vector<char> text;
    size_t at;
    std::string next() {
        while (at < text.size() && std::strchr(" \n", text[at])) at++;
        const size_t start = at;
        while (at < text.size() && !std::strchr(" \n", text[at])) at++;
        if (start == at) fail(BAD_CALL, "the description of the call is cut short");
        return std::string(&text[start], at - start);
    }
    void expect(const char* word) {
        if (next() != word) fail(BAD_CALL, std::string("the description of the call lacks '") + word + "'");
    }
    uint64_t number() { return std::strtoull(next().c_str(), 0, 10); }
};

__attribute__((cold)) static void start(std::vector<std::string>& args) {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGXFSZ, SIG_IGN);
    if (args.size() != 1) fail(BAD_CALL, "this program is called by hedon, with the folder of the call");
    call.folder = args[0] + "/";
    args.clear();
    Words words;
    words.at = 0;
    read_whole(call.folder + "call", words.text);
    words.expect("parent");
    call.parent = (long)words.number();
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if ((long)getppid() != call.parent) fail(ORPHANED, "the calling process is gone");
    words.expect("seed");
    call.seed = words.number();
    words.expect("duration");
    call.duration = std::strtod(words.next().c_str(), 0);
    words.expect("progress");
    call.progress = 0;
    if (words.number()) {
        call.progress = std::fopen((call.folder + "progress").c_str(), "wb");
        if (!call.progress) fail(BAD_CALL, std::string("cannot write the progress: ") + std::strerror(errno));
    }
    words.expect("outputs");
    for (uint64_t n = words.number(); n > 0; n--) call.outputs.push_back((int)words.number());
    words.expect("values");
    size_t offset = 0;
    for (uint64_t n = words.number(); n > 0; n--) {
        Given given;
        given.name = words.next();
        given.type = words.next();
        given.scalar = words.next() == "scalar";
        given.count = words.number();
        given.offset = offset;
        offset += words.number();
        call.given.push_back(given);
    }
    words.expect("end");
    if (!call.given.empty()) read_whole(call.folder + "values", call.values);
    if (call.values.size() != offset) fail(BAD_CALL, "the values of the arguments are cut short");
}

// As Brian2's seed() for seeds of 32 bits; longer ones fill the whole state of the generator.
template <class Generators> __attribute__((cold)) void seed(Generators& generators) {
    for (size_t i = 0; i < generators.size(); i++) {
        if (call.seed + i <= 0xFFFFFFFFULL) {
            generators[i].seed((unsigned long)(call.seed + i));
        } else {
            const uint32_t parts[3] = {(uint32_t)call.seed, (uint32_t)(call.seed >> 32), (uint32_t)i};
            std::seed_seq sequence(parts, parts + 3);
            generators[i].seed();
            generators[i].gen.seed(sequence);
        }
    }
}

// Writes the arguments given.  Before the run is set up (`last` false) arrays not yet made are left alone.
__attribute__((cold)) static void apply(View (*find)(const std::string&), bool last) {
    for (size_t k = 0; k < call.given.size(); k++) {
        const Given& given = call.given[k];
        const View to = find(given.name);
        if (!to.type) fail(BAD_CALL, "no settable variable '" + given.name + "'");
        if (to.count == 0 && !last) continue;
        if (given.type != to.type)
            fail(BAD_CALL, "'" + given.name + "' is " + to.type + ", given as " + given.type);
        if (!given.scalar && given.count != to.count)
            fail(BAD_CALL, "'" + given.name + "' has " + std::to_string(to.count) + " elements, " +
                               std::to_string(given.count) + " were given");
        const char* from = call.values.empty() ? 0 : &call.values[0] + given.offset;
        if (!given.scalar) {
            if (to.count) std::memcpy(to.data, from, to.count * to.size);
        } else {
            for (size_t i = 0; i < to.count; i++) std::memcpy(to.data + i * to.size, from, to.size);
        }
    }
    if (last) std::vector<char>().swap(call.values);
}

// A clock for Brian2's progress report, cheap enough to be read before each of a network's objects.
static inline std::clock_t ticks() {
    struct timespec now;
#ifdef CLOCK_MONOTONIC_COARSE
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
#else
    clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return (std::clock_t)((double)now.tv_sec * CLOCKS_PER_SEC + (double)now.tv_nsec * 1e-9 * CLOCKS_PER_SEC);
}

__attribute__((cold)) static void progress(double completed) {
    if ((long)getppid() != call.parent) fail(ORPHANED, "the calling process is gone");
    if (!call.progress) return;
    std::rewind(call.progress);
    std::fwrite(&completed, sizeof completed, 1, call.progress);
    std::fflush(call.progress);
}

class Writer {
    FILE* file;
    std::string name;
    size_t rows, columns, bytes;
    __attribute__((cold, noreturn)) void give_up() {
        fail(BAD_OUTPUT, "cannot write output '" + name + "': " + std::strerror(errno));
    }

public:
    Writer(const std::string& label, const std::string& file_name)
        : file(std::fopen((call.folder + file_name).c_str(), "wb")), name(label), bytes(0) {
        if (!file) give_up();
    }
    void put(const View& v) {
        if (v.count && std::fwrite(v.data, v.size, v.count, file) != v.count) give_up();
        bytes += v.count * v.size;
    }
    void close(const char* type, size_t n_rows, size_t n_columns, const std::string& file_name) {
        if (std::fflush(file) || std::fclose(file)) give_up();
        std::fprintf(call.report, "%s %s %zu %zu %zu\n", file_name.c_str(), type, n_rows, n_columns, bytes);
    }
};

__attribute__((cold)) static void write(const std::string& name, const std::string& file, const View& v) {
    Writer writer(name, file);
    writer.put(v);
    writer.close(v.type, v.count, 1, file);
}

template <class T, template <class> class Matrix>
__attribute__((cold)) void write(const std::string& name, const std::string& file, Matrix<T>& matrix) {
    Writer writer(name, file);
    const int rows = (int)matrix.n, columns = (int)matrix.m;
    for (int i = 0; i < rows && columns > 0; i++) writer.put(view(&matrix(i, 0), columns));
    writer.close(Type<T>::name(), rows, columns, file);
}

__attribute__((cold)) static int finish(double completed, void (*write_output)(int)) {
    call.report = std::fopen((call.folder + "report").c_str(), "wb");
    if (!call.report) fail(BAD_OUTPUT, std::string("cannot write the report: ") + std::strerror(errno));
    for (size_t k = 0; k < call.outputs.size(); k++) write_output(call.outputs[k]);
    std::fprintf(call.report, "completed %.17g\nend\n", completed);
    if (std::fflush(call.report) || std::ferror(call.report) || std::fclose(call.report))
        fail(BAD_OUTPUT, std::string("cannot write the report: ") + std::strerror(errno));
    progress(completed);
    std::fflush(stdout);
    _exit(0);
}

}  // namespace hedon

#endif
