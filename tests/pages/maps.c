// The plain C style over arrays that are given back page by page; `run` runs it under the model of
// other pages.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gomap.h>
#include <stdio.h>
#include <stdlib.h>

enum { ENTRIES = 400000 };

static void require(int holds, const char *what) {
	if (holds) return;
	fprintf(stderr, "not so: %s\n", what);
	exit(1);
}

// The entries that come up in an iteration, each with its elem.
static int count(const gomap_map *map) {
	gomap_iter it;
	const void *key;
	void *elem;
	int n = 0;
	require(!gomap_iter_init(map, &it), "an iteration begins");
	while (gomap_iter_next(&it, &key, &elem) == GOMAP_OK) n += *(int64_t *)elem == ~*(const int64_t *)key;
	return n;
}

static void check(const gomap_heap *heap) {
	gomap_maptype type;
	gomap_map map;
	require(!gomap_maptype_init(&gomap_type_int64, &gomap_type_int64, heap, &type, NULL, 0), "a descriptor");
	require(!gomap_new(&type, 0, &map), "a map");
	for (int64_t key = 0; key < ENTRIES; key++) {
		int64_t elem = ~key;
		require(!gomap_put(&map, &key, &elem), "an entry");
		if (key % 50000 == 0) require(count(&map) == key + 1, "every entry comes up");
	}
	for (int64_t key = 0; key < ENTRIES; key++) {
		void *elem;
		require(!gomap_get(&map, &key, &elem) && *(int64_t *)elem == ~key, "every entry is found");
		if (key % 2) require(!gomap_remove(&map, &key), "every entry can be removed");
	}
	require(count(&map) == ENTRIES / 2, "half of the entries are left");
	require(!gomap_free(&map), "the map is freed");
}

int main(void) {
	check(NULL);
	check(gomap_system_heap_with_small_pages(2));
	size_t *released = dlsym(RTLD_DEFAULT, "page_model_released");
	size_t *mistakes = dlsym(RTLD_DEFAULT, "page_model_mistakes");
	require(released && *released > 4 << 20, "pages were given back");
	require(mistakes && !*mistakes, "only whole pages were given back");
}
