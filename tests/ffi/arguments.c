// Every exported function, called with what it must refuse or shrug off: NULL, zeroes, misaligned pointers, huge
// numbers. After each call the map has what it had. (`run` checks that no function is missing here.)

#include <gomap.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;

static void expect(int holds, const char *what, int line) {
	if (holds) return;
	fprintf(stderr, "arguments.c:%d: %s\n", line, what);
	failures++;
}
#define EXPECT(x) expect((x) != 0, #x, __LINE__)

// An address that is aligned for nothing.
#define OFF(p) ((void *)((char *)(p) + 1))

static gomap_maptype type;
static gomap_map map;
static const uint64_t KEYS = 20;
static _Alignas(16) char scratch[512];

static void check_map(int line) {
	int whole = gomap_len(&map) == KEYS;
	for (uint64_t key = 0; key < KEYS; key++) {
		void *elem;
		whole = whole && gomap_get(&map, &key, &elem) == GOMAP_OK && *(uint64_t *)elem == key * key;
	}
	expect(whole, "the map is as it was", line);
}
// A call with a certain outcome, after which the map is as it was.
#define REFUSES(status, call) (expect((call) == (status), #call " == " #status, __LINE__), check_map(__LINE__))

static size_t hash_u64(const void *key, size_t seed, const gomap_type *ty) {
	return gomap_memhash(key, seed, ty->size);
}
static bool equal_u64(const void *a, const void *b, const gomap_type *ty) {
	return memcmp(a, b, ty->size) == 0;
}
static void add_elem(const void *key, void *elem, void *sum) {
	(void)key;
	*(uint64_t *)sum += *(uint64_t *)elem;
}
static int fallible_hash(const void *key, size_t seed, void *context, size_t *hash) {
	(void)context;
	*hash = gomap_memhash(key, seed, 8);
	return 0;
}
static int fallible_equal(const void *a, const void *b, void *context) {
	(void)context;
	return memcmp(a, b, 8) == 0;
}

static void constants(void) {
	EXPECT(strcmp(gomap_version(), GOMAP_VERSION) == 0);
	int statuses[] = {INT_MIN, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, INT_MAX};
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) EXPECT(strlen(gomap_strerror(statuses[i])) > 3);
	EXPECT(gomap_system_heap(GOMAP_ERA_GO112)->era == GOMAP_ERA_GO112);
	EXPECT(gomap_system_heap(GOMAP_ERA_GO123)->era == GOMAP_ERA_GO123);
	EXPECT(gomap_system_heap(3) == NULL && gomap_system_heap(255) == NULL);
	EXPECT(gomap_system_heap_with_small_pages(GOMAP_ERA_GO119)->era == GOMAP_ERA_GO119);
	EXPECT(gomap_system_heap_with_small_pages(3) == NULL);
	gomap_keep_freed(SIZE_MAX);
	gomap_keep_freed(0);
	const gomap_heap *system = gomap_system_heap(GOMAP_ERA_GO119);
	gomap_seed(0);
	uint64_t first = system->random(system), second = system->random(system);
	gomap_seed(0);
	EXPECT(first != second && system->random(system) == first && system->random(system) == second);
	EXPECT(gomap_memhash(NULL, 1, 0) == gomap_memhash("", 1, 0));
	EXPECT(gomap_memhash(OFF("abcdefghij"), 1, 9) == gomap_memhash(OFF("abcdefghij"), 1, 9));
	EXPECT(gomap_hash_word(0, SIZE_MAX) == gomap_hash_word(0, SIZE_MAX));
	EXPECT(!gomap_set_process_key(1)); // Too late: something was hashed.
	EXPECT(gomap_tophash(0) == gomap_minTopHash && gomap_tophash(SIZE_MAX) == 255);
	EXPECT(!gomap_overLoadFactor(PTRDIFF_MIN, 255) && gomap_overLoadFactor(PTRDIFF_MAX, 0));
	EXPECT(gomap_tooManyOverflowBuckets(UINT16_MAX, 255) && !gomap_tooManyOverflowBuckets(0, 0));
	EXPECT(gomap_roundupsize(GOMAP_ERA_GO123, 0, false) == 0 || gomap_roundupsize(GOMAP_ERA_GO123, 0, false) == 8);
	EXPECT(gomap_roundupsize(GOMAP_ERA_GO119, SIZE_MAX, true) == SIZE_MAX);
}

