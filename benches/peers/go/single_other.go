//go:build !u64

package main

// printLatency and printMemory are for uint64 keys only.
func printLatency(int, string, func() int64) { panic("latency: u64 only") }

func printMemory(int) { panic("memory: u64 only") }
