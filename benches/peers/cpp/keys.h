// The keys: the same numbers in every language.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

inline uint64_t splitmix(uint64_t i) {
    uint64_t z = (i + 1) * 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

struct Wide {
    uint64_t a, b, c, d;
    bool operator==(const Wide&) const = default;

    template <typename H>
    friend H AbslHashValue(H state, const Wide& key) {
        return H::combine(std::move(state), key.a, key.b, key.c, key.d);
    }
};

// What a key adds to the checksum of an iteration.
inline uint64_t word(uint64_t key) { return key; }
inline uint64_t word(const Wide& key) { return key.a; }
inline uint64_t word(std::string_view key) { return key.size(); }

inline void make_key(uint64_t i, uint64_t& key) { key = splitmix(i); }

inline void make_key(uint64_t i, Wide& key) {
    key = {splitmix(4 * i), splitmix(4 * i + 1), splitmix(4 * i + 2), splitmix(4 * i + 3)};
}

// Keys, with the memory of those that point to some.
template <typename K>
struct KeyList {
    std::vector<K> keys;

    template <typename Number>
    KeyList(size_t n, Number number) : keys(n) {
        for (size_t i = 0; i < n; i++) make_key(number(i), keys[i]);
    }
};

// Each string is followed by a zero byte, for those who take no length.
template <>
struct KeyList<std::string_view> {
    static constexpr size_t LONGEST = 24;
    std::string text;
    std::vector<std::string_view> keys;

    template <typename Number>
    KeyList(size_t n, Number number) {
        text.reserve(n * (LONGEST + 1));
        keys.reserve(n);
        for (size_t i = 0; i < n; i++) {
            uint64_t j = 3 * number(i);
            uint64_t words[] = {splitmix(j), splitmix(j + 1), splitmix(j + 2)};
            char letters[LONGEST];
            std::memcpy(letters, words, LONGEST);
            for (char& letter : letters) letter = 'a' + (letter & 15);
            size_t len = 16 + (words[0] >> 32) % 9;
            keys.emplace_back(text.data() + text.size(), len);
            text.append(letters, len).push_back('\0');
        }
    }
};

constexpr size_t FEWEST = 1 << 16, MOST = 4'000'000;

// Lookups of a sample.
inline size_t probes(size_t size) { return std::clamp(size, FEWEST, MOST); }

// The keys of a map of `size` entries, and those to look up in it.
template <typename K>
struct Keys {
    size_t size, universe_size = std::max(FEWEST, 2 * size);
    KeyList<K> universe, hits, misses;

    explicit Keys(size_t size)
        : size(size),
          universe(universe_size, [](size_t i) { return i; }),
          hits(probes(size), [=](size_t p) { return uint64_t((unsigned __int128)splitmix(~uint64_t(p)) * size >> 64); }),
          misses(probes(size), [this](size_t i) { return universe_size + i; }) {}
};
