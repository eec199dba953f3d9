package main

import "math/bits"

const (
	mix0 = 0xa0761d6478bd642f
	mix1 = 0xe7037ed1a0b428db
	mix2 = 0x8ebc6af09c88c6e3
)

// stream is where the runtime's random generator keeps its state on this thread. Between operations the runtime and this
// program draw from it as well, so the state that a trace is at is put there before each operation and fetched after.
var stream = controlRandom()

// draw takes the next random number, as the runtime does.
func draw() uint64 {
	*stream += mix0
	return mix(*stream, *stream^mix1)
}

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
