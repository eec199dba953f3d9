package main

import (
	"fmt"
	"io"
	"unsafe"
)

// snapshot walks all that the maps and iterators reach. It folds every word into the digest and, if there is
// somewhere to write, prints it as rows.
type snapshot struct {
	*registry
	digest
	rows io.Writer

	d         *descriptor
	key, elem *typ
	area      *area
	layout    *bucketLayout
	// Whether maps free their memory: then addresses say nothing from one snapshot to the next, and what an
	// iterator that has ended points to may be gone.
	reused bool
	// What was met and not yet walked.
	queue []met
	// Reused by canonical.
	scratch []byte
}

// met is an array, a list or a bucket that was met.
type met struct {
	kind   uint64
	number uint64
	p      unsafe.Pointer
	array  *array
}

// take is the whole snapshot of the machine's state.
func (s *snapshot) take(m *machine) {
	if s.reused {
		s.registry = newRegistry()
	}
	s.epoch++
	s.named("", "m", s.mapName(m.current))
	s.named("", "spare", s.mapName(m.spare))
	s.word(uint64(len(m.iterators)))
	for i := range m.iterators {
		s.iterator(&m.iterators[i])
	}
	for i := 0; i < len(s.queue); i++ {
		s.walk(s.queue[i])
	}
	s.queue = s.queue[:0]
	for i := range m.iterators {
		s.places(&m.iterators[i])
	}
}

func (s *snapshot) walk(o met) {
	switch o.kind {
	case nameArray:
		s.walkArray(o.array)
	case nameList:
		s.walkList(o.number, *(*[]unsafe.Pointer)(o.p))
	case nameBucket:
		s.bucket("o", o.number, o.p)
	}
}

func (s *snapshot) mapName(h *hmap) name {
	if h == nil {
		return name{}
	}
	o, first := s.meet(s.maps, unsafe.Pointer(h))
	n := name{nameMap, o.number, 0}
	if first {
		s.hmap(s.label(n), h)
	}
	return n
}

func (s *snapshot) hmap(o string, h *hmap) {
	s.number(o, ".count", "%d", uint64(h.count))
	s.number(o, ".flags", "%#x", uint64(h.flags))
	s.number(o, ".B", "%d", uint64(h.B))
	s.number(o, ".noverflow", "%d", uint64(h.noverflow))
	s.number(o, ".hash0", "%#x", uint64(h.hash0))
	oldB := h.B
	if h.oldbuckets != nil && h.flags&sameSizeGrow == 0 {
		oldB--
	}
	s.named(o, ".buckets", s.arrayName(h.buckets, h.B))
	s.named(o, ".oldbuckets", s.arrayName(h.oldbuckets, oldB))
	s.number(o, ".nevacuate", "%d", uint64(h.nevacuate))
	if h.extra == nil {
		s.word(0)
		return
	}
	s.number(o, ".extra", "%d", 1)
	s.named(o, ".extra.overflow", s.listName(h.extra.overflow))
	s.named(o, ".extra.oldoverflow", s.listName(h.extra.oldoverflow))
	s.named(o, ".extra.nextOverflow", s.bucketName(h.extra.nextOverflow))
}

// arrayName names the array of 2^b buckets at p.
func (s *snapshot) arrayName(p unsafe.Pointer, b uint8) name {
	if p == nil {
		return name{}
	}
	a := s.addArray(p, 1<<b, s.layout.bucketsOf(b))
	s.enqueueArray(a)
	return name{nameArray, a.number, 0}
}

func (s *snapshot) enqueueArray(a *array) {
	if s.firstTime(&a.object) {
		s.queue = append(s.queue, met{kind: nameArray, array: a})
	}
}

func (s *snapshot) walkArray(a *array) {
	s.word(uint64(a.buckets))
	s.word(uint64(a.all))
	label := s.label(name{nameArray, a.number, 0})
	if s.rows != nil {
		s.row(label, fmt.Sprintf("%d+%d", a.buckets, a.all-a.buckets))
	}
	for i := uintptr(0); i < a.all; i++ {
		s.bucket(label, uint64(i), unsafe.Pointer(a.start+i*s.layout.size))
	}
}

// bucketName names the bucket at p.
func (s *snapshot) bucketName(p unsafe.Pointer) name {
	if p == nil {
		return name{}
	}
	if a := s.arrayAt(p, s.layout.size); a != nil {
		s.enqueueArray(a)
		return name{nameArray, a.number, uint64((uintptr(p) - a.start) / s.layout.size)}
	}
	return s.metAt(nameBucket, s.buckets, p)
}

func (s *snapshot) listName(list *[]unsafe.Pointer) name {
	if list == nil {
		return name{}
	}
	return s.metAt(nameList, s.lists, unsafe.Pointer(list))
}

