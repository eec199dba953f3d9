// Command speed measures map operations, in nanoseconds each: the least of several rounds.
package main

import (
	"fmt"
	"strconv"
	"time"
)

const rounds = 7

type point struct{ x, y int32 }

type node struct{ next *node }

var sink int

// measure prints the time of one of n operations that a round of f does; setup is not counted.
func measure(name string, n int, setup func(), f func()) {
	least := time.Duration(1 << 62)
	for i := 0; i < rounds; i++ {
		if setup != nil {
			setup()
		}
		start := time.Now()
		f()
		if d := time.Since(start); d < least {
			least = d
		}
	}
	fmt.Printf("%-28s %8.1f\n", name, float64(least.Nanoseconds())/float64(n))
}

func sized(n int) {
	keys := make([]string, n)
	absent := make([]string, n)
	for i := range keys {
		keys[i] = "key-" + strconv.Itoa(i*7919)
		absent[i] = "not-" + strconv.Itoa(i*7919)
	}
	repeat := 1
	for n*repeat < 400000 {
		repeat *= 2
	}
	name := func(what string) string { return what + " " + strconv.Itoa(n) }
	total := n * repeat

	var ints map[int]int
	var int32s map[int32]int
	var strs map[string]int
	var points map[point]int
	var anys map[interface{}]int
	var nodes map[*node]*node
	pointers := make([]node, n)
	fill := func() {
		for r := 0; r < repeat; r++ {
			ints = map[int]int{}
			for i := 0; i < n; i++ {
				ints[i*7919] = i
			}
		}
	}
	measure(name("insert int"), total, nil, fill)
	measure(name("insert string"), total, nil, func() {
		for r := 0; r < repeat; r++ {
			strs = map[string]int{}
			for i, k := range keys {
				strs[k] = i
			}
		}
	})
	measure(name("insert *T -> *T"), total, nil, func() {
		for r := 0; r < repeat; r++ {
			nodes = map[*node]*node{}
			for i := range pointers {
				nodes[&pointers[i]] = &pointers[i]
			}
		}
	})
	measure(name("insert struct"), total, nil, func() {
		for r := 0; r < repeat; r++ {
			points = map[point]int{}
			for i := 0; i < n; i++ {
				points[point{int32(i), int32(-i)}] = i
			}
		}
	})
	int32s = map[int32]int{}
	anys = map[interface{}]int{}
	for i := 0; i < n; i++ {
		int32s[int32(i*7919)] = i
		anys[i*7919] = i
	}
	read := func(what string, f func()) {
		measure(name(what), total, nil, func() {
			for r := 0; r < repeat; r++ {
				f()
			}
		})
	}
	read("hit int", func() {
		for i := 0; i < n; i++ {
			sink += ints[i*7919]
		}
	})
	read("miss int", func() {
		for i := 0; i < n; i++ {
			sink += ints[i*7919+1]
		}
	})
	read("hit int32", func() {
		for i := 0; i < n; i++ {
			sink += int32s[int32(i*7919)]
		}
	})
	read("hit string", func() {
		for _, k := range keys {
			sink += strs[k]
		}
	})
	read("miss string", func() {
		for _, k := range absent {
			sink += strs[k]
		}
	})
	read("hit struct", func() {
		for i := 0; i < n; i++ {
			sink += points[point{int32(i), int32(-i)}]
		}
	})
	read("hit interface", func() {
		for i := 0; i < n; i++ {
			sink += anys[i*7919]
		}
	})
	read("update string", func() {
		for _, k := range keys {
			strs[k]++
		}
	})
	read("range int", func() {
		for k, v := range ints {
			sink += k ^ v
		}
	})
	read("range string", func() {
		for k, v := range strs {
			sink += len(k) ^ v
		}
	})
	measure(name("delete int"), n, func() {
		ints = map[int]int{}
		for i := 0; i < n; i++ {
			ints[i*7919] = i
		}
	}, func() {
		for i := 0; i < n; i++ {
			delete(ints, i*7919)
		}
	})
}

func main() {
	for _, n := range []int{6, 1000, 1000000} {
		sized(n)
	}
}
