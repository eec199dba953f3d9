package main

import (
	"fmt"
	"unsafe"
)

// machine runs the operations of one trace.
type machine struct {
	d         *descriptor
	key, elem *typ
	verbs     *verbs
	area      *area
	go112     bool

	current   *hmap
	spare     *hmap
	iterators []iterator
	random    uint64
	result    result
	crashed   bool

	// Where operations bring their key and elem.
	keyMemory, elemMemory []uint64
}

type iterator struct {
	name  string
	state hiter
}

type resultKind uint64

const (
	resultOK resultKind = iota
	resultFound
	resultMissing
	resultEntry
	resultEnd
	resultPanic
)

// result is what an operation gave: the addresses of a key and an elem where its kind has them.
type result struct {
	kind      resultKind
	key, elem unsafe.Pointer
	message   string
}

func newMachine(h *header, a *area) *machine {
	m := &machine{key: h.key, elem: h.elem, area: a, random: h.seed, go112: h.go112}
	m.d = newDescriptor(h.key.reflect, h.elem.reflect)
	keys := &hasher{key: h.key, area: a, original: m.d.hasher, random: &m.random}
	m.d.hasher = keys.named(h.hash, h.hashArgument)
	m.verbs = &genericVerbs
	if h.fast {
		m.verbs = fastVerbs(h.key, h.elem)
	}
	m.keyMemory = make([]uint64, h.key.size/8+1)
	m.elemMemory = make([]uint64, h.elem.size/8+1)
	return m
}

func read(p *parser, t *typ, memory []uint64) unsafe.Pointer {
	for i := range memory {
		memory[i] = 0
	}
	dst := unsafe.Pointer(&memory[0])
	p.value(t, dst)
	return dst
}

// run does the operation on the line, whose first word has been read.
func (m *machine) run(verb string, p *parser) {
	p.unhashable = false
	switch verb {
	case "insert":
		key := read(p, m.key, m.keyMemory)
		elem := read(p, m.elem, m.elemMemory)
		m.do(!p.unhashable && m.current != nil, func() result { return m.insert(key, elem) })
	case "get", "read":
		key := read(p, m.key, m.keyMemory)
		m.do(!p.unhashable, func() result { return m.find(verb, key) })
	case "delete":
		key := read(p, m.key, m.keyMemory)
		m.do(!p.unhashable, func() result { return m.emptying(func() { m.verbs.remove(m.d, m.current, key) }) })
	case "make":
		if p.atEnd() {
			m.do(true, func() result { m.current = makemap_small(); return result{} })
		} else {
			hint := int(p.signed())
			m.do(true, func() result { m.current = makemap(m.d, hint, nil); return result{} })
		}
	case "clear":
		m.do(true, func() result { return m.emptying(func() { mapclear(m.d, m.current) }) })
	case "iter":
		name := p.word()
		m.do(true, func() result { return m.start(name) })
	case "next":
		it := m.iterator(p)
		m.do(!m.d.indirectKey(), func() result { return it.next() })
	case "drop":
		m.drop(m.iterator(p).name)
		m.result = result{}
	case "clone":
		if !hasClone {
			p.fail("this release of Go has no clone")
		}
		m.do(true, func() result { m.spare = clone(m.d, m.current); return result{} })
	case "swap":
		m.current, m.spare = m.spare, m.current
		m.result = result{}
	default:
		p.fail("unknown operation " + verb)
	}
	if !p.atEnd() {
		p.fail("expected the end of the line")
	}
}

// do runs an operation with the trace's random stream. What can panic must not be pinned.
func (m *machine) do(pin bool, operation func() result) {
	defer m.caught()
	*stream = m.random
	if pin {
		procPin()
		m.result = operation()
		m.random = *stream
		procUnpin()
	} else {
		m.result = operation()
		m.random = *stream
	}
}

// caught turns a panic into a result. Panicking draws random numbers in some releases, which are not the trace's.
func (m *machine) caught() {
	caught := recover()
	if caught == nil {
		return
	}
	m.result = result{kind: resultPanic, message: fmt.Sprint(caught)}
	// After several growths to the same size, an iterator can meet the pointer to a boxed key that was wiped.
	m.crashed = m.result.message == nilKey || m.result.message == nilDereference
}

const nilDereference = "runtime error: invalid memory address or nil pointer dereference"

func (m *machine) insert(key, elem unsafe.Pointer) result {
	slot := m.verbs.assign(m.d, m.current, key)
	copy(unsafe.Slice((*byte)(slot), m.elem.size), unsafe.Slice((*byte)(elem), m.elem.size))
	return result{}
}

func (m *machine) find(verb string, key unsafe.Pointer) result {
	if verb == "read" {
		return result{kind: resultFound, elem: m.verbs.read(m.d, m.current, key, m.elem.size)}
	}
	if elem, found := m.verbs.access2(m.d, m.current, key); found {
		return result{kind: resultFound, elem: elem}
	}
	return result{kind: resultMissing}
}

// emptying does what may empty the map, which renews its seed as the last thing that it does.
func (m *machine) emptying(operation func()) result {
	h := m.current
	if !m.go112 || h == nil || h.count == 0 {
		operation()
		return result{}
	}
	seed := h.hash0
	operation()
	if h.count == 0 {
		h.hash0 = seed
		*stream -= mix0
	}
	return result{}
}

func (m *machine) start(name string) result {
	m.drop(name)
	m.iterators = append(m.iterators, iterator{name: name})
	it := &m.iterators[len(m.iterators)-1]
	mapiterinit(m.d, m.current, &it.state)
	if m.go112 && it.state.h == nil {
		it.state.t = nil
	}
	return it.entry()
}

func (it *iterator) next() result {
	if it.state.key != nil {
		mapiternext(&it.state)
	}
	return it.entry()
}

func (it *iterator) entry() result {
	if it.state.key == nil {
		return result{kind: resultEnd}
	}
	return result{kind: resultEntry, key: it.state.key, elem: it.state.elem}
}

func (m *machine) iterator(p *parser) *iterator {
	name := p.word()
	for i := range m.iterators {
		if m.iterators[i].name == name {
			return &m.iterators[i]
		}
	}
	p.fail("no iterator " + name)
	return nil
}

func (m *machine) drop(name string) {
	for i := range m.iterators {
		if m.iterators[i].name == name {
			m.iterators = append(m.iterators[:i], m.iterators[i+1:]...)
			return
		}
	}
}
