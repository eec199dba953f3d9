// SPDX-License-Identifier: MIT OR Apache-2.0
//
// gomap: a type-erased hash map with the layout and the algorithms of Go's classic runtime map.
// Generated from the Rust sources; docs/ffi.md says how to use it. C11 and C++17.
//
// Two styles, which work on the same maps:
//
// - Plain: gomap_new, gomap_get, gomap_put, gomap_remove, gomap_iter_next and so on. Every argument is checked, every
//   outcome is a gomap_status, nothing aborts for want of memory and nothing unwinds out of a call.
// - Runtime: gomap_makemap, gomap_mapaccess1, gomap_mapassign and so on, the functions that compiled code calls.
//   Nothing is checked; what a callback throws passes through to the caller and leaves the map whole.
//
// Glue is what runs when a value is dropped or copied. A heap is owned if its maps free their memory, traced if a
// collector does. To throw is to end the program through the heap's hook; to panic is to unwind.
//
// Words used under "Safety" in the runtime style:
//
// - valid: t points to a descriptor of gomap_maptype_init or gomap_maptype_new; its types and heap are alive, as is what
//   these point to, and their functions do what is asked of them.
// - of t: h is NULL, or points to a map that was made with t, or a descriptor with the same answers, and not freed.
// - key: points to an initialised key of the map's type.
// - exclusive: nothing else touches the map until the call returns; but hash functions may use the map, and a collector
//   may read it.
// - shared: nothing writes to the map until the call returns.


#ifndef GOMAP_H
#define GOMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GOMAP_VERSION "0.1.0"

// In gomap_hiter.checkBucket: every key of the bucket is to be visited.
#define gomap_noCheck SIZE_MAX

typedef struct gomap_type gomap_type;
typedef struct gomap_heap gomap_heap;

// Cells of a bucket.
#define GOMAP_BUCKET_CNT 8

// Keys of more bytes than this are stored behind a pointer.
#define GOMAP_MAX_KEY_SIZE 128

// Elems of more bytes than this are stored behind a pointer.
#define GOMAP_MAX_ELEM_SIZE 128

// Bytes of Go's shared zero value: elems up to this size are read from it on a miss.
#define GOMAP_MAX_ZERO 1024

// gomap_maptype.flags: key slots hold pointers to keys.
#define GOMAP_INDIRECT_KEY 1

// gomap_maptype.flags: elem slots hold pointers to elems.
#define GOMAP_INDIRECT_ELEM 2

// gomap_maptype.flags: every key equals itself.
#define GOMAP_REFLEXIVE_KEY 4

// gomap_maptype.flags: overwriting an entry overwrites its key.
#define GOMAP_NEED_KEY_UPDATE 8

// gomap_maptype.flags: hashing a key can panic.
#define GOMAP_HASH_MIGHT_PANIC 16

// gomap_maptype.flags: cells without an entry may hold anything, where Go's hold zeroes. Only for keys and elems that are
// stored inline and hold no pointers, and not beside a path to a word. gomap_maptype_init never sets
// it; crate gomap does for its typed maps.
#define GOMAP_DIRTY_CELLS 32

// Bytes of a bucket before its keys: the tophash row.
#define GOMAP_DATA_OFFSET GOMAP_BUCKET_CNT

// gomap_hmap.flags: an iterator may be using buckets.
#define gomap_iterator 1

// gomap_hmap.flags: an iterator may be using oldbuckets.
#define gomap_oldIterator 2

// gomap_hmap.flags: a write is under way.
#define gomap_hashWriting 4

// gomap_hmap.flags: the growth under way keeps the number of buckets.
#define gomap_sameSizeGrow 8

// Tophash of a cell that is empty, as are all after it in the chain.
#define gomap_emptyRest 0

// Tophash of a cell that is empty.
#define gomap_emptyOne 1

// Tophash of an old cell whose entry moved to the low half of the new array.
#define gomap_evacuatedX 2

// Tophash of an old cell whose entry moved to the high half of the new array.
#define gomap_evacuatedY 3

// Tophash of an old cell that was empty when its bucket was evacuated.
#define gomap_evacuatedEmpty 4

// The smallest tophash of a cell with an entry.
#define gomap_minTopHash 5



// The result of a function of the plain style. Errors are negative; after one, the map is as it
// was before the call.
enum gomap_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Done.
  GOMAP_OK = 0,
  // Not an error: there is no such entry, or no further one.
  GOMAP_NONE = 1,
  // The heap has no memory.
  GOMAP_NO_MEMORY = -1,
  // A pointer is NULL, or leads to a map or descriptor that was not made or was freed.
  GOMAP_NULL = -2,
  // A pointer is not aligned to what it points to.
  GOMAP_MISALIGNED = -3,
  // A type cannot be used like this; the message says why.
  GOMAP_BAD_TYPE = -4,
  // The map is being written to: the call comes from within another one, or from another thread.
  GOMAP_BUSY = -5,
  // A callback of a gomap_fallible reported failure.
  GOMAP_FAILED = -6,
  // A hash, a heap hook or glue panicked. If it was glue, a function that discards values
  // (gomap_put, gomap_remove, gomap_clear, gomap_free, the iterators) has discarded them
  // nevertheless.
  GOMAP_PANICKED = -7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gomap_status gomap_status;
#else
typedef int32_t gomap_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Which release of Go the map follows where releases differ; docs/lineage.md lists every
// difference.
enum gomap_era
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The document's: Go 1.11 to 1.13.
  GOMAP_ERA_GO112 = 0,
  // Go 1.19, the default.
  GOMAP_ERA_GO119 = 1,
  // Go 1.22 and 1.23, the last of the classic map.
  GOMAP_ERA_GO123 = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gomap_era gomap_era;
#else
typedef uint8_t gomap_era;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// How the values of a type are compared, as far as the map makes use of it.
enum gomap_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Compared by the functions in gomap_type.alg; nothing else is known.
  GOMAP_KIND_OPAQUE = 0,
  // Equal when all bytes are equal, every one of which is initialised.
  GOMAP_KIND_MEMORY = 1,
  // A pointer and a length, equal when the bytes pointed to are equal.
  GOMAP_KIND_STRING = 2,
  // IEEE 754 binary32.
  GOMAP_KIND_FLOAT32 = 3,
  // IEEE 754 binary64.
  GOMAP_KIND_FLOAT64 = 4,
  // Two binary32.
  GOMAP_KIND_COMPLEX64 = 5,
  // Two binary64.
  GOMAP_KIND_COMPLEX128 = 6,
  // A pointer to a gomap_type and a pointer to a value of it.
  GOMAP_KIND_INTERFACE = 7,
  // A fixed number of elements of one type.
  GOMAP_KIND_ARRAY = 8,
  // Fields of several types.
  GOMAP_KIND_STRUCT = 9,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gomap_kind gomap_kind;
#else
typedef uint8_t gomap_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Which shortcuts the map functions take. All but gomap_path.Generic imply keys and elems that are
// stored inline; all but this one and gomap_path.GenericToWord also imply the default hash.
//
// A path to a word implies more: elems have the size of a pointer, neither keys nor elems have
// drop glue, both are copied and zeroed without the heap's barriers (it has none, or they hold no
// pointers), and GOMAP_DIRTY_CELLS is not set.
enum gomap_path
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Hash and equality of the descriptor.
  GOMAP_PATH_GENERIC = 0,
  // Four bytes of plain memory.
  GOMAP_PATH_MEMORY32 = 1,
  // Eight bytes of plain memory.
  GOMAP_PATH_MEMORY64 = 2,
  // Strings.
  GOMAP_PATH_STRING = 3,
  // Plain memory of more than eight bytes.
  GOMAP_PATH_MEMORY = 4,
  // gomap_path.Memory32, with elems of one word.
  GOMAP_PATH_MEMORY32_TO_WORD = 5,
  // gomap_path.Memory64, with elems of one word.
  GOMAP_PATH_MEMORY64_TO_WORD = 6,
  // gomap_path.String, with elems of one word.
  GOMAP_PATH_STRING_TO_WORD = 7,
  // gomap_path.Memory, with elems of one word.
  GOMAP_PATH_MEMORY_TO_WORD = 8,
  // gomap_path.Generic, with elems of one word.
  GOMAP_PATH_GENERIC_TO_WORD = 9,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gomap_path gomap_path;
