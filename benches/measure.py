"""Running the workers in turn, and what is kept of their samples."""

import contextlib
import mmap
import os
import sys
from collections import defaultdict

import results as r
from worker import ask, can_do

# The faces whose single inserts are those of another.
UNTIMED = ["gomap-erased", "gomap-erased-small", "gomap-called"]
# What the worker calls no map.
IDLE = "floor"
# What leaves a map as it is, and takes little of the time that it takes to make a large one.
READS = ["hit", "miss", "iterate", "range", "batch"]
QUANTILES = {"p50": 0.5, "p99": 0.99, "p999": 0.999}


# What a map of ten million entries takes while it grows, in any face, and more.
WARM = 3 << 30
# What is left free beside it.
RESERVE = 384 << 20


def free_memory():
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def touched(size):
    """Memory that was touched, and is given back when it is closed."""
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_HUGEPAGE)
    for page in range(0, size, mmap.PAGESIZE):
        memory[page] = 1
    return memory


def warm():
    """Touches memory and gives it back. On a virtual machine the host is slow to bring memory that the guest has not touched
    yet: up to a thousand times as slow as the guest itself; the worst insert would be the host's."""
    touched(min(WARM, free_memory() * 9 // 10)).close()


def hold():
    """Takes all free memory but what growths need, so that what `warm` touches is likely what they will get."""
    return contextlib.closing(touched(max(free_memory() - WARM - RESERVE, mmap.PAGESIZE)))


class Plan:
    """How often each cell is measured."""

    def __init__(self, args):
        self.quick, self.fixed = args.quick, args.rounds

    def rounds(self, size):
        return self.fixed or (2 if self.quick else 3 if size > 1_000_000 else 6 if size > 100_000 else 20)

    def samples(self, size, reads):
        return 5 if size < 100_000 else 6 if reads else 2 if size <= 1_000_000 else 1

    def unkept(self, size):
        """Samples of each process that are not kept: a host may have to bring the memory that large maps are first given."""
        return 1 if size >= 1_000_000 else 0


def measure_group(faces, type_, size, ops, plan, failures):
    """All faces in turn, over several rounds: the cells of one type and size."""
    times, sums = defaultdict(list), {}
    faces = [(face, program) for face, program in faces if size >= 1_000_000 or not face.endswith("-small")]
    for turn in range(plan.rounds(size)):
        shift = turn % len(faces)
        for face, program in faces[shift:] + faces[:shift]:
            seen = defaultdict(int)
            for op, count, ns, checksum in samples_of(face, program, type_, size, ops, plan, failures):
                if seen[op] >= plan.unkept(size):
                    times[op, face].append(int(ns) / int(count))
                who, expected = sums.setdefault((op, seen[op]), (face, checksum))
                seen[op] += 1
                if checksum != expected:
                    sys.exit(f"{op} {type_} {size}: {face} has checksum {checksum}, {who} {expected}")
    cells = []
    for op in ops:
        by_face = {face: r.summary(times[op, face]) for face, _ in faces if times[op, face]}
        if by_face:
            cells.append({"type": type_, "size": size, "op": op, "faces": by_face})
    return cells


def samples_of(face, program, type_, size, ops, plan, failures):
    """What a worker says of what changes maps, and another of what reads one."""
    can = [op for op in ops if can_do(face, op)]
    for reads in (False, True):
        samples = plan.unkept(size) + plan.samples(size, reads)
        yield from ask(program, face, type_, size, [op for op in can if (op in READS) == reads], samples, failures)


def measure_latency(faces, rust, size, runs, failures):
    """Single inserts while a map grows, and nothing instead of them: figures of each run, and the bins of all of them. The
    worst is taken by the wall clock, and in another growth by the time that the thread ran. For our faces and those of
    crates, also the worst that comes again in each of as many growths."""
    faces = [(face, program) for face, program in faces if face not in UNTIMED]
    latency = {face: {"runs": [], "bins": defaultdict(int)} for face in [*(face for face, _ in faces), IDLE]}
    for _ in range(runs):
        for face, program in [*faces, (IDLE, rust)]:
            lines = []
            for op in ["latency", "running"]:
                warm()
                lines += ask(program, face, "u64", size, [op], 1, failures)
            if len(lines) < 2:
                continue
            (_, worst, _, *fields), (_, running, *_) = lines
            bins = [tuple(map(int, field.split(":"))) for field in fields]
            figures = {name: round(r.percentile(bins, q), 1) for name, q in QUANTILES.items()}
            latency[face]["runs"].append({**figures, "worst": int(worst), "running": int(running)})
            for index, inserts in bins:
                latency[face]["bins"][index] += inserts
    for face in (face for face, program in faces if program == rust):
        warm()
        for _, worst, _ in ask(rust, face, "u64", size, ["repeated"], runs, failures):
            latency[face]["repeated"] = int(worst)
    return {face: figures for face, figures in latency.items() if figures["runs"]}


def measure_floor(rust, size, samples, failures):
    """ns for a look at random memory as large as a map's buckets, by the lines that it touches: minima.

    Those that are asked for ahead have names of their own.
    """
    times = {}
    for name, looks, ns, _ in ask(rust, "floor", "u64", size, ["floor"], samples, failures):
        times.setdefault(name, []).append(round(int(ns) / int(looks), 2))
    return {name: min(of_name) for name, of_name in times.items()}


def measure_memory(faces, size, runs, failures):
    """Resident bytes per entry: live, and at the peak of growing."""
    memory = {}
    for face, program in faces:
        lines = [ask(program, face, "u64", size, ["memory"], 1, failures) for _ in range(runs)]
        pairs = [(int(line[1]) / size, int(line[2]) / size) for answer in lines for line in answer]
        if pairs:
            live, peak = (r.median(column) for column in zip(*pairs))
            memory[face] = {"live": round(live, 2), "peak": round(peak, 2)}
    return memory
