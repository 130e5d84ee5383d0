"""``deephyper_xnas check``: try out a task before searching.

Load a task's data, check every contract, train and score its smallest and largest
network and some random ones for a few steps, as the search would, and estimate that
search.

Args:
    max_evals: networks that the search would evaluate
    num_workers: networks that it would evaluate at a time (default: what this
        machine's CPUs allow)
    num_cpus_per_task: CPUs, and TensorFlow threads, of each worker
    trainer: as for nas
    timeout: time after which loading the data has failed
    reliability: train 24 random networks as well, and the 12 best of them with two more
        seeds each, after saying how long that takes, and tell of all objectives and
        explainers which tell networks apart, and which only seeds; without --problem,
        of digits
    gpu: instead of the task, check this machine's GPUs with it, in about five minutes:
        see docs/gpu.md; without --problem, with digits
    output: file of the report of --gpu (default: gpu-check.md)
"""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xnas.cli import values
from xnas.cli.flags import SWITCH, add_flags
from xnas.errors import UsageError
from xnas.face.quiet import load_tensorflow

COUNT = {"type": values.whole_number(1), "metavar": "N"}

ESTIMATE: dict[str, Any] = {
    "--max-evals": {**COUNT, "default": 1000},
    "--num-workers": {**COUNT, "default": argparse.SUPPRESS},
    "--num-cpus-per-task": {**COUNT, "default": 1},
    "--timeout": {
        "type": values.whole_number(1, 2**31 - 1),
        "default": 600,
        "metavar": "SECONDS",
    },
}

RELIABILITY = "--reliability"

GPU = "--gpu"

OUTPUT: dict[str, Any] = {
    "--output": {"type": Path, "metavar": "FILE", "default": argparse.SUPPRESS}
}

DIGITS = "experiments.digits.problem.Problem"


def add_check_flags(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the flags of ``check``, if it is the command that is given.

    Args:
        parser: of the command.
        argv: the whole command line; others need not wait for what has the flags.
    """
    if argv[:1] != ["check"]:
        return
    from xnas.cli.setting_flags import add_setting_flags
    from xnas.evaluation.settings import TRAINERS

    parser.formatter_class = argparse.ArgumentDefaultsHelpFormatter
    parser.set_defaults(seed=0)
    by_default = RELIABILITY in argv or GPU in argv
    add_setting_flags(parser, ("task",), required=() if by_default else ("problem",))
    if by_default:
        parser.set_defaults(problem=DIGITS)
    trainer = {"--trainer": {"choices": TRAINERS, "default": "auto"}}
    estimate = {**ESTIMATE, **trainer, RELIABILITY: SWITCH}
    gpus = {GPU: SWITCH, **OUTPUT}
    add_flags(parser, __doc__, {"estimate": estimate, "GPUs": gpus})


def run(arguments: argparse.Namespace) -> int:
    """Try out the task."""
    # Here and not above: --help must not wait for DeepHyper and TensorFlow.
    from xnas.workers.supervisor import thread_environment

    if arguments.gpu:
        return _run_gpu(arguments)
    if "output" in arguments:
        raise UsageError("--output is given without --gpu, whose report it is")
    os.environ.update(thread_environment(arguments.num_cpus_per_task))
    started = time.perf_counter()
    load_tensorflow()
    from xnas.cli.check_task import run_check

    return run_check(arguments, time.perf_counter() - started)


def _run_gpu(arguments: argparse.Namespace) -> int:
    """Check the machine's GPUs, with a task."""
    if arguments.reliability:
        raise UsageError(f"{GPU} and {RELIABILITY} are given, expected one of them")
    from xnas.cli.check_gpu import REPORT, check_gpu, need_gpus

    gpus = need_gpus()
    from xnas.face.task import load_problem

    load_tensorflow()
    given = dict(getattr(arguments, "hyperparameters", ()))
    problem = load_problem(arguments.problem, given)
    return check_gpu(problem, gpus, Path(getattr(arguments, "output", REPORT)))
