// What the plain style promises beyond Go: no entry comes up after it was removed or cleared, glue finds the map whole and
// may use it, keys that lie in their elems may be replaced, and an iteration that was lost keeps little.

#include "common.h"

#include <math.h>

// A heap that counts, with memory of its own or of a collector (which is given back at the end). Its random stream does
// not move, as in a program that wants the same run each time.
static void *blocks[1 << 16];
static size_t allocations;
static void *allocate_traced(const gomap_heap *heap, size_t size, size_t align, const gomap_type *ty) {
	MUST(allocations < sizeof blocks / sizeof *blocks);
	return blocks[allocations++] = allocate(heap, size, align, ty);
}
static void collect(void) {
	while (allocations > 0) free(blocks[--allocations]);
}
static uint64_t still(const gomap_heap *heap) {
	(void)heap;
	return 0x123456789abcdef;
}
static gomap_heap heap_of(gomap_era era, bool traced) {
	gomap_heap heap = counting(era);
	if (traced) {
		heap.allocate = allocate_traced;
		heap.free = NULL;
	}
	heap.random = still;
	return heap;
}

static void make(gomap_map *map, gomap_maptype *t, const gomap_type *key, const gomap_type *elem, const gomap_heap *heap) {
	MUST(gomap_maptype_init(key, elem, heap, t, NULL, 0) == GOMAP_OK && gomap_new(t, 0, map) == GOMAP_OK);
}

// Clears maps of every size up to 300, at rest and growing, with iterations that have made some steps and that are some
// growths old, whose keys can be looked up and cannot; and fills them again. The iterations have ended.
static void nothing_comes_up_after_a_clear(const gomap_heap *heap, double first) {
	for (int size = 1; size < 300; size += 1 + size / 16)
		for (int older = 1; older <= size; older *= 4) {
			gomap_maptype t;
			gomap_map m;
			gomap_iter early, late;
			const void *key;
			make(&m, &t, &gomap_type_float64, &gomap_type_int64, heap);
			int64_t elem = 1;
			for (int i = 0; i < size; i++) {
				double k = first + i;
				MUST(gomap_put(&m, &k, &elem) == GOMAP_OK);
				if (i + 1 == (size + older - 1) / older) {
					MUST(gomap_iter_init(&m, &early) == GOMAP_OK);
					MUST(gomap_iter_next(&early, NULL, NULL) == GOMAP_OK);
				}
			}
			MUST(gomap_iter_init(&m, &late) == GOMAP_OK && gomap_iter_next(&late, NULL, NULL) == GOMAP_OK);
			// Twice, so that a seed may be what it was before.
			for (int i = 0; i < 2; i++) {
				MUST(gomap_clear(&m) == GOMAP_OK && gomap_len(&m) == 0);
				double k = -1 - i;
				MUST(gomap_put(&m, &k, &elem) == GOMAP_OK);
			}
			elem = 2;
			for (int i = 0; i < size; i++) {
				double k = first + i;
				MUST(gomap_put(&m, &k, &elem) == GOMAP_OK);
			}
			MUST(gomap_iter_next(&early, &key, NULL) == GOMAP_NONE && key == NULL);
			MUST(gomap_iter_next(&late, &key, NULL) == GOMAP_NONE && key == NULL);
			MUST(gomap_free(&m) == GOMAP_OK);
			collect();
		}
}

// Glue that uses the map, once for each value.
static gomap_map used_by_glue;
static int glue_calls, in_glue;
static bool glue_is_on;
static void using_glue(void *value, const gomap_type *ty) {
	(void)value, (void)ty;
	if (!glue_is_on || in_glue) return;
	in_glue = 1;
	glue_calls++;
	int64_t key = 1000000 + glue_calls, elem = 1;
	void *found;
	gomap_map *m = &used_by_glue;
	MUST(gomap_put(m, &key, &elem) == GOMAP_OK && gomap_get(m, &key, &found) == GOMAP_OK);
	if (glue_calls % 3 == 0) MUST(gomap_remove(m, &key) == GOMAP_OK && gomap_get(m, &key, NULL) == GOMAP_NONE);
	in_glue = 0;
}

