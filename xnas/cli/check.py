"""``deephyper_xnas check``: the flags of a dry run."""

import argparse
import os

from xnas.cli import values
from xnas.cli.task_flags import Help, add_task_flags
from xnas.face.quiet import load_tensorflow

PATIENCE = 600


def add_parser(commands: "argparse._SubParsersAction") -> None:
    """Add the command ``check``."""
    check = commands.add_parser(
        "check",
        help="try out a task before searching",
        description="Load a task's data, check every contract, train and score its "
        "smallest and largest network for a few steps, and estimate a whole search.",
        formatter_class=Help,
    )
    add_task_flags(check)
    estimate = check.add_argument_group("estimate")
    estimate.add_argument(
        "--max-evals",
        type=values.whole_number(1),
        default=1000,
        metavar="N",
        help="networks that the search would evaluate",
    )
    estimate.add_argument(
        "--num-workers",
        type=values.whole_number(1),
        default=1,
        metavar="N",
        help="networks that it would evaluate at a time",
    )
    estimate.add_argument(
        "--num-cpus-per-task",
        type=values.whole_number(1),
        default=1,
        metavar="N",
        help="CPUs, and TensorFlow threads, of each worker",
    )
    estimate.add_argument(
        "--timeout",
        type=values.whole_number(1, 2**31 - 1),
        default=PATIENCE,
        metavar="SECONDS",
        help="time after which loading the data has failed",
    )
    check.set_defaults(run_command=_run, seed=0)


def _run(arguments: argparse.Namespace) -> int:
    # Here and not above: --help must not wait for DeepHyper and TensorFlow.
    from xnas.workers.supervisor import thread_environment

    os.environ.update(thread_environment(arguments.num_cpus_per_task))
    load_tensorflow()
    from xnas.cli.check_task import run_check

    return run_check(arguments)