static void makers_of_types(void) {
	gomap_type out;
	memset(&out, 7, sizeof out);
	gomap_type before = out;
	gomap_fallible fallible = {fallible_hash, fallible_equal, NULL}, empty = {NULL, NULL, NULL};
	size_t bad[][2] = {{8, 0}, {8, 3}, {9, 8}, {SIZE_MAX - 7, 8}, {8, SIZE_MAX}, {0, (size_t)1 << 40}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		size_t size = bad[i][0], align = bad[i][1];
		EXPECT(gomap_type_init_memory(size, align, &out) == GOMAP_BAD_TYPE);
		EXPECT(gomap_type_init_plain(size, align, &out) == GOMAP_BAD_TYPE);
		EXPECT(gomap_type_init_opaque(size, align, hash_u64, equal_u64, NULL, &out) == GOMAP_BAD_TYPE);
		EXPECT(gomap_type_init_fallible(size, align, &fallible, &out) == GOMAP_BAD_TYPE);
	}
	EXPECT(gomap_type_init_opaque(8, 8, NULL, equal_u64, NULL, &out) == GOMAP_NULL);
	EXPECT(gomap_type_init_opaque(8, 8, hash_u64, NULL, NULL, &out) == GOMAP_NULL);
	EXPECT(gomap_type_init_fallible(8, 8, NULL, &out) == GOMAP_NULL);
	EXPECT(gomap_type_init_fallible(8, 8, &empty, &out) == GOMAP_NULL);
	EXPECT(gomap_type_init_fallible(8, 8, OFF(scratch), &out) == GOMAP_MISALIGNED);
	EXPECT(memcmp(&out, &before, sizeof out) == 0); // Nothing was stored.
	EXPECT(gomap_type_init_memory(8, 8, NULL) == GOMAP_NULL);
	EXPECT(gomap_type_init_plain(8, 8, OFF(scratch)) == GOMAP_MISALIGNED);
	EXPECT(gomap_type_init_opaque(8, 8, hash_u64, equal_u64, NULL, NULL) == GOMAP_NULL);
	EXPECT(gomap_type_init_fallible(8, 8, &fallible, NULL) == GOMAP_NULL);
	EXPECT(gomap_type_init_memory(0, 1, &out) == GOMAP_OK && out.size == 0);
}

// Whether both makers of descriptors refuse these arguments with this status and a message that has this text.
static int refuse(gomap_status status, const char *text, const gomap_type *key, const gomap_type *elem,
                  const gomap_heap *heap) {
	char message[100];
	gomap_maptype out, *made = NULL;
	memset(&out, 7, sizeof out);
	gomap_maptype before = out;
	int init = gomap_maptype_init(key, elem, heap, &out, message, sizeof message);
	int told = strstr(message, text) != NULL;
	if (!told) fprintf(stderr, "\"%s\" lacks \"%s\"\n", message, text);
	int new = gomap_maptype_new(key, elem, heap, &made, message, sizeof message);
	told = told && strstr(message, text) != NULL;
	return init == status && new == status && told && made == NULL && memcmp(&out, &before, sizeof out) == 0;
}

