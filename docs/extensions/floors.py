"""A directive that draws which parts of the package import which, from their code.

``{floors}`` draws the floors that ``tests/test_layering.py`` holds imports to, and an
arrow for each import between parts that does not follow from others; below it, what
each part says of itself.
"""

import ast
import html
from pathlib import Path

import networkx as nx
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "xnas"
LAYERING = ROOT / "tests" / "test_layering.py"

WIDTH, ROW, BOX = 860, 74, 26
LETTER, PADDING, GAP = 7.0, 14, 14


class Floors(SphinxDirective):
    """The drawing and the list."""

    def run(self) -> list[nodes.Node]:
        """Return both."""
        self.env.note_dependency(str(LAYERING))
        floors = floors_of(LAYERING.read_text())
        parts = [part for floor in floors for part in floor]
        drawing = svg(floors, needed(imports_between(parts)))
        return [nodes.raw("", drawing, format="html"), _list_of(floors)]


def floors_of(code: str) -> list[list[str]]:
    """Return the parts of each floor, from the top, as a module states ``FLOORS``.

    Args:
        code: of the module.
    """
    for node in ast.parse(code).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FLOORS":
            return [list(floor) for floor in ast.literal_eval(node.value)]
    raise ValueError("the module states no FLOORS")


def imports_between(parts: list[str]) -> set[tuple[str, str]]:
    """Return which part imports which, late imports and types' included.

    Args:
        parts: modules and packages right below the package.
    """
    found = set()
    for part in parts:
        for file in _files_of(part):
            for node in ast.walk(ast.parse(file.read_text())):
                found |= {(part, other) for other in _named(node) if other in parts}
    return {(one, other) for one, other in found if one != other}


def _files_of(part: str) -> list[Path]:
    folder = PACKAGE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{part}.py"]


def _named(node: ast.AST) -> list[str]:
    """Return the parts that an import names."""
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    return [name.split(".")[1] for name in names if name.startswith("xnas.")]


def needed(imports: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out the imports of what a part reaches by others anyway."""
    return sorted(nx.transitive_reduction(nx.DiGraph(sorted(imports))).edges)


def svg(floors: list[list[str]], arrows: list[tuple[str, str]]) -> str:
    """Draw boxes and arrows in the colours of the page.

    Args:
        floors: from the top.
        arrows: pairs of parts.
    """
    boxes = {}
    for row, floor in enumerate(floors):
        widths = [LETTER * len(part) + PADDING for part in floor]
        gap = max(GAP, (WIDTH - sum(widths)) / (len(floor) + 1))
        left = (WIDTH - sum(widths) - gap * (len(floor) - 1)) / 2
        for part, width in zip(floor, widths, strict=True):
            boxes[part] = (left, row * ROW + 8, width)
            left += width + gap
    height = len(floors) * ROW
    lines = [_arrow(boxes[one], boxes[other]) for one, other in arrows]
    drawn = [_box(part, *corner) for part, corner in boxes.items()]
    return (
        f'<div class="floors"><svg viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Parts of XNAS by floors; arrows point to what a part imports">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="6" '
        'markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{''.join(lines)}{''.join(drawn)}</svg></div>"
    )


def _arrow(start: tuple[float, ...], end: tuple[float, ...]) -> str:
    (x1, y1, w1), (x2, y2, w2) = start, end
    a, b = x1 + w1 / 2, x2 + w2 / 2
    top = y1 + BOX
    if y1 == y2:  # on one floor: a bow below it
        path = f"M{a:.0f} {top}Q{(a + b) / 2:.0f} {top + 24} {b:.0f} {y2 + BOX}"
    else:
        bend = (y2 - top) / 2
        path = f"M{a:.0f} {top}C{a:.0f} {top + bend} {b:.0f} {y2 - bend} {b:.0f} {y2}"
    return f'<path class="arrow" marker-end="url(#tip)" d="{path}"/>'


def _box(part: str, x: float, y: float, width: float) -> str:
    return (
        f'<g><title>{html.escape(_summary(part))}</title><rect x="{x:.0f}" y="{y}" '
        f'width="{width:.0f}" height="{BOX}" rx="4"/><text x="{x + width / 2:.0f}" '
        f'y="{y + 17}">{part}</text></g>'
    )


def _summary(part: str) -> str:
    """Return the first line of what a part says of itself."""
    folder = PACKAGE / part
    file = folder / "__init__.py" if folder.is_dir() else PACKAGE / f"{part}.py"
    return (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n")[0]


def _list_of(floors: list[list[str]]) -> nodes.definition_list:
    found = nodes.definition_list(classes=["parts"])
    for part in (part for floor in floors for part in floor):
        term = nodes.term("", "", nodes.literal("", f"xnas.{part}"))
        said = nodes.definition("", nodes.paragraph("", _summary(part)))
        found += nodes.definition_list_item("", term, said)
    return found


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive to Sphinx."""
    app.add_directive("floors", Floors)
    return {"parallel_read_safe": True}
