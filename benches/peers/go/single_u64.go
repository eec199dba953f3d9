//go:build u64

package main

import (
	"bytes"
	"fmt"
	"math/bits"
	"os"
	"runtime/debug"
)

// printLatency times each insert of a growing map, with the collector off. The bins are those of the worker in Rust.
func printLatency(size int, op string, clock func() int64) {
	const fineness, log = 32, 5
	stopCollector()
	bins, worst := make([]int, 64*fineness), int64(0)
	m := map[key]uint64{}
	last := clock()
	for i := range uint64(size) {
		m[splitmix(i)] = i + 1
		now := clock()
		ns := now - last
		octave := bits.Len64(uint64(ns)|1) - 1
		high, low := bits.Mul64(uint64(ns), fineness)
		within := (high<<(64-octave) | low>>octave) & (fineness - 1)
		bins[octave*fineness+int(within)]++
		worst = max(worst, ns)
		last = now
	}
	fmt.Print(op, " ", worst, " ", len(m))
	for bin, inserts := range bins {
		if inserts > 0 {
			fmt.Printf(" %d:%d", bin, inserts)
		}
	}
	fmt.Println()
}

// printMemory grows a map while the collector runs as it does by default.
func printMemory(size int) {
	collect()
	before := resident("VmRSS:")
	m := map[key]uint64{}
	for i := range uint64(size) {
		m[splitmix(i)] = i + 1
	}
	peak := resident("VmHWM:") - before
	debug.FreeOSMemory()
	fmt.Println("memory", resident("VmRSS:")-before, peak, len(m))
}

// resident is a line of /proc/self/status, in bytes.
func resident(what string) int {
	status, _ := os.ReadFile("/proc/self/status")
	_, line, found := bytes.Cut(status, []byte(what))
	kilobytes := 0
	if _, err := fmt.Fscan(bytes.NewReader(line), &kilobytes); err != nil || !found {
		panic("no " + what)
	}
	return kilobytes * 1024
}
