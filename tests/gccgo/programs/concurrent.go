// Command concurrent misuses a map in the way that its argument names; Go ends such a program.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
	"unsafe"
)

// markWriting makes the map look as if a write were under way.
func markWriting(m map[int]int) {
	const hashWriting = 4
	header := *(*unsafe.Pointer)(unsafe.Pointer(&m))
	*(*uint8)(unsafe.Pointer(uintptr(header) + 8)) |= hashWriting
}

func race() {
	runtime.GOMAXPROCS(4)
	m := map[int]int{}
	for g := 0; g < 4; g++ {
		go func() {
			for i := 0; ; i++ {
				m[i%100000] = i
			}
		}()
	}
	time.Sleep(60 * time.Second)
}

func main() {
	m := map[int]int{1: 1, 2: 2}
	switch os.Args[1] {
	case "race":
		race()
	case "write":
		markWriting(m)
		m[1] = 2
	case "delete":
		markWriting(m)
		delete(m, 1)
	case "clear":
		markWriting(m)
		for k := range m {
			delete(m, k)
		}
	case "read":
		markWriting(m)
		_ = m[1]
	case "iterate":
		for range m {
			markWriting(m)
		}
	}
	fmt.Println("survived")
}
