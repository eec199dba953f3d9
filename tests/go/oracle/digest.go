package main

import (
	"encoding/binary"
	"unsafe"
)

// digest folds words to 64 bits, and counts them.
type digest struct {
	d     uint64
	count int
}

func (d *digest) word(w uint64) {
	x := (d.d ^ w) * 0x9e3779b97f4a7c15
	d.d = x ^ x>>32
	d.count++
}

// memory folds n words at p.
func (d *digest) memory(p unsafe.Pointer, n int) {
	x := d.d
	for _, w := range unsafe.Slice((*uint64)(p), n) {
		x = (x ^ w) * 0x9e3779b97f4a7c15
		x ^= x >> 32
	}
	d.d = x
	d.count += n
}

// bytes folds eight bytes a word, zero-filled.
func (d *digest) bytes(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		d.word(binary.LittleEndian.Uint64(b))
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		d.word(binary.LittleEndian.Uint64(last[:]))
	}
}
