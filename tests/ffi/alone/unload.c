// A library that is loaded, used and unloaded again and again leaves nothing behind. The argument
// is its path.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gomap.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

static void require(int holds, const char *what) {
	if (holds) return;
	fprintf(stderr, "not so: %s\n", what);
	exit(1);
}

static void use(void *library) {
	__typeof__(gomap_maptype_init) *init;
	__typeof__(gomap_new) *new;
	__typeof__(gomap_put) *put;
	__typeof__(gomap_free) *end;
	*(void **)&init = dlsym(library, "gomap_maptype_init");
	*(void **)&new = dlsym(library, "gomap_new");
	*(void **)&put = dlsym(library, "gomap_put");
	*(void **)&end = dlsym(library, "gomap_free");
	gomap_type *word = dlsym(library, "gomap_type_int64");
	gomap_maptype type;
	gomap_map map;
	require(!init(word, word, NULL, &type, NULL, 0) && !new(&type, 0, &map), "a map");
	for (int64_t key = 0; key < 20000; key++) require(!put(&map, &key, &key), "an entry");
	require(!end(&map), "the map is freed");
}

int main(int argc, char **argv) {
	size_t before = 0, after = 0;
	require(argc == 2, "an argument");
	for (int cycle = 0; cycle < 30; cycle++) {
		void *library = dlopen(argv[1], RTLD_NOW);
		require(library != NULL, "the library is loaded");
		use(library);
		dlclose(library);
		require(!dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD), "the library is unloaded");
		struct mallinfo2 info = mallinfo2();
		after = info.uordblks + info.hblkhd;
		if (cycle == 9) before = after;
	}
	fprintf(stderr, "%zu bytes in use after 10 cycles, %zu after 30\n", before, after);
	require(after < before + 4096, "unloading leaves nothing behind");
}
