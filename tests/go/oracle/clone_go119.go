//go:build !go1.21

package main

// hasClone says whether this release has a clone.
const hasClone = false

func clone(*descriptor, *hmap) *hmap { return nil }
