package main

import (
	"math/bits"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
	"unsafe"
)

// sample says that so many operations took so many nanoseconds.
type sample struct {
	ops int
	ns  int64
	sum uint64
}

// stopCollector keeps the collector out of what is timed, and the work on one thread; collect runs it in between.
func stopCollector() {
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
}

func collect() { runtime.GC() }

// below maps a random number to one below n.
func below(random, n uint64) uint64 {
	high, _ := bits.Mul64(random, n)
	return high
}

// few operations are timed by the wall clock, more by the time that the thread ran.
const few = 1000

// time runs work, which does ops operations and returns a checksum.
func (s *sample) time(ops int, work func() uint64) {
	clock := threadTime
	if ops < few {
		clock = wallTime
	}
	start := clock()
	sum := work()
	s.ns += clock() - start
	s.ops += ops
	s.sum += sum
}

var began = time.Now()

func wallTime() int64 { return time.Since(began).Nanoseconds() }

// threadTime is what CLOCK_THREAD_CPUTIME_ID shows.
func threadTime() int64 {
	const clock = 3
	var t syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		panic(errno)
	}
	return t.Nano()
}

// workload is a map with its keys.
type workload struct {
	keys    *keySet
	m       map[key]uint64
	churned int
}

func newWorkload(keys *keySet) *workload {
	w := &workload{keys: keys, m: map[key]uint64{}}
	fill(w.m, keys.present())
	return w
}

func (w *workload) measure(op string) sample {
	collect()
	switch op {
	case "grow":
		return w.build(0)
	case "hint":
		return w.build(w.keys.size)
	case "hit":
		return w.lookUp(w.keys.hits)
	case "miss":
		return w.lookUp(w.keys.misses)
	case "iterate", "range":
		return w.iterate()
	case "churn":
		return w.churn()
	case "refill":
		return w.refill()
	}
	panic("no such operation: " + op)
}

func (w *workload) repeats() int { return (fewest + w.keys.size - 1) / w.keys.size }

func (w *workload) build(hint int) (s sample) {
	for range w.repeats() {
		s.time(w.keys.size, func() uint64 {
			m := make(map[key]uint64, hint)
			fill(m, w.keys.present())
			return uint64(len(m))
		})
	}
	return s
}

func (w *workload) lookUp(probes []key) (s sample) {
	s.time(len(probes), func() uint64 { return sumOf(w.m, probes) })
	return s
}

func (w *workload) iterate() (s sample) {
	repeats := w.repeats()
	s.time(w.keys.size*repeats, func() (sum uint64) {
		for range repeats {
			sum += walk(w.m)
		}
		return sum
	})
	return s
}

func (w *workload) churn() (s sample) {
	steps := probes(w.keys.size)
	if w.churned == 0 {
		w.churnSteps(steps)
	}
	s.time(steps, func() uint64 { return w.churnSteps(steps) })
	s.sum += walk(w.m)
	return s
}

func (w *workload) churnSteps(steps int) uint64 {
	m, universe := w.m, w.keys.universe
	oldest, newest := w.churned%len(universe), (w.churned+w.keys.size)%len(universe)
	// A delete does not say whether the key was there; the count does.
	removed := uint64(0)
	for range steps {
		before := len(m)
		delete(m, universe[oldest])
		removed += uint64(before - len(m))
		m[universe[newest]] = uint64(newest) + 1
		if oldest++; oldest == len(universe) {
			oldest = 0
		}
		if newest++; newest == len(universe) {
			newest = 0
		}
	}
	w.churned += steps
	return removed
}

func (w *workload) refill() (s sample) {
	repeats := w.repeats()
	s.time(w.keys.size*repeats, func() uint64 {
		for range repeats {
			clear(w.m)
			fill(w.m, w.keys.present())
		}
		return uint64(len(w.m))
	})
	w.churned = 0
	s.sum += walk(w.m)
	return s
}

//go:noinline
func fill(m map[key]uint64, keys []key) {
	for i, k := range keys {
		m[k] = uint64(i) + 1
	}
}

//go:noinline
func sumOf(m map[key]uint64, probes []key) (sum uint64) {
	for _, k := range probes {
		if value, ok := m[k]; ok {
			sum += value
		}
	}
	return sum
}

//go:noinline
func walk(m map[key]uint64) (sum uint64) {
	for k, value := range m {
		sum += word(k) + value
	}
	return sum
}
