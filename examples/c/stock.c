// The plain style: struct keys with a hash of their own, elems stored inline, removal during iteration, an allocator
// with a budget. Every function reports what happened; nothing aborts.
//
//   cc stock.c $(pkg-config --cflags --libs gomap) -o stock

#include <gomap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place {
	char shelf; // Three bytes of padding follow, which must not be hashed.
	int bin;
};

struct stock {
	long pieces;
	double price;
};

static size_t hash_place(const void *key, size_t seed, const gomap_type *ty) {
	const struct place *place = key;
	(void)ty;
	seed = gomap_memhash(&place->shelf, seed, sizeof place->shelf);
	return gomap_memhash(&place->bin, seed, sizeof place->bin);
}

static bool same_place(const void *a, const void *b, const gomap_type *ty) {
	const struct place *p = a, *q = b;
	(void)ty;
	return p->shelf == q->shelf && p->bin == q->bin;
}

// A heap that counts what the map has of it, and gives no more than it may.
struct budget {
	size_t used, limit;
};

static void *allocate(const gomap_heap *heap, size_t size, size_t align, const gomap_type *ty) {
	struct budget *budget = heap->context;
	(void)ty;
	if (size > budget->limit - budget->used) return NULL;
	void *memory = aligned_alloc(align, (size + align - 1) / align * align);
	if (memory == NULL) return NULL;
	budget->used += size;
	return memset(memory, 0, size);
}

static void release(const gomap_heap *heap, void *memory, size_t size, size_t align) {
	struct budget *budget = heap->context;
	(void)align;
	budget->used -= size;
	free(memory);
}

static int fail(const char *what, gomap_status status) {
	fprintf(stderr, "%s: %s\n", what, gomap_strerror(status));
	return EXIT_FAILURE;
}

int main(void) {
	struct budget budget = {0, 64 * 1024};
	gomap_heap heap = *gomap_system_heap(GOMAP_ERA_GO119);
	heap.context = &budget;
	heap.allocate = allocate;
	heap.free = release;
	heap.release = heap.populate = NULL; // These know the system's memory only.

	gomap_type place, stock;
	gomap_type_init_opaque(sizeof(struct place), _Alignof(struct place), hash_place, same_place, NULL, &place);
	gomap_type_init_plain(sizeof(struct stock), _Alignof(struct stock), &stock);
	gomap_maptype type;
	char message[128];
	gomap_status status = gomap_maptype_init(&place, &stock, &heap, &type, message, sizeof message);
	if (status != GOMAP_OK) return fail(message, status);

	gomap_map map;
	if ((status = gomap_new(&type, 0, &map)) != GOMAP_OK) return fail("gomap_new", status);

	// Until the budget is spent. The entry that found no memory is not there, all others are.
	struct place key = {'A', 0};
	do {
		struct stock elem = {key.bin % 10, 0.25 * key.bin};
		status = gomap_put(&map, &key, &elem);
	} while (status == GOMAP_OK && ++key.bin);
	printf("%s after %zu entries\n", gomap_strerror(status), gomap_len(&map));
	if (status != GOMAP_NO_MEMORY || gomap_len(&map) != (size_t)key.bin) return EXIT_FAILURE;

	// An elem is looked up in place.
	key.bin = 7;
	void *found;
	if ((status = gomap_get(&map, &key, &found)) != GOMAP_OK) return fail("gomap_get", status);
	struct stock *seven = found;
	printf("A7: %ld pieces at %.2f\n", seven->pieces, seven->price);
	seven->pieces = 0;

	// Entries may be removed while an iteration goes on.
	size_t before = gomap_len(&map), removed = 0;
	gomap_iter iter;
	const void *at;
	if ((status = gomap_iter_init(&map, &iter)) != GOMAP_OK) return fail("gomap_iter_init", status);
	while ((status = gomap_iter_next(&iter, &at, &found)) == GOMAP_OK) {
		if (((struct stock *)found)->pieces != 0) continue;
		if ((status = gomap_remove(&map, at)) != GOMAP_OK) return fail("gomap_remove", status);
		removed++;
	}
	if (status != GOMAP_NONE) return fail("gomap_iter_next", status);
	printf("sold out: %zu of %zu\n", removed, before);
	if (removed != (before + 9) / 10 + 1 || gomap_len(&map) != before - removed) return EXIT_FAILURE;

	gomap_free(&map);
	printf("still in use: %zu bytes\n", budget.used);
	return budget.used == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
