//go:build go1.21

package main

import _ "unsafe" // for go:linkname

// hasClone says whether this release has a clone.
const hasClone = true

//go:linkname mapclone2 runtime.mapclone2
func mapclone2(t *descriptor, source *hmap) *hmap

// clone is maps.Clone.
func clone(d *descriptor, source *hmap) *hmap {
	if source == nil {
		return nil
	}
	return mapclone2(d, source)
}
