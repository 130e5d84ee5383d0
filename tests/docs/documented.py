"""What README and the pages of ``docs/`` hold: blocks of code, links, anchors."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {str(page.relative_to(ROOT)): page.read_text() for page in PAGES}

_BLOCK = re.compile(
    r"(?:^ *<!-- parsed only: (?P<reason>.+?) -->\n+)?"
    r"^(?P<indent> *)```(?P<language>\S*)\n(?P<text>.*?)^ *```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        page: its path.
        line: where it begins.
        language: what follows the fence.
        text: without the indent.
        reason: why it is parsed only, if it is.
    """

    page: str
    line: int
    language: str
    text: str
    reason: str | None

    @property
    def name(self):
        return f"{Path(self.page).name}:{self.line}"


def blocks_of(page):
    """Blocks of a page, those that show output (``text``) or make it left out."""
    for found in _BLOCK.finditer(TEXT[page]):
        lines = found["text"].splitlines()
        text = "\n".join(line.removeprefix(found["indent"]) for line in lines) + "\n"
        line = TEXT[page][: found.start("language")].count("\n") + 1
        if found["language"] != "text" and not found["language"].startswith("{"):
            yield Block(page, line, found["language"], text, found["reason"])


BLOCKS = [block for page in TEXT for block in blocks_of(page)]


def block(containing):
    """The only block that holds a text."""
    found = [block for block in BLOCKS if containing in block.text]
    assert len(found) == 1, containing
    return found[0]


def prose(text):
    """A page without its blocks."""
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(page):
    """What links may name of a page: its headings, as code-hosting sites make it."""
    headings = re.findall(r"^#+ (.*)$", prose(TEXT[page]), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return [heading.replace(" ", "-") for heading in plain]


def commands_of(block):
    """Lines of a block of shell, joined where they go on, without comments."""
    joined = block.text.replace("\\\n", " ").splitlines()
    return [line for line in joined if line.strip() and not line.startswith("#")]
