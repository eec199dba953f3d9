package main

import (
	"reflect"
	"unsafe"
)

// The runtime's own structs, as far as they are read here.

type hmap struct {
	count      int
	flags      uint8
	B          uint8
	noverflow  uint16
	hash0      uint32
	buckets    unsafe.Pointer
	oldbuckets unsafe.Pointer
	nevacuate  uintptr
	extra      *mapextra
}

const sameSizeGrow = 8

type mapextra struct {
	overflow     *[]unsafe.Pointer
	oldoverflow  *[]unsafe.Pointer
	nextOverflow unsafe.Pointer
}

type hiter struct {
	key         unsafe.Pointer
	elem        unsafe.Pointer
	t           *descriptor
	h           *hmap
	buckets     unsafe.Pointer
	bptr        unsafe.Pointer
	overflow    *[]unsafe.Pointer
	oldoverflow *[]unsafe.Pointer
	startBucket uintptr
	offset      uint8
	wrapped     bool
	B           uint8
	i           uint8
	bucket      uintptr
	checkBucket uintptr
}

// descriptor is the runtime's map type.
type descriptor struct {
	size       uintptr
	ptrdata    uintptr
	_          [32]byte
	key        unsafe.Pointer
	elem       unsafe.Pointer
	bucket     *typeHeader
	hasher     func(unsafe.Pointer, uintptr) uintptr
	keysize    uint8
	elemsize   uint8
	bucketsize uint16
	flags      uint32
}

type typeHeader struct {
	size    uintptr
	ptrdata uintptr
}

func (d *descriptor) indirectKey() bool  { return d.flags&1 != 0 }
func (d *descriptor) indirectElem() bool { return d.flags&2 != 0 }

// eface is an interface{} in memory.
type eface struct {
	typ  unsafe.Pointer
	data unsafe.Pointer
}

// rtypeOf is the runtime's type behind t.
func rtypeOf(t reflect.Type) unsafe.Pointer {
	v := interface{}(t)
	return (*eface)(unsafe.Pointer(&v)).data
}

// newDescriptor is a private copy of the descriptor of map[key]elem: its hash can be replaced.
func newDescriptor(key, elem reflect.Type) *descriptor {
	d := *(*descriptor)(rtypeOf(reflect.MapOf(key, elem)))
	return &d
}

//go:linkname makemap_small runtime.makemap_small
func makemap_small() *hmap

//go:linkname makemap runtime.makemap
func makemap(t *descriptor, hint int, h *hmap) *hmap

//go:linkname mapclear runtime.mapclear
func mapclear(t *descriptor, h *hmap)

//go:linkname mapiterinit runtime.mapiterinit
func mapiterinit(t *descriptor, h *hmap, it *hiter)

//go:linkname mapiternext runtime.mapiternext
func mapiternext(it *hiter)

//go:linkname mapaccess1 runtime.mapaccess1
func mapaccess1(t *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapaccess1_fat runtime.mapaccess1_fat
func mapaccess1_fat(t *descriptor, h *hmap, key, zero unsafe.Pointer) unsafe.Pointer

//go:linkname mapaccess2 runtime.mapaccess2
func mapaccess2(t *descriptor, h *hmap, key unsafe.Pointer) (unsafe.Pointer, bool)

//go:linkname mapassign runtime.mapassign
func mapassign(t *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapdelete runtime.mapdelete
func mapdelete(t *descriptor, h *hmap, key unsafe.Pointer)

//go:linkname mapaccess1_fast32 runtime.mapaccess1_fast32
func mapaccess1_fast32(t *descriptor, h *hmap, key uint32) unsafe.Pointer

//go:linkname mapaccess2_fast32 runtime.mapaccess2_fast32
func mapaccess2_fast32(t *descriptor, h *hmap, key uint32) (unsafe.Pointer, bool)

//go:linkname mapassign_fast32 runtime.mapassign_fast32
func mapassign_fast32(t *descriptor, h *hmap, key uint32) unsafe.Pointer

//go:linkname mapdelete_fast32 runtime.mapdelete_fast32
func mapdelete_fast32(t *descriptor, h *hmap, key uint32)

//go:linkname mapaccess1_fast64 runtime.mapaccess1_fast64
func mapaccess1_fast64(t *descriptor, h *hmap, key uint64) unsafe.Pointer

//go:linkname mapaccess2_fast64 runtime.mapaccess2_fast64
func mapaccess2_fast64(t *descriptor, h *hmap, key uint64) (unsafe.Pointer, bool)

//go:linkname mapassign_fast64 runtime.mapassign_fast64
func mapassign_fast64(t *descriptor, h *hmap, key uint64) unsafe.Pointer

//go:linkname mapassign_fast64ptr runtime.mapassign_fast64ptr
func mapassign_fast64ptr(t *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapdelete_fast64 runtime.mapdelete_fast64
func mapdelete_fast64(t *descriptor, h *hmap, key uint64)

//go:linkname mapaccess1_faststr runtime.mapaccess1_faststr
func mapaccess1_faststr(t *descriptor, h *hmap, key string) unsafe.Pointer

//go:linkname mapaccess2_faststr runtime.mapaccess2_faststr
func mapaccess2_faststr(t *descriptor, h *hmap, key string) (unsafe.Pointer, bool)

//go:linkname mapassign_faststr runtime.mapassign_faststr
func mapassign_faststr(t *descriptor, h *hmap, key string) unsafe.Pointer

//go:linkname mapdelete_faststr runtime.mapdelete_faststr
func mapdelete_faststr(t *descriptor, h *hmap, key string)

// procPin keeps the scheduler, which draws random numbers too, away from the thread; procUnpin lets it in again.
//
//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()
