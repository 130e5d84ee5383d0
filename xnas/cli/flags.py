"""Commands and flags, whose help is the docstring of the command's module."""

import argparse
import inspect
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

Flags = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Titles of groups (none for the first) to flags to what argparse takes of them."""

SWITCH = {"action": "store_true"}

_DOCUMENTED = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def sentences_of(manual: str | None) -> dict[str, str]:
    """Read the section ``Args`` of a docstring.

    Returns:
        Name to what is said of it, without the last full stop.
    """
    found = _DOCUMENTED.findall(inspect.cleandoc(manual or ""))
    return {name: " ".join(text.split()).rstrip(".") for name, text in found}


def add_command(
    commands: "argparse._SubParsersAction", module: ModuleType
) -> argparse.ArgumentParser:
    """Add a command.

    Args:
        commands: of the program.
        module: its docstring has the command's name, a summary after a colon, what the
            command does, and ``Args``; its ``FLAGS`` are added, its ``run`` carries the
            command out.

    Returns:
        Its parser.
    """
    summary, description, _ = str(module.__doc__).split("\n\n", maxsplit=2)
    title, _, text = summary.partition(": ")
    parser: argparse.ArgumentParser = commands.add_parser(
        title.strip("`").split()[-1],
        help=text.rstrip("."),
        description=" ".join(description.split()),
    )
    add_flags(parser, module.__doc__, getattr(module, "FLAGS", {}))
    parser.set_defaults(run_command=module.run)
    return parser


def add_flags(
    parser: argparse.ArgumentParser, manual: str | None, flags: Flags
) -> None:
    """Add flags.

    Args:
        parser: of the command.
        manual: a docstring with their help.
        flags: by the titles of groups.
    """
    sentences = sentences_of(manual)
    for title, group in flags.items():
        to = parser.add_argument_group(title) if title else parser
        for names, form in group.items():
            name = names.split()[-1].lstrip("-").replace("-", "_")
            to.add_argument(*names.split(), help=sentences[name], **form)
