"""Flags of the settings of a search: types and help as ``Request`` has them."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any, get_args

from xnas.cli import values
from xnas.cli.flags import Named, sentences_of
from xnas.face.request import CHOICES, Request, flag_of
from xnas.imports import path_of_task

_NAMES = tuple(one.name for one in fields(Request) if one.name != "options")

_SEARCH, _WORKERS = _NAMES.index("max_evals"), _NAMES.index("evaluator")

GROUPS = {
    "task": tuple(name for name in _NAMES[:_SEARCH] if name != "search"),
    "search": _NAMES[_SEARCH:_WORKERS],
    "workers": _NAMES[_WORKERS:],
}
"""Settings, in the order that they are declared in, by their title in ``--help``."""

READERS: dict[Any, Callable[[str], Any]] = {
    "hyperparameters": values.setting,
    "problem": path_of_task,
    "objectives": values.names,
    "record": values.names,
    "references": values.reference,
    "seed": values.whole_number(0, values.MAX_SEED),
    "memory_per_worker": values.memory_size,
    "max_failures": values.count_or_none,
    "num_gpus_per_task": values.number(positive=False),
    int: values.whole_number(1),
    float: values.number(positive=True),
    bool: values.boolean,
    str: str,
}
"""What reads a flag, by its name or else by its type."""

METAVARS: dict[Any, str] = {
    **dict.fromkeys(("hyperparameters", "references"), "NAME=VALUE"),
    **dict.fromkeys(("objectives", "record"), "NAME[,NAME...]"),
    **{"problem": "TASK|PATH"},
    **{"ray_address": "HOST:PORT|auto", "log_dir": "DIR", "memory_per_worker": "SIZE"},
    **{"num_gpus_per_task": "N", "seed": "N", "timeout": "SECONDS"},
    **{"max_failures": "N|none"},
    **{int: "N", float: "SECONDS", bool: "true|false", str: "PATH"},
}

DEFAULTS = {"evaluator": "ray"}
"""Of the command, where Python's face has other ones."""

OF_THIS_PROCESS = ("run_command", "no_report", "resume", "verbose")
"""Arguments of ``nas`` that are no settings of the search."""


def settings_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that are given to ``nas``.

    Args:
        arguments: of the command.
    """
    return {k: v for k, v in vars(arguments).items() if k not in OF_THIS_PROCESS}


def with_default(sentence: str, default: Any) -> str:
    """Add to a flag's help what counts without it, if anything does."""
    is_nothing = default in (None, [], (), False)
    return sentence if is_nothing else f"{sentence} (default: {default})"


def add_setting_flags(
    parser: argparse.ArgumentParser,
    groups: Sequence[str],
    required: Sequence[str] = (),
    *,
    with_defaults: bool = True,
) -> None:
    """Add flags of the settings of a search; those that are not given stay unset.

    Args:
        parser: of the command.
        groups: titles of :data:`GROUPS`.
        required: settings that must be given.
        with_defaults: whether what is not given is as of a new search, and said.
    """
    sentences = sentences_of(Request.__doc__)
    known = {one.name: one for one in fields(Request)}
    for title in groups:
        group = parser.add_argument_group(title)
        for name in GROUPS[title]:
            found = known[name]
            types = [*get_args(found.type), found.type]
            key = next(one for one in (name, *types, str) if one in READERS)
            is_repeated = found.default is MISSING
            default = DEFAULTS.get(name, found.default)
            if is_repeated or not with_defaults:
                default = None
            group.add_argument(
                flag_of(name),
                dest=name,
                action=Named if is_repeated else "store",
                type=READERS[key],
                default=argparse.SUPPRESS,
                required=name in required,
                help=with_default(sentences[name], default),
                choices=CHOICES.get(name),
                metavar=None if name in CHOICES else METAVARS.get(name, METAVARS[key]),
            )


def words_of(request: Request) -> list[str]:
    """Return the flags of the task's settings that are not the default.

    Args:
        request: the settings.
    """
    words: list[str] = []
    defaults = Request()
    for name in GROUPS["task"]:
        value, flag = getattr(request, name), flag_of(name)
        if value == getattr(defaults, name):
            continue
        if isinstance(value, Mapping):
            for key, entry in value.items():
                words += [flag, f"{key}={json.dumps(entry)}"]
        elif isinstance(value, tuple):
            words.append(f"{flag}={','.join(value)}")
        else:
            words += [flag, str(value).lower() if isinstance(value, bool) else value]
    return [str(word) for word in words]
