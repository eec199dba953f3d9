// Command worker measures Go's own maps with one type of keys, which a build tag chooses (u64, str or wide). It does
// what the worker of the faces in Rust does, with the same keys in the same order; that one says what is printed.
//
//	worker FACE TYPE SIZE OPS SAMPLES
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 6 || os.Args[2] != keyType {
		fmt.Fprintln(os.Stderr, "usage: worker FACE", keyType, "SIZE OP,… SAMPLES")
		os.Exit(2)
	}
	size, ops, samples := number(os.Args[3]), os.Args[4], number(os.Args[5])
	switch ops {
	case "latency":
		printLatency(size, ops, wallTime)
	case "running":
		printLatency(size, ops, threadTime)
	case "memory":
		printMemory(size)
	default:
		stopCollector()
		w := newWorkload(newKeys(size))
		for _, op := range strings.Split(ops, ",") {
			for range samples {
				s := w.measure(op)
				fmt.Println(op, s.ops, s.ns, s.sum)
			}
		}
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		fmt.Fprintln(os.Stderr, text, "is not a number")
		os.Exit(2)
	}
	return n
}
