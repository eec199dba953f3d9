package main

type runKind uint8

const (
	runRaw runKind = iota
	runString
	runInterface
	runKeyBox
	runElemBox
	runOverflow
)

// run is a stretch of a bucket whose words a snapshot treats alike.
type run struct {
	kind   runKind
	offset uintptr
	words  int
}

// bucketLayout says what the words of a map type's buckets are.
type bucketLayout struct {
	d    *descriptor
	size uintptr
	runs []run
}

func newBucketLayout(d *descriptor, key, elem *typ) *bucketLayout {
	l := &bucketLayout{d: d, size: uintptr(d.bucketsize)}
	keys := uintptr(8)
	elems := keys + 8*uintptr(d.keysize)
	l.slots(keys, uintptr(d.keysize), d.indirectKey(), runKeyBox, key)
	l.slots(elems, uintptr(d.elemsize), d.indirectElem(), runElemBox, elem)
	l.special(runOverflow, l.size-8, 1)
	return l
}

// slots adds the runs of eight slots.
func (l *bucketLayout) slots(start, slot uintptr, boxed bool, box runKind, t *typ) {
	for i := uintptr(0); i < 8; i++ {
		at := start + i*slot
		if boxed {
			l.special(box, at, 1)
			continue
		}
		for _, p := range t.pointers {
			if p.isType {
				l.special(runInterface, at+p.offset, 2)
			} else {
				l.special(runString, at+p.offset, 1)
			}
		}
	}
}

// special adds a run of words that are not plain, and a plain run for what lies between the last one and it.
func (l *bucketLayout) special(kind runKind, offset uintptr, words int) {
	if end := l.end(); end < offset {
		l.runs = append(l.runs, run{runRaw, end, int(offset-end) / 8})
	}
	l.runs = append(l.runs, run{kind, offset, words})
}

func (l *bucketLayout) end() uintptr {
	if len(l.runs) == 0 {
		return 0
	}
	last := l.runs[len(l.runs)-1]
	return last.offset + 8*uintptr(last.words)
}

// bucketsOf is how many buckets the runtime allocates for an array of 2^b, the preallocated ones included.
func (l *bucketLayout) bucketsOf(b uint8) uintptr {
	buckets := uintptr(1) << b
	if b < 4 {
		return buckets
	}
	buckets += 1 << (b - 4)
	size := buckets * l.size
	if rounded := roundUpSize(size, l.d.bucket.ptrdata == 0); rounded != size {
		buckets = rounded / l.size
	}
	return buckets
}
