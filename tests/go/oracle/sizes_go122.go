//go:build go1.22

package main

import _ "unsafe" // for go:linkname

//go:linkname roundupsize runtime.roundupsize
func roundupsize(size uintptr, noscan bool) uintptr

// roundUpSize is the size of the memory block that the runtime allocates for size bytes.
func roundUpSize(size uintptr, noPointers bool) uintptr { return roundupsize(size, noPointers) }
