"""``deephyper_xnas check``: try out a task before searching.

Load a task's data, check every contract, train and score its smallest and largest
network for a few steps, and estimate a whole search.

Args:
    max_evals: networks that the search would evaluate
    num_workers: networks that it would evaluate at a time
    num_cpus_per_task: CPUs, and TensorFlow threads, of each worker
    timeout: time after which loading the data has failed
"""

import argparse
import os
from collections.abc import Sequence

from xnas.cli import values
from xnas.cli.flags import Flags, add_command, add_flags
from xnas.face.quiet import load_tensorflow

COUNT = {"type": values.whole_number(1), "metavar": "N"}

FLAGS: Flags = {
    "estimate": {
        "--max-evals": {**COUNT, "default": 1000},
        "--num-workers": {**COUNT, "default": 1},
        "--num-cpus-per-task": {**COUNT, "default": 1},
        "--timeout": {
            "type": values.whole_number(1, 2**31 - 1),
            "default": 600,
            "metavar": "SECONDS",
        },
    }
}


def add_parser(commands: "argparse._SubParsersAction", argv: Sequence[str]) -> None:
    """Add the command ``check``.

    Args:
        commands: of the program.
        argv: the whole command line; only that of this command needs the flags.
    """
    check = add_command(commands, "check", __doc__, _run, {})
    check.set_defaults(seed=0)
    if argv[:1] != ["check"]:
        return
    from xnas.cli.setting_flags import Help, add_setting_flags

    check.formatter_class = Help
    add_setting_flags(check, ("task",), required=("problem",))
    add_flags(check, __doc__, FLAGS)


def _run(arguments: argparse.Namespace) -> int:
    # Here and not above: --help must not wait for DeepHyper and TensorFlow.
    from xnas.workers.supervisor import thread_environment

    os.environ.update(thread_environment(arguments.num_cpus_per_task))
    load_tensorflow()
    from xnas.cli.check_task import run_check

    return run_check(arguments)
