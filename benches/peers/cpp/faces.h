// The maps in C and C++, all driven alike. An insert takes a key that outlives the map.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <glib.h>

#include "keys.h"

inline std::size_t hash_value(const Wide& key) {
    size_t seed = 0;
    for (uint64_t part : {key.a, key.b, key.c, key.d}) boost::hash_combine(seed, part);
    return seed;
}

template <typename K, typename Map>
struct Flat {
    using Key = K;
    Map map;

    explicit Flat(size_t hint) {
        if (hint) map.reserve(hint);
    }
    size_t count() const { return map.size(); }
    void insert(const K& key, uint64_t value) { map[key] = value; }
    uint64_t get(const K& key) const {
        auto found = map.find(key);
        return found == map.end() ? 0 : found->second;
    }
    bool remove(const K& key) { return map.erase(key) != 0; }
    void clear() { map.clear(); }
    uint64_t sum() const {
        uint64_t sum = 0;
        for (const auto& [key, value] : map) sum += word(key) + value;
        return sum;
    }
};

template <typename K>
using Absl = Flat<K, absl::flat_hash_map<K, uint64_t>>;
template <typename K>
using Boost = Flat<K, boost::unordered_flat_map<K, uint64_t>>;

inline uint64_t fold(uint64_t a, uint64_t b) {
    auto product = (unsigned __int128)a * b;
    return uint64_t(product) ^ uint64_t(product >> 64);
}

// What GHashTable takes for a key type: a pointer, and functions of it. OWN: GLib's hash, or (where it has none) one of
// the same kind; else a folded multiply.
template <typename K, bool OWN>
struct GKey {
    static gconstpointer pointer(const K& key) { return &key; }
    static uint64_t word_at(gconstpointer key) { return word(*static_cast<const K*>(key)); }
    static guint hash(gconstpointer key) {
        const uint64_t* words = static_cast<const uint64_t*>(key);
        uint64_t hash = OWN ? 5381 : 0x9e3779b97f4a7c15;
        for (size_t i = 0; i < sizeof(K) / 8; i++)
            hash = OWN ? hash * 33 + words[i] : fold(words[i] ^ hash, 0xbf58476d1ce4e5b9);
        return guint(hash);
    }
    static gboolean equal(gconstpointer a, gconstpointer b) {
        return *static_cast<const K*>(a) == *static_cast<const K*>(b);
    }
};

template <>
inline guint GKey<uint64_t, true>::hash(gconstpointer key) {
    return g_int64_hash(key);
}

// Strings are C's.
template <bool OWN>
struct GKey<std::string_view, OWN> {
    static gconstpointer pointer(const std::string_view& key) { return key.data(); }
    static uint64_t word_at(gconstpointer key) { return std::strlen(static_cast<const char*>(key)); }
    static guint hash(gconstpointer key) {
        if (OWN) return g_str_hash(key);
        const char* text = static_cast<const char*>(key);
        size_t len = std::strlen(text);
        uint64_t hash = len;
        for (; len > 8; text += 8, len -= 8) hash = fold(load(text, 8) ^ hash, 0xbf58476d1ce4e5b9);
        return guint(fold(load(text, len) ^ hash, 0x94d049bb133111eb));
    }
    static gboolean equal(gconstpointer a, gconstpointer b) { return g_str_equal(a, b); }

  private:
    static uint64_t load(const char* text, size_t len) {
        uint64_t bytes = 0;
        std::memcpy(&bytes, text, len);
        return bytes;
    }
};

// GLib's GHashTable: keys by pointer, values in the pointer to the value.
template <typename K, bool OWN>
struct GLib {
    using Key = K;
    using Of = GKey<K, OWN>;
    GHashTable* map = g_hash_table_new(Of::hash, Of::equal);

    explicit GLib(size_t) {}
    GLib(const GLib&) = delete;
    GLib& operator=(const GLib&) = delete;
    ~GLib() { g_hash_table_destroy(map); }

    size_t count() const { return g_hash_table_size(map); }
    void insert(const K& key, uint64_t value) {
        g_hash_table_insert(map, gpointer(Of::pointer(key)), GSIZE_TO_POINTER(value));
    }
    uint64_t get(const K& key) const { return GPOINTER_TO_SIZE(g_hash_table_lookup(map, Of::pointer(key))); }
    bool remove(const K& key) { return g_hash_table_remove(map, Of::pointer(key)); }
    void clear() { g_hash_table_remove_all(map); }
    uint64_t sum() const {
        GHashTableIter iter;
        gpointer key, value;
        uint64_t sum = 0;
        g_hash_table_iter_init(&iter, map);
        while (g_hash_table_iter_next(&iter, &key, &value)) sum += Of::word_at(key) + GPOINTER_TO_SIZE(value);
        return sum;
    }
};
