//go:build wide

package main

type key = struct{ a, b, c, d uint64 }

const keyType = "wide"

func makeKeys(n int, number func(int) uint64) []key {
	keys := make([]key, n)
	for i := range keys {
		j := 4 * number(i)
		keys[i] = key{splitmix(j), splitmix(j + 1), splitmix(j + 2), splitmix(j + 3)}
	}
	return keys
}

func word(k key) uint64 { return k.a }
