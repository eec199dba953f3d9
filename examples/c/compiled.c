// The runtime style, as a compiler would use it: a descriptor made once, maps as bare gomap_hmap pointers, the length
// read from memory, lookups that pass the key in a register, and a walk over the buckets without a call.
//
//   cc compiled.c $(pkg-config --cflags --libs gomap) -o compiled

#include <gomap.h>
#include <stdio.h>
#include <stdlib.h>

static gomap_maptype squares_type;

// len(m), as compiled code has it.
static ptrdiff_t len(const gomap_hmap *h) {
	return h == NULL ? 0 : h->count;
}

// What follows the tophash row of a bucket: keys, elems, and the next bucket of the chain.
struct bucket {
	gomap_bmap head;
	uint64_t keys[GOMAP_BUCKET_CNT], elems[GOMAP_BUCKET_CNT];
	struct bucket *overflow;
};

// The sum of all elems of one array of buckets. Cells that were moved elsewhere have a tophash below minTopHash.
static uint64_t sum_array(const gomap_bmap *buckets, size_t n) {
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		for (const struct bucket *b = (const struct bucket *)buckets + i; b != NULL; b = b->overflow)
			for (int cell = 0; cell < GOMAP_BUCKET_CNT; cell++)
				if (b->head.tophash[cell] >= gomap_minTopHash) sum += b->elems[cell];
	return sum;
}

static uint64_t sum(const gomap_hmap *h) {
	uint64_t sum = h->buckets == NULL ? 0 : sum_array(h->buckets, (size_t)1 << h->B);
	if (h->oldbuckets != NULL) {
		int halved = (h->flags & gomap_sameSizeGrow) == 0;
		sum += sum_array(h->oldbuckets, (size_t)1 << (h->B - halved));
	}
	return sum;
}

int main(void) {
	char message[128];
	if (gomap_maptype_init(&gomap_type_uint64, &gomap_type_uint64, NULL, &squares_type, message, sizeof message)) {
		fprintf(stderr, "%s\n", message);
		return EXIT_FAILURE;
	}
	if (sizeof(struct bucket) != squares_type.bucketsize) return EXIT_FAILURE;

	gomap_hmap squares = {0}; // On the stack, as escape analysis may decide.
	gomap_makemap(&squares_type, 0, &squares);
	uint64_t expected = 0;
	int walks_while_growing = 0;
	for (uint64_t i = 0; i < 1000; i++) {
		*(uint64_t *)gomap_mapassign_fast64(&squares_type, &squares, i) = i * i;
		expected += i * i;
		walks_while_growing += squares.oldbuckets != NULL;
		if (sum(&squares) != expected || len(&squares) != (ptrdiff_t)i + 1) return EXIT_FAILURE;
	}
	printf("%td entries, %d walks while growing, sum %llu\n", len(&squares), walks_while_growing,
	       (unsigned long long)sum(&squares));

	gomap_lookup hit = gomap_mapaccess2_fast64(&squares_type, &squares, 31);
	uint64_t absent = 1000;
	gomap_lookup miss = gomap_mapaccess2(&squares_type, &squares, &absent);
	printf("31: %llu, 1000: %s\n", (unsigned long long)*(uint64_t *)hit.elem, miss.found ? "found" : "not found");

	// for k := range squares { delete(squares, k) }
	gomap_hiter it;
	for (gomap_mapiterinit(&squares_type, &squares, &it); it.key != NULL; gomap_mapiternext(&it))
		gomap_mapdelete(&squares_type, &squares, it.key);
	gomap_mapiterdone(&it);
	printf("%td entries left\n", len(&squares));

	gomap_mapfree_contents(&squares_type, &squares);
	return hit.found && !miss.found && walks_while_growing && len(&squares) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
