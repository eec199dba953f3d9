// Command panics recovers from every panic that a map can cause, and uses the map again.
package main

import (
	"fmt"
	"reflect"
)


type pair struct {
	a interface{}
	b int
}

func try(name string, f func()) {
	defer func() {
		r := recover()
		_, isError := r.(interface {
			error
			RuntimeError()
		})
		fmt.Println(name, "->", r, isError)
	}()
	f()
	fmt.Println(name, "did not panic")
}

func main() {
	slice, function := []int{1}, func() {}
	m := map[interface{}]int{1: 1, "two": 2}
	empty := map[interface{}]int{}
	var null map[interface{}]int

	try("assign", func() { m[slice] = 1 })
	try("access", func() { _ = m[slice] })
	try("access, ok", func() { _, _ = m[function] })
	try("delete", func() { delete(m, slice) })
	try("access empty", func() { _ = empty[slice] })
	try("delete empty", func() { delete(empty, m) })
	try("access nil", func() { _ = null[slice] })
	try("delete nil", func() { delete(null, slice) })
	try("assign nil", func() { null[1] = 1 })
	try("assign nil int", func() { var n map[int]int; n[1] = 1 })
	try("assign nil string", func() { var n map[string]int; n["a"]++ })
	try("assign nil int32", func() { var n map[int32]int; n[1]++ })
	try("assign nil pointer", func() { var n map[*int]int; n[nil] = 1 })
	try("assign struct", func() { map[pair]int{}[pair{slice, 1}] = 1 })
	try("literal", func() { _ = map[interface{}]int{m: 1} })
	try("reflect set", func() {
		reflect.ValueOf(m).SetMapIndex(reflect.ValueOf(slice), reflect.ValueOf(1))
	})
	try("reflect nil set", func() {
		reflect.ValueOf(null).SetMapIndex(reflect.ValueOf(1), reflect.ValueOf(1))
	})
	made := reflect.MakeMap(reflect.MapOf(reflect.TypeOf(pair{}), reflect.TypeOf("")))
	try("reflect made", func() { made.SetMapIndex(reflect.ValueOf(pair{slice, 1}), reflect.ValueOf("x")) })
	made.SetMapIndex(reflect.ValueOf(pair{"a", 1}), reflect.ValueOf("x"))
	fmt.Println(made.Len(), made.MapIndex(reflect.ValueOf(pair{"a", 1})))

	// A deferred function uses the map while the panic is under way.
	func() {
		defer func() {
			m["deferred"] = len(m)
			fmt.Println("deferred:", recover() != nil, m["deferred"])
		}()
		m[slice] = 1
	}()
	for i := 0; i < 1000; i++ {
		func() {
			defer func() { recover() }()
			m[i] = i
			m[slice] = i
		}()
	}
	sum := 0
	for i := 0; i < 1000; i++ {
		sum += m[i]
	}
	fmt.Println(len(m), sum, m["two"], m["deferred"])
}
