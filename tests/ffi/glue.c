// Glue that does to its own map what it likes, and iterations that outlive much: what other tests do not come upon.

#include "common.h"

static size_t power_of_two(const gomap_heap *heap, size_t size, bool pointer_free) {
	(void)heap, (void)pointer_free;
	size_t power = 1;
	while (power < size) power *= 2;
	return power;
}
static gomap_map map;
static gomap_iter outer, inner;
static int on, calls, seen_inner, ended;
static gomap_status freed;
static void make(const gomap_type *key, const gomap_type *elem, const gomap_heap *heap) {
	static gomap_maptype t;
	MUST(gomap_maptype_init(key, elem, heap, &t, NULL, 0) == GOMAP_OK && gomap_new(&t, 0, &map) == GOMAP_OK);
}
static void put(int64_t key, int64_t elem) { MUST(gomap_put(&map, &key, &elem) == GOMAP_OK); }
static void fill(int64_t n) {
	for (int64_t i = 0; i < n; i++) put(i, i);
}

// In a clear: steps an iteration that is older, begins one of its own on what it stores, and tries to free the map.
static void busy_glue(void *value, const gomap_type *ty) {
	(void)ty;
	if (!on) return;
	on = 0;
	calls++;
	if (calls <= 3) put(-calls, *(int64_t *)value);
	if (calls == 3) MUST(gomap_iter_init(&map, &inner) == GOMAP_OK && gomap_iter_next(&inner, NULL, NULL) == GOMAP_OK);
	if (calls == 3) seen_inner = 1;
	if (calls == 4) ended = gomap_iter_next(&outer, NULL, NULL) == GOMAP_NONE;
	if (calls == 5) {
		gomap_map copy = map;
		freed = gomap_free(&copy);
	}
	on = 1;
}
static void a_clear_is_over_for_glue(int entries, int steps, const gomap_heap *heap) {
	gomap_type elem = gomap_type_int64;
	elem.drop = busy_glue;
	make(&gomap_type_int64, &elem, heap);
	fill(entries);
	MUST(gomap_iter_init(&map, &outer) == GOMAP_OK);
	for (int i = 0; i < steps; i++) MUST(gomap_iter_next(&outer, NULL, NULL) == GOMAP_OK);
	calls = ended = seen_inner = 0;
	on = 1;
	MUST(gomap_clear(&map) == GOMAP_OK);
	on = 0;
	MUST(calls == entries && ended && freed == GOMAP_BUSY && gomap_len(&map) == 3);
	while (gomap_iter_next(&inner, NULL, NULL) == GOMAP_OK) seen_inner++;
	MUST(seen_inner == 3);
	MUST(gomap_iter_done(&outer) == GOMAP_OK && gomap_free(&map) == GOMAP_OK && used == 0);
}

// Ends an iteration that stands in an old chain, while its map is cleared or freed.
static void ending_glue(void *value, const gomap_type *ty) {
	(void)value, (void)ty;
	if (on && ++calls == 2) MUST(gomap_iter_done(&outer) == GOMAP_OK);
}
static void glue_may_end_an_iteration(int steps, int frees, const gomap_heap *heap) {
	gomap_type elem = gomap_type_int64;
	elem.drop = ending_glue;
	make(&gomap_type_int64, &elem, heap);
	fill(105); // A growth has just begun.
	MUST(gomap_iter_init(&map, &outer) == GOMAP_OK);
	for (int i = 0; i < steps; i++) MUST(gomap_iter_next(&outer, NULL, NULL) == GOMAP_OK);
	calls = 0;
	on = 1;
	if (!frees) MUST(gomap_clear(&map) == GOMAP_OK);
	on = frees;
	MUST(gomap_free(&map) == GOMAP_OK && used == 0);
	on = 0;
}

