package main

import "unsafe"

// verbs are the runtime's functions that depend on the key type. Keys come by address.
type verbs struct {
	access1 func(d *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer
	access2 func(d *descriptor, h *hmap, key unsafe.Pointer) (unsafe.Pointer, bool)
	assign  func(d *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer
	remove  func(d *descriptor, h *hmap, key unsafe.Pointer)
}

var genericVerbs = verbs{mapaccess1, mapaccess2, mapassign, mapdelete}

var fast32Verbs = verbs{
	func(d *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer {
		return mapaccess1_fast32(d, h, *(*uint32)(key))
	},
	func(d *descriptor, h *hmap, key unsafe.Pointer) (unsafe.Pointer, bool) {
		return mapaccess2_fast32(d, h, *(*uint32)(key))
	},
	func(d *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer {
		return mapassign_fast32(d, h, *(*uint32)(key))
	},
	func(d *descriptor, h *hmap, key unsafe.Pointer) {
		mapdelete_fast32(d, h, *(*uint32)(key))
	},
}

var fast64Verbs = verbs{
	func(d *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer {
		return mapaccess1_fast64(d, h, *(*uint64)(key))
	},
	func(d *descriptor, h *hmap, key unsafe.Pointer) (unsafe.Pointer, bool) {
		return mapaccess2_fast64(d, h, *(*uint64)(key))
	},
	func(d *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer {
		return mapassign_fast64(d, h, *(*uint64)(key))
	},
	func(d *descriptor, h *hmap, key unsafe.Pointer) {
		mapdelete_fast64(d, h, *(*uint64)(key))
	},
}

// fast64ptrVerbs differ from fast64Verbs in assign alone, as in compiled code.
var fast64ptrVerbs = verbs{
	fast64Verbs.access1,
	fast64Verbs.access2,
	func(d *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer {
		return mapassign_fast64ptr(d, h, *(*unsafe.Pointer)(key))
	},
	fast64Verbs.remove,
}

var faststrVerbs = verbs{
	func(d *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer {
		return mapaccess1_faststr(d, h, *(*string)(key))
	},
	func(d *descriptor, h *hmap, key unsafe.Pointer) (unsafe.Pointer, bool) {
		return mapaccess2_faststr(d, h, *(*string)(key))
	},
	func(d *descriptor, h *hmap, key unsafe.Pointer) unsafe.Pointer {
		return mapassign_faststr(d, h, *(*string)(key))
	},
	func(d *descriptor, h *hmap, key unsafe.Pointer) {
		mapdelete_faststr(d, h, *(*string)(key))
	},
}

const maxInline = 128

// fastVerbs is what compiled code calls for map[key]elem, or nil where that is the generic functions.
func fastVerbs(key, elem *typ) *verbs {
	if elem.size > maxInline {
		return nil
	}
	for len(key.parts) == 1 && key.parts[0].typ.size == key.size {
		key = key.parts[0].typ
	}
	switch {
	case key.kind == kindString:
		return &faststrVerbs
	case !key.plainMemory():
		return nil
	case key.size == 4:
		return &fast32Verbs
	case key.size == 8 && (*typeHeader)(key.rtype).ptrdata != 0:
		return &fast64ptrVerbs
	case key.size == 8:
		return &fast64Verbs
	}
	return nil
}

// maxZero is the size of the zero value that a read of a missing key finds, if the caller brings no larger one.
const maxZero = 1024

var fatZero [1 << 20]byte

// read is what `m[key]` compiles to.
func (v *verbs) read(d *descriptor, h *hmap, key unsafe.Pointer, elemSize uintptr) unsafe.Pointer {
	if elemSize > maxZero {
		return mapaccess1_fat(d, h, key, unsafe.Pointer(&fatZero))
	}
	return v.access1(d, h, key)
}
