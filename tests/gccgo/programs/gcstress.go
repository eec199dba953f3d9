// Command gcstress builds, changes and checks maps of many shapes in many goroutines while the collector runs all the
// time, for as many seconds as its argument says.
package main

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// box is what the maps point to: a lost one is overwritten sooner or later, and its sum no longer fits.
type box struct {
	value, check int
	next         *box
}

func newBox(value int) *box { return &box{value, ^value, &box{value: value, check: ^value}} }

func (b *box) good(value int) bool {
	return b != nil && b.value == value && b.check == ^value && b.next.value == value && b.next.check == ^value
}

type structKey struct {
	name string
	n    int
}

type wideKey [20]*box

type wideElem struct {
	pad   [150]byte
	inner *box
}

var errors, rounds int64

func expect(ok bool, what string, i int) {
	if !ok {
		atomic.AddInt64(&errors, 1)
		fmt.Println("wrong:", what, i)
	}
}

func strings(n int) {
	m := map[string]*box{}
	for i := 0; i < n; i++ {
		m["k"+strconv.Itoa(i)] = newBox(i)
	}
	for i := 0; i < n; i += 3 {
		delete(m, "k"+strconv.Itoa(i))
	}
	for i := 0; i < n; i++ {
		b, ok := m["k"+strconv.Itoa(i)]
		expect(ok == (i%3 != 0) && (!ok || b.good(i)), "string", i)
	}
}

func pointers(n int) {
	m := map[*box]*box{}
	for i := 0; i < n; i++ {
		m[newBox(i)] = newBox(i + 1)
	}
	seen := 0
	for k, v := range m {
		expect(k.good(k.value) && v.good(k.value+1), "pointer", k.value)
		// Grown under the iteration, and shrunk again.
		extra := newBox(-1)
		m[extra] = nil
		delete(m, extra)
		seen++
	}
	expect(seen == n, "iteration", seen)
}

func plain(n int) {
	// Buckets without pointers: their overflow is kept alive from the side.
	m := map[int32]int64{}
	for i := 0; i < n; i++ {
		m[int32(i)] = int64(i)
		if i%2 == 1 {
			delete(m, int32(i-1))
		}
	}
	for i := 1; i < n; i += 2 {
		expect(m[int32(i)] == int64(i), "plain", i)
	}
}

func structs(n int) {
	m := make(map[structKey]interface{}, n/2)
	for i := 0; i < n; i++ {
		m[structKey{strconv.Itoa(i), i}] = newBox(i)
	}
	for i := 0; i < n; i++ {
		b, _ := m[structKey{strconv.Itoa(i), i}].(*box)
		expect(b.good(i), "struct", i)
	}
	for k := range m {
		delete(m, k)
	}
	expect(len(m) == 0, "clear", len(m))
	m[structKey{"again", 1}] = newBox(1)
	expect(m[structKey{"again", 1}].(*box).good(1), "after clear", 0)
}

func wides(n int) {
	m := map[wideKey]wideElem{}
	keys := make([]wideKey, n)
	for i := range keys {
		for j := range keys[i] {
			keys[i][j] = newBox(i)
		}
		m[keys[i]] = wideElem{inner: newBox(i)}
	}
	for i, k := range keys {
		e := m[k]
		expect(e.inner.good(i), "wide elem", i)
	}
	for k, e := range m {
		expect(k[7].good(k[0].value) && e.inner.good(k[19].value), "wide key", k[0].value)
	}
}

func interfaces(n int) {
	m := map[interface{}][]*box{}
	for i := 0; i < n; i++ {
		m[strconv.Itoa(i)] = append(m[strconv.Itoa(i)], newBox(i))
		m[i] = append(m[i], newBox(i), newBox(i))
		m[float64(i)+0.5] = nil
	}
	for i := 0; i < n; i++ {
		expect(m[strconv.Itoa(i)][0].good(i) && m[i][1].good(i), "interface", i)
	}
}

func nans(n int) {
	m := map[float64]*box{}
	for i := 0; i < n; i++ {
		m[math.NaN()] = newBox(i)
	}
	seen := map[int]bool{}
	for _, b := range m {
		expect(b.good(b.value), "NaN", b.value)
		seen[b.value] = true
	}
	expect(len(seen) == n && len(m) == n, "NaNs", len(seen))
}

// reflected iterates with an iterator that lies in the heap, and is used again.
func reflected(n int) {
	m := map[string]map[int]*box{}
	for i := 0; i < n; i++ {
		m[strconv.Itoa(i)] = map[int]*box{i: newBox(i)}
	}
	it := reflect.ValueOf(m).MapRange()
	for round := 0; round < 3; round++ {
		count := 0
		for it.Next() {
			i, _ := strconv.Atoi(it.Key().String())
			inner := it.Value().Interface().(map[int]*box)
			expect(inner[i].good(i), "reflected", i)
			count++
		}
		expect(count == n, "reflected count", count)
		it.Reset(reflect.ValueOf(m))
	}
}

// grown keeps a map in the middle of its growths while others collect.
func grown(n int) {
	m := map[int]*box{}
	for i := 0; i < n; i++ {
		m[i] = newBox(i)
		if i%97 == 0 {
			runtime.Gosched()
			expect(m[i/2].good(i/2), "growing", i)
		}
	}
	for i := 0; i < n; i++ {
		expect(m[i].good(i), "grown", i)
	}
}

func main() {
	seconds, _ := strconv.Atoi(os.Args[1])
	runtime.GOMAXPROCS(4)
	debug.SetGCPercent(5)
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	workloads := []func(int){strings, pointers, plain, structs, wides, interfaces, nans, reflected, grown}

	var stop int32
	var wg, collector sync.WaitGroup
	collector.Add(1)
	go func() {
		defer collector.Done()
		for atomic.LoadInt32(&stop) == 0 {
			runtime.GC()
		}
	}()
	const goroutines = 24
	for g := 0; g < goroutines; g++ {
		wg.Add(1)
		go func(g int) {
			defer wg.Done()
			for i := g; i < len(workloads) || time.Now().Before(end); i++ {
				workloads[i%len(workloads)](20 + 97*(i%7))
				atomic.AddInt64(&rounds, 1)
			}
		}(g)
	}
	wg.Wait()
	atomic.StoreInt32(&stop, 1)
	collector.Wait()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Fprintln(os.Stderr, rounds, "rounds,", stats.NumGC, "collections")
	fmt.Println("errors:", errors)
	if errors != 0 || stats.NumGC < 10 {
		os.Exit(1)
	}
}