static void makers_of_descriptors(void) {
	const gomap_type *u64 = &gomap_type_uint64;
	gomap_heap no_hooks, other_era = *gomap_system_heap(GOMAP_ERA_GO119);
	memset(&no_hooks, 0, sizeof no_hooks);
	other_era.era = 77;
	EXPECT(refuse(GOMAP_NULL, "key", NULL, u64, NULL));
	EXPECT(refuse(GOMAP_NULL, "elem", u64, NULL, NULL));
	EXPECT(refuse(GOMAP_MISALIGNED, "key", OFF(scratch), u64, NULL));
	EXPECT(refuse(GOMAP_MISALIGNED, "elem", u64, OFF(scratch), NULL));
	EXPECT(refuse(GOMAP_MISALIGNED, "heap", u64, u64, OFF(scratch)));
	EXPECT(refuse(GOMAP_NULL, "heap", u64, u64, &no_hooks));
	EXPECT(refuse(GOMAP_BAD_TYPE, "heap", u64, u64, &other_era));

	gomap_type bad = *u64;
	bad.kind = 200;
	EXPECT(refuse(GOMAP_BAD_TYPE, "key", &bad, u64, NULL));
	bad = *u64, bad.align = 3;
	EXPECT(refuse(GOMAP_BAD_TYPE, "key.align", &bad, u64, NULL));
	bad = *u64, bad.align = 0;
	EXPECT(refuse(GOMAP_BAD_TYPE, "elem.align", u64, &bad, NULL));
	bad = *u64, bad.size = 9;
	EXPECT(refuse(GOMAP_BAD_TYPE, "key.size", &bad, u64, NULL));
	bad = *u64, bad.size = SIZE_MAX - 7;
	EXPECT(refuse(GOMAP_BAD_TYPE, "elem.size", u64, &bad, NULL));
	bad = *u64, bad.ptrdata = 16;
	EXPECT(refuse(GOMAP_BAD_TYPE, "key.ptrdata", &bad, u64, NULL));
	bad = *u64, bad.alg.hash = NULL;
	EXPECT(refuse(GOMAP_BAD_TYPE, "key.alg.hash", &bad, u64, NULL));
	bad = *u64, bad.key_flags |= GOMAP_INDIRECT_KEY;
	EXPECT(refuse(GOMAP_BAD_TYPE, "key.key_flags", &bad, u64, NULL));
	// A hash of one's own is called, though the flag of the copied type says otherwise.
	gomap_maptype own_hash;
	gomap_type own = gomap_type_string;
	EXPECT(gomap_maptype_init(&own, u64, NULL, &own_hash, NULL, 0) == GOMAP_OK);
	EXPECT(own_hash.path == GOMAP_PATH_STRING_TO_WORD);
	own.alg.hash = u64->alg.hash;
	EXPECT(own.default_hash && gomap_maptype_init(&own, u64, NULL, &own_hash, NULL, 0) == GOMAP_OK);
	EXPECT(own_hash.path == GOMAP_PATH_GENERIC_TO_WORD);

	gomap_maptype out, *made;
	EXPECT(gomap_maptype_init(u64, u64, NULL, NULL, NULL, 0) == GOMAP_NULL);
	EXPECT(gomap_maptype_new(u64, u64, NULL, NULL, NULL, SIZE_MAX) == GOMAP_NULL);
	EXPECT(gomap_maptype_init(u64, u64, NULL, OFF(scratch), NULL, 0) == GOMAP_MISALIGNED);
	EXPECT(gomap_maptype_new(u64, u64, NULL, OFF(scratch), NULL, 0) == GOMAP_MISALIGNED);

	// The message is cut to what there is room for.
	char message[8] = "xxxxxxx";
	EXPECT(gomap_maptype_init(NULL, u64, NULL, &out, message, 0) == GOMAP_NULL && message[0] == 'x');
	EXPECT(gomap_maptype_init(NULL, u64, NULL, &out, message, 1) == GOMAP_NULL && message[0] == 0);
	EXPECT(gomap_maptype_init(NULL, u64, NULL, &out, message, 5) == GOMAP_NULL && strcmp(message, "key:") == 0);
	EXPECT(message[5] == 'x' && message[6] == 'x');

	gomap_maptype_free(NULL);
	EXPECT(gomap_maptype_new(u64, u64, NULL, &made, message, sizeof message) == GOMAP_OK);
	gomap_maptype_free(made);
}