enum way { OVERWRITE, REMOVE, CLEAR, OVERWRITE_ITERATED, REMOVE_ITERATED, CLEAR_ITERATED, WAYS };
static void glue_finds_the_map_whole(const gomap_heap *heap, bool keys, int entries) {
	gomap_type plain = gomap_type_int64, glued = gomap_type_int64;
	glued.drop = using_glue;
	for (int way = 0; way < WAYS; way++) {
		gomap_maptype t;
		gomap_map *m = &used_by_glue;
		gomap_iter iter;
		make(m, &t, keys ? &glued : &plain, keys ? &plain : &glued, heap);
		for (int64_t i = 0; i < entries; i++) MUST(gomap_put(m, &i, &i) == GOMAP_OK);
		int64_t key = entries / 2;
		bool iterated = way >= OVERWRITE_ITERATED, clears = way == CLEAR || way == CLEAR_ITERATED;
		if (iterated) MUST(gomap_iter_init(m, &iter) == GOMAP_OK && gomap_iter_next(&iter, NULL, NULL) == GOMAP_OK);
		glue_calls = 0;
		glue_is_on = true;
		if (way == OVERWRITE || way == OVERWRITE_ITERATED) MUST(gomap_put(m, &key, &key) == GOMAP_OK);
		else if (clears) MUST(gomap_clear(m) == GOMAP_OK);
		else MUST(gomap_remove(m, &key) == GOMAP_OK);
		MUST(glue_calls == (clears ? entries : 1));
		if (iterated) MUST(gomap_iter_done(&iter) == GOMAP_OK);
		glue_is_on = false;
		// What glue has stored is there, and nothing else of a map that was cleared.
		size_t stored = (size_t)(glue_calls - glue_calls / 3);
		if (clears) MUST(gomap_len(m) == stored);
		for (int64_t i = 1; i <= glue_calls; i++) {
			int64_t of_glue = 1000000 + i;
			MUST(gomap_get(m, &of_glue, NULL) == (i % 3 ? GOMAP_OK : GOMAP_NONE));
		}
		MUST(gomap_free(m) == GOMAP_OK);
		collect();
	}
}

// While a map is freed it is empty, and a copy of its handle is told that it is busy.
static gomap_map copy_of_handle;
static void late_glue(void *value, const gomap_type *ty) {
	(void)value, (void)ty;
	int64_t key = 1;
	MUST(gomap_len(&copy_of_handle) == 0);
	MUST(gomap_get(&copy_of_handle, &key, NULL) == GOMAP_BUSY && gomap_put(&copy_of_handle, &key, &key) == GOMAP_BUSY);
	glue_calls++;
}
static void a_map_that_is_freed_is_busy(void) {
	gomap_type elem = gomap_type_int64;
	elem.drop = late_glue;
	gomap_maptype t;
	gomap_map m;
	make(&m, &t, &gomap_type_int64, &elem, NULL);
	for (int64_t i = 0; i < 100; i++) MUST(gomap_put(&m, &i, &i) == GOMAP_OK);
	copy_of_handle = m;
	glue_calls = 0;
	MUST(gomap_free(&m) == GOMAP_OK && glue_calls == 100 && m.hmap == NULL);
}

// Objects that hold their own key, and are freed by glue.
struct object {
	char name[16];
};
static size_t hash_name(const void *key, size_t seed, const gomap_type *ty) {
	const char *name = *(char *const *)key;
	(void)ty;
	return gomap_memhash(name, seed, strlen(name));
}
static bool same_name(const void *a, const void *b, const gomap_type *ty) {
	(void)ty;
	return strcmp(*(char *const *)a, *(char *const *)b) == 0;
}
static void free_object(void *value, const gomap_type *ty) {
	(void)ty;
	memset(*(struct object **)value, 0xdd, sizeof(struct object));
	free(*(struct object **)value);
}
static void put_object(gomap_map *m, int number) {
	struct object *object = malloc(sizeof *object);
	MUST(object != NULL);
	snprintf(object->name, sizeof object->name, "%d", number);
	char *key = object->name;
	MUST(gomap_put(m, &key, &object) == GOMAP_OK);
}

// Replaces and removes objects while iterations are under way that are older than one or two growths: each visits what
// is there all the time once, and reads nothing that was freed.
static void keys_may_lie_in_their_elems(int entries, int more) {
	gomap_type key, elem;
	gomap_maptype t;
	gomap_map m;
	gomap_iter iters[3];
	MUST(gomap_type_init_opaque(sizeof(char *), sizeof(char *), hash_name, same_name, NULL, &key) == GOMAP_OK);
	key.key_flags |= GOMAP_NEED_KEY_UPDATE;
	MUST(gomap_type_init_plain(sizeof(struct object *), sizeof(struct object *), &elem) == GOMAP_OK);
	elem.drop = free_object;
	make(&m, &t, &key, &elem, NULL);
	int seen[3] = {0};
	for (int i = 0; i < entries; i++) put_object(&m, i);
	for (int which = 0; which < 3; which++) {
		MUST(gomap_iter_init(&m, &iters[which]) == GOMAP_OK);
		const void *k;
		MUST(gomap_iter_next(&iters[which], &k, NULL) == GOMAP_OK);
		seen[which] += atoi(*(char *const *)k) < entries / 2;
		for (int i = 0; i < more; i++) put_object(&m, entries + which * more + i);
		for (int i = 0; i < entries; i++) put_object(&m, i);
	}
	for (int i = entries / 2; i < entries + 3 * more; i++) {
		char name[16];
		const char *k = name;
		snprintf(name, sizeof name, "%d", i);
		MUST(gomap_remove(&m, &k) == GOMAP_OK);
	}
	for (int which = 0; which < 3; which++) {
		const void *k;
		while (gomap_iter_next(&iters[which], &k, NULL) == GOMAP_OK) {
			MUST(atoi(*(char *const *)k) < entries / 2);
			seen[which]++;
			for (int i = 0; i < 3; i++) put_object(&m, i);
		}
		MUST(seen[which] == entries / 2);
	}
	gomap_free(&m);
}

