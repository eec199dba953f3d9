package main

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// gomap's default hash of strings and of integers of 4 and 8 bytes, under a fixed process key. gomap inlines it in the
// generic functions, so it cannot be replaced there.

const (
	processKey  = 0x0123456789abcdef
	firstFactor = 0xb7e151628aed2a6b
	lastFactor  = 0x9e3779b97f4a7c15
	secondState = 0x243f6a8885a308d3
	laneState   = 0x6a09e667f3bcc909
	lengthMark  = 0xbb67ae8584caa73b
)

func defaultHash(t *typ, key unsafe.Pointer, seed uintptr) uint64 {
	state := processKey ^ uint64(seed)
	if t.kind == kindString {
		text := *(*string)(key)
		return defaultBytes(unsafe.Slice(*(**byte)(key), len(text)), state)
	}
	return bits.RotateLeft64(mix(loadBits(key, t.size)^state, firstFactor)*lastFactor, 32)
}

func defaultBytes(p []byte, state uint64) uint64 {
	n := len(p)
	key := bits.RotateLeft64(state, 32) ^ secondState ^ uint64(n)*lengthMark
	word := func(at int) uint64 { return binary.LittleEndian.Uint64(p[at:]) }
	half := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(p[at:])) }
	block := func(a, b int, state uint64) uint64 { return mix(word(a)^state, word(b)^key) }
	var folded uint64
	switch {
	case n <= 3:
		folded = mix(upTo3(p)^state, key)
	case n <= 7:
		folded = mix(half(0)^state, half(n-4)^key)
	case n <= 16:
		folded = block(0, n-8, state)
	case n <= 32:
		folded = block(0, 8, state) ^ block(n-16, n-8, lane(state, 1))
	default:
		lanes := [4]uint64{state, lane(state, 1), lane(state, 2), lane(state, 3)}
		absorb := func(at [4]int) {
			for i := range lanes {
				lanes[i] = block(at[i], at[i]+8, lanes[i])
			}
		}
		from := 0
		for ; n-from > 64; from += 64 {
			absorb([4]int{from, from + 16, from + 32, from + 48})
		}
		if n > 64 {
			from = n - 64
		}
		absorb([4]int{from, from + 16, n - 32, n - 16})
		folded = lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3]
	}
	return mix(folded, lastFactor)
}

func upTo3(p []byte) uint64 {
	n := len(p)
	if n == 0 {
		return 0
	}
	return uint64(p[0]) | uint64(p[n/2])<<8 | uint64(p[n-1])<<16
}

func lane(state uint64, i int) uint64 {
	return bits.RotateLeft64(state, 13*i) ^ bits.RotateLeft64(laneState, i)
}
