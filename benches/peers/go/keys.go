package main

const (
	fewest = 1 << 16
	most   = 4_000_000
)

// splitmix is the i-th number of a splitmix64 stream.
func splitmix(i uint64) uint64 {
	z := (i + 1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// keySet is the keys of a map of size entries, and those to look up in it.
type keySet struct {
	size                   int
	universe, hits, misses []key
}

// probes is the number of lookups of a sample.
func probes(size int) int { return min(max(size, fewest), most) }

func newKeys(size int) *keySet {
	universe, n := max(fewest, 2*size), probes(size)
	counting := func(from int) func(int) uint64 {
		return func(i int) uint64 { return uint64(from + i) }
	}
	return &keySet{
		size:     size,
		universe: makeKeys(universe, counting(0)),
		hits:     makeKeys(n, func(p int) uint64 { return below(splitmix(^uint64(p)), uint64(size)) }),
		misses:   makeKeys(n, counting(universe)),
	}
}

func (k *keySet) present() []key { return k.universe[:k.size] }
