"""Reads a report's page with the standard library alone."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "input", "link", "img", "hr"}


@dataclass
class Element:
    tag: str
    attributes: dict
    children: list = field(default_factory=list)

    @property
    def text(self):
        parts = (c if isinstance(c, str) else c.text for c in self.children)
        return " ".join("".join(parts).split())

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag=None, **attributes):
        """Elements with a tag and attributes; ``class_`` is one of the classes."""
        return [
            one
            for one in self.walk()
            if tag in (None, one.tag)
            and all(_has(one, name, value) for name, value in attributes.items())
        ]

    def one(self, tag=None, **attributes):
        found = self.all(tag, **attributes)
        assert len(found) == 1, (tag, attributes, len(found))
        return found[0]

    @property
    def value(self):
        """The number an element shows, as it is written for programs."""
        marked = [one for one in self.walk() if "data-value" in one.attributes]
        assert len(marked) == 1, self.text
        return float(marked[0].attributes["data-value"])


def _has(element, name, value):
    name = name.rstrip("_").replace("_", "-")
    found = element.attributes.get(name)
    return value in (found or "").split() if name == "class" else found == value


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.stack = [Element("document", {})]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs))
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_startendtag(self, tag, attrs):
        self.stack[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack[-1].tag == tag, (self.stack[-1].tag, tag)
        self.stack.pop()

    def handle_data(self, data):
        self.stack[-1].children.append(data)


def read_page(path):
    """The page as a tree; every element must be closed in its turn."""
    builder = _Builder()
    builder.feed(path.read_text())
    assert len(builder.stack) == 1
    return builder.stack[0]


def data_of(document):
    """What the page's scripts read."""
    return json.loads(document.one("script", id="data").text)


def tiles(document):
    """What the page tells at a glance, by name."""
    tile = document.all("dl", class_="tiles")[0]
    lines = [one for one in tile.children if isinstance(one, Element)]
    return {one.one("dt").text: one.one("dd") for one in lines}
