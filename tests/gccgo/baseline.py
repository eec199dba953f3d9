#!/usr/bin/env python3
"""Runs programs of the Go 1.19 test directory on libgo's map and on gomap, and compares output and exit status.

    baseline.py --swap "LIBRARY..." [--list FILE] [--sample N] [--jobs N] [--gogc N] [--work DIR]
                [PROGRAM...]

The programs are those of `baseline.txt`; with --sample N, its map programs and every Nth of the others. Under the swap
the given libraries are preloaded. Exit status 1 if a program differs, or differs from what Go's own test expects.
"""

import argparse
import concurrent.futures
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(os.environ.get("GO_TESTS", "/usr/share/go-1.19/test"))
COMPILER = ["gccgo-12", "-O1", "-g"]
COMPILE_SECONDS, RUN_SECONDS = 300, 180
HERE = Path(__file__).resolve().parent


class Failure(Exception):
    pass


def read_list(path, sample):
    """The programs of a list; with a sample, its first section and every `sample`th of the rest."""
    sections = [[]]
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            if sections[-1]:
                sections.append([])
        elif line:
            sections[-1].append(line)
    maps, others = sections[0], [program for section in sections[1:] for program in section]
    return maps + others[:: sample or 1]


def recipe(source):
    """The kind and the arguments of a test, from its first line that names a kind."""
    for line in source.read_text(errors="replace").splitlines():
        if found := re.match(r"// (run|rundir|runoutput)\b(.*)", line):
            return found[1], shlex.split(found[2])
    raise Failure("no recipe")


def command(arguments, directory, seconds, **variables):
    environment = {**os.environ, "GOROOT": str(ROOT.parent), **variables}
    try:
        done = subprocess.run(arguments, cwd=directory, env=environment, timeout=seconds, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        return "time out", b""
    return done.returncode, done.stdout


def compile_files(files, target, directory, *flags):
    status, output = command([*COMPILER, *flags, *map(str, files), "-o", str(target)], directory, COMPILE_SECONDS)
    if status != 0:
        raise Failure(f"does not compile: {output.decode(errors='replace')[:500]}")


def compile_directory(directory, work):
    """A rundir test: each package is compiled by itself, in the order of the files; `main` is linked with the rest."""
    packages = {}
    for file in sorted(directory.glob("*.go")):
        name = re.search(r"^package\s+(\w+)", file.read_text(), re.M)[1]
        packages.setdefault(name, []).append(file)
    main = packages.pop("main")
    objects = []
    for name, files in packages.items():
        objects.append(work / f"{name}.o")
        compile_files(files, objects[-1], work, "-c", f"-fgo-pkgpath=test/{name}")
    compile_files([*main, *objects], work / "program", work)


def run_both(program, arguments, directory, swap):
    """Runs a program on both maps and returns the output, which must be the same."""
    plain = command([program, *arguments], directory, RUN_SECONDS)
    swapped = command([program, *arguments], directory, RUN_SECONDS, LD_PRELOAD=swap)
    if swapped[0] == "time out":
        raise Failure("time out under the swap")
    if plain != swapped:
        raise Failure(f"differs: plain {plain[0]} {plain[1][-600:]!r}, swapped {swapped[0]} {swapped[1][-600:]!r}")
    if plain[0] != 0:
        raise Failure(f"fails on both: {plain[0]} {plain[1][-300:]!r}")
    return plain[1]


def test(name, swap, work):
    source = ROOT / name
    kind, arguments = recipe(source)
    arguments = [argument for argument in arguments if not argument.startswith("-")]
    files = [source] + [source.parent / argument for argument in arguments if argument.endswith(".go")]
    arguments = [argument for argument in arguments if not argument.endswith(".go")]
    program = work / "program"
    if kind == "rundir":
        compile_directory(source.with_suffix(".dir"), work)
        arguments = []
    else:
        compile_files(files, program, source.parent)
    output = run_both(program, arguments, source.parent, swap)
    if kind == "runoutput":
        (work / "generated.go").write_bytes(output)
        compile_files([work / "generated.go"], program, work)
        output = run_both(program, [], work, swap)
    expected = source.with_suffix(".out")
    if output != (expected.read_bytes() if expected.exists() else b""):
        raise Failure(f"not the expected output: {output[-300:]!r}")


def attempt(name, swap, parent):
    work = Path(tempfile.mkdtemp(dir=parent))
    try:
        test(name, swap, work)
        return None
    except Failure as failure:
        return str(failure)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--swap", required=True, help="libraries to preload, separated by spaces")
    parser.add_argument("--list", type=Path, default=HERE / "baseline.txt")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--gogc", help="how much the heap may grow between collections, in percent")
    parser.add_argument("--work", help="directory for temporary files")
    parser.add_argument("programs", nargs="*")
    options = parser.parse_args()
    names = options.programs or read_list(options.list, options.sample)
    if options.gogc:
        os.environ["GOGC"] = options.gogc
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(attempt, name, options.swap, options.work): name for name in names}
        for done in concurrent.futures.as_completed(running):
            if problem := done.result():
                failures += 1
                print(f"FAIL {running[done]}: {problem}", flush=True)
    print(f"{len(names) - failures} of {len(names)} programs: same output and exit status on both maps, as expected")
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
