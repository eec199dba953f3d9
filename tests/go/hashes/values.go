package main

import (
	"fmt"
	"math"
	"reflect"
	"unsafe"
)

// random is a stream of numbers that the reader of our output can repeat.
type random uint64

func (r *random) next() uint64 {
	*r += 0x6c62272e07bb0142
	x := uint64(*r)
	for i := 0; i < 3; i++ {
		x = (x ^ x>>29) * 0xd1b54a32d192ed03
	}
	return x ^ x>>32
}

func (r *random) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.next())
	}
	return b
}

// float has few fractional bits, so that it is the same however it is computed.
func (r *random) float() float64 {
	switch r.next() % 4 {
	case 0:
		return 0
	case 1:
		return math.Copysign(0, -1)
	default:
		return float64(int32(r.next())>>8) / 16
	}
}

type (
	padded struct {
		A int8
		B int64
	}
	mixed struct {
		A, B int32
		C    int64
		D    string
	}
	runs struct {
		A int8
		B float32
		C [3]uint8
		D uint8
		E uint32
		F any
		G bool
	}
	blank struct {
		A int16
		_ int16
		B int32
	}
	trailing struct {
		A int32
		B [0]string
	}
	dense struct {
		A int16
		B [6]int8
		C uint64
	}
	hollow struct {
		A    float32
		B    struct{}
		C    string
		D    [2]struct{}
		E, F uint16
	}
	nested struct {
		A dense
		B padded
		C struct{ D int16 }
		E int16
	}
)

// dynamic are the types that an interface may hold, besides none.
var dynamic = []reflect.Type{
	reflect.TypeOf(int64(0)),
	reflect.TypeOf(""),
	reflect.TypeOf(float64(0)),
	reflect.TypeOf(padded{}),
	reflect.TypeOf([2]string{}),
	reflect.TypeOf(mixed{}),
}

// maps has one map for each key type that is tested.
var maps = []any{
	map[bool]int{}, map[int8]int{}, map[uint16]int{}, map[int32]int{}, map[uint64]int{},
	map[string]int{}, map[float32]int{}, map[float64]int{}, map[complex64]int{}, map[complex128]int{},
	map[any]int{}, map[struct{}]int{}, map[[0]int32]int{}, map[[0]string]int{}, map[[0]float64]int{},
	map[[1]string]int{}, map[[3]string]int{}, map[[5]int32]int{}, map[[200]byte]int{},
	map[[2]float64]int{}, map[[2]any]int{}, map[[2][2]float32]int{},
	map[padded]int{}, map[mixed]int{}, map[runs]int{}, map[blank]int{}, map[trailing]int{},
	map[dense]int{}, map[hollow]int{}, map[nested]int{}, map[[2]padded]int{}, map[[2]mixed]int{},
}

// fill sets the value of type t at p, all but its padding and blank fields.
func fill(r *random, t reflect.Type, p unsafe.Pointer) {
	switch t.Kind() {
	case reflect.String:
		*(*string)(p) = string(r.bytes(int(r.next() % 24)))
	case reflect.Float32:
		*(*float32)(p) = float32(r.float())
	case reflect.Float64:
		*(*float64)(p) = r.float()
	case reflect.Complex64:
		re := float32(r.float())
		*(*complex64)(p) = complex(re, float32(r.float()))
	case reflect.Complex128:
		re := r.float()
		*(*complex128)(p) = complex(re, r.float())
	case reflect.Interface:
		if i := int(r.next() % uint64(len(dynamic)+1)); i < len(dynamic) {
			v := reflect.New(dynamic[i])
			fill(r, dynamic[i], v.UnsafePointer())
			*(*any)(p) = v.Elem().Interface()
		}
	case reflect.Array:
		for i := 0; i < t.Len(); i++ {
			fill(r, t.Elem(), unsafe.Add(p, uintptr(i)*t.Elem().Size()))
		}
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if f := t.Field(i); f.Name != "_" {
				fill(r, f.Type, unsafe.Add(p, f.Offset))
			}
		}
	case reflect.Bool:
		*(*bool)(p) = r.next()%2 == 1
	default:
		copy(unsafe.Slice((*byte)(p), t.Size()), r.bytes(int(t.Size())))
	}
}

// hashValues prints the hashes of random values of every key type: by the map's own hasher, and by the type.
func hashValues(r *random) {
	for _, m := range maps {
		t := reflect.TypeOf(m).Key()
		hasher := hasherOf(m)
		descriptor := unsafe.Pointer(reflect.ValueOf(t).Pointer())
		for i := 0; i < 40; i++ {
			v := reflect.New(t).UnsafePointer()
			fill(r, t, v)
			seed := uintptr(r.next())
			fmt.Fprintf(out, "%v compiled %x interpreted %x\n", t, hasher(v, seed), typehash(descriptor, v, seed))
		}
	}
}