#else
typedef uint8_t gomap_path;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Turns the bytewise copy at value into an independent value (raises a reference count,
// duplicates a buffer). ty as in gomap_hash_fn.
//
// If it unwinds, the bytes are no value, and are forgotten.
typedef void (*gomap_copy_fn)(void *value, const gomap_type *ty);

// Drops the value at value; its bytes are not used again. ty as in gomap_hash_fn.
//
// If it unwinds, the value counts as dropped.
typedef void (*gomap_drop_fn)(void *value, const gomap_type *ty);

// Whether the values at a and b are equal. ty as in gomap_hash_fn. It may unwind.
typedef bool (*gomap_equal_fn)(const void *a, const void *b, const gomap_type *ty);

// Hashes the value at key under seed. ty is the type the function was found in, so that one
// function can serve many types (through gomap_type.context).
//
// Equal values must have equal hashes under the same seed. It may unwind.
typedef size_t (*gomap_hash_fn)(const void *key, size_t seed, const gomap_type *ty);

// Hash and equality that can report failure. The plain style turns it into GOMAP_FAILED and
// leaves the map as it was. In the runtime style such keys have no place: failure would unwind as
// a Rust panic.
typedef struct gomap_fallible {
  // Stores the hash of the key under seed in hash and returns 0; anything else is a failure.
  int (*hash)(const void *key, size_t seed, void *context, size_t *hash);
  // 1 where the keys are equal, 0 where they are not; negative: a failure.
  int (*equal)(const void *a, const void *b, void *context);
  // Passed to both functions.
  void *context;
} gomap_fallible;

// A collector's write barriers. Each performs the write itself, as well as whatever the collector
// needs.
//
// Duties of every barrier:
// 1. The write is done when it returns. If it unwinds, it was not done.
// 2. What is overwritten was put there by the map, or is null; it may be looked at.
// 3. While a collector marks in steps, what is written is marked (an insertion barrier): the map
//    moves entries from arrays that mapscan has yet to pass to others that it has passed, or
//    never will.
typedef struct gomap_barriers {
  // Copies one value of ty from src to dst, which do not overlap. Called only for types
  // with pointers.
  void (*typedmemmove)(const struct gomap_heap *heap, const gomap_type *ty, void *dst, const void *src);
  // Stores value in the pointer slot slot. Both may point into the middle of an allocation,
  // and value may be null.
  //
  // 1. The store is atomic (release) where several threads read a map at once: while the first
  //    iterator of a map begins, others may load the slot, which then holds value already.
  void (*store_pointer)(const struct gomap_heap *heap, void **slot, void *value);
  // Zeroes size bytes, of which some hold pointers.
  void (*memclr_has_pointers)(const struct gomap_heap *heap, void *memory, size_t size);
} gomap_barriers;

// The document's raceenabled and msanenabled call-outs: called before an operation reads or
// writes a map or a key (crate gomap, feature observe).
typedef struct gomap_observer {
  // A map (its hmap) or a key is about to be read; size bytes at memory.
  void (*read)(const struct gomap_heap *heap, const void *memory, size_t size);
  // A map (its hmap) is about to be written.
  void (*write)(const struct gomap_heap *heap, const void *memory, size_t size);
} gomap_observer;

// What a host runtime provides: memory, randomness, write barriers, an end for programs that
// misuse a map.
//
// A table of functions that every gomap_maptype points to. Each function receives
// the table itself, so that it finds gomap_heap.context. Rust programs make one from the trait
// Host of crate gomap.
//
// A heap with free is owned: the map frees its memory. A heap without is
// traced: a collector frees what nothing refers to.
//
// Duties of every hook:
// 1. It may read a map that an operation is being done on, as a collector does. It must not write
//    to it, and must not move, free or reuse memory of it: collectors that do so run between
//    operations.
// 2. It may unwind only where its type is extern "C-unwind". The operation then ends early, and
//    the map is whole.
// 3. It may be called by every thread that uses a map of this heap, at the same time.
// 4. The table stays where it is, and unchanged, for as long as a map that was made with it lives.
//
// Duties of the host of a traced heap:
// The map does not know which of its iterators are alive.
// 1. Before a map is freed (mapfree, which runs its drop glue), its iterators have ended, or are
//    never used again.
// 2. Drop glue keeps what hash and equality read of a value until the collector frees it: an
//    iterator may meet a value after it was deleted, replaced or cleared.
typedef struct gomap_heap {
  // For the functions of this table.
  void *context;
  // Allocates size bytes (never 0; size + align is at most isize::MAX) for one or more
  // consecutive values of ty, or returns null.
  //
  // 1. The memory is zeroed, aligned to align, and nothing else uses it. It may hold anything
  //    where ty is DIRTY_BUCKETS of crate gomap.
  // 2. Null means that there is no memory; the operation returns an error, or throws, and
  //    changes nothing.
  // 3. A traced heap keeps it at least until the operation that asked for it has ended,
  //    reachable or not: the map holds it in places that no collector sees. Between operations,
  //    what is reachable from a map is live.
  // 4. A collector may run in this hook only if it moves and frees no memory of a map: otherwise
  //    it would have to see the native stack. Others note that they are due, and run at the next
  //    safepoint after the operation.
  // 5. ty is a type of the descriptor (a bucket, a boxed key or elem) or one of those that
  //    crate gomap names for its own structs. A bucket's ptrdata says whether there are
  //    pointers in it, not where: mapscan does.
  void *(*allocate)(const struct gomap_heap *heap, size_t size, size_t align, const gomap_type *ty);
  // Takes back what allocate gave, with the same size and alignment. Absent in a traced heap.
  //
  // 1. The memory is not used again by the map; it may hold anything.
  void (*free)(const struct gomap_heap *heap, void *memory, size_t size, size_t align);
  // Gives back to the system the pages that are wholly within size bytes of allocated memory.
  // Absent where memory is only given back as a whole.
  //
  // 1. The memory stays allocated, and those pages read as zeroes.
  // 2. The bytes outside of those pages stay as they are. The memory begins and ends anywhere: a
  //    hook that asks the system rounds to the system's pages, up at the start and down at the
  //    end, and does nothing where no page is left.
  // 3. A heap that has it is owned, and provides memory by the page: what was never touched
  //    costs nothing.
  void (*release)(const struct gomap_heap *heap, void *memory, size_t size);
  // Populates the pages of size bytes of allocated memory, which are still zeroes: a bucket
  // array of 64 KiB or more that a growth is about to fill, or a part of one. May be absent.
  //
  // 1. No byte changes. The memory begins and ends anywhere; pages that are partly outside can
  //    be left.
  void (*populate)(const struct gomap_heap *heap, void *memory, size_t size);
  // The usable bytes that the host's allocator returns for a request of size: a bucket array
  // is as long as they allow. Null: the size classes of the Go release in gomap_heap.era.
  //
  // 1. The answer is at least size, and always the same for the same arguments: the map asks
  //    again.
  size_t (*roundupsize)(const struct gomap_heap *heap, size_t size, bool pointer_free);
  // A random number; the map uses the low half for hash seeds.
  //
  // 1. Any number is valid; the map is only as unpredictable as the numbers are.
  uint64_t (*random)(const struct gomap_heap *heap);
  // Reports a misuse that cannot be survived ("concurrent map writes"), and ends the program.
  //
  // 1. It does not return. If it unwinds (a test's heap), the map must not be used again.
  void (*throw_)(const struct gomap_heap *heap, const void *message, size_t len);
  // Reports a recoverable misuse ("assignment to entry in nil map") by unwinding.
  //
  // 1. It does not return.
  void (*panic)(const struct gomap_heap *heap, const void *message, size_t len);
  // Write barriers of a collector that marks while the program runs; null without one. They must
  // not be added after a descriptor was made without them.
  const struct gomap_barriers *barriers;
  // Listeners of race and memory checkers; null without one.
  const struct gomap_observer *observer;
  // The release of Go to follow.
  gomap_era era;
} gomap_heap;

// Hash and equality of a type: the document's typeAlg.
typedef struct gomap_alg {
  // Absent in a type that cannot be a key.
  gomap_hash_fn hash;
  // Absent in a type that cannot be a key.
  gomap_equal_fn equal;
} gomap_alg;

// A type of keys or elems, known at run time, as plain data: size, alignment, pointer words, hash,
// equality, drop glue. A host can build one in static memory;
// gomap_maptype_init checks it.
typedef struct gomap_type {
  // Bytes of a value.
  size_t size;
  // Bytes of the prefix that can hold pointers; 0 for a pointer-free type.
  size_t ptrdata;
  // Alignment in bytes, a power of two.
  uint32_t align;
  // How values are compared.
  gomap_kind kind;
  // Whether gomap_alg.hash is the default hash of alg, which the map may then
  // inline together with the equality of the kind. gomap_maptype_init ignores
  // it if the functions are others.
  bool default_hash;
  // The flags that a map takes from its key type: GOMAP_REFLEXIVE_KEY, GOMAP_NEED_KEY_UPDATE,
  // GOMAP_HASH_MIGHT_PANIC.
  uint32_t key_flags;
  // One bit a word, lowest first, for the words in ptrdata: 1 where it is a pointer. Null when
  // all of them are.
  const void *gcdata;
  // Hash and equality.
  struct gomap_alg alg;
  // Run when the map discards a value; absent for plain data.
  gomap_drop_fn drop;
  // Run by mapclone on each copied value; absent for plain data.
  gomap_copy_fn copy;
  // For the functions above: what they need (fields, a closure, an interpreter).
  const void *context;
  // The name, in UTF-8, for messages.
  const void *name;
  // Bytes of the name.
  size_t name_len;
} gomap_type;

// The descriptor of a map type, which every map function takes: the document's maptype.
//
// A map's descriptor must give the same sizes, flags, hash and equality for as long as the map
// lives. The types and the heap that it points to must outlive every map made with it.
typedef struct gomap_maptype {
  // The key type.
  const gomap_type *key;
  // The elem type.
  const gomap_type *elem;
  // Where memory, randomness and barriers come from.
  const struct gomap_heap *heap;
  // What a miss reads: at least elem.size zero bytes, aligned for an elem.
  const void *zero;
  // The type of a bucket. bucket.ptrdata is 0 when neither slot holds a pointer: the overflow
  // word does not count.
  struct gomap_type bucket;
  // Bytes of a key slot.
  uint8_t keysize;
  // Bytes of an elem slot.
  uint8_t elemsize;
  // Bytes of a bucket.
  uint16_t bucketsize;
  // GOMAP_INDIRECT_KEY, GOMAP_INDIRECT_ELEM, GOMAP_REFLEXIVE_KEY, GOMAP_NEED_KEY_UPDATE,
  // GOMAP_HASH_MIGHT_PANIC, GOMAP_DIRTY_CELLS.
  uint32_t flags;
  // What the map functions need not ask.
  gomap_path path;
} gomap_maptype;

// Go's bmap: the part of a bucket that every map type shares. Eight key slots, eight elem slots
// and the pointer to the next bucket of the chain follow it.
typedef struct gomap_bmap {
  // The top byte of each key's hash, or the state of the cell.
  uint8_t tophash[GOMAP_BUCKET_CNT];
} gomap_bmap;

// Go's []*bmap.
typedef struct gomap_bmap_slice {
  // The first pointer.
  struct gomap_bmap **array;
  // Pointers in use.
  size_t len;
  // Pointers allocated.
  size_t cap;
} gomap_bmap_slice;

// Go's mapextra.
typedef struct gomap_mapextra {
  // All overflow buckets of buckets, where buckets hold no pointers.
  struct gomap_bmap_slice *overflow;
  // All overflow buckets of oldbuckets, where buckets hold no pointers.
  struct gomap_bmap_slice *oldoverflow;
  // The next preallocated overflow bucket that is free.
  struct gomap_bmap *nextOverflow;
} gomap_mapextra;

// Go's hmap: the header of a map.
typedef struct gomap_hmap {
  // Entries. First, because len is a plain load.
  ptrdiff_t count;
  // iterator, oldIterator, hashWriting, sameSizeGrow.
  uint8_t flags;
  // Binary logarithm of the number of buckets.
  uint8_t B;
  // Overflow buckets; approximate from B 16 on.
  uint16_t noverflow;
  // The hash seed.
  uint32_t hash0;
  // 2^B buckets; null while nothing was stored at B 0.
  struct gomap_bmap *buckets;
  // The previous bucket array, while the map grows.
  struct gomap_bmap *oldbuckets;
  // Old buckets below this are evacuated.
  size_t nevacuate;
  // What not every map has.
  struct gomap_mapextra *extra;
} gomap_hmap;

// A map and its descriptor. A zeroed handle has no map: gomap_len and gomap_free accept it,
// gomap_new and gomap_clone fill one in; all others, and gomap_clone as its source, return
// GOMAP_NULL.
//
// A handle may be moved, and copied as long as only one of the copies is given to gomap_free.
// Functions of the runtime style take type and hmap.
typedef struct gomap_map {
  // The descriptor.
  const struct gomap_maptype *type;
  // The map itself.
  struct gomap_hmap *hmap;
} gomap_map;

// Go's hiter: an iteration in progress. The first two fields are what the caller reads.
typedef struct gomap_hiter {
  // The key; null at the end.
  void *key;
  // The elem.
  void *elem;
  // The map's descriptor.
  const struct gomap_maptype *t;
  // The map; null when it was empty at the start.
  struct gomap_hmap *h;
  // The bucket array at the start.
  struct gomap_bmap *buckets;
  // The bucket last looked at.
  struct gomap_bmap *bptr;
  // Keeps the overflow buckets of buckets alive.
  struct gomap_bmap_slice *overflow;
  // Keeps the overflow buckets of the old array alive.
  struct gomap_bmap_slice *oldoverflow;
  // The bucket that the iteration started at.
  size_t startBucket;
  // The cell that each bucket is started at.
  uint8_t offset;
  // Whether the last bucket was passed.
  bool wrapped;
  // B at the start.
  uint8_t B;
  // The next cell of bptr.
  uint8_t i;
  // The bucket to visit next.
  size_t bucket;
  // The bucket whose keys alone count, in an old bucket that will be split; else noCheck.
  size_t checkBucket;
} gomap_hiter;

// An iteration. It may be copied only before its first step.
typedef struct gomap_iter {
  // The map to begin on; zeroes from the first step on.
  struct gomap_map map;
  // Where the iteration is.
  struct gomap_hiter hiter;
  // gomap_mapiterclears at the first step.
  uint64_t clears;
} gomap_iter;

// A position in a map as plain data. gomap_position.next says which changes of the map it survives.
// Zeroes are the start.
//
//
// use gomap::Map;
// use gomap::position::Position;
//
// let stock = Map::from([("apples", 3), ("pears", 7)]);
// let mut position = Position::START;
// let first = stock.next_entry(&mut position);
// // A copy goes on from the same entry.
// let mut copy = position;
// assert_eq!(stock.next_entry(&mut position), stock.next_entry(&mut copy));
// assert_ne!(first, None);
//
typedef struct gomap_position {
  // The rank of the last entry visited; if passed is 0, the lowest rank to visit.
  size_t rank;
  // Entries of this rank that were visited.
  uint32_t passed;
  // Entries of this rank that were not.
  uint32_t left;
} gomap_position;

// An elem, and whether the key is in the map.
typedef struct gomap_lookup {
  // The elem, or the zero value.
  void *elem;
  // Whether the key is in the map.
  bool found;
} gomap_lookup;

// Where a key and its elem are stored.
typedef struct gomap_entry {
  // The key; NULL if there is none.
  void *key;
  // The elem; NULL if there is none.
  void *elem;
} gomap_entry;

// What an assignment found or made.
typedef struct gomap_assigned {
  // The elem: the caller stores there. It is zeroed where the key is new.
  void *elem;
  // Whether the map had the key already. elem then holds the old value, which the caller must
  // drop or overwrite.
  bool existed;
  // Whether the map took over the bytes at key: always for a new key, and for an existing one
  // where the type needs key updates (unless the update takes memory and there is none: then the
  // map keeps the equal key that it had).
  bool key_taken;
} gomap_assigned;

// The header of a Go string. It borrows the bytes.
typedef struct gomap_string {
  // The first byte; anything, also null, where len is 0.
  const void *data;
  // Bytes.
  size_t len;
} gomap_string;

// An gomap_hiter for a traced heap, with what a collector also needs.
//
// An iterator may be in a chain of the array that the map was growing from; when the growth ends, the
// hiter's pointer into the middle of that array is the only one left. Collectors that find the start of an object by
// themselves (Go's, conservative ones) need no more than the hiter. For the others this keeps the start.
//
// Store it where the collector finds it together with its map, and add it to every scan
// of the map until it has ended.
typedef struct gomap_traced_iter {
  // The iterator. Its key and elem are to be read before the next safepoint: a scan does not
  // follow them, and leaves null there.
  struct gomap_hiter it;
  // The old array whose chain it.bptr is in; null if there is none.
  struct gomap_bmap *old;
  // Its B.
  uint8_t old_B;
  // Whether a scan has set it.key to null since the last step.
  bool scanned;
} gomap_traced_iter;

// A piece of memory that the map got from gomap_heap.allocate.
typedef struct gomap_allocation {
  // Size in bytes.
  size_t size;
  // Alignment in bytes.
  size_t align;
  // The type that it was allocated for.
  const gomap_type *ty;
} gomap_allocation;

// What a collector does with what a scan finds. Slots never hold NULL.
typedef struct gomap_visitor {
  // Passed to both functions.
  void *context;
  // slot holds the address of memory that the map allocated: store the address there that it
  // will have after the collection. Returns where its contents can be read and written now, or
  // NULL to skip them, as they were visited before.
  void *(*memory)(void *context, void **slot, const struct gomap_allocation *memory);
  // slot is a word of a key or an elem that holds a pointer of the host's: store the address
  // there that its target will have. A slot may be shown more than once.
  void (*pointer)(void *context, void **slot);
} gomap_visitor;

// A scan of one map, which can stop after any step and continue later. It is plain data: it may be
// abandoned at any time, and begun again.
typedef struct gomap_scan {
  void *state[32];
} gomap_scan;

// The header of a Go slice of bytes.
typedef struct gomap_slice {
  // The first byte; anything, also null, where len is 0.
  const void *data;
  // Bytes that count.
  size_t len;
  // Bytes that there is room for; it takes no part in equality.
  size_t cap;
} gomap_slice;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// bool.
extern const gomap_type gomap_type_bool;

// int8_t.
extern const gomap_type gomap_type_int8;

// uint8_t.
extern const gomap_type gomap_type_uint8;

// int16_t.
extern const gomap_type gomap_type_int16;

// uint16_t.
extern const gomap_type gomap_type_uint16;

// int32_t.
extern const gomap_type gomap_type_int32;

// uint32_t.
extern const gomap_type gomap_type_uint32;

// int64_t.
extern const gomap_type gomap_type_int64;

// uint64_t.
extern const gomap_type gomap_type_uint64;

// 16 bytes, aligned to the word.
extern const gomap_type gomap_type_uint128;

// int.
extern const gomap_type gomap_type_int;

// unsigned.
extern const gomap_type gomap_type_uint;

// Go's int, as long as a pointer: ptrdiff_t.
extern const gomap_type gomap_type_go_int;

// Go's uint, as long as a pointer: size_t.
extern const gomap_type gomap_type_go_uint;

// uintptr_t: an address that no collector follows.
extern const gomap_type gomap_type_uintptr;

// void *, compared by address.
extern const gomap_type gomap_type_pointer;

// float: zeroes of both signs are one key, no NaN equals another.
extern const gomap_type gomap_type_float32;

// double: zeroes of both signs are one key, no NaN equals another.
extern const gomap_type gomap_type_float64;

// float _Complex.
extern const gomap_type gomap_type_complex64;

// double _Complex.
extern const gomap_type gomap_type_complex128;

// gomap_string: pointer and length, equal when the bytes are. The map does not own the
// bytes: they must live as long as the entry, and as an iteration that began before the entry
// was removed. Overwriting an entry stores the new pointer.
extern const gomap_type gomap_type_string;

// gomap_slice: as gomap_type_string, with a capacity that takes no part in equality.
extern const gomap_type gomap_type_slice;

// A const char *, never NULL, equal when the strings are. The bytes stay the caller's: they must
// live as long as the entry, and as an iteration that began before the entry went. Overwriting an
// entry takes the new pointer.
extern const gomap_type gomap_type_cstring;

// The version of the library that is running, as GOMAP_VERSION gives that of the header.
const char *gomap_version(void);

// What a status means, in a few words: a static string. Any number is accepted.
const char *gomap_strerror(int32_t status);

// A type of size bytes that are all hashed and compared: fixed-size identifiers, structs without
// padding. Every byte of a key must be initialised.
//
// Safety:
// out may be written.
gomap_status gomap_type_init_memory(size_t size, size_t align, gomap_type *out);

// A type of size bytes without hash and equality: good for elems.
//
// Safety:
// out may be written.
gomap_status gomap_type_init_plain(size_t size, size_t align, gomap_type *out);

// A key type with the caller's hash and equality. Both find context in the type that they are
// passed. Set key_flags afterwards if a key may differ from itself, or from an equal one in ways
// that matter.
//
// Safety:
// The functions, and what they need, outlive every map of this key type; out may be written.
gomap_status gomap_type_init_opaque(size_t size,
                                    size_t align,
                                    gomap_hash_fn hash,
                                    gomap_equal_fn equal,
                                    const void *context,
                                    gomap_type *out);

// A key type whose hash and equality can fail. The hash is called even when the map is empty, so
// that an unhashable key is always reported.
//
// Safety:
// The struct at callbacks is not copied: it, and what its functions need, outlive every map of
// this key type; out may be written.
gomap_status gomap_type_init_fallible(size_t size,
                                      size_t align,
                                      const struct gomap_fallible *callbacks,
                                      gomap_type *out);

// Computes the descriptor of maps from key to elem. heap NULL means the system heap.
//
// On an error nothing is stored in out, and a sentence that names the field is stored in
// message (NULL, or room for message_size bytes), NUL-terminated and truncated.
// GOMAP_BAD_TYPE: a size that is not a multiple of its alignment, an alignment that is not a
// power of two, misplaced pointer words, a key without hash or equality, and the like.
//
// Safety:
// Each pointer is NULL or leads to what its type says. The types and the heap neither move nor
// change while the descriptor or a map of it is used; out may be written.
gomap_status gomap_maptype_init(const gomap_type *key,
                                const gomap_type *elem,
                                const struct gomap_heap *heap,
                                struct gomap_maptype *out,
                                char *message,
                                size_t message_size);

// gomap_maptype_init in allocated memory, with copies of the two types: the caller's need not
// live on. Freed by gomap_maptype_free.
//
// Safety:
// Each pointer is NULL or leads to what its type says. The heap, and what the types refer to, live
// while the descriptor or a map of it is used; out may be written.
gomap_status gomap_maptype_new(const gomap_type *key,
                               const gomap_type *elem,
                               const struct gomap_heap *heap,
                               struct gomap_maptype **out,
                               char *message,
                               size_t message_size);

// Frees a descriptor of gomap_maptype_new; NULL is accepted.
//
// Safety:
// t is NULL or came from gomap_maptype_new; no map or iterator of it is left.
void gomap_maptype_free(struct gomap_maptype *t);

// Sets how many bytes of freed bucket arrays the system heap may keep for later arrays, and gives
// back what exceeds them: everything where bytes is 0. The default is two megabytes, in at most
// sixteen pieces of 16 KiB to 1 MiB, and none where valgrind or a sanitizer watches the process.
// Everything is given back when the library is unloaded.
void gomap_keep_freed(size_t bytes);

// Seeds the random numbers of the system heap, for runs that must repeat: the seeds of its maps,
// and where iterations begin, follow from seed from now on, in this thread and in those that
// draw their first number later. (gomap_set_process_key decides the rest of the default hash.)
void gomap_seed(uint64_t seed);

// The system heap (malloc, randomness of the operating system, abort) in one of the eras; NULL
// if there is no such era. Copy it to replace some of its functions: with allocate, replace
// free, release and populate too.
//
// For bucket arrays of four megabytes and more it asks the system for huge pages.
const struct gomap_heap *gomap_system_heap(uint8_t era);

// gomap_system_heap without huge pages.
const struct gomap_heap *gomap_system_heap_with_small_pages(uint8_t era);

// The default hash of n bytes. Hash several parts of a key by passing the hash of one as the
// seed of the next.
//
// Safety:
// n bytes can be read at p; NULL is accepted where n is 0.
size_t gomap_memhash(const void *p, size_t seed, size_t n);

// The default hash of one word.
size_t gomap_hash_word(uint64_t x, size_t seed);

// Makes key the process's part of the default hash, for runs that must repeat. Returns false,
// and changes nothing, once a first hash or descriptor has drawn one at random.
bool gomap_set_process_key(uint64_t key);

// Makes a map with room for hint entries. A hint that no address space could hold counts as 0.
//
// Safety:
// type is NULL or leads to a descriptor that outlives the map; out may be written.
gomap_status gomap_new(const struct gomap_maptype *type, size_t hint, struct gomap_map *out);

// Frees the map and zeroes the handle. NULL and a handle without a map are accepted. Drop glue
// runs for every key and elem; through a copy of the handle the map is busy meanwhile. Iterations
// that are under way end: for each map with one that is neither stepped nor ended, a header of
// some fifty bytes stays allocated.
//
// Safety:
// map is NULL or leads to a handle that is not used meanwhile.
gomap_status gomap_free(struct gomap_map *map);

// How many entries there are: 0 also for NULL and for a handle without a map.
//
// Safety:
// map is NULL or leads to a handle; nothing writes to the map meanwhile.
size_t gomap_len(const struct gomap_map *map);

// Looks up key. Stores where its elem is in out, NULL where there is none (GOMAP_NONE).
// out may be NULL.
//
// The elem stays there until the next write to the map; until then it may be read and written.
//
// Safety:
// map is NULL or leads to a handle, key is NULL or leads to a key; nothing writes to the map
// meanwhile.
gomap_status gomap_get(const struct gomap_map *map, const void *key, void **out);

// Removes the entry of key, and runs drop glue for its key and elem; GOMAP_NONE if there is
// none.
//
// Safety:
// map is NULL or leads to a handle, key is NULL or leads to a key, which may be in the map;
// nothing else uses the map meanwhile.
gomap_status gomap_remove(const struct gomap_map *map, const void *key);

// Removes all entries, and runs drop glue for each key and elem once the map is empty. The memory
// of the buckets stays. Iterations that are under way end.
//
// Safety:
// map is NULL or leads to a handle; nothing else uses the map meanwhile.
gomap_status gomap_clear(const struct gomap_map *map);

// Makes another map with the same entries, and runs copy glue for each key and elem. A type with
// drop glue but without copy glue cannot be cloned: GOMAP_BAD_TYPE.
//
// Safety:
// map is NULL or leads to a handle; nothing writes to the map meanwhile; out may be written.
gomap_status gomap_clone(const struct gomap_map *map, struct gomap_map *out);

// Stores the bytes at elem as the elem of key. After GOMAP_OK the map owns both values: drop
// glue runs for the elem that was there before, and for the key given if the map keeps the equal
// one that it had. After an error the caller still owns both.
//
// Safety:
// map is NULL or leads to a handle, key is NULL or leads to a key, which is in the map only
// if its type has no drop glue, elem is NULL or leads to an elem outside the map; nothing else
// uses the map meanwhile.
gomap_status gomap_put(const struct gomap_map *map, const void *key, const void *elem);

// Stores where the elem of key is in out; if there is none, inserts one of zero bytes. Whether
// there was one is stored in existed (may be NULL). After GOMAP_OK the map owns the key, as
// after gomap_put.
//
// The elem stays there until the next write to the map; until then it may be read and written.
// So drop glue of a key that runs during this call must not use the map (GOMAP_BUSY).
//
// Safety:
// map is NULL or leads to a handle, key is NULL or leads to a key; nothing else uses the map
// meanwhile; out and existed may be written.
gomap_status gomap_slot(const struct gomap_map *map, const void *key, void **out, bool *existed);

// Initialises an iteration. It begins with the first gomap_iter_next, at a random place.
//
// The map may be changed between steps. An entry that is in the map throughout is visited exactly
// once, one that is removed before its turn is not visited, one that is inserted meanwhile is
// visited once or not at all. Clearing or freeing the map ends the iteration.
//
// Safety:
// map is NULL or leads to a handle; out may be written.
gomap_status gomap_iter_init(const struct gomap_map *map, struct gomap_iter *out);

// Goes to the next entry, and stores where its key and its elem are (key and elem may be
// NULL). They stay there until the next write to the map. GOMAP_NONE at the end, which also ends
// the iteration.
//
// Safety:
// iter is NULL, initialised by gomap_iter_init, or zeroed; its map was not freed before the
// first step; nothing writes to the map meanwhile; key and elem may be written.
gomap_status gomap_iter_next(struct gomap_iter *iter, const void **key, void **elem);

// Ends an iteration before its last entry, so that the map need not keep what it discards. Does
// nothing if it has ended, or iter is NULL.
//
// Safety:
// iter is NULL, initialised by gomap_iter_init, or zeroed; nothing writes to the map
// meanwhile.
gomap_status gomap_iter_done(struct gomap_iter *iter);

// Goes to the next entry by a position. A position is plain data: it can be copied, kept while the
// map changes, and forgotten. It begins as zeroes, and is used with one map. Stores where the key
// and the elem are (key and elem may be NULL); GOMAP_NONE at the end. A step costs more than
// one of gomap_iter_next: it hashes some keys.
//
// An entry that is in the map throughout is visited exactly once; but of keys with the very same
// hash, some may be visited twice if others are inserted or removed meanwhile.
//
// Safety:
// map is NULL or leads to a handle; nothing writes to the map meanwhile; position, key and
// elem may be written.
gomap_status gomap_position_next(const struct gomap_map *map,
                                 struct gomap_position *position,
                                 const void **key,
                                 void **elem);

// Calls visit with each entry, in memory order: several times as fast as an iteration, for loops
// that change nothing but elems. The order reveals something about hashes: do not show it to those
// who choose the keys.
//
// Safety:
// map is NULL or leads to a handle; nothing, visit included, writes to the map before this
// returns; visit does not unwind.
gomap_status gomap_for_each(const struct gomap_map *map,
                            void (*visit)(const void *key, void *elem, void *context),
                            void *context);

// Makes a map with room for hint entries: in the zeroed h, or in memory of the heap where h
// is NULL. A hint that is negative or beyond the address space counts as 0. Throws when there is
// no memory.
//
// Safety:
// t is valid; h is NULL or holds no map.
struct gomap_hmap *gomap_makemap(const struct gomap_maptype *t, ptrdiff_t hint, struct gomap_hmap *h);

// gomap_makemap with a hint of 64 bits on every platform.
//
// Safety:
// As gomap_makemap.
struct gomap_hmap *gomap_makemap64(const struct gomap_maptype *t, int64_t hint, struct gomap_hmap *h);

// gomap_makemap without a hint, in memory of the heap.
//
// Safety:
// As gomap_makemap.
struct gomap_hmap *gomap_makemap_small(const struct gomap_maptype *t);

// gomap_makemap, returning NULL where that throws.
//
// Safety:
// As gomap_makemap.
struct gomap_hmap *gomap_try_makemap(const struct gomap_maptype *t, ptrdiff_t hint, struct gomap_hmap *h);

// The elem of key, or the zero value; never NULL. Unwinds if hashing or comparing keys does; the
// hash is called for an empty or NULL map too if it might panic.
//
// Safety:
// t is valid; h is of t; key is a key; shared. Where there is no such entry,
// nothing may be written to the result.
void *gomap_mapaccess1(const struct gomap_maptype *t, const struct gomap_hmap *h, const void *key);

// gomap_mapaccess1, and whether the key is in the map.
//
// Safety:
// As gomap_mapaccess1.
struct gomap_lookup gomap_mapaccess2(const struct gomap_maptype *t, const struct gomap_hmap *h, const void *key);

// The stored key that equals key, and its elem.
//
// Safety:
// As gomap_mapaccess1.
struct gomap_entry gomap_mapaccessK(const struct gomap_maptype *t, const struct gomap_hmap *h, const void *key);

// Looks up the n keys of the array keys, and stores pointers to their elems in the array
// elems: NULL for each key that is not in the map. Where the map is larger than the L2 cache, a
// call with hundreds of keys is about twice as fast as one lookup after another.
//
// Safety:
// t is valid; h is of t; keys points to n adjacent keys, elems to room for n
// pointers; shared.
void gomap_mapaccess_many(const struct gomap_maptype *t,
                          const struct gomap_hmap *h,
                          const void *keys,
                          size_t n,
                          void **elems);

// gomap_mapaccess1 with the caller's own zero value.
//
// Safety:
// As gomap_mapaccess1.
void *gomap_mapaccess1_fat(const struct gomap_maptype *t,
                              const struct gomap_hmap *h,
                              const void *key,
                              void *zero);

// gomap_mapaccess2 with the caller's own zero value.
//
// Safety:
// As gomap_mapaccess1.
struct gomap_lookup gomap_mapaccess2_fat(const struct gomap_maptype *t,
                                         const struct gomap_hmap *h,
                                         const void *key,
                                         void *zero);

// The place to store the elem of key in; the key is inserted if need be. Throws when there is no
// memory. Unwinds ("assignment to entry in nil map") where h is NULL, and if hashing or
// comparing keys does; the map is then as it was.
//
// The bytes there are the present elem, or zeroes. If the types have drop glue, use
// gomap_try_mapassign: it tells which.
//
// Safety:
// t is valid; h is of t; key is a key; exclusive.
void *gomap_mapassign(const struct gomap_maptype *t, struct gomap_hmap *h, const void *key);

// gomap_mapassign, returning GOMAP_NO_MEMORY where that throws, with the map as it was; and
// what was found.
//
// Safety:
// As gomap_mapassign; out may be written.
gomap_status gomap_try_mapassign(const struct gomap_maptype *t,
                                 struct gomap_hmap *h,
                                 const void *key,
                                 struct gomap_assigned *out);

// Inserts or updates the n keys of the array keys, with elems copied from the array elems,
// and returns how many were stored: less than n where memory ran out. The elem type must have no
// drop glue; of a key type with drop glue, the caller must know which keys the map takes over, as
// with gomap_try_mapassign. If a callback unwinds, some or all of the keys before the one at
// fault are stored, in order. It is faster than one assignment after another, as
// gomap_mapaccess_many is.
//
// Safety:
// As gomap_mapassign, for each of the n adjacent keys at keys; elems points to as many
// elems.
size_t gomap_mapassign_many(const struct gomap_maptype *t,
                            struct gomap_hmap *h,
                            const void *keys,
                            size_t n,
                            const void *elems);

// Removes the entry of key, if there is one. Drop glue runs when that is done.
//
// Safety:
// As gomap_mapassign; h may be NULL.
void gomap_mapdelete(const struct gomap_maptype *t, struct gomap_hmap *h, const void *key);

// gomap_mapdelete, which says whether there was an entry and takes no memory. GOMAP_NONE if
// there was no such entry.
//
// Safety:
// As gomap_mapdelete.
gomap_status gomap_try_mapdelete(const struct gomap_maptype *t, struct gomap_hmap *h, const void *key);

// Removes all entries; the bucket array stays. Drop glue runs when the map is empty, and may use
// it.
//
// Safety:
// t is valid; h is of t; exclusive.
void gomap_mapclear(const struct gomap_maptype *t, struct gomap_hmap *h);

// gomap_mapclear, returning GOMAP_OK: clearing a map takes no memory.
//
// Safety:
// As gomap_mapclear.
gomap_status gomap_try_mapclear(const struct gomap_maptype *t, struct gomap_hmap *h);

// A number that changes when the map of an iteration is cleared or freed: compare it before each
// step, to end the iteration then with gomap_mapiterdone. In an owned heap it is a count. In a
// traced heap, which keeps nothing that Go does not, it is the seed, which eras from
// GOMAP_ERA_GO119 on draw again.
//
// Safety:
// it is on an entry (its key is not NULL); its map is alive or, in an owned heap, was freed by
// gomap_mapfree since; shared.
uint64_t gomap_mapiterclears(const struct gomap_hiter *it);

// Makes later growths keep what this iteration may read. Go zeroes some of it under an iteration
// that is two growths old, which may then miss entries, or hash zeroed keys: iterations of this
// style do the same, unless this is called once after gomap_mapiterinit. In a traced heap it
// does nothing.
//
// Safety:
// As gomap_mapiterclears.
void gomap_mapiterkeep(const struct gomap_hiter *it);

// A new map with the same entries and the same seed. Throws when there is no memory. Unwinds if a
// type has drop glue but no copy glue, and if copy glue does.
//
// Safety:
// t is valid; h is of t; shared.
struct gomap_hmap *gomap_mapclone(const struct gomap_maptype *t, const struct gomap_hmap *h);

// gomap_mapclone into the zeroed dst (NULL: memory of the heap), returning NULL where that
// throws.
//
// Safety:
// As gomap_mapclone; dst is NULL or holds no map.
struct gomap_hmap *gomap_try_mapclone(const struct gomap_maptype *t,
                                      const struct gomap_hmap *h,
                                      struct gomap_hmap *dst);

// Begins an iteration at a random place and goes to the first entry: it->key is NULL where there
// is none. Throws when there is no memory.
//
// Entries may be inserted, updated and deleted between steps. In an owned heap the iteration must
// be ended: by stepping to its end, or with gomap_mapiterdone.
//
// Safety:
// t is valid; h is of t; shared (other iterators may begin and step); it may be
// written. The map must not be moved while the iteration lasts.
void gomap_mapiterinit(const struct gomap_maptype *t, struct gomap_hmap *h, struct gomap_hiter *it);

// gomap_mapiterinit, returning GOMAP_NO_MEMORY where that throws; the iteration has then not
// begun.
//
// Safety:
// As gomap_mapiterinit.
gomap_status gomap_try_mapiterinit(const struct gomap_maptype *t, struct gomap_hmap *h, struct gomap_hiter *it);

// Goes to the next entry; it->key is NULL at the end, and stays so.
//
// Safety:
// it was begun by gomap_mapiterinit and not ended by gomap_mapiterdone; its map is alive or,
// in an owned heap, was freed by gomap_mapfree since; shared.
void gomap_mapiternext(struct gomap_hiter *it);

// Ends an iteration, so that the map need not keep for it what it discards. Nothing happens if it
// has ended.
//
// Safety:
// it was begun by gomap_mapiterinit, or is zeroed; no copy of it is used; its map is alive or,
// in an owned heap, was freed by gomap_mapfree since; shared.
void gomap_mapiterdone(struct gomap_hiter *it);

// The entry after that of key, in the manner of Lua's next: the first one for NULL, NULLs at
// the end. Nothing is kept between calls. Keys that are not equal to themselves are skipped.
//
// Safety:
// t is valid; h is of t; key is NULL or a key; shared.
struct gomap_entry gomap_mapnext(const struct gomap_maptype *t, const struct gomap_hmap *h, const void *key);

// Frees a map that gomap_makemap allocated: runs the glue of its entries and, in an owned heap,
// frees all its memory. While glue runs the map is empty, and cannot be written to.
//
// An iteration that is under way in an owned heap ends with its next step. Until then, or until
// gomap_mapiterdone, the map's header stays. In a traced heap, do not step iterations of the map
// afterwards.
//
// Safety:
// t is valid; h is NULL, or of t and was allocated by gomap_makemap; exclusive. The
// map must not be used again, except by its iterators in an owned heap.
void gomap_mapfree(const struct gomap_maptype *t, struct gomap_hmap *h);

// gomap_mapfree for a map that was made in the caller's own gomap_hmap, which then holds no
// map.
//
// Safety:
// As gomap_mapfree, but h is the caller's; while iterators are alive, it stays where it is and
// is not used.
void gomap_mapfree_contents(const struct gomap_maptype *t, struct gomap_hmap *h);

// The byte of a hash that is stored with its key.
uint8_t gomap_tophash(size_t hash);

// Whether count entries in 2^B buckets are over the load factor.
bool gomap_overLoadFactor(ptrdiff_t count, uint8_t B);

// Whether 2^B buckets have so many overflow buckets that a same-size growth should pack them.
bool gomap_tooManyOverflowBuckets(uint16_t noverflow, uint8_t B);

// The bytes that Go's allocator hands out for a request of size.
//
// Safety:
// era is one of the enumerators.
size_t gomap_roundupsize(gomap_era era, size_t size, bool pointer_free);

// gomap_mapaccess1 for keys of four bytes of plain memory.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; shared.
void *gomap_mapaccess1_fast32(const struct gomap_maptype *t, const struct gomap_hmap *h, uint32_t key);

// gomap_mapaccess2 for keys of four bytes of plain memory.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; shared.
struct gomap_lookup gomap_mapaccess2_fast32(const struct gomap_maptype *t, const struct gomap_hmap *h, uint32_t key);

// gomap_mapassign for keys of four bytes of plain memory.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; exclusive.
void *gomap_mapassign_fast32(const struct gomap_maptype *t, struct gomap_hmap *h, uint32_t key);

// gomap_mapdelete for keys of four bytes of plain memory.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; exclusive.
void gomap_mapdelete_fast32(const struct gomap_maptype *t, struct gomap_hmap *h, uint32_t key);

// gomap_mapaccess1 for keys of eight bytes of plain memory.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; shared.
void *gomap_mapaccess1_fast64(const struct gomap_maptype *t, const struct gomap_hmap *h, uint64_t key);

// gomap_mapaccess2 for keys of eight bytes of plain memory.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; shared.
struct gomap_lookup gomap_mapaccess2_fast64(const struct gomap_maptype *t, const struct gomap_hmap *h, uint64_t key);

// gomap_mapassign for keys of eight bytes of plain memory.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; exclusive.
void *gomap_mapassign_fast64(const struct gomap_maptype *t, struct gomap_hmap *h, uint64_t key);

// gomap_mapdelete for keys of eight bytes of plain memory.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; exclusive.
void gomap_mapdelete_fast64(const struct gomap_maptype *t, struct gomap_hmap *h, uint64_t key);

// gomap_mapaccess1 for strings.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; shared.
void *gomap_mapaccess1_faststr(const struct gomap_maptype *t, const struct gomap_hmap *h, struct gomap_string key);

// gomap_mapaccess2 for strings.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; shared.
struct gomap_lookup gomap_mapaccess2_faststr(const struct gomap_maptype *t,
                                             const struct gomap_hmap *h,
                                             struct gomap_string key);

// gomap_mapassign for strings.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; exclusive.
void *gomap_mapassign_faststr(const struct gomap_maptype *t, struct gomap_hmap *h, struct gomap_string key);

// gomap_mapdelete for strings.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; exclusive.
void gomap_mapdelete_faststr(const struct gomap_maptype *t, struct gomap_hmap *h, struct gomap_string key);

// gomap_mapassign for pointer keys. Go uses it on 32-bit platforms; here it works on all.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; exclusive.
void *gomap_mapassign_fast32ptr(const struct gomap_maptype *t, struct gomap_hmap *h, void *key);

// gomap_mapassign for pointer keys. Go uses it on 64-bit platforms; here it works on all.
//
// Safety:
// t is valid, has such keys, compared bytewise, and elems stored inline (of at most
// GOMAP_MAX_ELEM_SIZE bytes, aligned to at most 8); h is of t; exclusive.
void *gomap_mapassign_fast64ptr(const struct gomap_maptype *t, struct gomap_hmap *h, void *key);

// Shows a map, and then the n iterators of it that iterators points to, to a visitor: each
// piece of memory of the map (in a traced heap; the gomap_hmap itself is the host's to reach)
// and each pointer that its keys and elems hold. The pointers that the map has into the middle of
// memory follow by themselves. An iterator's it.key and it.elem are NULL until its next step:
// what they led to may have moved. docs/embedding.md has the duties of a collector.
//
// Safety:
// t is valid; h is of t; exclusive; the iterators are of this map, and n is 0 if the
// heap is not a traced one; no other map operation is under way.
void gomap_mapscan(const struct gomap_maptype *t,
                   struct gomap_hmap *h,
                   struct gomap_traced_iter *const *iterators,
                   size_t n,
                   const struct gomap_visitor *visitor);

// Begins a scan.
//
// Safety:
// t is valid; h is of t; scan may be written.
void gomap_scan_begin(const struct gomap_maptype *t, struct gomap_hmap *h, struct gomap_scan *scan);

// Shows the contents of about budget buckets (at least one chain) to the visitor, and returns
// whether the scan is complete. Between steps the map may be used, under the rules of
// docs/embedding.md.
//
// Safety:
// scan was begun by gomap_scan_begin; its map is alive; exclusive; no other map operation is
// under way.
bool gomap_scan_step(struct gomap_scan *scan, const struct gomap_visitor *visitor, size_t budget);

// Adds what an iterator may read to a complete scan. Continue with gomap_scan_step until it
// returns true again. it.key and it.elem are NULL until the iterator's next step, as what they
// pointed to may have moved; that does not end the iteration. Its other pointers are updated to
// the addresses that the visitor gives.
//
// Safety:
// As gomap_scan_step; it is an iterator of the map, which is in a traced heap.
void gomap_scan_add_iterator(struct gomap_scan *scan,
                             struct gomap_traced_iter *it,
                             const struct gomap_visitor *visitor);

// gomap_try_mapiterinit for an iterator that collectors see.
//
// Safety:
// As gomap_try_mapiterinit.
gomap_status gomap_traced_iter_init(const struct gomap_maptype *t, struct gomap_hmap *h, struct gomap_traced_iter *it);

// gomap_mapiternext for an iterator that collectors see. Its it.key and it.elem are to be
// read before the next scan.
//
// Safety:
// As gomap_mapiternext.
void gomap_traced_iter_next(struct gomap_traced_iter *it);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

// The layout that the library has, and that compiled code may rely on.
#ifdef __cplusplus
#define GOMAP_ASSERT(x) static_assert(x, #x)
#else
#define GOMAP_ASSERT(x) _Static_assert(x, #x)
#endif

GOMAP_ASSERT(sizeof(gomap_hmap) == 5 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_hmap, count) == 0);
GOMAP_ASSERT(offsetof(gomap_hmap, flags) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hmap, B) == 1 * sizeof(void *) + 1);
GOMAP_ASSERT(offsetof(gomap_hmap, noverflow) == 1 * sizeof(void *) + 2);
GOMAP_ASSERT(offsetof(gomap_hmap, hash0) == 1 * sizeof(void *) + 4);
GOMAP_ASSERT(offsetof(gomap_hmap, buckets) == 1 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_hmap, oldbuckets) == 2 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_hmap, nevacuate) == 3 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_hmap, extra) == 4 * sizeof(void *) + 8);

