"""How operations look: a colour and, for those who cannot see it, a dash."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from xnas.drawing.description import Description, read_description

Theme = Literal["page", "light", "dark"]
"""``page`` takes over the text colour of the HTML page around it, and lets the page
replace the colours of operations (``--xnas-operation-1`` …); the other two are for
files: colours are written out, on a background of their own."""

INKS: Mapping[Theme, str] = {
    "page": "currentColor",
    "light": "#1b1f24",
    "dark": "#e8eaed",
}
PAPERS: Mapping[Theme, str | None] = {
    "page": None,
    "light": "#ffffff",
    "dark": "#15181c",
}

# After Okabe and Ito (2008), darkened where needed so that each has a contrast of at
# least 3 to 1 with white and with the dark paper alike.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b0518a", "#9a7200", "#7a6fd0")
# Colours repeat after six and dashes after five, so that the pairs repeat after thirty.
DASHES = ("", "10 4", "0.1 7", "11 4 1 4", "4 3")

THICK = 3.5
THIN = 1.4

SKIPS = {"skip", "identity", "skip_connect"}


@dataclass(frozen=True)
class OperationStyle:
    """How an operation is drawn.

    Args:
        number: of its colour, from 1; 0 for the colour of text.
        width: of its line.
        dash: of its line, in the form of SVG's ``stroke-dasharray``; empty: none.
        faint: whether it stands back, as what passes nothing on does.
    """

    number: int
    width: float
    dash: str = ""
    faint: bool = False

    def colour(self, theme: Theme = "page") -> str:
        """Return a colour for SVG or CSS.

        Args:
            theme: where it is used.
        """
        if not self.number:
            return INKS[theme]
        colour = COLOURS[self.number - 1]
        if theme == "page":
            return f"var(--xnas-operation-{self.number},{colour})"
        return colour


def operation_styles(space: Mapping[str, Any]) -> dict[str, OperationStyle]:
    """Tell how the operations to choose from look, the same in all drawings of a space.

    Args:
        space: the entry ``space`` of ``init_infos.json``.

    Returns:
        Styles by the names of operations, in the order they first occur.

    Raises:
        UsageError: no space is described.
    """
    return described_styles(read_description(space))


def described_styles(description: Description) -> dict[str, OperationStyle]:
    """Tell how the operations to choose from look.

    Args:
        description: of the space.

    Returns:
        Styles by the names of operations, in the order they first occur.
    """
    passes: dict[str, bool] = {}
    for node in description.nodes:
        if node.node_type != "constant":
            for name, passing in zip(node.operations, node.passes, strict=True):
                passes.setdefault(name, passing)
    styles: dict[str, OperationStyle] = {}
    coloured = 0
    for name, passing in passes.items():
        if not passing:
            styles[name] = OperationStyle(0, THIN, "3 4", faint=True)
        elif name.lower() in SKIPS:
            styles[name] = OperationStyle(0, THIN)
        else:
            styles[name] = OperationStyle(
                coloured % len(COLOURS) + 1,
                THICK,
                DASHES[coloured % len(DASHES)],
            )
            coloured += 1
    return styles