static void plain_style(void) {
	uint64_t key = 3, elem = 5;
	void *found = scratch;
	bool existed;
	gomap_map none = {NULL, NULL}, out = none, untyped = {NULL, map.hmap}, no_map = {&type, NULL};
	gomap_map bad_type = {OFF(scratch), map.hmap}, bad_map = {&type, OFF(scratch)};
	static const gomap_maptype zeroes;
	gomap_map unmade = {&zeroes, map.hmap};
	const gomap_map *handles[] = {NULL, OFF(scratch), &none, &untyped, &no_map, &bad_type, &bad_map, &unmade};
	gomap_status refusals[] = {GOMAP_NULL, GOMAP_MISALIGNED, GOMAP_NULL, GOMAP_NULL,
	                           GOMAP_NULL, GOMAP_MISALIGNED, GOMAP_MISALIGNED, GOMAP_NULL};
	for (size_t i = 0; i < sizeof handles / sizeof *handles; i++) {
		gomap_iter iter;
		REFUSES(refusals[i], gomap_get(handles[i], &key, &found));
		REFUSES(refusals[i], gomap_put(handles[i], &key, &elem));
		REFUSES(refusals[i], gomap_slot(handles[i], &key, &found, NULL));
		REFUSES(refusals[i], gomap_remove(handles[i], &key));
		REFUSES(refusals[i], gomap_clear(handles[i]));
		REFUSES(refusals[i], gomap_clone(handles[i], &out));
		REFUSES(refusals[i], gomap_iter_init(handles[i], &iter));
		REFUSES(refusals[i], gomap_for_each(handles[i], add_elem, NULL));
		EXPECT(out.type == NULL && out.hmap == NULL);
	}
	EXPECT(gomap_len(NULL) == 0 && gomap_len(OFF(scratch)) == 0 && gomap_len(&none) == 0 && gomap_len(&bad_map) == 0);

	REFUSES(GOMAP_NULL, gomap_new(NULL, 0, &out));
	REFUSES(GOMAP_NULL, gomap_new(&zeroes, 0, &out));
	REFUSES(GOMAP_MISALIGNED, gomap_new(OFF(scratch), 0, &out));
	REFUSES(GOMAP_NULL, gomap_new(&type, 0, NULL));
	REFUSES(GOMAP_MISALIGNED, gomap_new(&type, 0, OFF(scratch)));
	REFUSES(GOMAP_NO_MEMORY, gomap_new(&type, (size_t)1 << 40, &out));
	EXPECT(out.hmap == NULL);
	REFUSES(GOMAP_OK, gomap_new(&type, SIZE_MAX, &out)); // No address space could hold so many: a hint of 0.
	REFUSES(GOMAP_OK, gomap_free(&out));
	REFUSES(GOMAP_OK, gomap_free(&out));
	REFUSES(GOMAP_OK, gomap_free(&none));
	REFUSES(GOMAP_OK, gomap_free(NULL));
	REFUSES(GOMAP_MISALIGNED, gomap_free(OFF(scratch)));
	REFUSES(GOMAP_NULL, gomap_free(&untyped));

	REFUSES(GOMAP_NULL, gomap_get(&map, NULL, &found));
	EXPECT(found == NULL);
	REFUSES(GOMAP_MISALIGNED, gomap_get(&map, OFF(scratch), &found));
	REFUSES(GOMAP_MISALIGNED, gomap_get(&map, &key, OFF(scratch)));
	REFUSES(GOMAP_OK, gomap_get(&map, &key, NULL));
	REFUSES(GOMAP_NULL, gomap_put(&map, NULL, &elem));
	REFUSES(GOMAP_NULL, gomap_put(&map, &key, NULL));
	REFUSES(GOMAP_MISALIGNED, gomap_put(&map, OFF(scratch), &elem));
	REFUSES(GOMAP_MISALIGNED, gomap_put(&map, &key, OFF(scratch)));
	REFUSES(GOMAP_NULL, gomap_slot(&map, NULL, &found, &existed));
	REFUSES(GOMAP_MISALIGNED, gomap_slot(&map, OFF(scratch), &found, &existed));
	REFUSES(GOMAP_NULL, gomap_slot(&map, &key, NULL, &existed));
	REFUSES(GOMAP_MISALIGNED, gomap_slot(&map, &key, OFF(scratch), &existed));
	REFUSES(GOMAP_OK, gomap_slot(&map, &key, &found, NULL));
	REFUSES(GOMAP_NULL, gomap_remove(&map, NULL));
	REFUSES(GOMAP_MISALIGNED, gomap_remove(&map, OFF(scratch)));
	REFUSES(GOMAP_NULL, gomap_clone(&map, NULL));
	REFUSES(GOMAP_MISALIGNED, gomap_clone(&map, OFF(scratch)));
	REFUSES(GOMAP_NULL, gomap_iter_init(&map, NULL));
	REFUSES(GOMAP_MISALIGNED, gomap_iter_init(&map, OFF(scratch)));

	gomap_position position;
	memset(&position, 0, sizeof position);
	REFUSES(GOMAP_NULL, gomap_position_next(&map, NULL, NULL, NULL));
	REFUSES(GOMAP_MISALIGNED, gomap_position_next(&map, OFF(scratch), NULL, NULL));
	for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
		REFUSES(refusals[i], gomap_position_next(handles[i], &position, NULL, NULL));
	uint64_t visited = 0;
	while (gomap_position_next(&map, &position, NULL, &found) == GOMAP_OK) visited++;
	EXPECT(visited == KEYS && found == NULL);
	memset(&position, 0xff, sizeof position);
	gomap_status anything = gomap_position_next(&map, &position, NULL, NULL);
	REFUSES(anything, gomap_position_next(&map, &position, NULL, NULL));

	uint64_t squares = 0;
	REFUSES(GOMAP_NULL, gomap_for_each(&map, NULL, &squares));
	REFUSES(GOMAP_OK, gomap_for_each(&map, add_elem, &squares));
	EXPECT(squares == (KEYS - 1) * KEYS * (2 * KEYS - 1) / 6);

	gomap_iter iter;
	memset(&iter, 0, sizeof iter);
	REFUSES(GOMAP_NULL, gomap_iter_next(NULL, NULL, NULL));
	REFUSES(GOMAP_MISALIGNED, gomap_iter_next(OFF(scratch), NULL, NULL));
	REFUSES(GOMAP_NONE, gomap_iter_next(&iter, NULL, NULL));
	REFUSES(GOMAP_OK, gomap_iter_done(&iter));
	REFUSES(GOMAP_OK, gomap_iter_done(NULL));
	REFUSES(GOMAP_MISALIGNED, gomap_iter_done(OFF(scratch)));
	size_t steps = 0;
	REFUSES(GOMAP_OK, gomap_iter_init(&map, &iter));
	while (gomap_iter_next(&iter, NULL, NULL) == GOMAP_OK) steps++;
	EXPECT(steps == KEYS);
	REFUSES(GOMAP_NONE, gomap_iter_next(&iter, NULL, NULL));
	REFUSES(GOMAP_OK, gomap_iter_done(&iter));
	REFUSES(GOMAP_OK, gomap_iter_done(&iter));
}