// A key whose glue makes the map grow when it is replaced.
static size_t hash_number(const void *key, size_t seed, const gomap_type *ty) {
	(void)ty;
	return gomap_hash_word(*(const uint64_t *)key % 1000, seed);
}
static bool same_number(const void *a, const void *b, const gomap_type *ty) {
	(void)ty;
	return *(const uint64_t *)a % 1000 == *(const uint64_t *)b % 1000;
}
static void growing_glue(void *value, const gomap_type *ty) {
	(void)value, (void)ty;
	if (!on) return;
	on = 0;
	for (int64_t i = 500; i < 700; i++) put(i, i);
	on = 1;
}
static void glue_of_a_replaced_key_may_write(int entries, const gomap_heap *heap) {
	gomap_type key;
	MUST(gomap_type_init_opaque(sizeof(uint64_t), sizeof(uint64_t), hash_number, same_number, NULL, &key) == GOMAP_OK);
	key.key_flags |= GOMAP_NEED_KEY_UPDATE;
	key.drop = growing_glue;
	make(&key, &gomap_type_int64, heap);
	fill(entries);
	on = 1;
	put(1003 % (1000 + entries), 77);
	on = 0;
	int64_t three = 3, other = 500;
	void *elem;
	MUST(gomap_get(&map, &three, &elem) == GOMAP_OK && *(int64_t *)elem == 77);
	MUST(gomap_get(&map, &other, &elem) == GOMAP_OK && *(int64_t *)elem == 500);
	MUST(gomap_free(&map) == GOMAP_OK && used == 0);
}

// Keys whose glue frees what they are hashed by; on a heap whose arrays are longer than the map asks for.
static size_t hash_box(const void *key, size_t seed, const gomap_type *ty) {
	(void)ty;
	return gomap_hash_word(**(uint64_t *const *)key, seed);
}
static bool same_box(const void *a, const void *b, const gomap_type *ty) {
	(void)ty;
	return **(uint64_t *const *)a == **(uint64_t *const *)b;
}
static void free_box(void *value, const gomap_type *ty) {
	(void)ty;
	free(*(void **)value);
}
static uint64_t *box(uint64_t number) {
	uint64_t *made = malloc(sizeof *made);
	MUST(made != NULL);
	*made = number;
	return made;
}
static void arrays_may_be_longer(const gomap_heap *heap) {
	gomap_heap longer = *heap;
	longer.roundupsize = power_of_two;
	gomap_type key, six; // With which a bucket has 128 bytes, so that an array can be of twice the buckets.
	gomap_maptype t;
	gomap_map m;
	gomap_iter iter;
	MUST(gomap_type_init_plain(6, 2, &six) == GOMAP_OK);
	MUST(gomap_type_init_opaque(sizeof(void *), sizeof(void *), hash_box, same_box, NULL, &key) == GOMAP_OK);
	key.drop = free_box;
	MUST(gomap_maptype_init(&key, &six, &longer, &t, NULL, 0) == GOMAP_OK);
	for (uint64_t entries = 100; entries < 400; entries += 7) {
		MUST(gomap_new(&t, 0, &m) == GOMAP_OK);
		for (uint64_t i = 0; i < entries; i++) {
			uint64_t *k = box(i);
			MUST(gomap_put(&m, &k, &i) == GOMAP_OK);
			if (i == entries / 2) MUST(gomap_iter_init(&m, &iter) == GOMAP_OK && gomap_iter_next(&iter, NULL, NULL) == GOMAP_OK);
		}
		for (uint64_t i = 0; i < entries; i += 2) {
			uint64_t *k = &i;
			MUST(gomap_remove(&m, &k) == GOMAP_OK);
		}
		while (gomap_iter_next(&iter, NULL, NULL) == GOMAP_OK) continue;
		MUST(gomap_free(&m) == GOMAP_OK && used == 0);
	}
}

