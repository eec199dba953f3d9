"""What a run of the benchmarks left: statistics of samples, ratios between faces, and the goals they are held to."""

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# Where the figures behind docs/performance.md are.
DATA = Path(__file__).resolve().parent.parent / "docs" / "performance"

# What every face is measured in.
OPS = ["grow", "hint", "hit", "miss", "iterate", "churn", "refill"]
# Go iterates in no other order than its own: in "range" ours does the same.
IN_GO_ORDER = [*(op for op in OPS if op != "iterate"), "range"]
# "batch" is for the faces that have a way to look up many keys at once.
ALL_OPS = [*OPS, "range", "batch"]
TYPES = {"u64": "u64", "str": "string of 16 to 24 bytes", "wide": "struct of 32 bytes"}
SIZES = {"100": 100, "10k": 10_000, "1M": 1_000_000, "10M": 10_000_000}


def summary(values):
    """The figures kept of many samples: minimum, median, quartiles, and how many there were."""
    ordered = sorted(values)

    def quantile(q):
        at = q * (len(ordered) - 1)
        low = math.floor(at)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (at - low)

    return {
        "min": round(ordered[0], 3),
        "q1": round(quantile(0.25), 3),
        "median": round(quantile(0.5), 3),
        "q3": round(quantile(0.75), 3),
        "samples": len(ordered),
    }


def bin_start(index):
    """Where a bin of a worker's histogram begins, in nanoseconds: there are 32 to an octave."""
    octave, within = divmod(index, 32)
    return (32 + within) * 2.0**octave / 32


def percentile(bins, q):
    """The start of the bin that the fraction `q` of all inserts falls into. `bins` is a list of (index, inserts)."""
    target = q * sum(n for _, n in bins)
    seen = 0
    for index, n in sorted(bins):
        seen += n
        if seen >= target:
            return bin_start(index)
    return math.nan


def geomean(values):
    """The geometric mean; not a number where there is nothing to average."""
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else math.nan


def cell_ratios(results, face, peers, keep=lambda cell: True):
    """For each cell that `face` and a peer were measured in: (cell, ratio of minima, ratio of medians), to the best of
    the peers."""
    ratios = []
    for cell in results["cells"]:
        faces = cell["faces"]
        present = [faces[peer] for peer in peers if peer in faces]
        if face in faces and present and keep(cell):
            by = [faces[face][key] / min(peer[key] for peer in present) for key in ("min", "median")]
            ratios.append((cell, *by))
    return ratios


def batch_ratio(results, face, peer, type_, size):
    """The ratio of medians of a batched hit to the peer's plain one, or NaN."""
    medians = {}
    for cell in results["cells"]:
        if (cell["type"], cell["size"]) == (type_, size):
            medians |= {(name, cell["op"]): figures["median"] for name, figures in cell["faces"].items()}
    return medians.get((face, "batch"), math.nan) / medians.get((peer, "hit"), math.nan)


def latency_ratio(results, face, peer, figure, size):
    """The ratio of medians over runs of a figure of single inserts, or NaN."""
    latency = results["latency"].get(str(size), {})
    if face not in latency or peer not in latency:
        return math.nan
    ours, theirs = (median(run[figure] for run in latency[name]["runs"]) for name in (face, peer))
    return ours / theirs


def repeated_ratio(results, face, peer, size):
    """The ratio of the worst inserts that come again, or NaN."""
    latency = results["latency"].get(str(size), {})
    ours, theirs = (latency.get(name, {}).get("repeated", math.nan) for name in (face, peer))
    return ours / theirs


def memory_ratio(results, face, peer, figure, size):
    """The ratio of bytes per entry, or NaN."""
    memory = results["memory"].get(str(size), {})
    if face not in memory or peer not in memory:
        return math.nan
    return memory[face][figure] / memory[peer][figure]


@dataclass
class Goal:
    """A line of the table of goals."""

    face: str
    against: str
    required: str
    aim: str
    measured: str
    met: bool | None


