"""SVG files that weigh little: lines thinned to what the eye can tell apart, and figures with one decimal."""

import io
import math
import re
from collections import Counter

# The most that a picture may weigh, in bytes.
LIMIT = 60_000
# How far, in points, a line may move where it is thinned: less than half its width.
TOLERANCE = 0.4


def save(figure, path):
    """Writes a figure, or raises an error if it weighs too much."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None}, facecolor="white")
    small = compact(text.getvalue())
    if len(small.encode()) > LIMIT:
        raise ValueError(f"{path.name} has {len(small.encode()):,} bytes, and {LIMIT:,} are allowed")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(small)


def compact(text):
    """The same picture without comments, metadata, indents, and names that nothing refers to."""
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r' id="[A-Za-z]\w*_\d+"', "", text)
    text = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), text)
    text = re.sub(r'font-family: [^;"]*', "font-family: sans-serif", text)
    text = re.sub(r" \n(?=[A-Zz])|\n(?=z)", " ", text)
    return with_classes(re.sub(r'(?<!")\n"', '"', re.sub(r"\s*\n\s*", "\n", text)))


def with_classes(text):
    """The same picture with one rule for each style that several elements have."""
    styles = Counter(re.findall(r' style="([^"]*)"', text))
    shared = {style: f"s{number}" for number, (style, uses) in enumerate(styles.items()) if uses > 2}
    rules = "".join(f".{name}{{{style}}}" for style, name in shared.items())
    for style, name in shared.items():
        text = text.replace(f' style="{style}"', f' class="{name}"')
    return text.replace("</style>", f"{rules}</style>", 1)


def steps(xs, ys):
    """The corners of a staircase that keeps each height up to the next `x`."""
    corners = [(xs[0], ys[0])]
    for x, y in zip(xs[1:], ys[1:]):
        corners += [(x, corners[-1][1]), (x, y)]
    return corners


def thin(points, width, height):
    """Those of the points of a line that move it on a plot of this size in points, whose axes are logarithmic."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    xs, ys = zip(*logs)
    across, up = width / ((max(xs) - min(xs)) or 1), height / ((max(ys) - min(ys)) or 1)
    drawn = [(x * across, y * up) for x, y in logs]
    return [points[at] for at in sorted(kept(drawn))]


def kept(points):
    """The indices of the points that Douglas and Peucker's algorithm keeps."""
    keep, spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        inside = range(first + 1, last)
        far = max(inside, key=lambda at: distance(points[at], points[first], points[last]), default=first)
        if distance(points[far], points[first], points[last]) > TOLERANCE:
            keep.add(far)
            spans += [(first, far), (far, last)]
    return keep


def distance(point, start, end):
    """How far a point is from a segment."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    along = min(1, max(0, ((x - x0) * dx + (y - y0) * dy) / length)) if length else 0
    return math.hypot(x - x0 - along * dx, y - y0 - along * dy)
