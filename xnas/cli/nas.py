"""``deephyper_xnas nas``: the flags of a search."""

import argparse

from xnas.cli import values
from xnas.cli.task_flags import Help, add_task_flags
from xnas.evaluation.settings import TRAINERS

MAX_SEED = 2**31 - 1


def add_parser(commands: "argparse._SubParsersAction") -> None:
    """Add the command ``nas`` with one sub-command a search."""
    nas = commands.add_parser(
        "nas",
        help="search for networks",
        description="Search for networks with one of two algorithms.",
    )
    searches = nas.add_subparsers(metavar="SEARCH", dest="search", required=True)
    nsga2 = searches.add_parser(
        "nsga2",
        aliases=["nsgaii"],
        help="NSGA-II: a front of trade-offs",
        description="Search with NSGA-II, which approaches the front of trade-offs.",
        formatter_class=Help,
    )
    regevo = searches.add_parser(
        "regevo_xnas",
        aliases=["regevo-xnas"],
        help="regularised evolution on a weighted sum",
        description="Search with regularised evolution on a weighted sum of the two.",
        formatter_class=Help,
    )
    for parser, population in ((nsga2, 64), (regevo, 10)):
        add_task_flags(parser, problem_required=False)
        _add_search_flags(parser, population)
        _add_worker_flags(parser)
        parser.set_defaults(run_command=_run, parser=parser)
    _add_regevo_flags(regevo)
    nsga2.add_argument(
        "--asynchronous",
        action="store_true",
        help="no generations: a free worker gets a child at once",
    )


def _run(arguments: argparse.Namespace) -> int:
    # Here and not above: --help must not wait for DeepHyper.
    from xnas.cli.nas_search import run_search

    return run_search(arguments)


def _add_search_flags(parser: argparse.ArgumentParser, population: int) -> None:
    search = parser.add_argument_group("search")
    search.add_argument(
        "--max-evals",
        type=values.whole_number(1),
        default=None,
        metavar="N",
        help="networks to evaluate; without it, until the timeout or the space ends",
    )
    search.add_argument(
        "--timeout",
        type=values.whole_number(1),
        default=None,
        metavar="SECONDS",
        help="stop then, keeping what has finished",
    )
    search.add_argument(
        "--population-size",
        type=values.whole_number(2),
        default=population,
        metavar="N",
        help="size of the population",
    )
    search.add_argument(
        "--deduplicate",
        choices=["isomorphic", "genotype"],
        default="isomorphic",
        help="what is not trained twice: networks that compute the same function for "
        "suitably permuted weights, or equal choices only",
    )
    search.add_argument(
        "--trainer",
        choices=TRAINERS,
        default="auto",
        help="plain traces every network anew, compiled the whole space once a worker; "
        "auto takes what should be quicker, by sizes and numbers alone",
    )
    search.add_argument(
        "--seed",
        type=values.whole_number(0, MAX_SEED),
        default=None,
        metavar="N",
        help="seed of everything random; drawn and recorded if not given",
    )
    search.add_argument(
        "--log-dir",
        default=None,
        metavar="DIR",
        help="the run folder (default results/<task>/<timestamp>)",
    )
    search.add_argument(
        "--resume",
        default=None,
        metavar="DIR|latest",
        help="carry on the run of that folder, or the newest (of --problem, or of all; "
        "results/TASK/latest works too); flags that are not given are the run's",
    )
    search.add_argument(
        "--stop-within",
        type=values.number(positive=True),
        default=60.0,
        metavar="SECONDS",
        help="how long what runs may finish after SIGUSR1, which stops a search ahead "
        "of a time limit",
    )
    search.add_argument(
        "--no-report",
        action="store_true",
        help="write no report.html at the end",
    )
    search.add_argument(
        "--verbose", action="store_true", help="log DeepHyper's own messages as well"
    )


def _add_worker_flags(parser: argparse.ArgumentParser) -> None:
    workers = parser.add_argument_group("workers")
    workers.add_argument(
        "--evaluator",
        choices=["serial", "process", "ray"],
        default="ray",
        help="one worker, workers on this machine, or workers of a Ray cluster",
    )
    workers.add_argument(
        "--num-workers",
        type=values.whole_number(1),
        default=None,
        metavar="N",
        help="networks evaluated at a time (default: what CPUs and GPUs allow)",
    )
    workers.add_argument(
        "--num-cpus-per-task",
        type=values.whole_number(1),
        default=1,
        metavar="N",
        help="CPUs, and TensorFlow threads, of each worker",
    )
    workers.add_argument(
        "--num-gpus-per-task",
        type=values.number(positive=False),
        default=0,
        metavar="N",
        help="GPUs of each worker; fractions share one",
    )
    workers.add_argument(
        "--memory-per-worker",
        type=values.memory_size,
        default=None,
        metavar="SIZE",
        help="resident memory, such as 4G, above which a worker is replaced",
    )
    workers.add_argument(
        "--evaluation-timeout",
        type=values.number(positive=True),
        default=None,
        metavar="SECONDS",
        help="time after which one evaluation has failed",
    )
    workers.add_argument(
        "--ray-address",
        default=None,
        metavar="HOST:PORT|auto",
        help="the Ray cluster to join; auto starts one if none runs (default: start "
        "a Ray of our own)",
    )


def _add_regevo_flags(parser: argparse.ArgumentParser) -> None:
    evolution = parser.add_argument_group("regularised evolution")
    evolution.add_argument(
        "--sample-size",
        type=values.whole_number(1),
        default=5,
        metavar="N",
        help="members of the population that compete to be the parent",
    )
    evolution.add_argument(
        "--weight-perf",
        type=values.number(positive=False),
        default=0.5,
        metavar="W",
        help="weight of the task's objective",
    )
    evolution.add_argument(
        "--weight-xai",
        type=values.number(positive=False),
        default=5.0,
        metavar="W",
        help="weight of introspectability",
    )
