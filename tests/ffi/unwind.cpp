// C++ exceptions thrown by callbacks and heap hooks pass through the runtime style, and leave the map whole.

#include <gomap.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

static int line;
#define MUST(x) (line = __LINE__, (x) ? void() : throw std::logic_error(#x))

template <class Error, class F> static bool throws(F f) {
	try {
		f();
	} catch (const Error &) {
		return true;
	}
	return false;
}

struct refusal {};

// Refuses to be hashed, compared or copied once the countdown is over.
struct touchy {
	int n;
	static inline int hashes = -1, comparisons = -1, copies = -1, alive = 0;
	static void touch(int &countdown) {
		if (countdown >= 0 && countdown-- == 0) throw refusal();
	}
	explicit touchy(int n) : n(n) { alive++; }
	touchy(const touchy &other) : n(other.n) { touch(copies), alive++; }
	touchy(touchy &&other) noexcept : n(other.n) { alive++; }
	~touchy() { alive--; }
	bool operator==(const touchy &other) const { return touch(comparisons), n == other.n; }
};
template <> struct std::hash<touchy> {
	std::size_t operator()(const touchy &t) const { return touchy::touch(touchy::hashes), std::size_t(t.n % 11); }
};

using map = gomap::map<touchy, std::string>;

static map hundred() {
	map m;
	for (int i = 0; i < 100; i++) m.insert_or_assign(touchy(i), "number " + std::to_string(i));
	return m;
}

static bool has_hundred(const map &m) {
	for (int i = 0; i < 100; i++)
		if (std::string *s = m.find(touchy(i)); s == nullptr || *s != "number " + std::to_string(i)) return false;
	std::size_t steps = 0;
	for (auto [key, value] : m) steps += value.size() > 0;
	return steps == 100 && m.size() == 100;
}

// Every call into a key's code throws in turn, while a new entry is made that the map has to grow for.
static void callbacks() {
	for (int *countdown : {&touchy::hashes, &touchy::comparisons}) {
		int n = 0;
		for (bool thrown = true; thrown; n++) {
			map m = hundred();
			*countdown = n;
			thrown = throws<refusal>([&] {
				for (int i = 100; i < 300; i++) m.insert_or_assign(touchy(i), "new");
			});
			*countdown = -1;
			for (int i = 100; i < 300; i++) MUST(m.erase(touchy(i)) || thrown);
			MUST(has_hundred(m));
		}
		MUST(n > 200);
	}
}

static void clones() {
	map m = hundred();
	int alive = touchy::alive, n = 0;
	for (bool thrown = true; thrown; n++) {
		touchy::copies = n;
		thrown = throws<refusal>([&] { MUST(has_hundred(map(m))); });
		touchy::copies = -1;
		MUST(touchy::alive == alive);
	}
	MUST(n == 101);
	MUST(has_hundred(m));
}

// A host whose hooks throw.
struct no_memory {};
static int allocations = -1;
static const gomap_heap *const system_heap = gomap_system_heap(GOMAP_ERA_GO119);

static void hooks() {
	gomap_heap heap = *system_heap;
	heap.allocate = [](const gomap_heap *, size_t size, size_t align, const gomap_type *ty) {
		if (allocations >= 0 && allocations-- == 0) throw no_memory();
		return system_heap->allocate(system_heap, size, align, ty);
	};
	heap.release = heap.populate = nullptr;
	heap.panic = [](const gomap_heap *, const void *message, size_t len) {
		throw std::runtime_error(std::string(static_cast<const char *>(message), len));
	};
	gomap_maptype type;
	MUST(gomap_maptype_init(&gomap_type_uint64, &gomap_type_uint64, &heap, &type, nullptr, 0) == GOMAP_OK);

	uint64_t key = 1;
	MUST(throws<std::runtime_error>([&] { gomap_mapassign(&type, nullptr, &key); }));
	gomap_hmap *h = gomap_makemap(&type, 0, nullptr);
	uint64_t n = 0;
	for (int refusals = 0; refusals < 20; n++) {
		allocations = 0;
		bool refused = throws<no_memory>([&] { *static_cast<uint64_t *>(gomap_mapassign(&type, h, &n)) = n; });
		allocations = -1;
		if (refused) *static_cast<uint64_t *>(gomap_mapassign(&type, h, &n)) = n;
		refusals += refused;
	}
	MUST(h->count == static_cast<ptrdiff_t>(n));
	for (key = 0; key < n; key++) MUST(*static_cast<uint64_t *>(gomap_mapaccess1(&type, h, &key)) == key);
	gomap_mapfree(&type, h);
}

int main() {
	try {
		callbacks();
		clones();
		hooks();
		MUST(touchy::alive == 0);
	} catch (const std::exception &error) {
		std::fprintf(stderr, "unwind.cpp:%d: %s\n", line, error.what());
		return EXIT_FAILURE;
	}
}
