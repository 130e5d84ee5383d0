"""Directives that show what ``deephyper_xnas COMMAND --help`` prints."""

import argparse
import os

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from xnas.cli import make_parser
from xnas.cli.nas import SHIPPED

WIDTH = "88"
"""Columns of a page."""


class CommandHelp(SphinxDirective):
    """``{command-help} nas nsga2``: the help of a command, as its parser words it."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a block of the help."""
        return [_block(" ".join(self.arguments).split())]


class EveryCommand(SphinxDirective):
    """``{every-command}``: a section for each command, with its help."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        return [self._section(words) for words in every_command()]

    def _section(self, words: list[str]) -> nodes.section:
        name = " ".join(words)
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        section += nodes.title(name, name)
        section += _block(words)
        return section


def _block(words: list[str]) -> nodes.literal_block:
    text = help_of(words)
    return nodes.literal_block(text, text, language="text")


def every_command() -> list[list[str]]:
    """Return the words of each command, ``nas`` once for each search."""
    names = list(_choices(make_parser([])))
    searches = [["nas", known[0]] for known in SHIPPED]
    return searches + [[name] for name in names if name != "nas"]


def help_of(words: list[str]) -> str:
    """Return what a command's ``--help`` prints.

    Args:
        words: of the command, such as ``["nas", "nsga2"]``; none for all of it.

    Raises:
        ValueError: there is no such command.
    """
    os.environ["COLUMNS"] = WIDTH
    parser = make_parser(words)
    for word in words:
        choices = _choices(parser)
        if word not in choices:
            raise ValueError(f"{word} is no command, in {' '.join(words)}")
        parser = choices[word]
    return parser.format_help()


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    actions = [one for one in parser._actions if isinstance(one.choices, dict)]
    return dict(actions[0].choices) if actions else {}


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives to Sphinx."""
    app.add_directive("command-help", CommandHelp)
    app.add_directive("every-command", EveryCommand)
    return {"parallel_read_safe": True}
