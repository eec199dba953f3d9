"""The workers: programs that measure one face, with one type of keys, in one process."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / "target" / "peers"

RUST = ["gomap-typed", "gomap-typed-small", "gomap-fast", "gomap-fast-small", "gomap-erased", "gomap-erased-small"]
RUST += ["gomap-called"]
RUST += ["hashbrown", "griddle", "std"]
CPP = ["glib", "glib-mix", "absl", "boost"]
GO = ["go1.23", "go1.27"]
FACES = RUST + CPP + GO
# What a face has no function for.
CANNOT = {"glib": ["hint"], "glib-mix": ["hint"]}
# What only some faces have: Go's order of iteration, and a way to look up many keys at once.
ONLY = {
    "range": ["gomap-fast", "gomap-fast-small", "gomap-erased", "gomap-erased-small", "gomap-called", *GO],
    "batch": ["gomap-typed", "gomap-erased", "gomap-erased-small"],
}


def build_worker():
    """Builds the worker of the faces in Rust; its path."""
    command = ["cargo", "build", "--release", "--message-format=json-render-diagnostics"]
    done = subprocess.run(command, check=False, cwd=HERE, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    messages = map(json.loads, done.stdout.splitlines())
    return next(m["executable"] for m in messages if m.get("executable"))


def worker(face, type_, rust):
    """The program that measures `face`, or None where it was not built."""
    if face in RUST:
        return rust
    path = PEERS / (f"{face}-{type_}" if face in GO else "cpp")
    return path if path.exists() else None


def programs(chosen, rust):
    """A function from a type of keys to the faces that can be measured with it, each with its worker."""
    missing = [face for face in chosen if worker(face, "u64", rust) is None]
    if missing:
        print(f"left out, run benches/peers/setup: {', '.join(missing)}", file=sys.stderr)
    return lambda type_: [(face, worker(face, type_, rust)) for face in chosen if face not in missing]


def can_do(face, op):
    """Whether a face is measured in an operation."""
    return face in ONLY.get(op, FACES) and op not in CANNOT.get(face, [])


class Failures(list):
    """What went wrong with a worker, reported as it happens and at the end."""

    def add(self, text):
        print(text, file=sys.stderr)
        self.append(text)


def ask(program, face, type_, size, ops, samples, failures):
    """Runs a worker; the fields of each line that it printed."""
    if not ops:
        return []
    command = [program, face, type_, str(size), ",".join(ops), str(samples)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        failures.add(f"{face} {type_} {size}: {error} {(error.stderr or '')[-400:]}")
        return []
    return [line.split() for line in done.stdout.splitlines()]
