"""Elements of an SVG drawing, and the width of text in it."""

import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from xnas.drawing.network import Part
from xnas.drawing.styles import INKS, PAPERS, OperationStyle, Theme
from xnas.names import fit_text

FONTS = "system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"
TEXT_SIZE = 13
SMALL_SIZE = 11
FAINT_LINE = "0.45"
FAINT_TEXT = "0.68"
LONGEST_TEXT = 24
LONGEST_TITLE = 60


@dataclass(frozen=True)
class Sheet:
    """What a drawing is drawn on.

    Args:
        title: to write above it, if any.
        name: what it is called where it has no title.
        theme: where it is used.
        transparent: whether it has no background of its own.
    """

    title: str | None
    name: str
    theme: Theme
    transparent: bool


def shortened(text: str, longest: int = LONGEST_TEXT) -> str:
    """Cut a long text in its middle: what tells two apart is often at their ends."""
    text = " ".join(fit_text(text).split())
    if len(text) <= longest:
        return text
    head = longest // 2
    return f"{text[:head]}…{text[head + 1 - longest :]}"


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimate how wide a text is, rather too wide than too narrow.

    Args:
        text: one line.
        size: of the font, in pixels.
        bold: whether it stands out.
    """
    return size * sum(map(_character_width, text)) * (1.08 if bold else 1)


def _character_width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in "iljtfrI.,:;'|!()[] ":
        return 0.4
    return 0.9 if character in "mwMW@%—…" else 0.66


def number(value: float) -> str:
    """Write a coordinate with one decimal at most."""
    rounded = round(value, 1) + 0.0  # turns −0.0 into 0.0
    return f"{rounded:g}"


def points(*values: float) -> str:
    """Write coordinates, as in the path ``C`` of SVG."""
    return " ".join(map(number, values))


def add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    """Add an element.

    Args:
        parent: where to.
        tag: of the element.
        text: in it.
        **attributes: underscores stand for hyphens, one at the end for nothing; empty
            ones are left out.
    """
    found = {
        name.rstrip("_").replace("_", "-"): fit_text(value)
        for name, value in attributes.items()
        if value
    }
    element = ET.SubElement(parent, tag, found)
    element.text = fit_text(text) or None
    return element


def add_part(
    root: ET.Element, class_: str, part: Part, style: OperationStyle, title: str
) -> ET.Element:
    """Add a group for what a node of the network does.

    Args:
        root: the drawing.
        class_: of the group.
        part: the node with its choice.
        style: of its operation.
        title: that says so; if the node is cut off, that is added.
    """
    group = add(
        root,
        "g",
        class_=class_,
        data_node=part.name,
        data_operation=part.operation,
        data_active=str(part.active).lower(),
    )
    cut_off = "" if part.active or style.faint else ", cut off"
    add(group, "title", title + cut_off)
    return group


def make_canvas(box: tuple[float, float, float, float], sheet: Sheet) -> ET.Element:
    """Make an empty drawing.

    Args:
        box: left, top, width and height of what is to be drawn.
        sheet: what it is drawn on.
    """
    left, top, width, height = box
    title = shortened_title(sheet.title or "")
    if title:
        wanted = text_width(title, TEXT_SIZE, bold=True) + 16
        left -= max(0, wanted - width) / 2
        width = max(width, wanted)
        top, height = top - 26, height + 26
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "xnas-cell",
            "role": "img",
            "viewBox": points(left, top, width, height),
            "width": number(width),
            "height": number(height),
            "font-family": FONTS,
            "font-size": number(TEXT_SIZE),
            "fill": "none",
        },
    )
    add(root, "title", title or sheet.name)
    paper = PAPERS[sheet.theme]
    if paper and not sheet.transparent:
        x, y, w, h = map(number, (left, top, width, height))
        add(root, "rect", x=x, y=y, width=w, height=h, fill=paper)
    if title:
        add_text(
            root, title, left + 8, top + 20, sheet.theme, anchor="start", bold=True
        )
    return root


def shortened_title(title: str) -> str:
    """Cut a long title in its middle."""
    return shortened(title, LONGEST_TITLE)


def add_text(
    parent: ET.Element,
    text: str,
    x: float,
    y: float,
    theme: Theme,
    *,
    anchor: str = "middle",
    size: int = TEXT_SIZE,
    bold: bool = False,
    faint: bool = False,
) -> None:
    """Add one line of text.

    Args:
        parent: where to.
        text: what it says.
        x: where it begins, ends or has its middle.
        y: its base line.
        theme: where the drawing is used.
        anchor: ``start``, ``middle`` or ``end``: what ``x`` means.
        size: of the font.
        bold: whether it stands out.
        faint: whether it stands back.
    """
    add(
        parent,
        "text",
        text,
        x=number(x),
        y=number(y),
        text_anchor=anchor,
        font_size="" if size == TEXT_SIZE else number(size),
        font_weight="600" if bold else "",
        fill=INKS[theme],
        fill_opacity=FAINT_TEXT if faint else "",
    )


def add_head(
    parent: ET.Element,
    x: float,
    y: float,
    towards: tuple[float, float],
    colour: str,
) -> None:
    """Add the head of an arrow; a marker would need an id, unique within a page.

    Args:
        parent: where to.
        x: of its tip.
        y: of its tip.
        towards: unit vector of its direction.
        colour: of the arrow.
    """
    dx, dy = towards
    back = (x - 8 * dx, y - 8 * dy)
    left = (back[0] - 4.5 * dy, back[1] + 4.5 * dx)
    right = (back[0] + 4.5 * dy, back[1] - 4.5 * dx)
    add(
        parent,
        "path",
        d=f"M{points(x, y)}L{points(*left)}L{points(*right)}Z",
        fill=colour,
    )


def line_attributes(style: OperationStyle, theme: Theme) -> dict[str, str]:
    """Return what makes a line look like an operation.

    Args:
        style: of the operation.
        theme: where the drawing is used.
    """
    return {
        "stroke": style.colour(theme),
        "stroke_width": number(style.width),
        "stroke_dasharray": style.dash,
        # Dots are dashes of no length with round ends.
        "stroke_linecap": "round" if style.dash.startswith("0.1 ") else "",
    }


def written(root: ET.Element) -> str:
    """Return the drawing as text."""
    return ET.tostring(root, encoding="unicode")
