package main

import (
	"sort"
	"unsafe"
)

// What names stand for; the numbers are part of the digest.
const (
	nameArray  = 1
	nameBucket = 2
	nameList   = 3
	nameMap    = 4
	nameBox    = 5
	nameOther  = 6
)

var nameLetters = [...]string{nameArray: "a", nameBucket: "o", nameList: "l", nameMap: "h", nameBox: "b"}

// name is what a snapshot writes for a pointer: which object, and the index or the distance in it.
type name struct {
	kind   uint64
	number uint64
	inside uint64
}

// object is something that a pointer can lead to.
type object struct {
	number uint64
	// The snapshot that met it last.
	seen int
}

// array is a bucket array.
type array struct {
	object
	start   uintptr
	buckets uintptr
	all     uintptr
}

// registry knows the objects that the snapshots of a trace have met.
type registry struct {
	epoch   int
	arrays  []*array // by address
	buckets map[unsafe.Pointer]*object
	lists   map[unsafe.Pointer]*object
	maps    map[unsafe.Pointer]*object
	boxes   map[unsafe.Pointer]*object
}

func newRegistry() *registry {
	return &registry{
		buckets: map[unsafe.Pointer]*object{},
		lists:   map[unsafe.Pointer]*object{},
		maps:    map[unsafe.Pointer]*object{},
		boxes:   map[unsafe.Pointer]*object{},
	}
}

// meet finds or makes the object at p, and says whether this snapshot has not met it before.
func (r *registry) meet(objects map[unsafe.Pointer]*object, p unsafe.Pointer) (*object, bool) {
	o := objects[p]
	if o == nil {
		o = &object{number: uint64(len(objects)), seen: -1}
		objects[p] = o
	}
	return o, r.firstTime(o)
}

func (r *registry) firstTime(o *object) bool {
	first := o.seen != r.epoch
	o.seen = r.epoch
	return first
}

// arrayAt finds the array that p lies in.
func (r *registry) arrayAt(p unsafe.Pointer, bucketSize uintptr) *array {
	i := sort.Search(len(r.arrays), func(i int) bool { return r.arrays[i].start > uintptr(p) }) - 1
	if i < 0 || uintptr(p)-r.arrays[i].start >= r.arrays[i].all*bucketSize {
		return nil
	}
	return r.arrays[i]
}

// addArray registers the array at p, unless it is known.
func (r *registry) addArray(p unsafe.Pointer, buckets, all uintptr) *array {
	i := sort.Search(len(r.arrays), func(i int) bool { return r.arrays[i].start >= uintptr(p) })
	if i < len(r.arrays) && r.arrays[i].start == uintptr(p) {
		return r.arrays[i]
	}
	a := &array{object{uint64(len(r.arrays)), -1}, uintptr(p), buckets, all}
	r.arrays = append(r.arrays, nil)
	copy(r.arrays[i+1:], r.arrays[i:])
	r.arrays[i] = a
	return a
}
