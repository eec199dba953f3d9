// Measures a map in C or C++, with one type of keys. It does what the worker of the faces in Rust does, with the same keys
// in the same order; that one says what is printed.
//
//     cpp FACE TYPE SIZE OPS SAMPLES

#include <sstream>

#include "faces.h"
#include "single.h"

struct Request {
    size_t size;
    std::string ops;
    size_t samples;
};

template <typename Face>
void run(const Request& request) {
    if constexpr (std::is_same_v<typename Face::Key, uint64_t>) {
        if (request.ops == "latency" || request.ops == "running") return print_latency<Face>(request.size, request.ops);
        if (request.ops == "memory") return print_memory<Face>(request.size);
    }
    Keys<typename Face::Key> keys(request.size);
    Workload<Face> workload(keys);
    std::istringstream ops(request.ops);
    for (std::string op; std::getline(ops, op, ',');) {
        for (size_t i = 0; i < request.samples; i++) {
            Sample sample = workload.measure(op);
            std::cout << op << ' ' << sample.ops << ' ' << sample.ns << ' ' << sample.sum << '\n';
        }
    }
}

template <typename K>
bool select(const std::string& face, const Request& request) {
    if (face == "absl") return run<Absl<K>>(request), true;
    if (face == "boost") return run<Boost<K>>(request), true;
    if (face == "glib") return run<GLib<K, true>>(request), true;
    if (face == "glib-mix") return run<GLib<K, false>>(request), true;
    return false;
}

bool select_type(const std::string& type, const std::string& face, const Request& request) {
    if (type == "u64") return select<uint64_t>(face, request);
    if (type == "str") return select<std::string_view>(face, request);
    if (type == "wide") return select<Wide>(face, request);
    return false;
}

int main(int argc, char** argv) {
    if (argc == 6) {
        Request request{std::stoull(argv[3]), argv[4], std::stoull(argv[5])};
        if (select_type(argv[2], argv[1], request)) return 0;
    }
    std::cerr << "usage: cpp FACE u64|str|wide SIZE OP,… SAMPLES\n";
    return 2;
}
