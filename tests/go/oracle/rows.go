package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"unsafe"
)

// What a snapshot folds into the digest, and what it prints as rows where rows are wanted.

func (s *snapshot) row(path, value string) { fmt.Fprintln(s.rows, path, value) }

// number is a field of an object; it prints in that format.
func (s *snapshot) number(object, field, format string, n uint64) {
	s.word(n)
	if s.rows != nil && n != 0 {
		s.row(object+field, fmt.Sprintf(format, n))
	}
}

// named is a field of an object that is a pointer.
func (s *snapshot) named(object, field string, n name) {
	s.name(n)
	if s.rows == nil || n.kind == 0 {
		return
	}
	text := s.label(n)
	switch {
	case n.kind == nameOther:
		text = "elsewhere"
	case n.kind == nameBox:
	case field == ".key" || field == ".elem":
		text += "+" + decimal(n.inside)
	case field != ".buckets" && field != ".oldbuckets":
		text = s.bucketLabel(n)
	}
	s.row(object+field, text)
}

func (s *snapshot) name(n name) {
	if n.kind == 0 {
		s.word(0)
		return
	}
	s.word(n.kind<<32 + n.number)
	s.word(n.inside)
}

// label is the name of an object; without rows nobody needs it.
func (s *snapshot) label(n name) string {
	if s.rows == nil {
		return ""
	}
	return nameLetters[n.kind] + decimal(n.number)
}

// bucketLabel is the label, with the index of a bucket in an array.
func (s *snapshot) bucketLabel(n name) string {
	text := s.label(n)
	if n.kind == nameArray {
		text += "[" + decimal(n.inside) + "]"
	}
	return text
}

// bucketRows prints the bucket at p, which has been walked.
func (s *snapshot) bucketRows(label string, p unsafe.Pointer) {
	s.bytesRow(label, ".tophash", unsafe.Slice((*byte)(p), 8))
	at := unsafe.Add(p, 8)
	at = s.slotRows(label+".key[", at, uintptr(s.d.keysize), s.d.indirectKey(), s.key)
	at = s.slotRows(label+".elem[", at, uintptr(s.d.elemsize), s.d.indirectElem(), s.elem)
	if overflow := *(*unsafe.Pointer)(at); overflow != nil {
		s.row(label+".overflow", s.bucketLabel(s.bucketName(overflow)))
	}
}

// slotRows prints eight slots, and returns what lies behind them.
func (s *snapshot) slotRows(label string, p unsafe.Pointer, size uintptr, boxed bool, t *typ) unsafe.Pointer {
	for i := uint64(0); i < 8; i++ {
		field := decimal(i) + "]"
		if !boxed {
			s.bytesRow(label, field, s.canonical(t, p))
		} else if box := *(*unsafe.Pointer)(p); box != nil {
			s.row(label+field, s.label(s.boxName(box, t)))
		}
		p = unsafe.Add(p, size)
	}
	return p
}

func (s *snapshot) bytesRow(object, field string, bytes []byte) {
	if s.rows == nil {
		return
	}
	for _, b := range bytes {
		if b != 0 {
			s.row(object+field, hex.EncodeToString(bytes))
			return
		}
	}
}

// interfaceWords are the canonical words of an interface.
func (s *snapshot) interfaceWords(e *eface) (typ, data uint64) {
	data = uint64(uintptr(e.data))
	if e.typ == nil {
		return 0, data
	}
	typ = s.area.types[e.typ]
	if !s.area.names[typ-1].direct {
		data = s.area.canonical(data)
	}
	return typ, data
}

// canonical is a copy of the value at p with canonical numbers for the words that are pointers. It is good until the next
// call.
func (s *snapshot) canonical(t *typ, p unsafe.Pointer) []byte {
	s.scratch = append(s.scratch[:0], unsafe.Slice((*byte)(p), t.size)...)
	for _, w := range t.pointers {
		at := unsafe.Add(p, w.offset)
		if w.isType {
			typ, data := s.interfaceWords((*eface)(at))
			binary.LittleEndian.PutUint64(s.scratch[w.offset:], typ)
			binary.LittleEndian.PutUint64(s.scratch[w.offset+8:], data)
		} else {
			binary.LittleEndian.PutUint64(s.scratch[w.offset:], s.area.canonical(*(*uint64)(at)))
		}
	}
	return s.scratch
}
