// The n-th allocation, hash or comparison fails, for every n, while a map of values that own memory is filled, gone
// over, emptied and cloned. After each call the map has what a plain array says it has; at the end nothing is leaked
// (which valgrind and the address sanitizer watch), nothing freed twice, and the heap has all its memory back.

#include <gomap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS 60
#define GROWING 53 // With so many entries a growth has just begun.
enum { NEVER = -1 };

// What is to fail, and after how many times.
enum cause { ALLOCATION, HASH, EQUAL, CAUSES };
static const char *const NAMES[] = {"allocation", "hash", "comparison"};
static enum cause cause;
static long countdown = NEVER;
static size_t used;

static int fails(enum cause now) {
	if (now != cause || countdown == NEVER) return 0;
	return countdown-- == 0;
}

static void must(int holds, const char *what, int line) {
	if (holds) return;
	fprintf(stderr, "failures.c:%d: %s (a failing %s)\n", line, what, NAMES[cause]);
	exit(EXIT_FAILURE);
}
#define MUST(x) must((x) != 0, #x, __LINE__)

// Keys and elems own a copy of a number in memory of their own.
struct value {
	int *number;
};
struct large_value {
	int *number;
	char more[200];
};

static struct value make(int number) {
	struct value value = {malloc(sizeof(int))};
	*value.number = number;
	return value;
}
static void drop(void *value, const gomap_type *ty) {
	(void)ty;
	free(((struct value *)value)->number);
}
static void copy(void *value, const gomap_type *ty) {
	(void)ty;
	*(struct value *)value = make(*((struct value *)value)->number);
}
static int hash(const void *key, size_t seed, void *context, size_t *hash) {
	(void)context;
	if (fails(HASH)) return -1;
	// Few values, so that chains are long and keys are compared.
	*hash = gomap_hash_word(*((const struct value *)key)->number % 7, seed);
	return 0;
}
static int equal(const void *a, const void *b, void *context) {
	(void)context;
	if (fails(EQUAL)) return -1;
	return *((const struct value *)a)->number == *((const struct value *)b)->number;
}

static int no_memory; // Whether every allocation fails.
static void *allocate(const gomap_heap *heap, size_t size, size_t align, const gomap_type *ty) {
	(void)heap, (void)ty;
	if (fails(ALLOCATION) || no_memory) return NULL;
	used += size;
	return memset(aligned_alloc(align, (size + align - 1) / align * align), 0, size);
}
static void release(const gomap_heap *heap, void *memory, size_t size, size_t align) {
	(void)heap, (void)align;
	used -= size;
	free(memory);
}

static uint64_t state;
static uint64_t repeatable(const gomap_heap *heap) {
	(void)heap;
	return state = state * 6364136223846793005u + 1442695040888963407u;
}

static const gomap_fallible callbacks = {hash, equal, NULL};
static gomap_heap heap;
static gomap_type key_type, elem_type;
static gomap_maptype type;

static void make_type(size_t key_size, size_t elem_size, uint32_t key_flags) {
	MUST(gomap_type_init_fallible(key_size, sizeof(void *), &callbacks, &key_type) == GOMAP_OK);
	MUST(gomap_type_init_plain(elem_size, sizeof(void *), &elem_type) == GOMAP_OK);
	key_type.drop = elem_type.drop = drop;
	key_type.copy = elem_type.copy = copy;
	key_type.key_flags |= key_flags;
	MUST(gomap_maptype_init(&key_type, &elem_type, &heap, &type, NULL, 0) == GOMAP_OK);
}

// What the map should have.
struct model {
	int elem[KEYS]; // -1: no such key
};

static size_t model_len(const struct model *model) {
	size_t len = 0;
	for (int k = 0; k < KEYS; k++) len += model->elem[k] >= 0;
	return len;
}

// The map has the model's entries: asked one by one, and gone over.
static void check(const gomap_map *map, const struct model *model) {
	long paused = countdown;
	countdown = NEVER;
	MUST(gomap_len(map) == model_len(model));
	for (int k = 0; k < KEYS; k++) {
		struct value key = make(k);
		void *elem;
		gomap_status status = gomap_get(map, &key, &elem);
		MUST(status == (model->elem[k] < 0 ? GOMAP_NONE : GOMAP_OK));
		MUST(status == GOMAP_NONE || *((struct value *)elem)->number == model->elem[k]);
		free(key.number);
	}
	gomap_iter iter;
	size_t steps = 0;
	MUST(gomap_iter_init(map, &iter) == GOMAP_OK);
	while (gomap_iter_next(&iter, NULL, NULL) == GOMAP_OK) steps++;
	MUST(steps == model_len(model));
	countdown = paused;
}

// Whether a call did what it should; otherwise it failed for the reason that it was given.
static int done(gomap_status status) {
	if (status == GOMAP_OK) return 1;
	MUST(status == (cause == ALLOCATION ? GOMAP_NO_MEMORY : GOMAP_FAILED));
	return 0;
}

static int put(const gomap_map *map, struct model *model, int k, int elem) {
	// Slots of large types take all their bytes from here.
	struct large_value key = {make(k).number, {0}}, value = {make(elem).number, {0}};
	int stored = done(gomap_put(map, &key, &value));
	if (stored) model->elem[k] = elem;
	else free(key.number), free(value.number);
	return stored;
}

static int take_slot(const gomap_map *map, struct model *model, int k) {
	struct large_value key = {make(k).number, {0}};
	void *place;
	bool existed;
	if (!done(gomap_slot(map, &key, &place, &existed))) {
		free(key.number);
		return 0;
	}
	MUST(existed == (model->elem[k] >= 0));
	if (!existed) *(struct value *)place = make(1000 + k), model->elem[k] = 1000 + k;
	return 1;
}

