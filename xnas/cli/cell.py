"""``deephyper_xnas cell``: draw a network.

Draw a network as SVG or PNG: its cell in the NAS-Bench-201 space, its whole graph in
others.

Args:
    network: choices such as '[0, 1, 2, 4, 0, 1]'; or a network of a run, such as
        results/digits/latest:14, where an objective's name (accuracy for the first) or
        knee may stand for its number
    by: what knee and objectives go by: what networks are expected to give with other
        seeds, or what was observed (default: estimated where there are estimates)
    output: file to write, ending in .svg or .png; without it SVG is printed
    problem: the task whose space the choices belong to, such as
        experiments.pairs.problem.Problem; without it the NAS-Bench-201 space
    title: text above the drawing
    dark: light lines on dark ground
    transparent: leave out the background
    width: width of a PNG (default: 1200)
"""

import argparse

from xnas.cli import values
from xnas.cli.exit_status import DONE
from xnas.cli.flags import BY, SWITCH, Flags
from xnas.imports import path_of_task

PNG_WIDTH = 1200

FLAGS: Flags = {
    "": {
        "network": {"metavar": "ARCH|RUN_DIR:ID"},
        **BY,
        "-o --output": {"metavar": "FILE"},
        "--problem": {"type": path_of_task, "metavar": "TASK|PATH"},
        "--title": {"metavar": "TEXT"},
        "--dark": SWITCH,
        "--transparent": SWITCH,
        "--width": {"type": values.whole_number(16, 20_000), "metavar": "PIXELS"},
    }
}


def run(arguments: argparse.Namespace) -> int:
    """Draw the network."""
    # Here and not above: other commands must not wait for numpy.
    from xnas.cli.cell_drawing import check_output, draw, write

    check_output(arguments)
    write(draw(arguments), arguments.output, arguments.width or PNG_WIDTH)
    return DONE
