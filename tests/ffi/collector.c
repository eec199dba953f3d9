// A host with a collector of its own: a heap without free, where everything that a scan does not show is swept. The map
// grows, shrinks and is iterated over between collections, and nothing that it needs is ever swept.

#include <gomap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// All that was allocated, with marks. Objects of the host are kept beside the memory of the map.
struct object {
	struct object *next;
	int marked;
	_Alignas(64) char bytes[];
};
static struct object *objects;
static size_t living;

static void *new_object(size_t size) {
	struct object *object = aligned_alloc(64, (sizeof *object + size + 63) / 64 * 64);
	memset(object, 0, sizeof *object + size);
	object->next = objects;
	objects = object;
	living++;
	return object->bytes;
}
static struct object *object_at(void *bytes) {
	return (struct object *)((char *)bytes - offsetof(struct object, bytes));
}

static void *allocate(const gomap_heap *heap, size_t size, size_t align, const gomap_type *ty) {
	(void)heap, (void)ty;
	return align <= 64 ? new_object(size) : NULL;
}
static void *mark_memory(void *context, void **slot, const gomap_allocation *memory) {
	(void)context, (void)memory;
	struct object *object = object_at(*slot);
	void *contents = object->marked ? NULL : *slot;
	object->marked = 1;
	return contents;
}
static void mark_pointer(void *context, void **slot) {
	(void)context;
	object_at(*slot)->marked = 1;
}

static gomap_maptype type;
static gomap_hmap map;

static int holds(uint64_t key) {
	uint64_t **elem = gomap_mapaccess1(&type, &map, &key);
	return *elem != NULL && **elem == key;
}

// Marks a few buckets at a time, and reads the map in between.
static void mark_in_steps(gomap_traced_iter *iterator, const gomap_visitor *visitor) {
	gomap_scan scan;
	gomap_scan_begin(&type, &map, &scan);
	uint64_t key = 0;
	while (!gomap_scan_step(&scan, visitor, 5)) holds(key++);
	if (iterator == NULL) return;
	gomap_scan_add_iterator(&scan, iterator, visitor);
	while (!gomap_scan_step(&scan, visitor, 5)) holds(key++);
}

static void collect(gomap_traced_iter *iterator) {
	static int collections;
	gomap_visitor visitor = {NULL, mark_memory, mark_pointer};
	if (collections++ % 2)
		mark_in_steps(iterator, &visitor);
	else
		gomap_mapscan(&type, &map, &iterator, iterator != NULL, &visitor);
	for (struct object **link = &objects; *link != NULL;) {
		struct object *object = *link;
		if (object->marked) {
			object->marked = 0;
			link = &object->next;
		} else {
			*link = object->next;
			free(object); // Whoever touches it now is caught by valgrind and the address sanitizer.
			living--;
		}
	}
}

// Elems are pointers to objects that hold the key.
static int put(uint64_t key) {
	uint64_t **elem = gomap_mapassign(&type, &map, &key);
	*elem = new_object(sizeof key);
	**elem = key;
	return **elem == key;
}

int main(void) {
	gomap_heap heap = *gomap_system_heap(GOMAP_ERA_GO123);
	heap.allocate = allocate;
	heap.free = NULL;
	heap.release = heap.populate = NULL;
	if (gomap_maptype_init(&gomap_type_uint64, &gomap_type_pointer, &heap, &type, NULL, 0) != GOMAP_OK) return 1;
	gomap_makemap(&type, 0, &map);

	int collections_while_growing = 0;
	for (uint64_t key = 0; key < 500; key++) {
		if (!put(key)) return 2;
		collections_while_growing += map.oldbuckets != NULL;
		collect(NULL);
		for (uint64_t k = 0; k <= key; k += 7)
			if (!holds(k)) return 3;
	}
	if (!collections_while_growing) return 4;

	// An iterator, with a collection and a change at each step.
	gomap_traced_iter iterator;
	size_t steps = 0;
	if (gomap_traced_iter_init(&type, &map, &iterator) != GOMAP_OK) return 5;
	for (; iterator.it.key != NULL; gomap_traced_iter_next(&iterator)) {
		uint64_t key = *(uint64_t *)iterator.it.key;
		if (key < 500) {
			if (**(uint64_t **)iterator.it.elem != key) return 6;
			steps++;
			put(1000 + key);
			if (key % 2) gomap_mapdelete(&type, &map, &key);
		}
		collect(&iterator);
		if (iterator.it.key != NULL || iterator.it.elem != NULL) return 10; // What they led to is gone.
	}
	if (steps != 500 || map.count != 750) return 7;

	gomap_mapclear(&type, &map);
	collect(NULL);
	if (living > 10) return 8; // The bucket array, and no object any more.
	gomap_mapfree_contents(&type, &map);
	collect(NULL);
	return living == 0 ? EXIT_SUCCESS : 9;
}
