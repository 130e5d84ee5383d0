"""A picture of a label graph: depth from left to right, one line a label."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.errors import UsageError
from xnas_wordnet.closure import Closure

_COLUMN_INCHES = 1.15
_LINE_INCHES = 0.2
_FONT_POINTS = 7.0
_DOTS_PER_INCH = 110.0
_MOST_DOTS = 60_000  # matplotlib refuses pictures of 2**16 dots
_LABEL_COLOUR = "#0b6e99"
_EDGE_COLOUR = "#9aa5b1"
_OTHER_EDGE_COLOUR = "#d1495b"


FORMATS = ("jpg", "pdf", "png", "svg", "webp")


def draw(closure: Closure, file_format: str) -> bytes:
    """Draw a label graph as a tree that grows to the right.

    A synset hangs below its deepest hypernym; edges from its other hypernyms are
    dashed.

    Args:
        closure: the labels and their graph.
        file_format: one of :data:`FORMATS`.

    Returns:
        The picture file.

    Raises:
        UsageError: matplotlib is not installed, or does not know the format.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError(
            "the Python package matplotlib is not installed, expected it to draw; "
            "install it with: pip install matplotlib"
        ) from error
    if file_format not in FORMATS:
        raise UsageError(f"{file_format!r} found, expected one of {', '.join(FORMATS)}")
    columns = closure.max_depths
    lines = _lines(closure)
    size = (
        (int(columns.max()) + 2.5) * _COLUMN_INCHES,
        (lines.max() + 3) * _LINE_INCHES,
    )
    figure = Figure(figsize=size)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-0.7, columns.max() + 1.8)
    axes.set_ylim(lines.max() + 1.2, -1.8)
    axes.annotate(
        f"{len(closure.labels):,} labels (bold) and everything above them in WordNet; "
        "dashed: further hypernyms",
        (-0.6, -1.2),
        fontsize=_FONT_POINTS + 2,
    )
    _draw_edges(axes, closure, columns, lines)
    _draw_names(axes, closure, columns, lines)
    content = io.BytesIO()
    dots = min(_DOTS_PER_INCH, _MOST_DOTS / max(size))
    figure.savefig(content, format=file_format, dpi=dots)
    return content.getvalue()


def _main_parent(closure: Closure, synset: int) -> int | None:
    """Choose the hypernym a synset hangs below, the deepest."""
    depths = closure.max_depths
    return max(closure.parents[synset], key=lambda up: depths[up], default=None)


def _lines(closure: Closure) -> NDArray[np.float64]:
    """Give each synset its height: leaves in turn, others between their children."""
    children: list[list[int]] = [[] for _ in closure.names]
    root = 0
    for synset in range(len(closure.names)):
        parent = _main_parent(closure, synset)
        if parent is None:
            root = synset
        else:
            children[parent].append(synset)
    lines = np.zeros(len(closure.names))
    n_leaves = 0
    # A synset comes off the stack a second time when all below it have heights.
    stack = [(root, False)]
    while stack:
        synset, done = stack.pop()
        below = children[synset]
        if done:
            lines[synset] = (lines[below[0]] + lines[below[-1]]) / 2
        elif below:
            stack.append((synset, True))
            stack.extend((child, False) for child in reversed(below))
        else:
            lines[synset] = n_leaves
            n_leaves += 1
    return lines


def _draw_edges(
    axes: Any, closure: Closure, columns: NDArray[np.int64], lines: NDArray[np.float64]
) -> None:
    from matplotlib.collections import LineCollection

    tree, others = [], []
    for synset, parents in enumerate(closure.parents):
        x, y = columns[synset], lines[synset]
        for parent in parents:
            start, height = columns[parent], lines[parent]
            if parent == _main_parent(closure, synset):
                bend = start + 0.5
                tree.append([(start, height), (bend, height), (bend, y), (x, y)])
            else:
                others.append([(start, height), (x, y)])
    axes.add_collection(LineCollection(tree, colors=_EDGE_COLOUR, linewidths=0.8))
    axes.add_collection(
        LineCollection(
            others, colors=_OTHER_EDGE_COLOUR, linewidths=0.7, linestyles="dashed"
        )
    )


def _draw_names(
    axes: Any, closure: Closure, columns: NDArray[np.int64], lines: NDArray[np.float64]
) -> None:
    from matplotlib.patheffects import withStroke

    labels = set(closure.labels)
    parents_of_any = {parent for ups in closure.parents for parent in ups}
    for synset, name in enumerate(closure.names):
        inner = synset in parents_of_any
        axes.annotate(
            name,
            (columns[synset], lines[synset]),
            xytext=(0, 2) if inner else (4, 0),
            textcoords="offset points",
            ha="center" if inner else "left",
            va="bottom" if inner else "center",
            fontsize=_FONT_POINTS - 1 if inner else _FONT_POINTS,
            color=_LABEL_COLOUR if synset in labels else "black",
            weight="bold" if synset in labels else "normal",
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )
    for colour, chosen in (
        ("black", sorted(set(range(len(lines))) - labels)),
        (_LABEL_COLOUR, list(closure.labels)),
    ):
        axes.scatter(columns[chosen], lines[chosen], s=7, color=colour, zorder=3)
