"""From a network that a user names to its drawing."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xnas.cli.say import say
from xnas.drawing import cell_svg
from xnas.errors import UsageError
from xnas.results.estimated import other_pick
from xnas.results.folder import replace_file
from xnas.results.latest import named_run
from xnas.results.picks import By
from xnas.results.run import Run

Network = tuple[Mapping[str, Any], Sequence[int]]
"""The description of a search space, and choices in it."""


def check_output(arguments: argparse.Namespace) -> None:
    """Refuse, before anything takes time, a file that cannot be written.

    Args:
        arguments: the flags.

    Raises:
        UsageError: its ending is neither ``.svg`` nor ``.png``, its folder does not
            exist, or a width is given for a drawing that has none.
    """
    is_png = False
    if arguments.output is not None:
        path = Path(arguments.output)
        is_png = path.suffix.lower() == ".png"
        if not is_png and path.suffix.lower() != ".svg":
            raise UsageError(f"--output is {path}, expected an ending .svg or .png")
        if not path.parent.is_dir():
            raise UsageError(
                f"--output is {path}, but there is no folder {path.parent}"
            )
    if arguments.width is not None and not is_png:
        raise UsageError(
            "--width is of a PNG, expected --output with a file that ends in .png"
        )


def draw(arguments: argparse.Namespace) -> str:
    """Draw the network.

    Args:
        arguments: the flags.

    Returns:
        SVG.

    Raises:
        UsageError: there is no such network.
        TaskError: the task of ``--problem`` fails.
    """
    space, arch_seq = _network(arguments)
    return cell_svg(
        space,
        arch_seq,
        title=arguments.title,
        theme="dark" if arguments.dark else "light",
        transparent=arguments.transparent,
    )


def write(svg: str, output: str | None, width: int) -> None:
    """Write a drawing, whole or not at all.

    Args:
        svg: the drawing.
        output: the file, ending in ``.svg`` or ``.png``; ``None`` prints SVG.
        width: of a PNG, in pixels.

    Raises:
        UsageError: the file cannot be written.
    """
    if output is None:
        # In a drawing, an escape is a reference to the character.
        encoding = sys.stdout.encoding or "utf-8"
        print(svg.encode(encoding, "xmlcharrefreplace").decode(encoding))
        return
    path = Path(output)
    content = f"{svg}\n".encode()
    if path.suffix.lower() == ".png":
        from xnas.drawing.png import svg_to_png

        content = svg_to_png(svg, width)
    try:
        replace_file(path, content, durable=False)
    except OSError as error:
        raise UsageError(
            f"--output {path} cannot be written: {error.strerror}"
        ) from error


# -- which network ---------------------------------------------------------------------


def _network(arguments: argparse.Namespace) -> Network:
    text, problem = arguments.network, arguments.problem
    if text.lstrip().startswith("["):
        return _space(problem), _choices(text)
    run_dir, colon, name = text.rpartition(":")
    if not colon or not run_dir or not name:
        raise UsageError(
            f"{text!r} found, expected choices such as '[0, 1, 2, 4, 0, 1]', or "
            "RUN_DIR:ID such as results/digits/latest:14"
        )
    if problem is not None:
        raise UsageError(
            f"--problem goes with choices, while {run_dir} records its own search "
            "space, expected one of the two"
        )
    return _recorded(Run(named_run(run_dir)), name, arguments.by)


def _choices(text: str) -> list[int]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise UsageError(
            f"{text!r} found, expected a list of choices such as '[0, 1, 2, 4, 0, 1]'"
        )
    return found


def _space(problem: str | None) -> Mapping[str, Any]:
    if problem is None:
        from xnas.space import nas_bench_201_search_space

        # Shapes and sizes of the network have no part in the cell.
        return nas_bench_201_search_space((32, 32, 3), (10,), stack_size=1).describe()
    from xnas.face.quiet import load_tensorflow

    load_tensorflow()
    from xnas.face.task import load_problem
    from xnas.tasks import space_of

    return space_of(load_problem(problem, {})).describe()


def _recorded(run: Run, name: str, by: By | None) -> Network:
    one = run.record(run.pick(name, by))
    observed = run.pick(name, "observed")
    if one.id != observed:
        say(other_pick(name, one.id, observed))
    if not one.genotype:
        raise UsageError(
            f"evaluation {one.id} of {run.folder.root} has no choices recorded, "
            "expected m:arch_seq in its row"
        )
    space = run.infos.get("space")
    if not isinstance(space, Mapping):
        raise UsageError(
            f"{run.folder.init_infos} describes no search space, expected an entry "
            "'space'"
        )
    return space, one.genotype
