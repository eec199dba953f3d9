package main

import (
	"encoding/binary"
	"math"
	"strconv"
	"syscall"
	"unsafe"
)

// pointerBase is the address of p0; nothing is there.
const pointerBase = 0x5000_0000_0000

// area holds what a trace's strings and interfaces point to, and numbers the dynamic types.
type area struct {
	start uintptr
	used  uintptr
	types map[unsafe.Pointer]uint64
	names []*typ
}

func newArea() *area {
	const reserved = 1 << 36
	memory, err := syscall.Mmap(-1, 0, reserved, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	if err != nil {
		panic("no address space for the area: " + err.Error())
	}
	a := &area{start: uintptr(unsafe.Pointer(&memory[0]))}
	a.reset()
	return a
}

func (a *area) reset() {
	a.used = 0
	a.types = map[unsafe.Pointer]uint64{}
	a.names = nil
}

// take is memory for size bytes. It is not zeroed.
func (a *area) take(size, align uintptr) unsafe.Pointer {
	a.used = (a.used + align - 1) &^ (align - 1)
	p := a.start + a.used
	a.used += size
	return *(*unsafe.Pointer)(unsafe.Pointer(&p))
}

func (a *area) typeNumber(t *typ) uint64 {
	n := a.types[t.rtype]
	if n == 0 {
		a.names = append(a.names, t)
		n = uint64(len(a.names))
		a.types[t.rtype] = n
	}
	return n
}

// canonical is the number that stands for a pointer into the area.
func (a *area) canonical(p uint64) uint64 {
	if p == 0 {
		return 0
	}
	return p - uint64(a.start) + 1
}

func (a *area) store(dst unsafe.Pointer, text []byte) {
	p := a.take(uintptr(len(text)), 1)
	copy(unsafe.Slice((*byte)(p), len(text)), text)
	*(*[2]uintptr)(dst) = [2]uintptr{uintptr(p), uintptr(len(text))}
}

// value reads a value of type t into the zeroed memory at dst.
func (p *parser) value(t *typ, dst unsafe.Pointer) {
	if p.skip("#") {
		p.expand(t, p.number(), dst)
		return
	}
	switch t.kind {
	case kindBool:
		*(*bool)(dst) = p.word() == "true"
	case kindInt, kindUint:
		storeBits(dst, t.size, uint64(p.signed()))
	case kindFloat32, kindFloat64:
		p.float(t, dst)
	case kindString:
		p.area.store(dst, p.quoted())
	case kindPointer:
		if !p.skip("nil") {
			p.expect("p")
			storePointer(dst, p.number())
		}
	case kindInterface:
		p.dynamic(dst)
	case kindUnhashable:
		p.expect("nil")
		p.unhashable = true
	case kindComplex64, kindComplex128:
		p.components(t, dst, "(", ")")
	case kindArray:
		if t.isBytes && p.skip("x") {
			p.hexadecimal(unsafe.Slice((*byte)(dst), t.size))
			return
		}
		p.components(t, dst, "[", "]")
	case kindStruct:
		p.components(t, dst, "{", "}")
	}
}

func storeBits(dst unsafe.Pointer, size uintptr, bits uint64) {
	switch size {
	case 1:
		*(*uint8)(dst) = uint8(bits)
	case 2:
		*(*uint16)(dst) = uint16(bits)
	case 4:
		*(*uint32)(dst) = uint32(bits)
	case 8:
		*(*uint64)(dst) = bits
	}
}

func storePointer(dst unsafe.Pointer, number uint64) {
	*(*uintptr)(dst) = 0
	if number != 0 {
		*(*uintptr)(dst) = pointerBase + 8*uintptr(number)
	}
}

func (p *parser) components(t *typ, dst unsafe.Pointer, open, end string) {
	p.expect(open)
	for i, c := range t.parts {
		if i > 0 {
			p.expect(",")
		}
		p.value(c.typ, unsafe.Add(dst, c.offset))
	}
	p.expect(end)
}

func (p *parser) float(t *typ, dst unsafe.Pointer) {
	if p.skip("bits:") {
		storeBits(dst, t.size, p.number())
		return
	}
	p.blanks()
	start := p.at
	for p.at < len(p.line) && (isLetter(p.line[p.at]) || isDigit(p.line[p.at]) || p.line[p.at] == '.' ||
		p.line[p.at] == '-' || p.line[p.at] == '+') {
		p.at++
	}
	f, err := strconv.ParseFloat(string(p.line[start:p.at]), int(8*t.size))
	switch {
	case err != nil:
		p.fail("expected a float")
	case t.size == 8:
		*(*float64)(dst) = f
	case math.IsNaN(f):
		*(*uint32)(dst) = 0x7fc00000
	default:
		*(*float32)(dst) = float32(f)
	}
}

func (p *parser) quoted() []byte {
	p.expect(`"`)
	var text []byte
	for ; p.at < len(p.line) && p.line[p.at] != '"'; p.at++ {
		c := p.line[p.at]
		if c == '\\' && p.at+1 < len(p.line) {
			p.at++
			c = p.escaped()
		}
		text = append(text, c)
	}
	p.expect(`"`)
	return text
}

func (p *parser) escaped() byte {
	switch c := p.line[p.at]; c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'x':
		var b [1]byte
		p.at++
		p.hexDigits(b[:])
		p.at--
		return b[0]
	default:
		return c
	}
}

