package main

import (
	"reflect"
	"strings"
	"unsafe"
)

type kind uint8

const (
	kindBool kind = iota
	kindInt
	kindUint
	kindFloat32
	kindFloat64
	kindComplex64
	kindComplex128
	kindString
	kindPointer
	kindInterface
	kindArray
	kindStruct
	kindUnhashable
)

// typ is a type of the trace.
type typ struct {
	kind    kind
	size    uintptr
	reflect reflect.Type
	rtype   unsafe.Pointer
	// The fields of a struct, the elements of an array, the halves of a complex number.
	parts []part
	// Whether an array's bytes are written and hashed as a whole.
	isBytes bool
	// The words that hold pointers into the area, by offset.
	pointers []pointerWord
	// What an interface holds in its data word: the value (a pointer) or a pointer to it.
	direct bool
}

type part struct {
	offset uintptr
	typ    *typ
}

type pointerWord struct {
	offset uintptr
	// An interface's type word, which its data word follows; else a string's data.
	isType bool
}

// T is what a trace's pointers point to.
type T struct{ _ int64 }

var scalars = makeScalars()

func makeScalars() map[string]*typ {
	scalars := map[string]*typ{}
	for _, s := range []struct {
		kind  kind
		value interface{}
	}{
		{kindBool, false}, {kindInt, int8(0)}, {kindInt, int16(0)}, {kindInt, int32(0)}, {kindInt, int64(0)},
		{kindInt, 0}, {kindUint, uint8(0)}, {kindUint, uint16(0)}, {kindUint, uint32(0)}, {kindUint, uint64(0)},
		{kindUint, uint(0)}, {kindUint, uintptr(0)}, {kindFloat32, float32(0)}, {kindFloat64, 0.0},
		{kindComplex64, complex64(0)}, {kindComplex128, complex128(0)}, {kindString, ""},
		{kindUnhashable, []int(nil)}, {kindUnhashable, (func())(nil)}, {kindUnhashable, map[int]int(nil)},
	} {
		t := newTyp(s.kind, reflect.TypeOf(s.value))
		scalars[t.reflect.String()] = t
	}
	scalars["byte"] = scalars["uint8"]
	scalars["*T"] = newTyp(kindPointer, reflect.TypeOf((*T)(nil)))
	scalars["interface{}"] = newTyp(kindInterface, reflect.TypeOf((*interface{})(nil)).Elem())
	halves := func(t, half *typ) { t.parts = []part{{0, half}, {half.size, half}} }
	halves(scalars["complex64"], scalars["float32"])
	halves(scalars["complex128"], scalars["float64"])
	return scalars
}

func newTyp(k kind, r reflect.Type) *typ {
	t := &typ{kind: k, size: r.Size(), reflect: r, rtype: rtypeOf(r)}
	switch k {
	case kindString:
		t.pointers = []pointerWord{{0, false}}
	case kindInterface:
		t.pointers = []pointerWord{{0, true}}
	}
	t.direct = isDirect(r)
	return t
}

// isDirect says whether values of the type are pointers, which interfaces hold without a box.
func isDirect(r reflect.Type) bool {
	switch r.Kind() {
	case reflect.Ptr, reflect.Func, reflect.Map:
		return true
	case reflect.Array:
		return r.Len() == 1 && isDirect(r.Elem())
	case reflect.Struct:
		return r.NumField() == 1 && isDirect(r.Field(0).Type)
	}
	return false
}

func (t *typ) add(offset uintptr, p *typ) {
	t.parts = append(t.parts, part{offset, p})
	for _, word := range p.pointers {
		t.pointers = append(t.pointers, pointerWord{offset + word.offset, word.isType})
	}
}

func arrayOf(n int, element *typ) *typ {
	t := newTyp(kindArray, reflect.ArrayOf(n, element.reflect))
	t.isBytes = element.size == 1 && element.kind != kindBool && (element.kind == kindInt || element.kind == kindUint)
	for i := 0; i < n; i++ {
		t.add(uintptr(i)*element.size, element)
	}
	return t
}

func structOf(fields []*typ) *typ {
	described := make([]reflect.StructField, len(fields))
	for i, f := range fields {
		described[i] = reflect.StructField{Name: "F" + decimal(uint64(i)), Type: f.reflect}
	}
	t := newTyp(kindStruct, reflect.StructOf(described))
	for i, f := range fields {
		t.add(t.reflect.Field(i).Offset, f)
	}
	return t
}

// plainMemory says whether two values are equal just when all their bytes are.
func (t *typ) plainMemory() bool {
	switch t.kind {
	case kindBool, kindInt, kindUint, kindPointer:
		return true
	case kindArray, kindStruct:
		used := uintptr(0)
		for _, p := range t.parts {
			if !p.typ.plainMemory() {
				return false
			}
			used += p.typ.size
		}
		return used == t.size
	}
	return false
}

// composites holds the arrays and structs made so far, by what stood in the trace.
var composites = map[string]*typ{}

// parseType reads a type: everything but maps.
func (p *parser) parseType() *typ {
	start := p.at
	var t *typ
	switch {
	case p.skip("[]int"):
		return scalars["[]int"]
	case p.skip("["):
		n := p.number()
		p.expect("]")
		element := p.parseType()
		t = p.composite(start, func() *typ { return arrayOf(int(n), element) })
	case p.skip("struct{"):
		var fields []*typ
		for !p.skip("}") {
			fields = append(fields, p.parseType())
			p.skip(";")
		}
		t = p.composite(start, func() *typ { return structOf(fields) })
	default:
		name := p.typeName()
		if t = scalars[name]; t == nil {
			p.fail("unknown type " + name)
		}
	}
	return t
}

func (p *parser) composite(start int, make func() *typ) *typ {
	key := strings.ReplaceAll(string(p.line[start:p.at]), " ", "")
	if composites[key] == nil {
		composites[key] = make()
	}
	return composites[key]
}

func (p *parser) typeName() string {
	for _, name := range []string{"map[int]int", "interface{}", "func()", "*T"} {
		if p.skip(name) {
			return name
		}
	}
	return p.word()
}