// Values without bytes, and values too large for a slot.
static void odd_sizes(void) {
	gomap_type nothing, large;
	gomap_maptype set, odd;
	gomap_map map;
	EXPECT(gomap_type_init_memory(0, 1, &nothing) == GOMAP_OK && gomap_type_init_memory(4096, 64, &large) == GOMAP_OK);
	EXPECT(gomap_maptype_init(&gomap_type_uint64, &nothing, NULL, &set, NULL, 0) == GOMAP_OK);
	EXPECT(gomap_new(&set, 0, &map) == GOMAP_OK);
	for (uint64_t key = 0; key < 100; key++) EXPECT(gomap_put(&map, &key, NULL) == GOMAP_OK);
	EXPECT(gomap_len(&map) == 100);
	gomap_free(&map);

	EXPECT(gomap_maptype_init(&nothing, &large, NULL, &odd, NULL, 0) == GOMAP_OK);
	EXPECT(gomap_new(&odd, 0, &map) == GOMAP_OK);
	void *elem = aligned_alloc(64, 4096), *found;
	memset(elem, 1, 4096);
	EXPECT(gomap_put(&map, NULL, elem) == GOMAP_OK && gomap_put(&map, NULL, elem) == GOMAP_OK);
	EXPECT(gomap_put(&map, NULL, scratch + 8) == GOMAP_MISALIGNED);
	EXPECT(gomap_len(&map) == 1 && gomap_get(&map, NULL, &found) == GOMAP_OK && memcmp(found, elem, 4096) == 0);
	EXPECT((uintptr_t)found % 64 == 0);
	free(elem);
	gomap_free(&map);
}

