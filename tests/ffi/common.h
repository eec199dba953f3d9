// What tests of the C ABI share: an assertion, and a heap that counts and poisons what it gets back.

#include <gomap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int holds, const char *what, const char *file, int line) {
	if (holds) return;
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	exit(EXIT_FAILURE);
}
#define MUST(x) must((x) != 0, #x, __FILE__, __LINE__)

static size_t used;
static void *allocate(const gomap_heap *heap, size_t size, size_t align, const gomap_type *ty) {
	(void)heap, (void)ty;
	void *memory = NULL;
	if (posix_memalign(&memory, align < sizeof(void *) ? sizeof(void *) : align, size)) return NULL;
	used += size;
	return memset(memory, 0, size);
}
static void give_back(const gomap_heap *heap, void *memory, size_t size, size_t align) {
	(void)heap, (void)align;
	memset(memory, 0xdd, size);
	used -= size;
	free(memory);
}
static gomap_heap counting(gomap_era era) {
	gomap_heap heap = *gomap_system_heap(era);
	heap.allocate = allocate;
	heap.free = give_back;
	heap.release = NULL;
	heap.populate = NULL;
	return heap;
}
