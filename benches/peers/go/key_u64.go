//go:build u64

package main

type key = uint64

const keyType = "u64"

func makeKeys(n int, number func(int) uint64) []key {
	keys := make([]key, n)
	for i := range keys {
		keys[i] = splitmix(number(i))
	}
	return keys
}

func word(k key) uint64 { return k }