// Whether a call ends the program by abort, as it does where it has no way to report a failure.
static int aborts(void (*call)(void)) {
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL) _exit(2);
		call();
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static gomap_maptype string_type, u32_type, pointer_type;
static const gomap_string word = {"word", 4};

static void assign_many_to_nil(void) { uint64_t key = 1; gomap_mapassign_many(&type, NULL, &key, 1, &key); }
static void assign_to_nil(void) { uint64_t key = 1; gomap_mapassign(&type, NULL, &key); }
static void try_assign_to_nil(void) { uint64_t key = 1; gomap_assigned at; gomap_try_mapassign(&type, NULL, &key, &at); }
static void assign_to_nil_fast32(void) { gomap_mapassign_fast32(&u32_type, NULL, 1); }
static void assign_to_nil_fast64(void) { gomap_mapassign_fast64(&type, NULL, 1); }
static void assign_to_nil_faststr(void) { gomap_mapassign_faststr(&string_type, NULL, word); }
static void assign_to_nil_fast32ptr(void) { gomap_mapassign_fast32ptr(&pointer_type, NULL, scratch); }
static void assign_to_nil_fast64ptr(void) { gomap_mapassign_fast64ptr(&pointer_type, NULL, scratch); }
static void make_too_large(void) { gomap_makemap(&type, (ptrdiff_t)1 << 40, NULL); }
static void make64_too_large(void) { gomap_makemap64(&type, (int64_t)1 << 40, NULL); }

static void *no_memory_expected(void *context, void **slot, const gomap_allocation *memory) {
	(void)context, (void)memory;
	EXPECT(0);
	return *slot;
}
static void no_pointer_expected(void *context, void **slot) {
	(void)context, (void)slot;
	EXPECT(0);
}

