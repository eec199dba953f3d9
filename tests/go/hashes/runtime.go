package main

import "unsafe"

// The runtime's own functions.

//go:linkname hashkey runtime.hashkey
var hashkey [4]uintptr

//go:linkname memhash runtime.memhash
func memhash(p unsafe.Pointer, seed, n uintptr) uintptr

//go:linkname memhash32 runtime.memhash32
func memhash32(p unsafe.Pointer, seed uintptr) uintptr

//go:linkname memhash64 runtime.memhash64
func memhash64(p unsafe.Pointer, seed uintptr) uintptr

//go:linkname strhash runtime.strhash
func strhash(p unsafe.Pointer, seed uintptr) uintptr

//go:linkname f32hash runtime.f32hash
func f32hash(p unsafe.Pointer, seed uintptr) uintptr

//go:linkname f64hash runtime.f64hash
func f64hash(p unsafe.Pointer, seed uintptr) uintptr

//go:linkname typehash runtime.typehash
func typehash(t, p unsafe.Pointer, seed uintptr) uintptr

type eface struct {
	typ, data unsafe.Pointer
}

// typeOf returns the descriptor of a value's type.
func typeOf(v any) unsafe.Pointer {
	return (*eface)(unsafe.Pointer(&v)).typ
}

// hasherOf returns the hash function in the descriptor of a map's type.
func hasherOf(m any) func(key unsafe.Pointer, seed uintptr) uintptr {
	const offset = 72
	return *(*func(unsafe.Pointer, uintptr) uintptr)(unsafe.Add(typeOf(m), offset))
}
