// How much freed memory the system heap keeps, by glibc's own count.
#define _GNU_SOURCE
#include <gomap.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPECT(holds) \
	do { \
		if (!(holds)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds); \
			exit(1); \
		} \
	} while (0)

// Bytes in use; 0 where a memory checker has its own malloc.
static size_t in_use(void) {
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

// Arrays of all sizes up to half a megabyte come and go, each time the same: what malloc keeps for its threads counts as
// in use.
static void come_and_go(void) {
	gomap_seed(1);
	gomap_maptype type;
	gomap_map map;
	EXPECT(gomap_maptype_init(&gomap_type_int64, &gomap_type_int64, NULL, &type, NULL, 0) == GOMAP_OK);
	EXPECT(gomap_new(&type, 0, &map) == GOMAP_OK);
	for (int64_t key = 0; key < 20000; key++) EXPECT(gomap_put(&map, &key, &key) == GOMAP_OK);
	EXPECT(gomap_free(&map) == GOMAP_OK);
}

int main(void) {
	gomap_set_process_key(1);
	gomap_keep_freed(0);
	come_and_go();
	size_t nothing = in_use();
	come_and_go();
	EXPECT(in_use() == nothing);
	gomap_keep_freed(100 << 10);
	come_and_go();
	size_t some = in_use();
	EXPECT(!nothing || (some > nothing + (10 << 10) && some < nothing + (110 << 10)));
	gomap_keep_freed(SIZE_MAX);
	come_and_go();
	EXPECT(!nothing || in_use() > some + (500 << 10));
	gomap_keep_freed(0);
	EXPECT(in_use() == nothing);
}
