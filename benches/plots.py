"""The plots of docs/performance.md, as SVG files that are the same bytes whenever the figures are the same."""

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update(
    {
        "svg.hashsalt": "gomap",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
    }
)
import matplotlib.pyplot as plt

import results as r
import svg

# Colour, width and dashes of each face: ours are warm and thick, peers cool and thin.
STYLES = {
    "gomap-typed": ("#d62728", 2.4, "-"),
    "gomap-typed-small": ("#d62728", 1.4, ":"),
    "gomap-fast": ("#ff7f0e", 2.0, "-"),
    "gomap-erased": ("#e8a33d", 2.0, "--"),
    "hashbrown": ("#1f77b4", 1.4, "-"),
    "std": ("#1f77b4", 1.0, ":"),
    "griddle": ("#17becf", 1.2, "-"),
    "absl": ("#9467bd", 1.2, "-"),
    "boost": ("#9467bd", 1.2, "--"),
    "glib-mix": ("#7f7f7f", 1.2, "-"),
    "go1.23": ("#2ca02c", 1.4, "-"),
    "go1.27": ("#2ca02c", 1.4, "--"),
    "floor": ("#bbbbbb", 1.0, "-"),
}


def save(figure, path):
    svg.save(figure, path)
    plt.close(figure)


def per_operation(results, type_, path):
    """One panel an operation: nanoseconds against entries, both logarithmic, with the quartiles as a band."""
    figure, axes = plt.subplots(2, 4, figsize=(12, 6), layout="constrained")
    panels = axes.flatten()
    handles = {}
    for panel, op in zip(panels, r.OPS):
        cells = [cell for cell in results["cells"] if cell["type"] == type_ and cell["op"] == op]
        for face, (color, width, dashes) in STYLES.items():
            points = [(cell["size"], cell["faces"][face]) for cell in cells if face in cell["faces"]]
            if not points:
                continue
            sizes = [size for size, _ in points]
            medians, low, high = ([figures[key] for _, figures in points] for key in ("median", "q1", "q3"))
            handles[face] = panel.plot(sizes, medians, color=color, lw=width, ls=dashes, marker="o", ms=3)[0]
            panel.fill_between(sizes, low, high, color=color, alpha=0.12, lw=0)
        panel.set(xscale="log", yscale="log", title=op)
        panel.set_xticks(list(r.SIZES.values()), list(r.SIZES))
        panel.minorticks_off()
        panel.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    panels[-1].axis("off")
    panels[-1].legend(handles.values(), handles.keys(), loc="center", frameon=False)
    figure.supxlabel("entries")
    figure.supylabel("ns per operation")
    figure.suptitle(f"{r.TYPES[type_]} → u64")
    save(figure, path)


def latency(faces, size, path):
    """How many of the inserts of a growing map take how long: the share that takes longer than so much."""
    inches = (9, 5)
    figure, panel = plt.subplots(figsize=inches, layout="constrained")
    for face, (color, width, dashes) in STYLES.items():
        if face not in faces:
            continue
        bins = sorted((int(index), inserts) for index, inserts in faces[face]["bins"].items())
        total = left = sum(inserts for _, inserts in bins)
        starts, shares = [], []
        for index, inserts in bins:
            starts.append(r.bin_start(index))
            shares.append(left / total)
            left -= inserts
        corners = svg.thin(svg.steps(starts, shares), *(72 * side for side in inches))
        panel.plot(*zip(*corners), color=color, lw=width, ls=dashes, label=face)
    panel.set(xscale="log", yscale="log", xlabel="ns", ylabel="share of inserts that take at least so long")
    panel.minorticks_off()
    panel.set_title(f"single inserts of a map growing to {size:,} entries, all runs")
    panel.legend(frameon=False)
    save(figure, path)


def histogram(faces, size, path):
    """The same as a histogram, a panel a face."""
    shown = [face for face in STYLES if face in faces]
    figure, axes = plt.subplots(
        len(shown), 1, figsize=(9, 1 + 0.8 * len(shown)), sharex=True, sharey=True, layout="constrained", squeeze=False
    )
    for panel, face in zip(axes.flatten(), shown):
        quarters = {}
        for index, inserts in faces[face]["bins"].items():
            quarter = int(index) // 8
            quarters[quarter] = quarters.get(quarter, 0) + inserts
        shown_quarters = range(min(quarters), max(quarters) + 1)
        edges = [r.bin_start(8 * quarter) for quarter in [*shown_quarters, max(quarters) + 1]]
        heights = [quarters.get(quarter, 0) for quarter in shown_quarters]
        panel.stairs(heights, edges, baseline=0.5, fill=True, color=STYLES[face][0], alpha=0.8)
        panel.set(xscale="log", yscale="log")
        panel.minorticks_off()
        panel.text(0.99, 0.9, face, transform=panel.transAxes, ha="right", va="top")
    figure.supxlabel("ns")
    figure.supylabel("inserts")
    figure.suptitle(f"single inserts of a map growing to {size:,} entries, all runs")
    save(figure, path)
