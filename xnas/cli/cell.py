"""``deephyper_xnas cell``: the flags of a drawing."""

import argparse

from xnas.cli import values
from xnas.cli.exit_status import DONE

PNG_WIDTH = 1200


def add_parser(commands: "argparse._SubParsersAction") -> None:
    """Add the command ``cell``."""
    cell = commands.add_parser(
        "cell",
        help="draw a network",
        description="Draw a network as SVG or PNG: its cell in the NAS-Bench-201 "
        "space, its whole graph in others.",
    )
    cell.add_argument(
        "network",
        metavar="ARCH|RUN_DIR:ID",
        help="choices such as '[0, 1, 2, 4, 0, 1]'; or a network of a run, such as "
        "results/digits/latest:14, where an objective's name (accuracy for the first) "
        "or knee may stand for its number",
    )
    cell.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="file to write, ending in .svg or .png; without it SVG is printed",
    )
    cell.add_argument(
        "--problem",
        metavar="PATH",
        help="the task whose space the choices belong to, such as "
        "experiments.pairs.problem.Problem; without it the NAS-Bench-201 space",
    )
    cell.add_argument("--title", metavar="TEXT", help="text above the drawing")
    cell.add_argument("--dark", action="store_true", help="light lines on dark ground")
    cell.add_argument(
        "--transparent", action="store_true", help="leave out the background"
    )
    cell.add_argument(
        "--width",
        type=values.whole_number(16, 20_000),
        metavar="PIXELS",
        help=f"width of a PNG (default: {PNG_WIDTH})",
    )
    cell.set_defaults(run_command=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Here and not above: other commands must not wait for numpy.
    from xnas.cli.cell_drawing import check_output, draw, write

    check_output(arguments)
    write(draw(arguments), arguments.output, arguments.width or PNG_WIDTH)
    return DONE
