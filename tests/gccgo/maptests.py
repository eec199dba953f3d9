#!/usr/bin/env python3
"""Builds Go's own tests of its map (runtime/map_test.go of the installed package golang-1.19-src) into a program.

    maptests.py PROGRAM

The tests stand outside package runtime here; what they ask of its internals is answered by `programs/internals.go.txt`.
Maps on the stack, which gccgo does not have, are left out: TestNonEscapingMap, and two clauses of TestMapBuckets.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = Path("/usr/share/go-1.19/src/runtime/map_test.go")
INTERNALS = ["RuntimeHmapSize", "HashLoad", "MapBucketsCount", "MapBucketsPointerIsNil", "MapTombstoneCheck", "Escape"]
LEFT_OUT = {"TestNonEscapingMap"}


def transform(text):
    text = text.replace("package runtime_test", "package main", 1).replace('\t"internal/goarch"\n', "", 1)
    text = text.replace("goarch.PtrSize", "8").replace("runtime.MapBucketsPointerIsNil(localMap)", "false")
    for name in INTERNALS:
        text = text.replace(f"runtime.{name}", name)
    return re.sub(r"\bany\b", "interface{}", text)


def table(text):
    names = [name for name in re.findall(r"^func (Test\w+)\(t \*testing\.T\)", text, re.M) if name not in LEFT_OUT]
    entries = "".join(f'\t\t{{"{name}", {name}}},\n' for name in names)
    return f"""package main

import (
	"regexp"
	"testing"
)

func main() {{
	testing.Main(regexp.MatchString, []testing.InternalTest{{
{entries}	}}, nil, nil)
}}
"""


def main():
    text = transform(SOURCE.read_text())
    with tempfile.TemporaryDirectory() as work:
        parts = {"map_test.go": text, "main.go": table(text),
                 "internals.go": (HERE / "programs/internals.go.txt").read_text()}
        for name, content in parts.items():
            Path(work, name).write_text(content)
        files = [str(Path(work, name)) for name in parts]
        subprocess.run(["gccgo-12", "-O1", "-g", *files, "-o", sys.argv[1]], check=True)


if __name__ == "__main__":
    main()
