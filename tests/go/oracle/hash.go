package main

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// hasher folds the words of keys. It lives as long as the descriptor that it is put into.
type hasher struct {
	key  *typ
	area *area
	// The descriptor's own hash, for the panics of keys that cannot be hashed.
	original func(unsafe.Pointer, uintptr) uintptr
	// Where the machine keeps the state of the random stream between operations.
	random *uint64

	current unsafe.Pointer
	folded  uint64
	first   uint64
	count   int
}

func (h *hasher) word(w uint64) {
	if h.count == 0 {
		h.first = w
	}
	h.count++
	h.folded = mix(h.folded^w^mix0, mix1)
}

func (h *hasher) bytes(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		h.word(binary.LittleEndian.Uint64(b))
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		h.word(binary.LittleEndian.Uint64(last[:]))
	}
}

func (h *hasher) float(bits uint64, f float64) {
	switch {
	case f == 0:
		h.word(0)
	case math.IsNaN(f):
		h.word(uint64(uint32(draw())))
	default:
		h.word(bits)
	}
}

func (h *hasher) value(t *typ, p unsafe.Pointer) {
	switch t.kind {
	case kindBool, kindInt, kindUint, kindPointer:
		h.word(loadBits(p, t.size))
	case kindFloat32:
		h.float(loadBits(p, 4), float64(*(*float32)(p)))
	case kindFloat64:
		h.float(loadBits(p, 8), *(*float64)(p))
	case kindString:
		text := *(*string)(p)
		h.bytes(unsafe.Slice(*(**byte)(p), len(text)))
		h.word(uint64(len(text)))
	case kindInterface:
		h.dynamic((*eface)(p))
	default:
		if t.isBytes {
			h.bytes(unsafe.Slice((*byte)(p), t.size))
			return
		}
		for _, c := range t.parts {
			h.value(c.typ, unsafe.Add(p, c.offset))
		}
	}
}

func (h *hasher) dynamic(e *eface) {
	if e.typ == nil {
		h.word(0)
		return
	}
	number := h.area.types[e.typ]
	t := h.area.names[number-1]
	if !t.reflect.Comparable() {
		h.refuse()
	}
	h.word(number)
	if t.direct {
		h.value(t, unsafe.Pointer(&e.data))
	} else {
		h.value(t, e.data)
	}
}

// refuse panics as Go does. The trace's random stream stops here: what Go's own hash draws on its way is not of it.
func (h *hasher) refuse() {
	*h.random = *stream
	h.original(h.current, 0)
}

func loadBits(p unsafe.Pointer, size uintptr) uint64 {
	switch size {
	case 1:
		return uint64(*(*uint8)(p))
	case 2:
		return uint64(*(*uint16)(p))
	case 4:
		return uint64(*(*uint32)(p))
	}
	return *(*uint64)(p)
}

// nilKey is what hashing a key at address 0 panics with.
const nilKey = "nil key"

func (h *hasher) fold(key unsafe.Pointer, seed uintptr) uint64 {
	if key == nil {
		panic(nilKey)
	}
	h.current, h.folded, h.first, h.count = key, uint64(seed), 0, 0
	h.value(h.key, key)
	return mix(h.folded^mix0, mix2)
}

// named is the hash function of that name, whose argument is for const.
func (h *hasher) named(name string, argument uint64) func(unsafe.Pointer, uintptr) uintptr {
	var compute func(unsafe.Pointer, uintptr) uintptr
	switch name {
	case "default":
		compute = func(key unsafe.Pointer, seed uintptr) uintptr { return uintptr(defaultHash(h.key, key, seed)) }
	case "good":
		compute = func(key unsafe.Pointer, seed uintptr) uintptr { return uintptr(h.fold(key, seed)) }
	case "few":
		compute = func(key unsafe.Pointer, _ uintptr) uintptr {
			g := h.fold(key, 0)
			return uintptr(g%8 + (3+g>>8%4)<<56)
		}
	case "identity":
		compute = func(key unsafe.Pointer, _ uintptr) uintptr {
			h.fold(key, 0)
			return uintptr(h.first)
		}
	case "const":
		compute = func(key unsafe.Pointer, _ uintptr) uintptr {
			h.fold(key, 0)
			return uintptr(argument)
		}
	}
	return compute
}
