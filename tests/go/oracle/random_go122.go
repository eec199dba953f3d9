//go:build go1.22

package main

import (
	"reflect"
	"syscall"
	"unsafe"
)

//go:linkname runtimeRand runtime.rand
func runtimeRand() uint64

func wyrandAddress() uintptr

var wyrandState uint64

// controlRandom makes runtime.rand, the only source of the map's random numbers, jump to wyrand.
func controlRandom() *uint64 {
	target := reflect.ValueOf(runtimeRand).Pointer()
	const pageSize = 4096
	page := target &^ (pageSize - 1)
	pages := unsafe.Slice((*byte)(at(page)), 2*pageSize)
	if err := syscall.Mprotect(pages, syscall.PROT_READ|syscall.PROT_WRITE|syscall.PROT_EXEC); err != nil {
		panic("the runtime's code cannot be made writable: " + err.Error())
	}
	jump := unsafe.Slice((*byte)(at(target)), 12)
	// movabs rax, imm64; jmp rax
	*(*uint64)(unsafe.Pointer(&jump[2])) = uint64(wyrandAddress())
	jump[0], jump[1], jump[10], jump[11] = 0x48, 0xb8, 0xff, 0xe0
	return &wyrandState
}

// at is the pointer with that address, which is not the collector's.
func at(address uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}
