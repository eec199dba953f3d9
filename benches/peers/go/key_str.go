//go:build str

package main

import "encoding/binary"

type key = string

const (
	keyType = "str"
	longest = 24
)

// makeKeys makes strings that lie one after the other in memory of their own.
func makeKeys(n int, number func(int) uint64) []key {
	bytes := make([]byte, 0, n*longest)
	lens := make([]int, n)
	for i := range lens {
		var letters [longest]byte
		j := 3 * number(i)
		for k := range uint64(3) {
			binary.LittleEndian.PutUint64(letters[8*k:], splitmix(j+k))
		}
		for k := range letters {
			letters[k] = 'a' + letters[k]&15
		}
		lens[i] = int(16 + splitmix(j)>>32%9)
		bytes = append(bytes, letters[:lens[i]]...)
	}
	text := string(bytes)
	keys := make([]key, n)
	for i, l := range lens {
		keys[i], text = text[:l], text[l:]
	}
	return keys
}

func word(k key) uint64 { return uint64(len(k)) }
