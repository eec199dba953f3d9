// Command deep recurses in many goroutines, with map operations at every level, and recovers panics from the depth.
package main

import (
	"fmt"
	"runtime"
	"sync"
)

func deep(m map[string]int, n map[int]*int, level int) int {
	if level == 0 {
		return 0
	}
	key := fmt.Sprint(level % 1000)
	m[key]++
	v := level
	n[level%5000] = &v
	for range n { break }
	sum := deep(m, n, level-1) + m[key]%2
	delete(n, level%7)
	return sum
}

func panicking(level int) {
	if level == 0 {
		m := map[interface{}]int{}
		m[[]int{1}] = 1
	}
	panicking(level - 1)
}

func recovered(level int) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	panicking(level)
	return
}

func main() {
	for _, c := range []struct{ goroutines, depth int }{{4, 100000}, {16, 20000}, {2000, 400}} {
		var wg sync.WaitGroup
		results := make([]int, c.goroutines)
		for g := 0; g < c.goroutines; g++ {
			wg.Add(1)
			go func(g int) {
				defer wg.Done()
				results[g] = deep(map[string]int{}, map[int]*int{}, c.depth)
			}(g)
		}
		wg.Wait()
		runtime.GC()
		fmt.Println(c, results[0], results[c.goroutines-1])
	}
	texts := map[string]int{}
	for i := 0; i < 300; i++ { texts[recovered(i * 100)]++ }
	fmt.Println(texts)
}
