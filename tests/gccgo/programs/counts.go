// Command counts does a known number of map operations; without an argument it does none.
package main

import (
	"os"
	"strconv"
)

type point struct{ x, y int32 }

type large [200]byte

type fat [2000]byte

var sink int

func strs() {
	m := map[string]int{}
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	for i, k := range keys {
		m[k] = i
	}
	for _, k := range keys {
		sink += m[k]
	}
	for _, k := range keys[:50] {
		if v, ok := m[k]; ok {
			sink += v
		}
	}
	for _, k := range keys[:10] {
		delete(m, k)
	}
	for _, v := range m {
		sink += v
	}
}

func kinds() {
	a, b, c, d := map[int32]int{}, map[uint64]int{}, map[*int]int{}, map[point]int{}
	values := make([]int, 10)
	for i := range values {
		a[int32(i)], b[uint64(i)], c[&values[i]], d[point{int32(i), 1}] = i, i, i, i
	}
	for i := range values {
		sink += a[int32(i)] + b[uint64(i)] + c[&values[i]] + d[point{int32(i), 1}]
	}
	for i := range values {
		delete(a, int32(i))
		delete(c, &values[i])
	}
	for k := range d {
		delete(d, k)
	}
}

func wide() {
	a, b := map[int]large{}, map[int]fat{}
	for i := 0; i < 10; i++ {
		a[i], b[i] = large{}, fat{}
	}
	for i := 0; i < 11; i++ {
		_, found := a[i]
		x := b[i]
		sink += int(x[0])
		if found {
			sink++
		}
	}
}

func main() {
	if len(os.Args) > 1 {
		strs()
		kinds()
		wide()
	}
}
