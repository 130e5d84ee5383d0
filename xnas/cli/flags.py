"""Commands and flags, whose help is the docstring of the command's module."""

import argparse
import inspect
import re
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from xnas.cli.values import PICKED_BY

Flags = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Titles of groups (none for the first) to flags to what argparse takes of them."""

SWITCH = {"action": "store_true"}

BY: Mapping[str, Mapping[str, Any]] = {"--by": {"choices": PICKED_BY}}

PICK: Mapping[str, Mapping[str, Any]] = {
    "--pick": {
        "required": True,
        "metavar": "accuracy|introspectability|knee|OBJECTIVE|ID",
    },
    **BY,
}
"""Flags that name one network of a run."""


class Named(argparse._AppendAction):
    """Collects pairs of a name and a value, each name once."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Add a pair."""
        if values[0] in dict(getattr(namespace, self.dest, None) or ()):
            text = f"{values[0]} is given twice, expected once"
            raise argparse.ArgumentError(self, text)
        super().__call__(parser, namespace, values, option_string)


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


def refuse_repeated(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Leave with status 2 where a flag with one value is given twice.

    argparse would take the last one in silence.

    Args:
        parser: of the command.
        words: that follow the command's name.
    """
    flags = {flag: one for one in parser._actions for flag in one.option_strings}
    given = set()
    for word in words:
        name = word.partition("=")[0] if word.startswith("--") else word[:2]
        # As argparse does, a flag's beginning stands for it where it is the only one.
        whole = [flag for flag in flags if name[:2] == "--" and flag.startswith(name)]
        action = flags.get(name, flags[whole[0]] if len(whole) == 1 else None)
        if type(action) is not argparse._StoreAction:
            continue
        if action.dest in given:
            flag = action.option_strings[-1]
            form = f": {flag} {action.metavar}" if action.metavar else ""
            parser.error(f"{flag} is given twice, expected once{form}")
        given.add(action.dest)
