"""A directive that shows what ``deephyper_xnas COMMAND --help`` prints."""

import os

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from xnas.cli import make_parser


class CommandHelp(SphinxDirective):
    """``{command-help} nas nsga2``: the help of a command, as its parser words it."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a block of the help."""
        words = self.arguments[0].split()
        # Lines as long as a page is wide.
        os.environ["COLUMNS"] = "88"
        text = help_of(words)
        block = nodes.literal_block(text, text, language="text")
        return [block]


def help_of(words: list[str]) -> str:
    """Return what a command's ``--help`` prints.

    Args:
        words: of the command, such as ``["nas", "nsga2"]``.

    Raises:
        ValueError: there is no such command.
    """
    parser = make_parser(words)
    for word in words:
        actions = [one for one in parser._actions if isinstance(one.choices, dict)]
        if not actions or word not in actions[0].choices:
            raise ValueError(f"{word} is no command, in {' '.join(words)}")
        parser = actions[0].choices[word]
    return parser.format_help()


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive to Sphinx."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True}
