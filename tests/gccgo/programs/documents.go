// Command documents decodes, changes and encodes JSON documents, and renders templates with maps.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"text/template"
)

// value makes a random document of at most this depth.
func value(r *rand.Rand, depth int) interface{} {
	switch kind := r.Intn(8); {
	case kind < 3 && depth > 0:
		object := map[string]interface{}{}
		for n := r.Intn(12); n > 0; n-- {
			object[fmt.Sprintf("field%d", r.Intn(40))] = value(r, depth-1)
		}
		return object
	case kind < 5 && depth > 0:
		list := []interface{}{}
		for n := r.Intn(6); n > 0; n-- {
			list = append(list, value(r, depth-1))
		}
		return list
	case kind == 5:
		return strings.Repeat("ü", r.Intn(20))
	case kind == 6:
		return r.NormFloat64()
	default:
		return r.Intn(2) == 0
	}
}

const page = `{{define "v"}}{{with index . "kind"}}<{{.}}>{{end}}{{end}}
{{range $name, $list := .}}{{$name}}: {{len $list}}{{range $i, $m := $list}} {{$i}}={{template "v" $m}}{{$m.n}}{{end}}
{{end}}`

func main() {
	r := rand.New(rand.NewSource(1))
	digest := sha256.New()
	counts := map[string]map[rune]int{}
	for i := 0; i < 500; i++ {
		text, err := json.Marshal(map[string]interface{}{"document": value(r, 6), "number": i})
		if err != nil {
			panic(err)
		}
		var decoded map[string]interface{}
		if err := json.Unmarshal(text, &decoded); err != nil {
			panic(err)
		}
		again, _ := json.Marshal(decoded)
		if !bytes.Equal(text, again) {
			fmt.Println("not the same:", string(text), string(again))
		}
		digest.Write(again)
		for _, c := range string(again) {
			key := fmt.Sprint(i % 50)
			if counts[key] == nil {
				counts[key] = map[rune]int{}
			}
			counts[key][c]++
		}
	}
	data := map[string][]map[string]interface{}{}
	for i := 0; i < 5000; i++ {
		name := fmt.Sprintf("list%02d", i%37)
		data[name] = append(data[name], map[string]interface{}{"kind": fmt.Sprint(i % 5), "n": i})
	}
	var out bytes.Buffer
	if err := template.Must(template.New("page").Parse(page)).Execute(&out, data); err != nil {
		panic(err)
	}
	digest.Write(out.Bytes())
	fmt.Println(len(counts), counts["7"]['"'], out.Len())
	fmt.Println(counts["3"])
	fmt.Printf("%x\n", digest.Sum(nil))
}