static void runtime_style(void) {
	uint64_t key = 1, zero = 0;
	EXPECT(gomap_maptype_init(&gomap_type_string, &gomap_type_uint64, NULL, &string_type, NULL, 0) == GOMAP_OK);
	EXPECT(gomap_maptype_init(&gomap_type_uint32, &gomap_type_uint64, NULL, &u32_type, NULL, 0) == GOMAP_OK);
	EXPECT(gomap_maptype_init(&gomap_type_pointer, &gomap_type_uint64, NULL, &pointer_type, NULL, 0) == GOMAP_OK);

	// A NULL map is empty.
	EXPECT(*(uint64_t *)gomap_mapaccess1(&type, NULL, &key) == 0);
	EXPECT(!gomap_mapaccess2(&type, NULL, &key).found);
	EXPECT(gomap_mapaccessK(&type, NULL, &key).key == NULL && gomap_mapaccessK(&type, NULL, &key).elem == NULL);
	void *elems[2] = {scratch, scratch};
	gomap_mapaccess_many(&type, NULL, &key, 1, elems);
	EXPECT(elems[0] == NULL && elems[1] == scratch);
	gomap_mapaccess_many(&type, map.hmap, NULL, 0, NULL);
	EXPECT(gomap_mapassign_many(&type, map.hmap, NULL, 0, NULL) == 0);
	EXPECT(gomap_mapaccess1_fat(&type, NULL, &key, &zero) == &zero);
	EXPECT(gomap_mapaccess2_fat(&type, NULL, &key, &zero).elem == &zero);
	EXPECT(*(uint64_t *)gomap_mapaccess1_fast32(&u32_type, NULL, 1) == 0);
	EXPECT(!gomap_mapaccess2_fast32(&u32_type, NULL, UINT32_MAX).found);
	EXPECT(*(uint64_t *)gomap_mapaccess1_fast64(&type, NULL, 1) == 0);
	EXPECT(!gomap_mapaccess2_fast64(&type, NULL, UINT64_MAX).found);
	EXPECT(*(uint64_t *)gomap_mapaccess1_faststr(&string_type, NULL, word) == 0);
	EXPECT(!gomap_mapaccess2_faststr(&string_type, NULL, (gomap_string){NULL, 0}).found);
	EXPECT(gomap_mapnext(&type, NULL, NULL).key == NULL && gomap_mapnext(&type, NULL, &key).elem == NULL);
	size_t entries = 0;
	for (gomap_entry at = {NULL, NULL}; (at = gomap_mapnext(&type, map.hmap, at.key)).key != NULL;) entries++;
	EXPECT(entries == KEYS);
	gomap_mapdelete(&type, NULL, &key);
	EXPECT(gomap_try_mapdelete(&type, NULL, &key) == GOMAP_NONE);
	gomap_mapdelete_fast32(&u32_type, NULL, 1);
	gomap_mapdelete_fast64(&type, NULL, 1);
	gomap_mapdelete_faststr(&string_type, NULL, word);
	gomap_mapclear(&type, NULL);
	EXPECT(gomap_try_mapclear(&type, NULL) == GOMAP_OK);
	gomap_mapfree(&type, NULL);
	gomap_mapfree_contents(&type, NULL);
	gomap_hmap *clone = gomap_mapclone(&type, NULL);
	EXPECT(clone->count == 0);
	gomap_mapfree(&type, clone);
	gomap_hmap own;
	memset(&own, 0, sizeof own);
	EXPECT(gomap_try_mapclone(&type, NULL, &own) == &own);
	gomap_mapfree_contents(&type, &own);
	gomap_hiter it;
	memset(&it, 0, sizeof it);
	gomap_mapiterdone(&it);
	gomap_mapiterinit(&type, NULL, &it);
	EXPECT(it.key == NULL);
	gomap_mapiternext(&it);
	EXPECT(it.key == NULL && gomap_try_mapiterinit(&type, NULL, &it) == GOMAP_OK && it.key == NULL);
	gomap_mapiterdone(&it);
	gomap_hmap *cleared = gomap_makemap_small(&type);
	gomap_mapassign(&type, cleared, &key);
	gomap_mapiterinit(&type, cleared, &it);
	uint64_t clears = gomap_mapiterclears(&it);
	gomap_mapiterkeep(&it);
	gomap_mapclear(&type, cleared);
	EXPECT(gomap_mapiterclears(&it) != clears);
	gomap_mapiterdone(&it);
	gomap_mapfree(&type, cleared);
	gomap_traced_iter traced;
	EXPECT(gomap_traced_iter_init(&type, NULL, &traced) == GOMAP_OK && traced.it.key == NULL);
	gomap_traced_iter_next(&traced);
	EXPECT(traced.it.key == NULL);
	gomap_traced_iter *iterators[] = {&traced};
	gomap_visitor visitor = {NULL, no_memory_expected, no_pointer_expected};
	gomap_mapscan(&type, NULL, NULL, 0, &visitor);
	gomap_mapscan(&type, map.hmap, iterators, 1, &visitor); // Neither owned memory nor pointers: nothing to show.
	gomap_scan scan;
	gomap_scan_begin(&type, NULL, &scan);
	EXPECT(gomap_scan_step(&scan, &visitor, 1));
	gomap_scan_add_iterator(&scan, &traced, &visitor);
	EXPECT(gomap_scan_step(&scan, &visitor, 0));

	// But nothing can be stored in it.
	EXPECT(aborts(assign_to_nil) && aborts(try_assign_to_nil) && aborts(assign_many_to_nil));
	EXPECT(aborts(assign_to_nil_fast32) && aborts(assign_to_nil_fast64) && aborts(assign_to_nil_faststr));
	EXPECT(aborts(assign_to_nil_fast32ptr) && aborts(assign_to_nil_fast64ptr));

	// Hints.
	EXPECT(gomap_try_makemap(&type, (ptrdiff_t)1 << 40, NULL) == NULL);
	EXPECT(aborts(make_too_large) && aborts(make64_too_large));
	ptrdiff_t counts_as_0[] = {0, -1, PTRDIFF_MIN, PTRDIFF_MAX};
	for (size_t i = 0; i < sizeof counts_as_0 / sizeof *counts_as_0; i++) {
		gomap_hmap *h = gomap_makemap(&type, counts_as_0[i], NULL), *h64 = gomap_makemap64(&type, counts_as_0[i], NULL);
		EXPECT(h->B == 0 && h->buckets == NULL && h64->B == 0);
		gomap_mapfree(&type, h);
		gomap_mapfree(&type, h64);
	}
	gomap_hmap *small = gomap_makemap_small(&type);
	EXPECT(small->count == 0 && small->buckets == NULL);
	gomap_mapfree(&type, small);
}

