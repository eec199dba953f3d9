"""The file that results are kept in."""

import json
import os
import platform
import subprocess
from pathlib import Path

import results as r
from worker import HERE


class Record:
    """The results, kept in a file as they come, so that a run may be made in parts."""

    def __init__(self, path, update):
        self.path = path
        self.results = {"cells": [], "latency": {}, "memory": {}, "floor": {}}
        if update and path and path.exists():
            self.results |= json.loads(path.read_text())
        facts, before = machine(), self.results.pop("machine", {})
        revisions = [*before.get("revision", "").split(), facts["revision"]]
        facts["revision"] = " ".join(filter(None, dict.fromkeys(revisions)))
        self.results = {"machine": facts, **self.results}

    def add_cells(self, cells):
        def key(cell):
            return list(r.TYPES).index(cell["type"]), cell["size"], r.ALL_OPS.index(cell["op"])

        new = set(map(key, cells))
        kept = [cell for cell in self.results["cells"] if key(cell) not in new]
        self.results["cells"] = sorted(kept + cells, key=key)
        self.save()

    def add(self, what, size, figures):
        self.results[what].setdefault(str(size), {}).update(figures)
        self.save()

    def save(self):
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(as_json(self.results))


def as_json(results):
    """JSON with a line for each cell."""
    cells = ",\n".join(map(json.dumps, results["cells"]))
    rest = ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in results.items() if name != "cells")
    return f'{{{rest},\n"cells": [\n{cells}\n]}}\n'


def output(command):
    """The lines that a command prints; none where there is no such command."""
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True, cwd=HERE).stdout.splitlines()
    except OSError:
        return []


def revision():
    """The commit that is checked out."""
    return "".join(output(["git", "describe", "--always", "--dirty"]))


def machine():
    """What the figures depend on."""
    processors = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = [line.split(":")[1].strip() for line in processors if line.startswith("model name")]
    pages = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    crates = output(["cargo", "tree", "--depth", "1", "--prefix", "none", "--edges", "normal"])
    packages = output(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "libabsl-dev", "libboost1.81-dev", "libglib2.0-0"]
    )
    peers = [line.split()[:2] for line in [*crates, *packages] if line.startswith(("hashbrown", "griddle", "lib"))]
    return {
        "cpu": cpu[0] if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "huge_pages": pages.read_text().strip() if pages.exists() else "unknown",
        "rustc": "".join(output(["rustc", "--version"])[:1]),
        "g++": "".join(output(["g++", "--version"])[:1]),
        "peers": ", ".join(map(" ".join, peers)),
        "revision": revision(),
        "load_average_at_the_start": round(os.getloadavg()[0], 1),
    }
