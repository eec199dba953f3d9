// Hashes prints what the runtime's hash functions give for inputs drawn from a seed, one line each, for a reader who
// draws the same inputs. The first line has the process keys. To be run with GODEBUG=cpu.aes=off.
package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strconv"
	"unsafe"
)

const (
	longest    = 300
	alignments = 8
)

var out = bufio.NewWriter(os.Stdout)

func main() {
	seed, err := strconv.ParseUint(os.Args[1], 10, 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, "usage: hashes seed")
		os.Exit(2)
	}
	defer out.Flush()
	r := random(seed)
	fmt.Fprintf(out, "keys %x %x %x %x\n", hashkey[0], hashkey[1], hashkey[2], hashkey[3])
	hashMemory(&r)
	hashValues(&r)
	hashNaNs(&r)
}

// hashMemory prints the hashes of bytes of every length at every alignment.
func hashMemory(r *random) {
	for n := 0; n <= longest; n++ {
		for align := 0; align < alignments; align++ {
			data := make([]byte, alignments+n)
			copy(data[align:], r.bytes(n))
			seed := uintptr(r.next())
			p := unsafe.Pointer(&data[align])
			s := struct {
				data unsafe.Pointer
				len  int
			}{p, n}
			fmt.Fprintf(out, "bytes %d at %d memhash %x strhash %x\n", n, align,
				memhash(p, seed, uintptr(n)), strhash(unsafe.Pointer(&s), seed))
			switch n {
			case 4:
				fmt.Fprintf(out, "memhash32 %x\n", memhash32(p, seed))
			case 8:
				fmt.Fprintf(out, "memhash64 %x\n", memhash64(p, seed))
			}
		}
	}
}

// hashNaNs prints hashes that contain a random number.
func hashNaNs(r *random) {
	for i := 0; i < 100; i++ {
		seed := uintptr(r.next())
		x, y := float32(math.NaN()), math.NaN()
		fmt.Fprintf(out, "nan f32 %x f64 %x\n",
			f32hash(unsafe.Pointer(&x), seed), f64hash(unsafe.Pointer(&y), seed))
	}
}