GOMAP_ASSERT(sizeof(gomap_mapextra) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_mapextra, overflow) == 0);
GOMAP_ASSERT(offsetof(gomap_mapextra, oldoverflow) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_mapextra, nextOverflow) == 2 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_bmap_slice) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_bmap_slice, array) == 0);
GOMAP_ASSERT(offsetof(gomap_bmap_slice, len) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_bmap_slice, cap) == 2 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_bmap) == 8);
GOMAP_ASSERT(offsetof(gomap_bmap, tophash) == 0);

GOMAP_ASSERT(sizeof(gomap_hiter) == 12 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, key) == 0);
GOMAP_ASSERT(offsetof(gomap_hiter, elem) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, t) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, h) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, buckets) == 4 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, bptr) == 5 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, overflow) == 6 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, oldoverflow) == 7 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, startBucket) == 8 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, offset) == 9 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, wrapped) == 9 * sizeof(void *) + 1);
GOMAP_ASSERT(offsetof(gomap_hiter, B) == 9 * sizeof(void *) + 2);
GOMAP_ASSERT(offsetof(gomap_hiter, i) == 9 * sizeof(void *) + 3);
GOMAP_ASSERT(offsetof(gomap_hiter, bucket) == 10 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_hiter, checkBucket) == 11 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_alg) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_alg, hash) == 0);
GOMAP_ASSERT(offsetof(gomap_alg, equal) == 1 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_type) == 11 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_type, size) == 0);
GOMAP_ASSERT(offsetof(gomap_type, ptrdata) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_type, align) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_type, kind) == 2 * sizeof(void *) + 4);
GOMAP_ASSERT(offsetof(gomap_type, default_hash) == 2 * sizeof(void *) + 5);
GOMAP_ASSERT(offsetof(gomap_type, key_flags) == 2 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_type, gcdata) == 3 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_type, alg) == 4 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_type, drop) == 6 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_type, copy) == 7 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_type, context) == 8 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_type, name) == 9 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_type, name_len) == 10 * sizeof(void *) + 8);

