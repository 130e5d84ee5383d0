"""``deephyper_xnas check``: the flags of a dry run."""

import argparse
import os
from collections.abc import Sequence

from xnas.cli import values
from xnas.face.quiet import load_tensorflow

PATIENCE = 600


def add_parser(commands: "argparse._SubParsersAction", argv: Sequence[str]) -> None:
    """Add the command ``check``.

    Args:
        commands: of the program.
        argv: the whole command line; only that of this command needs the flags.
    """
    check = commands.add_parser(
        "check",
        help="try out a task before searching",
        description="Load a task's data, check every contract, train and score its "
        "smallest and largest network for a few steps, and estimate a whole search.",
    )
    check.set_defaults(run_command=_run, seed=0)
    if argv[:1] != ["check"]:
        return
    from xnas.cli.setting_flags import Help, add_setting_flags

    check.formatter_class = Help
    add_setting_flags(check, ("task",), required=("problem",))
    estimate = check.add_argument_group("estimate")
    count = values.whole_number(1)
    for flag, default, text in (
        ("--max-evals", 1000, "networks that the search would evaluate"),
        ("--num-workers", 1, "networks that it would evaluate at a time"),
        ("--num-cpus-per-task", 1, "CPUs, and TensorFlow threads, of each worker"),
    ):
        estimate.add_argument(flag, type=count, default=default, metavar="N", help=text)
    estimate.add_argument(
        "--timeout",
        type=values.whole_number(1, 2**31 - 1),
        default=PATIENCE,
        metavar="SECONDS",
        help="time after which loading the data has failed",
    )


def _run(arguments: argparse.Namespace) -> int:
    # Here and not above: --help must not wait for DeepHyper and TensorFlow.
    from xnas.workers.supervisor import thread_environment

    os.environ.update(thread_environment(arguments.num_cpus_per_task))
    load_tensorflow()
    from xnas.cli.check_task import run_check

    return run_check(arguments)