def goals(results):
    """What was aimed at, beside what was measured."""
    lines = []

    def add(face, against, required, aim, limit, measured, text=None):
        known = not math.isnan(measured)
        shown = (text or f"{measured:.2f}") if known else "not measured"
        met = measured <= limit if known and not math.isnan(limit) else None
        lines.append(Goal(face, against, required, aim, shown, met))

    def compare(face, peers, keep):
        ratios = cell_ratios(results, face, peers, keep)
        minima, medians = geomean(r[1] for r in ratios), geomean(r[2] for r in ratios)
        return medians, f"{minima:.2f} minima, {medians:.2f} medians ({len(ratios)} cells)"

    def mean(face, title, peers, against, required, aim, keep=lambda cell: cell["op"] in OPS):
        medians, text = compare(face, peers, keep)
        add(title, against, f"≤ {required:.2f}", f"≤ {aim:.2f}", required, medians, text)

    def hit_at_10m(cell):
        return cell["op"] == "hit" and cell["size"] == 10_000_000

    typed, fast, erased = "gomap-typed", "gomap-fast", "gomap-erased"
    mean(typed, "typed", ["hashbrown"], "hashbrown, all cells", 1.08, 1.00)
    above = [r for r in cell_ratios(results, typed, ["hashbrown"]) if r[2] > 1.6]
    count = len(above) if cell_ratios(results, typed, ["hashbrown"]) else math.nan
    add("typed", "hashbrown, cells above 1.6", "≤ 4", "0", 4, count, f"{count}")
    mean(typed, "typed", ["hashbrown"], "hashbrown, hit at 10M", 0.90, 0.75, hit_at_10m)
    mean(typed, "typed", ["griddle"], "griddle, all cells", 0.80, 0.60)
    mean(fast, "raw fast kind", ["go1.23"], "Go 1.23, all cells", 0.40, 0.35)
    mean(fast, "raw fast kind", ["go1.27"], "Go 1.27, all cells", 0.52, 0.45)
    for peer, title in [("go1.23", "Go 1.23"), ("go1.27", "Go 1.27")]:
        medians, text = compare(fast, [peer], lambda cell: cell["op"] in IN_GO_ORDER)
        add("raw fast kind", f"{title}, iterating in Go's order", "–", "–", math.nan, medians, text)
    mean(erased, "raw erased", ["glib", "glib-mix"], "the better of GLib's two, all cells", 0.42, 0.35)

    ten_million = 10_000_000
    batch = batch_ratio(results, erased, "hashbrown", "u64", ten_million)
    add("raw erased, batched hit", "hashbrown's plain hit, u64, 10M", "≤ 0.36", "≤ 0.30", 0.36, batch)
    face, title = (typed, "typed") if typed in results["latency"].get(str(ten_million), {}) else (fast, "raw fast kind")
    late = latency_ratio(results, face, "hashbrown", "p999", ten_million)

    def worst(face, title, required, aim, limit):
        wall, running = (latency_ratio(results, face, "hashbrown", by, ten_million) for by in ("worst", "running"))
        again = repeated_ratio(results, face, "hashbrown", ten_million)
        text = f"1/{1 / wall:.0f}, 1/{1 / running:.0f} of the thread's time"
        text += "" if math.isnan(again) else f", 1/{1 / again:.0f} of what comes again"
        add(title, "hashbrown, worst insert growing to 10M", required, aim, limit, max(wall, running), text)

    worst(face, title, "≤ 1/350", "≤ 1/1000", 1 / 350)
    worst("gomap-typed-small", "typed, small pages", "–", "–", math.nan)
    add(title, "hashbrown, p99.9 insert growing to 10M", "≤ 2.5", "≤ 1.5", 2.5, late)

    def peak(face, title, required, aim, limit):
        measured = memory_ratio(results, face, "go1.23", "peak", ten_million)
        add(title, "Go 1.23, peak resident bytes per entry at 10M", required, aim, limit, measured)

    peak(face, title, "≤ 0.73", "≤ 0.60", 0.73)
    peak("gomap-typed-small", "typed, small pages", "–", "–", math.nan)
    return lines


def table(header, rows):
    """Rows of text in columns that line up, the first to the left and the others to the right."""
    rows = [header, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]

    def line(row):
        cells = [cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))]
        return "  ".join(cells).rstrip()

    return "\n".join(map(line, rows))