// Two growths to the same size after an iteration began, with keys that hold pointers: it misses nothing all the same.
static size_t hash_low(const void *key, size_t seed, const gomap_type *ty) {
	(void)seed, (void)ty;
	uint64_t number = **(uint64_t *const *)key;
	return (size_t)(number % 16 | number * 37 << 56);
}
static uint64_t numbers[1 << 15];
static void write_number(size_t i, bool in) {
	uint64_t *key = &numbers[i];
	int64_t elem = (int64_t)i;
	if (in) MUST(gomap_put(&map, &key, &elem) == GOMAP_OK);
	else (void)gomap_remove(&map, &key);
}
// Fills and empties chains until the map has begun a growth. Returns the first number that is not used yet.
static size_t grow(size_t next) {
	const void *array = map.hmap->buckets;
	for (size_t chain = 0; map.hmap->buckets == array && next + 1600 < sizeof numbers / sizeof *numbers; chain++) {
		size_t i = 0;
		for (; i < 50 && map.hmap->buckets == array; i++) write_number(next + 16 * i + chain % 16, true);
		while (map.hmap->buckets == array && i > 0) write_number(next + 16 * --i + chain % 16, false);
		if (map.hmap->buckets != array) break;
		next += 800;
	}
	MUST(map.hmap->buckets != array);
	return next + 800;
}
static void an_old_iteration_misses_nothing(int steps, const gomap_heap *heap) {
	gomap_type key;
	static char seen[sizeof numbers / sizeof *numbers];
	memset(seen, 0, sizeof seen);
	MUST(gomap_type_init_opaque(sizeof(void *), sizeof(void *), hash_low, same_box, NULL, &key) == GOMAP_OK);
	key.ptrdata = sizeof(void *);
	make(&key, &gomap_type_int64, heap);
	for (size_t i = 0; i < 103; i++) write_number(i, true);
	for (size_t i = 48; i < 103; i++) write_number(i, false);
	while (map.hmap->oldbuckets != NULL) write_number(200, true), write_number(200, false);
	const void *k;
	gomap_iter iter;
	MUST(gomap_iter_init(&map, &iter) == GOMAP_OK && gomap_iter_next(&iter, &k, NULL) == GOMAP_OK);
	seen[**(uint64_t *const *)k]++;
	size_t next = grow(1600);
	while (map.hmap->oldbuckets != NULL) write_number(200, true), write_number(200, false);
	for (size_t i = 1600; i < next; i++) write_number(i, false);
	next = grow(next);
	for (int i = 0; i < steps && gomap_iter_next(&iter, &k, NULL) == GOMAP_OK; i++) seen[**(uint64_t *const *)k]++;
	while (map.hmap->oldbuckets != NULL) write_number(200, true), write_number(200, false);
	while (gomap_iter_next(&iter, &k, NULL) == GOMAP_OK) seen[**(uint64_t *const *)k]++;
	for (size_t i = 0; i < 48; i++) MUST(seen[i] == 1);
	MUST(gomap_free(&map) == GOMAP_OK && used == 0);
}

// A lost iteration of a map that is filled and cleared again and again.
static void clears_do_not_pile_up(const gomap_type *elem, const gomap_heap *heap) {
	make(&gomap_type_int64, elem, heap);
	size_t early = 0;
	for (int round = 0; round < 4000; round++) {
		fill(200);
		if (round == 0) MUST(gomap_iter_init(&map, &outer) == GOMAP_OK && gomap_iter_next(&outer, NULL, NULL) == GOMAP_OK);
		MUST(gomap_clear(&map) == GOMAP_OK);
		if (round == 1000) early = used;
	}
	MUST(used < 2 * early && used < 200000);
	MUST(gomap_iter_done(&outer) == GOMAP_OK && gomap_free(&map) == GOMAP_OK && used == 0);
}

int main(void) {
	gomap_heap heap = counting(GOMAP_ERA_GO119);
	for (int entries = 5; entries < 200; entries += 6)
		for (int steps = 1; steps < 5; steps++) a_clear_is_over_for_glue(entries, steps, &heap);
	for (int steps = 1; steps < 40; steps++)
		for (int frees = 0; frees < 2; frees++) glue_may_end_an_iteration(steps, frees, &heap);
	for (int entries = 4; entries < 120; entries++) glue_of_a_replaced_key_may_write(entries, &heap);
	arrays_may_be_longer(&heap);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) numbers[i] = i;
	for (int steps = 0; steps < 40; steps++) an_old_iteration_misses_nothing(steps, &heap);
	clears_do_not_pile_up(&gomap_type_int64, &heap);
	clears_do_not_pile_up(&gomap_type_pointer, &heap);
	return 0;
}