// A key may be removed, overwritten and assigned to by the pointer that a loop gave, also where the write moves its slot.
static void keys_of_loops_may_be_written_to(void) {
	static char names[400][8];
	for (int entries = 1; entries < 400; entries++)
		for (int strings = 0; strings < 2; strings++) {
			gomap_maptype t;
			gomap_map m;
			gomap_position position = {0};
			const void *key;
			make(&m, &t, strings ? &gomap_type_cstring : &gomap_type_uint64, &gomap_type_int64, NULL);
			for (int64_t i = 0; i < entries; i++) {
				const char *name = names[i];
				snprintf(names[i], sizeof names[i], "k%d", (int)i);
				MUST(gomap_put(&m, strings ? (void *)&name : (void *)&i, &i) == GOMAP_OK);
			}
			for (int i = 0; gomap_position_next(&m, &position, &key, NULL) == GOMAP_OK; i++) {
				int64_t elem = -1;
				void *slot;
				bool existed;
				if (i % 3 == 0) MUST(gomap_put(&m, key, &elem) == GOMAP_OK);
				else if (i % 3 == 1) MUST(gomap_slot(&m, key, &slot, &existed) == GOMAP_OK && existed);
				else MUST(gomap_remove(&m, key) == GOMAP_OK);
			}
			MUST(gomap_len(&m) == (size_t)(entries - entries / 3));
			MUST(gomap_free(&m) == GOMAP_OK);
		}
}

// An iteration that is left early and never ended: what it keeps does not grow, and goes with the map but for a header.
static void a_lost_iteration_keeps_little(const gomap_type *key_type, const gomap_heap *heap) {
	gomap_maptype t;
	gomap_map m;
	gomap_iter iter;
	make(&m, &t, key_type, &gomap_type_int64, heap);
	char key[200] = {0};
	const size_t entries = 1000, rounds = 40;
	size_t after_first = 0, before = used;
	for (size_t i = 0; i < entries * rounds; i++) {
		memcpy(key, &i, sizeof i);
		MUST(gomap_put(&m, key, &i) == GOMAP_OK);
		size_t old = i - entries;
		memcpy(key, &old, sizeof old);
		if (i >= entries) MUST(gomap_remove(&m, key) == GOMAP_OK);
		if (i == entries) MUST(gomap_iter_init(&m, &iter) == GOMAP_OK && gomap_iter_next(&iter, NULL, NULL) == GOMAP_OK);
		if (i == 10 * entries) after_first = used;
	}
	MUST(used < 2 * after_first);
	MUST(gomap_free(&m) == GOMAP_OK && used <= before + 48 + sizeof(gomap_hmap));
	MUST(gomap_iter_next(&iter, NULL, NULL) == GOMAP_NONE);
}

int main(void) {
	for (gomap_era era = GOMAP_ERA_GO112; era <= GOMAP_ERA_GO123; era = (gomap_era)(era + 1))
		for (int traced = 0; traced < 2; traced++) {
			gomap_heap heap = heap_of(era, traced);
			nothing_comes_up_after_a_clear(&heap, 0);
			nothing_comes_up_after_a_clear(&heap, NAN);
			for (int keys = 0; keys < 2; keys++)
				for (int entries = 1; entries < 300; entries += 13) glue_finds_the_map_whole(&heap, keys, entries);
		}
	a_map_that_is_freed_is_busy();
	for (int entries = 10; entries < 400; entries = entries * 3 / 2)
		for (int more = 1; more <= entries; more *= 3) keys_may_lie_in_their_elems(entries, more);
	keys_of_loops_may_be_written_to();
	gomap_type inline_key, boxed_key;
	MUST(gomap_type_init_memory(sizeof(uint64_t), sizeof(uint64_t), &inline_key) == GOMAP_OK);
	MUST(gomap_type_init_memory(200, 8, &boxed_key) == GOMAP_OK);
	gomap_heap heap = heap_of(GOMAP_ERA_GO119, false);
	a_lost_iteration_keeps_little(&inline_key, &heap);
	a_lost_iteration_keeps_little(&boxed_key, &heap);
	return 0;
}
