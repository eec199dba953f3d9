package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
)

// oracle reads traces line by line.
type oracle struct {
	out  *bufio.Writer
	area *area

	header  *header
	machine *machine
	shot    *snapshot
	// Whether Go crashed; then the rest of the trace is skipped.
	crashed bool
	// The number of the last operation, and how many from it on need no snapshot.
	operation uint64
	rest      uint64
}

// header is what stands before a trace's operations.
type header struct {
	key, elem    *typ
	seed         uint64
	hash         string
	hashArgument uint64
	fast         bool
	check        string
	checkNumber  uint64
	shown        map[uint64]bool
	showAll      bool
	showEnd      bool
	reused       bool
	// Whether to do as Go 1.12: never renew a map's seed, leave iterators of empty maps zero.
	go112 bool
}

// line handles one line; the failures of the parser become errors.
func (o *oracle) line(text []byte) (err error) {
	defer func() {
		caught := recover()
		if failure, ok := caught.(traceError); ok {
			err = fmt.Errorf("%s", string(failure))
		} else if caught != nil {
			panic(caught)
		}
	}()
	p := &parser{line: text, area: o.area}
	if p.atEnd() {
		return nil
	}
	start := p.at
	switch word := p.word(); {
	case word == "gomap":
		o.end()
		p.expect("trace 1")
		o.header = &header{hash: "good", check: "auto", checkNumber: 1024, shown: map[uint64]bool{}}
	case o.header == nil:
		p.fail("expected gomap trace 1")
	case word == "end":
		o.end()
	case o.header.key == nil:
		p.at = start
		o.header.mapType(p)
	case o.crashed:
	case o.machine != nil || !o.header.directive(word, p):
		o.do(word, p)
	}
	return nil
}

func (h *header) mapType(p *parser) {
	p.expect("map[")
	h.key = p.parseType()
	p.expect("]")
	h.elem = p.parseType()
}

// directive reads a header line; anything else is the first operation.
func (h *header) directive(word string, p *parser) bool {
	switch word {
	case "seed":
		h.seed = p.number()
	case "era":
		h.go112 = p.word() == "go112"
	case "hash":
		h.hash = p.word()
		if h.hash == "const" {
			h.hashArgument = p.number()
		}
	case "path":
		h.fast = p.word() == "fast"
		if h.fast && fastVerbs(h.key, h.elem) == nil {
			p.fail("this type has no fast path")
		}
	case "check":
		h.check = p.word()
		h.checkNumber = p.number()
	case "memory":
		h.reused = p.word() == "reused"
	case "show":
		h.show(p)
	default:
		return false
	}
	return true
}

func (h *header) show(p *parser) {
	switch {
	case p.skip("all"):
		h.showAll = true
	case p.skip("end"):
		h.showEnd = true
	default:
		h.shown[p.number()] = true
	}
}

// begin is called before a trace's first operation, or its end.
func (o *oracle) begin() {
	h := o.header
	o.machine = newMachine(h, o.area)
	o.shot = &snapshot{
		registry: newRegistry(), d: o.machine.d, key: h.key, elem: h.elem, area: o.area,
		layout: newBucketLayout(o.machine.d, h.key, h.elem), reused: h.reused,
	}
	o.operation, o.rest = 0, 0
}

func (o *oracle) do(verb string, p *parser) {
	if o.machine == nil {
		o.begin()
	}
	o.machine.run(verb, p)
	if o.crashed = o.machine.crashed; o.crashed {
		fmt.Fprintln(o.out, "crash")
		return
	}
	o.operation++
	shown := o.header.showAll || o.header.shown[o.operation]
	o.shot.digest = digest{}
	o.shot.rows = nil
	if shown {
		o.shot.rows = o.out
		fmt.Fprintln(o.out, "op", o.operation)
	}
	o.result()
	o.shot.number("", "random", "%#x", o.machine.random)
	if o.due() || shown {
		before := o.shot.count
		o.shot.take(o.machine)
		o.rest = uint64(o.shot.count-before) / o.header.checkNumber
	} else if o.rest > 0 {
		o.rest--
	}
	fmt.Fprintf(o.out, "%016x\n", o.shot.digest.d)
}

// due says whether memory is compared after this operation.
func (o *oracle) due() bool {
	switch o.header.check {
	case "every":
		return o.operation%o.header.checkNumber == 0
	case "from":
		return o.operation >= o.header.checkNumber
	}
	return o.rest == 0
}

var resultNames = [...]string{"ok", "found", "missing", "entry", "end", "panic"}

func (o *oracle) result() {
	r := o.machine.result
	s := o.shot
	s.word(uint64(r.kind))
	text := resultNames[r.kind]
	value := func(t *typ, bytes []byte) {
		s.bytes(bytes)
		if s.rows != nil {
			text += " " + hex.EncodeToString(bytes)
		}
	}
	switch r.kind {
	case resultEntry:
		value(s.key, s.canonical(s.key, r.key))
		value(s.elem, s.canonical(s.elem, r.elem))
	case resultFound:
		value(s.elem, s.canonical(s.elem, r.elem))
	case resultPanic:
		s.word(uint64(len(r.message)))
		s.bytes([]byte(r.message))
		text += " " + r.message
	}
	if s.rows != nil {
		s.row("result", text)
	}
}

// end closes the trace, if there is one, with a last snapshot.
func (o *oracle) end() {
	if o.header == nil {
		return
	}
	if o.machine == nil && o.header.key != nil {
		o.begin()
	}
	if o.machine != nil && !o.crashed {
		o.shot.digest = digest{}
		o.shot.rows = nil
		if o.header.showEnd {
			o.shot.rows = o.out
			fmt.Fprintln(o.out, "op end")
		}
		o.shot.number("", "random", "%#x", o.machine.random)
		o.shot.take(o.machine)
		fmt.Fprintf(o.out, "end %016x\n", o.shot.digest.d)
	}
	o.out.Flush()
	o.header, o.machine, o.shot, o.crashed = nil, nil, nil, false
	o.area.reset()
	collect()
}