static int remove_key(const gomap_map *map, struct model *model, int k) {
	struct value key = make(k);
	gomap_status status = gomap_remove(map, &key);
	free(key.number);
	if (status == GOMAP_NONE) {
		MUST(model->elem[k] < 0);
		return 1;
	}
	if (!done(status)) return 0;
	MUST(model->elem[k] >= 0);
	model->elem[k] = -1;
	return 1;
}

// Calls until it has been done: what failed once can be tried again.
#define UNTIL_DONE(call)            \
	while (!(call)) check(&map, &model)

static void scenario(void) {
	struct model model;
	memset(&model, 0xff, sizeof model);
	state = 0;
	gomap_map map, clone = {NULL, NULL};
	while (!done(gomap_new(&type, 0, &map))) continue;

	// An iterator that begins while the map grows, and lives while all the rest happens.
	for (int k = 0; k < GROWING; k++) UNTIL_DONE(put(&map, &model, k, k));
	MUST(map.hmap->oldbuckets != NULL);
	gomap_iter early, late;
	MUST(gomap_iter_init(&map, &early) == GOMAP_OK);
	UNTIL_DONE(done(gomap_iter_next(&early, NULL, NULL)));

	for (int k = GROWING; k < KEYS; k++) UNTIL_DONE(put(&map, &model, k, k));
	for (int k = 0; k < KEYS; k += 3) UNTIL_DONE(put(&map, &model, k, 100 + k));
	for (int k = 0; k < KEYS; k += 2) UNTIL_DONE(remove_key(&map, &model, k));
	for (int k = 0; k < KEYS; k += 4) UNTIL_DONE(take_slot(&map, &model, k));

	const void *key;
	MUST(gomap_iter_init(&map, &late) == GOMAP_OK);
	for (;;) {
		gomap_status status = gomap_iter_next(&late, &key, NULL);
		if (status == GOMAP_NONE) break;
		if (!done(status)) continue;
		int k = *((const struct value *)key)->number;
		UNTIL_DONE(remove_key(&map, &model, k));
		if (k % 2) UNTIL_DONE(put(&map, &model, k, 200 + k));
	}
	while (!done(gomap_clone(&map, &clone))) check(&map, &model);
	check(&clone, &model);
	UNTIL_DONE(done(gomap_clear(&map)));
	memset(&model, 0xff, sizeof model);
	check(&map, &model);
	UNTIL_DONE(put(&map, &model, 1, 1));

	MUST(gomap_free(&map) == GOMAP_OK && gomap_free(&clone) == GOMAP_OK);
	MUST(used != 0); // What the early iterator may read is still there.
	MUST(gomap_iter_done(&early) == GOMAP_OK);
	MUST(used == 0);
}

static void fail_every_time(const char *what) {
	for (cause = 0; cause < CAUSES; cause++) {
		long n = 0;
		for (;; n++) {
			countdown = n;
			scenario();
			if (countdown >= 0) break; // Nothing failed: there is no n-th time.
		}
		countdown = NEVER;
		MUST(n > 10);
		printf("%s: survived %ld times a failing %s\n", what, n, NAMES[cause]);
	}
}

static void put_new(const gomap_map *map, int k, int elem) {
	struct large_value key = {make(k).number, {0}}, value = {make(elem).number, {0}};
	MUST(gomap_put(map, &key, &value) == GOMAP_OK);
}

// Fills a map of each size, lets all allocations fail from then on, and changes, looks up and removes every entry.
static void empty_without_memory(const char *what) {
	int stuck = 0;
	for (int n = 1; n < 240; n++) {
		gomap_map map;
		MUST(gomap_new(&type, 0, &map) == GOMAP_OK);
		for (int k = 0; k < n; k++) put_new(&map, k, k);
		no_memory = 1;
		for (int k = 0; k < n; k++) put_new(&map, k, k + 1);
		// Each of these went on with the growth, if it could.
		stuck += map.hmap->oldbuckets != NULL && n >= 1 << map.hmap->B;
		for (int k = 0; k < n; k++) {
			struct value key = make(k);
			void *elem;
			MUST(gomap_get(&map, &key, &elem) == GOMAP_OK);
			MUST(*((struct value *)elem)->number == k + 1);
			MUST(gomap_remove(&map, &key) == GOMAP_OK);
			MUST(gomap_remove(&map, &key) == GOMAP_NONE);
			free(key.number);
		}
		MUST(gomap_len(&map) == 0);
		no_memory = 0;
		put_new(&map, 1, 1);
		MUST(gomap_free(&map) == GOMAP_OK && used == 0);
	}
	MUST(stuck > 3);
	printf("%s: emptied without memory, %d times in a growth that could not go on\n", what, stuck);
}

int main(void) {
	gomap_set_process_key(1);
	heap = *gomap_system_heap(GOMAP_ERA_GO119);
	heap.random = repeatable;
	heap.allocate = allocate;
	heap.free = release;
	heap.release = heap.populate = NULL;
	make_type(sizeof(struct value), sizeof(struct value), 0);
	fail_every_time("inline");
	empty_without_memory("inline");
	make_type(sizeof(struct large_value), sizeof(struct large_value), 0);
	fail_every_time("boxed");
	empty_without_memory("boxed");
	make_type(sizeof(struct value), sizeof(struct large_value), GOMAP_NEED_KEY_UPDATE);
	fail_every_time("updated keys");
	empty_without_memory("updated keys");
	return EXIT_SUCCESS;
}
