package main

import "strconv"

// parser reads one line of a trace. It expects what gomap prints, and fails on the rest with a traceError.
type parser struct {
	line []byte
	at   int
	// Where values go, and what they were made of.
	area *area
	// Whether a value that cannot be hashed was read.
	unhashable bool
}

type traceError string

func (p *parser) fail(message string) {
	panic(traceError("column " + decimal(uint64(p.at+1)) + ": " + message))
}

func (p *parser) blanks() {
	for p.at < len(p.line) && (p.line[p.at] == ' ' || p.line[p.at] == '\t') {
		p.at++
	}
}

// atEnd says whether nothing but a comment is left.
func (p *parser) atEnd() bool {
	p.blanks()
	if p.at == len(p.line) {
		return true
	}
	return p.line[p.at] == '#' && (p.at+1 == len(p.line) || !isDigit(p.line[p.at+1]))
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// skip passes text, and blanks before it, if they come next.
func (p *parser) skip(text string) bool {
	p.blanks()
	if len(p.line)-p.at < len(text) || string(p.line[p.at:p.at+len(text)]) != text {
		return false
	}
	p.at += len(text)
	return true
}

func (p *parser) expect(text string) {
	if !p.skip(text) {
		p.fail("expected " + text)
	}
}

// word reads letters and digits.
func (p *parser) word() string {
	p.blanks()
	start := p.at
	for p.at < len(p.line) && (isLetter(p.line[p.at]) || isDigit(p.line[p.at])) {
		p.at++
	}
	return string(p.line[start:p.at])
}

// number reads an unsigned number, decimal or hexadecimal.
func (p *parser) number() uint64 {
	p.blanks()
	if p.skip("0x") {
		n, err := strconv.ParseUint(p.word(), 16, 64)
		if err != nil {
			p.fail("expected a number")
		}
		return n
	}
	start, n := p.at, uint64(0)
	for p.at < len(p.line) && isDigit(p.line[p.at]) {
		n = n*10 + uint64(p.line[p.at]-'0')
		p.at++
	}
	if p.at == start {
		p.fail("expected a number")
	}
	return n
}

func (p *parser) signed() int64 {
	if p.skip("-") {
		return -int64(p.number())
	}
	return int64(p.number())
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
