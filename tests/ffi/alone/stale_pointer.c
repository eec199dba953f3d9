// A mistake that a memory checker must report: an elem is read after the map has moved it (argument
// 0), or was freed.
#include <gomap.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEW = 1000, MANY = 8000 };

int main(int argc, char **argv) {
	gomap_maptype type;
	gomap_map map;
	if (gomap_maptype_init(&gomap_type_int64, &gomap_type_int64, NULL, &type, NULL, 0)) return 0;
	if (argc != 2 || gomap_new(&type, 0, &map)) return 0;
	int64_t key = 0;
	void *elem;
	for (; key < FEW; key++) gomap_put(&map, &key, &key);
	gomap_get(&map, &(int64_t){3}, &elem);
	if (atoi(argv[1]) == 0) {
		for (; key < MANY; key++) gomap_put(&map, &key, &key);
	} else {
		gomap_free(&map);
	}
	printf("%d\n", *(volatile int64_t *)elem == 3);
	gomap_free(&map);
}
