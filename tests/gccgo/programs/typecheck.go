// Command typecheck type-checks packages and all that they import from their sources, and prints a digest of what it
// found. Its arguments are the source tree and the packages. What this checker is too old for is counted, and passed by.
package main

import (
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"sort"
)

type sources struct {
	context build.Context
	files   *token.FileSet
	done    map[string]*types.Package
	errors  int
	info    *types.Info
}

func (s *sources) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := s.done[path]; p != nil {
		return p, nil
	}
	directory := filepath.Join(s.context.GOROOT, "src", path)
	if _, err := os.Stat(directory); err != nil {
		directory = filepath.Join(s.context.GOROOT, "src/vendor", path)
	}
	found, err := s.context.ImportDir(directory, 0)
	if err != nil {
		return nil, err
	}
	var parsed []*ast.File
	for _, name := range found.GoFiles {
		file, err := parser.ParseFile(s.files, filepath.Join(directory, name), nil, 0)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, file)
	}
	config := types.Config{Importer: s, FakeImportC: true, Error: func(error) { s.errors++ }}
	p, _ := config.Check(path, s.files, parsed, s.info)
	s.done[path] = p
	return p, nil
}

// lines describes all objects of all packages, and the types of all expressions, by kind.
func (s *sources) lines() []string {
	var lines []string
	for _, p := range s.done {
		for _, name := range p.Scope().Names() {
			lines = append(lines, types.ObjectString(p.Scope().Lookup(name), nil))
		}
	}
	kinds := map[string]int{}
	for expression, t := range s.info.Types {
		kinds[fmt.Sprintf("%T %T", expression, t.Type)]++
	}
	for kind, n := range kinds {
		lines = append(lines, fmt.Sprint(kind, n))
	}
	sort.Strings(lines)
	return lines
}

func main() {
	s := sources{context: build.Default, files: token.NewFileSet(), done: map[string]*types.Package{}}
	s.context.GOROOT = os.Args[1]
	s.context.Compiler = "gc" // under its own name, gccgo's has no sources
	s.context.CgoEnabled = false
	s.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	for _, path := range os.Args[2:] {
		if _, err := s.Import(path); err != nil {
			fmt.Println(path, err)
			os.Exit(1)
		}
	}
	lines := s.lines()
	digest := sha256.New()
	for _, line := range lines {
		fmt.Fprintln(digest, line)
	}
	fmt.Printf("%d packages, %d lines, %d errors, %x\n", len(s.done), len(lines), s.errors, digest.Sum(nil))
}
