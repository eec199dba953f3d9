// Command preempt collects while goroutines do nothing but use maps: each must let the collector have its turn.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	runtime.GOMAXPROCS(4)
	m := map[[3]int32]int{{1, 2, 3}: 1}
	readers := []func(){
		func() { _ = m[[3]int32{1, 2, 3}] },
		func() { _, _ = m[[3]int32{1, 2, 4}] },
	}
	for _, read := range readers {
		go func(read func()) {
			for {
				read()
			}
		}(read)
	}
	go func() {
		own := map[[3]int32]int{}
		for {
			own[[3]int32{1, 2, 3}]++
		}
	}()
	go func() {
		own := map[int]int{1: 1, 2: 2}
		for {
			for range own {
			}
		}
	}()
	for i := 0; i < 20; i++ {
		runtime.Gosched()
		runtime.GC()
	}
	fmt.Println("collected")
}
