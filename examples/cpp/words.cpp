// gomap::map counts words, owns what it is given, and lets go of entries while it is gone over.
//
//   c++ -std=c++17 words.cpp $(pkg-config --cflags --libs gomap) -o words

#include <gomap.hpp>

#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

struct point {
	int x, y;
	bool operator==(const point &p) const { return x == p.x && y == p.y; }
};
template <> struct std::hash<point> {
	std::size_t operator()(const point &p) const noexcept { return std::size_t(p.x) * 31 + std::size_t(p.y); }
};

static bool expect(bool holds, const char *what) {
	if (!holds) std::cerr << "not so: " << what << '\n';
	return holds;
}

static bool count_words() {
	gomap::map<std::string, int> count;
	std::istringstream text("the map grows while the map is read and the map is written");
	for (std::string word; text >> word;) count[word]++;

	gomap::map<std::string, int> all = count;
	for (auto [word, n] : count)
		if (n == 1) count.erase(word);
	for (auto [word, n] : count) std::cout << word << ' ' << n << '\n';
	return expect(count.size() == 3, "three words occur more than once") && expect(*count.find("map") == 3, "map 3") &&
	       expect(count.find("grows") == nullptr, "grows is gone") && expect(all.size() == 8, "the copy keeps all");
}

static bool keep_paths() {
	gomap::map<point, std::unique_ptr<std::vector<point>>> paths;
	for (int i = 0; i < 1000; i++)
		paths.insert_or_assign({i, -i}, std::make_unique<std::vector<point>>(std::vector{point{i, i}}));
	paths.insert_or_assign({5, -5}, nullptr);
	auto moved = std::move(paths);
	return expect(paths.size() == 0 && moved.size() == 1000, "a moved map is empty") &&
	       expect(moved.find({5, -5})->get() == nullptr, "replaced") &&
	       expect((**moved.find({999, -999}))[0].x == 999, "still there");
}

int main() {
	return count_words() && keep_paths() ? 0 : 1;
}
