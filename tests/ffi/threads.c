// Many threads look up and go over one map at the same time; each thread may free what it alone was keeping.

#include <gomap.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define ENTRIES 5000
#define THREADS 4

static gomap_maptype type;
static gomap_map map;

static void *read_all(void *argument) {
	(void)argument;
	uint64_t sum = 0;
	for (int round = 0; round < 5; round++) {
		for (uint64_t key = 0; key < ENTRIES; key++) {
			void *elem;
			if (gomap_get(&map, &key, &elem) != GOMAP_OK || *(uint64_t *)elem != key) return "lookup";
		}
		gomap_iter iter;
		void *elem;
		if (gomap_iter_init(&map, &iter) != GOMAP_OK) return "iteration";
		while (gomap_iter_next(&iter, NULL, &elem) == GOMAP_OK) sum += *(uint64_t *)elem;
	}
	return sum == 5 * (uint64_t)ENTRIES * (ENTRIES - 1) / 2 ? NULL : "sum";
}

int main(void) {
	if (gomap_maptype_init(&gomap_type_uint64, &gomap_type_uint64, NULL, &type, NULL, 0) != GOMAP_OK) return EXIT_FAILURE;
	if (gomap_new(&type, 0, &map) != GOMAP_OK) return EXIT_FAILURE;
	for (uint64_t key = 0; key < ENTRIES; key++)
		if (gomap_put(&map, &key, &key) != GOMAP_OK) return EXIT_FAILURE;

	pthread_t threads[THREADS];
	int failures = 0;
	for (int i = 0; i < THREADS; i++) failures += pthread_create(&threads[i], NULL, read_all, NULL) != 0;
	for (int i = 0; i < THREADS; i++) {
		void *problem;
		pthread_join(threads[i], &problem);
		if (problem != NULL) fprintf(stderr, "threads.c: %s\n", (char *)problem), failures++;
	}
	gomap_free(&map);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
