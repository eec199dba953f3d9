//go:build !go1.22

package main

import "unsafe"

func thread() unsafe.Pointer

//go:linkname fastrand runtime.fastrand
func fastrand() uint32

// controlRandom finds the generator's state in the runtime's m: the word that a draw adds the wyrand increment to.
func controlRandom() *uint64 {
	const wordsSearched = 128
	words := (*[wordsSearched]uint64)(thread())
	before := *words
	fastrand()
	for i, word := range before {
		if word != 0 && words[i] == word+mix0 {
			return &words[i]
		}
	}
	panic("the state of the runtime's random generator is not where it is expected")
}