GOMAP_ASSERT(sizeof(gomap_maptype) == 16 * sizeof(void *) + 16);
GOMAP_ASSERT(offsetof(gomap_maptype, key) == 0);
GOMAP_ASSERT(offsetof(gomap_maptype, elem) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_maptype, heap) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_maptype, zero) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_maptype, bucket) == 4 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_maptype, keysize) == 15 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_maptype, elemsize) == 15 * sizeof(void *) + 9);
GOMAP_ASSERT(offsetof(gomap_maptype, bucketsize) == 15 * sizeof(void *) + 10);
GOMAP_ASSERT(offsetof(gomap_maptype, flags) == 15 * sizeof(void *) + 12);
GOMAP_ASSERT(offsetof(gomap_maptype, path) == 15 * sizeof(void *) + 16);

GOMAP_ASSERT(sizeof(gomap_heap) == 12 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, context) == 0);
GOMAP_ASSERT(offsetof(gomap_heap, allocate) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, free) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, release) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, populate) == 4 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, roundupsize) == 5 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, random) == 6 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, throw_) == 7 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, panic) == 8 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, barriers) == 9 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, observer) == 10 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_heap, era) == 11 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_barriers) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_barriers, typedmemmove) == 0);
GOMAP_ASSERT(offsetof(gomap_barriers, store_pointer) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_barriers, memclr_has_pointers) == 2 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_observer) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_observer, read) == 0);
GOMAP_ASSERT(offsetof(gomap_observer, write) == 1 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_string) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_string, data) == 0);
GOMAP_ASSERT(offsetof(gomap_string, len) == 1 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_slice) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_slice, data) == 0);
GOMAP_ASSERT(offsetof(gomap_slice, len) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_slice, cap) == 2 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_fallible) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_fallible, hash) == 0);
GOMAP_ASSERT(offsetof(gomap_fallible, equal) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_fallible, context) == 2 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_map) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_map, type) == 0);
GOMAP_ASSERT(offsetof(gomap_map, hmap) == 1 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_iter) == 14 * sizeof(void *) + 8);
GOMAP_ASSERT(offsetof(gomap_iter, map) == 0);
GOMAP_ASSERT(offsetof(gomap_iter, hiter) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_iter, clears) == 14 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_lookup) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_lookup, elem) == 0);
GOMAP_ASSERT(offsetof(gomap_lookup, found) == 1 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_entry) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_entry, key) == 0);
GOMAP_ASSERT(offsetof(gomap_entry, elem) == 1 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_assigned) == 2 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_assigned, elem) == 0);
GOMAP_ASSERT(offsetof(gomap_assigned, existed) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_assigned, key_taken) == 1 * sizeof(void *) + 1);

GOMAP_ASSERT(sizeof(gomap_position) == 1 * sizeof(void *) + 8);

GOMAP_ASSERT(sizeof(gomap_traced_iter) == 14 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_traced_iter, it) == 0);

GOMAP_ASSERT(sizeof(gomap_allocation) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_allocation, size) == 0);
GOMAP_ASSERT(offsetof(gomap_allocation, align) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_allocation, ty) == 2 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_scan) == 32 * sizeof(void *));

GOMAP_ASSERT(sizeof(gomap_visitor) == 3 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_visitor, context) == 0);
GOMAP_ASSERT(offsetof(gomap_visitor, memory) == 1 * sizeof(void *));
GOMAP_ASSERT(offsetof(gomap_visitor, pointer) == 2 * sizeof(void *));

#undef GOMAP_ASSERT

#endif  /* GOMAP_H */