func (s *snapshot) metAt(kind uint64, objects map[unsafe.Pointer]*object, p unsafe.Pointer) name {
	o, first := s.meet(objects, p)
	if first {
		s.queue = append(s.queue, met{kind: kind, number: o.number, p: p})
	}
	return name{kind, o.number, 0}
}

func (s *snapshot) walkList(number uint64, list []unsafe.Pointer) {
	s.word(uint64(len(list)))
	text := ""
	for _, p := range list {
		n := s.bucketName(p)
		s.name(n)
		if s.rows != nil {
			text += " " + s.bucketLabel(n)
		}
	}
	if text != "" {
		s.row(s.label(name{nameList, number, 0}), text[1:])
	}
}

// boxName names the boxed value at p, and walks it.
func (s *snapshot) boxName(p unsafe.Pointer, t *typ) name {
	if p == nil {
		return name{}
	}
	n, first := name{nameBox, 0, 0}, true
	if !s.reused { // A map that frees its memory cannot share boxes.
		var o *object
		o, first = s.meet(s.boxes, p)
		n.number = o.number
	}
	if first {
		value := s.canonical(t, p)
		s.bytes(value)
		s.bytesRow(s.label(n), "", value)
	}
	return n
}

func (s *snapshot) iterator(it *iterator) {
	o, h := "i."+it.name, &it.state
	s.named(o, ".h", s.mapName(h.h))
	s.number(o, ".t", "%d", s.typeMark(h.t))
	if !s.reused || h.key != nil {
		s.named(o, ".buckets", s.arrayName(h.buckets, h.B))
		s.named(o, ".bptr", s.bucketName(h.bptr))
		s.named(o, ".overflow", s.listName(h.overflow))
		s.named(o, ".oldoverflow", s.listName(h.oldoverflow))
	}
	s.number(o, ".startBucket", "%d", uint64(h.startBucket))
	s.number(o, ".offset", "%d", uint64(h.offset))
	s.number(o, ".wrapped", "%d", uint64(*(*uint8)(unsafe.Pointer(&h.wrapped))))
	s.number(o, ".B", "%d", uint64(h.B))
	s.number(o, ".i", "%d", uint64(h.i))
	s.number(o, ".bucket", "%d", uint64(h.bucket))
	s.number(o, ".checkBucket", "%#x", uint64(h.checkBucket))
}

func (s *snapshot) typeMark(d *descriptor) uint64 {
	switch d {
	case nil:
		return 0
	case s.d:
		return 1
	}
	return 2
}

// places are where the iterator's key and elem point to. They come last, when every bucket is known.
func (s *snapshot) places(it *iterator) {
	const keys = 8
	keySlot, elemSlot := uintptr(s.d.keysize), uintptr(s.d.elemsize)
	o := "i." + it.name
	s.named(o, ".key", s.placeName(it.state.key, s.d.indirectKey(), keys, keySlot))
	s.named(o, ".elem", s.placeName(it.state.elem, s.d.indirectElem(), keys+8*keySlot, elemSlot))
}

// placeName names where p points to: into slots of that size, which start at that distance from the start of a
// bucket, or at a boxed value.
func (s *snapshot) placeName(p unsafe.Pointer, boxed bool, slots, slot uintptr) name {
	if p == nil {
		return name{}
	}
	if boxed {
		if o := s.boxes[p]; o != nil && !s.reused {
			return name{nameBox, o.number, 0}
		}
		return name{nameOther, 0, 0}
	}
	if a := s.arrayAt(p, s.layout.size); a != nil {
		return name{nameArray, a.number, uint64(uintptr(p) - a.start)}
	}
	for i := uintptr(0); i < 8; i++ {
		distance := slots + i*slot
		if o := s.buckets[unsafe.Pointer(uintptr(p)-distance)]; o != nil {
			return name{nameBucket, o.number, uint64(distance)}
		}
	}
	return name{nameOther, 0, 0}
}

// bucket walks the bucket at p, which is number i of an array or, with the label "o", one by itself.
func (s *snapshot) bucket(label string, i uint64, p unsafe.Pointer) {
	for _, run := range s.layout.runs {
		at := unsafe.Add(p, run.offset)
		switch run.kind {
		case runRaw:
			s.memory(at, run.words)
		case runString:
			s.word(s.area.canonical(*(*uint64)(at)))
		case runInterface:
			typ, data := s.interfaceWords((*eface)(at))
			s.word(typ)
			s.word(data)
		case runKeyBox:
			s.name(s.boxName(*(*unsafe.Pointer)(at), s.key))
		case runElemBox:
			s.name(s.boxName(*(*unsafe.Pointer)(at), s.elem))
		case runOverflow:
			s.name(s.bucketName(*(*unsafe.Pointer)(at)))
		}
	}
	if s.rows == nil {
		return
	}
	if label == "o" {
		label += decimal(i)
	} else {
		label += "[" + decimal(i) + "]"
	}
	s.bucketRows(label, p)
}
