// The oracle runs traces (docs/trace.md) from standard input on real Go maps, and prints what they leave in memory.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

const pipeBuffer = 1 << 20

// collectAbove is how much garbage may lie about when a trace ends.
const collectAbove = 1 << 30

func main() {
	// Addresses must not be reused within a trace, nothing else may draw random numbers, and the thread that the
	// random state belongs to must stay.
	debug.SetGCPercent(-1)
	runtime.MemProfileRate = 0
	runtime.LockOSThread()

	in := bufio.NewReaderSize(os.Stdin, pipeBuffer)
	out := bufio.NewWriterSize(os.Stdout, pipeBuffer)
	o := &oracle{out: out, area: newArea()}
	err := o.all(in)
	out.Flush()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

// all runs the traces of in, one after the other.
func (o *oracle) all(in *bufio.Reader) error {
	for number := 1; ; number++ {
		line, err := in.ReadSlice('\n')
		var long []byte
		for err == bufio.ErrBufferFull {
			long = append(long, line...)
			line, err = in.ReadSlice('\n')
		}
		if long != nil {
			line = append(long, line...)
		}
		if len(line) > 0 {
			if failure := o.line(bytes.TrimRight(line, "\r\n")); failure != nil {
				return fmt.Errorf("line %d: %v", number, failure)
			}
		}
		if err != nil {
			o.end()
			return nil
		}
	}
}

func collect() {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	if stats.HeapAlloc > collectAbove {
		runtime.GC()
	}
}