// The ready-made types serve as keys, with the values at the edges of their kind.
static void ready_made_types(void) {
	EXPECT(gomap_type_int.size == sizeof(int) && gomap_type_uint.size == sizeof(unsigned));
	EXPECT(gomap_type_go_int.size == sizeof(ptrdiff_t) && gomap_type_go_uint.size == sizeof(size_t));
	const gomap_type *types[] = {
	    &gomap_type_bool,     &gomap_type_int8,   &gomap_type_uint8,   &gomap_type_int16,     &gomap_type_uint16,
	    &gomap_type_int32,    &gomap_type_uint32, &gomap_type_int64,   &gomap_type_uint64,    &gomap_type_uint128,
	    &gomap_type_int,      &gomap_type_uint,   &gomap_type_go_int, &gomap_type_go_uint, &gomap_type_uintptr,
	    &gomap_type_pointer,  &gomap_type_float32,
	    &gomap_type_float64,  &gomap_type_complex64, &gomap_type_complex128, &gomap_type_string, &gomap_type_slice,
	};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		gomap_maptype t;
		gomap_map m;
		_Alignas(16) char zero[64] = {0};
		EXPECT(gomap_maptype_init(types[i], types[i], NULL, &t, NULL, 0) == GOMAP_OK && gomap_new(&t, 0, &m) == GOMAP_OK);
		EXPECT(gomap_get(&m, zero, NULL) == GOMAP_NONE && gomap_put(&m, zero, zero) == GOMAP_OK);
		EXPECT(gomap_put(&m, zero, zero) == GOMAP_OK && gomap_len(&m) == 1 && gomap_get(&m, zero, NULL) == GOMAP_OK);
		gomap_free(&m);
	}
	gomap_maptype t;
	gomap_map m;
	EXPECT(gomap_maptype_init(&gomap_type_cstring, &gomap_type_bool, NULL, &t, NULL, 0) == GOMAP_OK);
	EXPECT(gomap_new(&t, 0, &m) == GOMAP_OK);
	char spelled[] = "spelled", again[] = "spelled";
	const char *key = spelled, *same = again, *empty = "";
	bool yes = true;
	EXPECT(gomap_put(&m, &key, &yes) == GOMAP_OK && gomap_get(&m, &same, NULL) == GOMAP_OK);
	EXPECT(gomap_get(&m, &empty, NULL) == GOMAP_NONE && gomap_put(&m, &empty, &yes) == GOMAP_OK);
	EXPECT(gomap_remove(&m, &same) == GOMAP_OK && gomap_len(&m) == 1);
	gomap_free(&m);
}

int main(void) {
	EXPECT(gomap_maptype_init(&gomap_type_uint64, &gomap_type_uint64, NULL, &type, NULL, 0) == GOMAP_OK);
	EXPECT(gomap_new(&type, 0, &map) == GOMAP_OK);
	for (uint64_t key = 0; key < KEYS; key++) {
		uint64_t square = key * key;
		EXPECT(gomap_put(&map, &key, &square) == GOMAP_OK);
	}
	constants();
	makers_of_types();
	makers_of_descriptors();
	plain_style();
	odd_sizes();
	runtime_style();
	ready_made_types();
	check_map(__LINE__);
	EXPECT(gomap_free(&map) == GOMAP_OK);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
