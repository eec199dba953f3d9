// SPDX-License-Identifier: MIT OR Apache-2.0
//
// gomap::map<K, V>: gomap for C++17. It grows without ever stopping for a rehash, and may be changed while a range-for
// goes over it. References into it hold until the next write. What a hash, an equality or a copy throws passes through.

#ifndef GOMAP_HPP
#define GOMAP_HPP

#if __cplusplus < 201703L && !(defined(_MSVC_LANG) && _MSVC_LANG >= 201703L)
#error gomap.hpp is C++17
#endif

#include <gomap.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace gomap {

// Whether a T can be moved by copying its bytes: the map moves its entries so, and keeps other types behind a pointer.
template <class T> struct relocatable : std::is_trivially_copyable<T> {};
template <class T> struct relocatable<std::unique_ptr<T>> : std::true_type {};

// A value in the form in which slots hold it, until the map takes it over.
template <class T> class cell {
	static constexpr bool boxed = !relocatable<T>::value;
	using slot = std::conditional_t<boxed, T *, T>;

public:
	explicit cell(T &&value) {
		if constexpr (boxed) *reinterpret_cast<slot *>(bytes) = new T(std::move(value));
		else new (bytes) T(std::move(value));
	}
	cell(const cell &) = delete;
	~cell() { if (owned) drop(bytes, nullptr); }

	void release() { owned = false; }
	void swap(void *other) {
		unsigned char old[sizeof(slot)];
		std::memcpy(old, other, sizeof old);
		std::memcpy(other, bytes, sizeof old);
		std::memcpy(bytes, old, sizeof old);
	}

	static T &in(const void *place) {
		if constexpr (boxed) return **static_cast<slot const *>(place);
		else return *static_cast<T *>(const_cast<void *>(place));
	}
	static void drop(void *place, const gomap_type *) {
		if constexpr (boxed) delete *static_cast<slot *>(place);
		else in(place).~T();
	}
	static void copy(void *place, const gomap_type *) {
		alignas(slot) unsigned char old[sizeof(slot)];
		std::memcpy(old, place, sizeof old);
		if constexpr (boxed) *static_cast<slot *>(place) = new T(in(old));
		else new (place) T(in(old));
	}
	static gomap_type type(gomap_hash_fn hash, gomap_equal_fn equal) {
		gomap_type ty;
		gomap_type_init_plain(sizeof(slot), alignof(slot), &ty);
		ty.alg = {hash, equal};
		if constexpr (boxed || !std::is_trivially_destructible_v<T>) ty.drop = drop;
		if constexpr (std::is_copy_constructible_v<T> && !std::is_trivially_copyable_v<T>) ty.copy = copy;
		return ty;
	}

	alignas(slot) unsigned char bytes[sizeof(slot)];

private:
	bool owned = true;
};

// How a T that stays the caller's is passed as a key.
template <class T> struct key_ref {
	explicit key_ref(const T &key) : address(&key) {}
	operator const void *() const {
		if constexpr (relocatable<T>::value) return address;
		else return &address;
	}
	const T *address;
};

template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>> class map {
public:
	explicit map(std::ptrdiff_t hint = 0) : h(checked(gomap_try_makemap(type(), hint, nullptr))) {}
	map(map &&other) noexcept : h(std::exchange(other.h, nullptr)) {}
	map(const map &other) : h(checked(gomap_try_mapclone(type(), other.h, nullptr))) {
		static_assert(std::is_copy_constructible_v<K> && std::is_copy_constructible_v<V>);
	}
	map &operator=(map other) noexcept { std::swap(h, other.h); return *this; }
	~map() { gomap_mapfree(type(), h); }

	std::size_t size() const { return h == nullptr ? 0 : static_cast<std::size_t>(h->count); }
	void clear() { check(gomap_try_mapclear(type(), h)); }
	bool erase(const K &key) {
		// A copy of the bytes: the key may be one that an iterator leads to, in a slot that this moves.
		if constexpr (relocatable<K>::value) {
			alignas(K) unsigned char bytes[sizeof(K)];
			std::memcpy(bytes, static_cast<const void *>(&key), sizeof(K));
			return check(gomap_try_mapdelete(type(), h, bytes));
		} else return check(gomap_try_mapdelete(type(), h, key_ref<K>(key)));
	}

	V *find(const K &key) const {
		gomap_lookup found = gomap_mapaccess2(type(), h, key_ref<K>(key));
		return found.found ? &cell<V>::in(found.elem) : nullptr;
	}
	V &insert_or_assign(K key, V value) {
		if (h == nullptr) h = checked(gomap_try_makemap(type(), 0, nullptr));
		cell<K> k(std::move(key));
		cell<V> v(std::move(value));
		gomap_assigned at;
		check(gomap_try_mapassign(type(), h, k.bytes, &at));
		v.swap(at.elem);
		if (!at.existed) v.release();
		if (at.key_taken) k.release();
		return cell<V>::in(at.elem);
	}
	V &operator[](const K &key) {
		V *found = find(key);
		return found != nullptr ? *found : insert_or_assign(key, V());
	}

	struct sentinel {};
	class iterator {
	public:
		explicit iterator(gomap_hmap *h) {
			check(gomap_try_mapiterinit(type(), h, &it));
			if (it.key == nullptr) return;
			clears = gomap_mapiterclears(&it);
			gomap_mapiterkeep(&it);
		}
		iterator(const iterator &) = delete;
		~iterator() { gomap_mapiterdone(&it); }
		std::pair<const K &, V &> operator*() const { return {cell<K>::in(it.key), cell<V>::in(it.elem)}; }
		iterator &operator++() {
			// A map that was cleared has nothing left that was there when this began.
			if (it.key != nullptr && gomap_mapiterclears(&it) != clears) gomap_mapiterdone(&it);
			else gomap_mapiternext(&it);
			return *this;
		}
		bool operator!=(sentinel) const { return it.key != nullptr; }

	private:
		std::uint64_t clears = 0;
		gomap_hiter it;
	};
	iterator begin() const { return iterator(h); }
	sentinel end() const { return {}; }

private:
	static std::size_t hash(const void *key, std::size_t seed, const gomap_type *) {
		return gomap_hash_word(Hash()(cell<K>::in(key)), seed);
	}
	static bool equal(const void *a, const void *b, const gomap_type *) {
		return Equal()(cell<K>::in(a), cell<K>::in(b));
	}
	static const gomap_maptype *type() {
		static const descriptor d;
		return &d.t;
	}
	struct descriptor {
		gomap_type key = cell<K>::type(hash, equal), elem = cell<V>::type(nullptr, nullptr);
		gomap_maptype t;
		descriptor() {
			char message[128];
			if (gomap_maptype_init(&key, &elem, nullptr, &t, message, sizeof message) != GOMAP_OK)
				throw std::logic_error(message);
		}
	};
	static gomap_hmap *checked(gomap_hmap *h) { return h != nullptr ? h : throw std::bad_alloc(); }
	static bool check(gomap_status status) {
		return status == GOMAP_NO_MEMORY ? throw std::bad_alloc() : status == GOMAP_OK;
	}

	gomap_hmap *h;
};

} // namespace gomap

#endif
