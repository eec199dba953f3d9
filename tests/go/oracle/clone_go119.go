//go:build !go1.21

package main

func clone(*descriptor, *hmap) *hmap { panic(traceError("this release of Go has no clone")) }