func (p *parser) hexadecimal(dst []byte) {
	p.expect(`"`)
	p.hexDigits(dst)
	p.expect(`"`)
}

func (p *parser) hexDigits(dst []byte) {
	for i := range dst {
		if p.at+2 > len(p.line) {
			p.fail("expected two hexadecimal digits")
		}
		b, err := strconv.ParseUint(string(p.line[p.at:p.at+2]), 16, 8)
		if err != nil {
			p.fail("expected two hexadecimal digits")
		}
		dst[i] = byte(b)
		p.at += 2
	}
}

// dynamic reads the value of an interface.
func (p *parser) dynamic(dst unsafe.Pointer) {
	if p.skip("nil") {
		return
	}
	t := p.parseType()
	p.expect(":")
	p.value(t, p.box(t, dst))
	p.unbox(t, dst)
}

// box makes the interface at dst hold a zero value of type t, and says where it is.
func (p *parser) box(t *typ, dst unsafe.Pointer) unsafe.Pointer {
	p.area.typeNumber(t)
	data := p.area.take(t.size, 8)
	bytes := unsafe.Slice((*byte)(data), t.size)
	for i := range bytes {
		bytes[i] = 0
	}
	*(*eface)(dst) = eface{t.rtype, data}
	return data
}

// unbox puts a pointer-shaped value, once it is written, where Go has it: into the interface itself.
func (p *parser) unbox(t *typ, dst unsafe.Pointer) {
	if t.direct {
		e := (*eface)(dst)
		e.data = *(*unsafe.Pointer)(e.data)
	}
}

// expand writes what #n stands for.
func (p *parser) expand(t *typ, n uint64, dst unsafe.Pointer) {
	switch t.kind {
	case kindBool:
		*(*bool)(dst) = n&1 != 0
	case kindInt, kindUint:
		storeBits(dst, t.size, n)
	case kindFloat32:
		*(*float32)(dst) = float32(n)
	case kindFloat64:
		*(*float64)(dst) = float64(n)
	case kindComplex64, kindComplex128:
		for _, half := range t.parts {
			p.expand(half.typ, n, unsafe.Add(dst, half.offset))
		}
	case kindString:
		p.area.store(dst, expandedString(n))
	case kindPointer:
		storePointer(dst, n)
	case kindInterface:
		chosen := expandedTypes[n%4]
		p.expand(chosen, n/4, p.box(chosen, dst))
	case kindArray, kindStruct:
		if t.isBytes {
			scrambleBytes(n, unsafe.Slice((*byte)(dst), t.size))
			return
		}
		for i, c := range t.parts {
			p.expand(c.typ, scramble(n, uint64(i)), unsafe.Add(dst, c.offset))
		}
	case kindUnhashable:
		p.unhashable = true
	}
}

var expandedTypes = [4]*typ{
	scalars["int"], scalars["string"], scalars["float64"], arrayOf(2, scalars["uint16"]),
}

func expandedString(n uint64) []byte {
	text := strconv.AppendUint([]byte{'k'}, n, 10)
	if n%4 == 3 {
		text = append(text, "................................"...)
	}
	return text
}

func scramble(n, i uint64) uint64 {
	x := n + (i+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func scrambleBytes(n uint64, dst []byte) {
	var word [8]byte
	for i := uint64(0); len(dst) > 0; i++ {
		binary.LittleEndian.PutUint64(word[:], scramble(n, i))
		dst = dst[copy(dst, word[:]):]
	}
}
