#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Distances between ImageNet labels in WordNet, as a CSV table and as a picture.

See ``./hierarchical_imagenet.py --help``.
"""

import argparse
import importlib.util
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from xnas_wordnet import Closure

PROGRAM = "hierarchical_imagenet.py"
OUTPUT = "imagenet_resized_label_distances_{}.csv"
WRONG_USAGE = 2
INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence instead of printing the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Leave with status 2."""
        self.exit(WRONG_USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def make_parser() -> argparse.ArgumentParser:
    """Describe the flags."""
    parser = _Parser(
        prog=PROGRAM,
        description="Write the distances of all pairs of ImageNet labels in WordNet.",
        epilog="WordNet is read through nltk where its data is installed; else the "
        "hypernyms that XNAS ships serve for the labels of imagenet_resized.",
    )
    parser.add_argument(
        "--labels",
        metavar="N|FILE",
        default="1000",
        help="the first N labels of imagenet_resized, or a file with one WordNet id "
        "or synset name of a noun a line; all 1,000 labels by default",
    )
    parser.add_argument(
        "--output",
        metavar="CSV",
        help=f"the table to write; {OUTPUT.format('<graph hash>')} by default",
    )
    parser.add_argument(
        "--plot",
        metavar="FILE",
        help="also draw the labels' graph; the suffix, such as .png or .svg, is the "
        "format",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Write the table.

    Args:
        argv: the arguments, without the program's name; ``sys.argv`` if ``None``.

    Returns:
        The exit status: 0 done, 2 wrong usage, 130 interrupted.
    """
    parser = make_parser()
    arguments = parser.parse_args(argv)
    if importlib.util.find_spec("numpy") is None:
        parser.error("the Python package numpy is not installed here, expected it")
    try:
        return _run(parser, arguments)
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted", file=sys.stderr)
        return INTERRUPTED


def _run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    from xnas.errors import UsageError
    from xnas_wordnet import graph_hash
    from xnas_wordnet.csv_text import csv_text

    flag = "--output"
    try:
        output = None if arguments.output is None else _writable(arguments.output)
        flag = "--plot"
        plot = None if arguments.plot is None else _writable(arguments.plot)
        flag = "--output"
        _refuse_labels(arguments.labels, output)
        flag = "--plot"
        _refuse_labels(arguments.labels, plot)
        flag = "--labels"
        closure, source = _read(_labels(arguments.labels))
        name = graph_hash(closure)
        output = output or Path(OUTPUT.format(name))
        files = {}
        if plot:
            flag = "--plot"
            files[plot] = _draw(closure, plot, output)
        flag = "--output"
        files[output] = csv_text(closure).encode()
        for path, content in files.items():
            flag = "--output" if path == output else "--plot"
            _write(path, content)
    except UsageError as error:
        parser.error(f"argument {flag}: {error}")
    n_labels = len(closure.labels)
    print(
        f"Wrote {' and '.join(map(str, reversed(files)))}: "
        f"{n_labels * (n_labels - 1) // 2:,} pairs of {n_labels:,} labels, "
        f"{len(closure.names):,} nodes, {closure.n_edges:,} edges, hash {name}, "
        f"from {source}."
    )
    return 0


def _labels(text: str) -> list[str]:
    """Read the value of ``--labels`` as WordNet ids and synset names."""
    from xnas.errors import UsageError
    from xnas_wordnet import load_closure

    if re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        shipped = load_closure()
        number = int(text)
        if not 2 <= number <= len(shipped.labels):
            raise UsageError(
                f"{text!r} found, expected 2 to {len(shipped.labels):,} labels, or "
                "the name of a file"
            )
        return [shipped.wnids[label] for label in shipped.labels[:number]]
    try:
        content = Path(text).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(
            f"{text!r} cannot be read ({reason}), expected a number of labels or a "
            "file with one label a line"
        ) from error
    labels = content.split()
    if len(labels) < 2:
        raise UsageError(f"{len(labels)} labels found in {text}, expected 2 or more")
    return labels


def _read(labels: list[str]) -> "tuple[Closure, str]":
    """Look labels up in WordNet, or where that is missing in the shipped closure."""
    from xnas.errors import UsageError
    from xnas_wordnet import WordNetMissingError, load_closure, read_closure

    try:
        closure, source = read_closure(labels), "WordNet through nltk"
    except WordNetMissingError as missing:
        shipped = load_closure()
        try:
            closure = shipped.restrict(map(shipped.index, labels))
        except KeyError as unknown:
            raise UsageError(
                f"{unknown.args[0]!r} found, expected one of the "
                f"{len(shipped.names):,} synsets that XNAS ships, because {missing}"
            ) from unknown
        source = "the shipped hypernyms"
    label, times = Counter(closure.labels).most_common(1)[0]
    if times > 1:
        raise UsageError(
            f"{closure.names[label]!r} found {times} times, expected each label once"
        )
    return closure, source


def _draw(closure: "Closure", plot: Path, output: Path) -> bytes:
    from xnas.errors import UsageError
    from xnas_wordnet.drawing import draw

    if plot.absolute() == output.absolute():
        raise UsageError(f"{plot} is the table as well, expected another file")
    return draw(closure, plot.suffix.removeprefix(".").lower())


def _writable(text: str) -> Path:
    from xnas.errors import UsageError

    path = Path(text)
    if path.is_symlink():
        path = path.resolve()  # the link stays, what it leads to is written
    if not text or path.is_dir():
        found = "is a folder" if text else "found"
        raise UsageError(f"{text!r} {found}, expected a file")
    if path.exists() and not path.is_file():
        raise UsageError(f"{text!r} is a device, expected an ordinary file")
    if not path.parent.is_dir():
        raise UsageError(
            f"{str(path.parent)!r} is no folder, expected one to put {path.name!r} in"
        )
    return path


def _refuse_labels(labels: str, path: Path | None) -> None:
    from xnas.errors import UsageError

    both = path is not None and path.exists() and os.path.exists(labels)
    if path is not None and both and path.samefile(labels):
        raise UsageError(f"{path} holds the labels, expected another file")


def _write(path: Path, content: bytes) -> None:
    from xnas.errors import UsageError
    from xnas.results.folder import replace_file

    try:
        replace_file(path, content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
