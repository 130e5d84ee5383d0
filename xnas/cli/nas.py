"""``deephyper_xnas nas``: the flags of a search."""

import argparse
from collections.abc import Sequence

from xnas.cli import values
from xnas.cli.task_flags import Help, add_task_flags
from xnas.evaluation.settings import TRAINERS

MAX_SEED = 2**31 - 1

SHIPPED = {
    ("nsga2", "nsgaii"): "NSGA-II: a front of trade-offs",
    ("regevo_xnas", "regevo-xnas"): "regularised evolution on a weighted sum",
}
"""Names of each search, and what ``--help`` says of it."""


def add_parser(commands: "argparse._SubParsersAction", argv: Sequence[str]) -> None:
    """Add the command ``nas`` with one sub-command a search.

    Args:
        commands: of the program.
        argv: the whole command line; the search that it names gets its flags.

    Raises:
        UsageError: it names no search.
    """
    nas = commands.add_parser(
        "nas",
        help="search for networks",
        description="Search for networks with one of these algorithms, one that a "
        "package registers (entry points xnas.searches), or one of your own "
        "(PACKAGE.MODULE.CLASS).",
    )
    searches = nas.add_subparsers(metavar="SEARCH", dest="search", required=True)
    named = argv[1] if argv[:1] == ["nas"] and len(argv) > 1 else "--help"
    for (name, alias), text in SHIPPED.items():
        # Descriptions of all others would have to be imported.
        if named not in (name, alias):
            searches.add_parser(name, aliases=[alias], help=text)
    if named.startswith("-"):
        return
    # Here and not above: other commands need no searches.
    from xnas.face.request import ASYNCHRONOUS, option_defaults
    from xnas.searches import find_search

    algorithm = find_search(named)
    summary = (algorithm.__doc__ or "").partition("\n")[0]
    parser = searches.add_parser(named, description=summary, formatter_class=Help)
    add_task_flags(parser, problem_required=False)
    _add_search_flags(parser)
    options = parser.add_argument_group(f"search, {named} only")
    for option in algorithm.options:
        options.add_argument(
            values.flag(option.name),
            type=values.reader(option.read),
            default=option.default,
            choices=option.choices,
            metavar=option.metavar,
            help=option.help,
        )
    more = set(option_defaults(named)) - {option.name for option in algorithm.options}
    if "asynchronous" in more:
        options.add_argument(
            "--asynchronous",
            action="store_true",
            help=f"no generations: a free worker gets a child at once ({ASYNCHRONOUS})",
        )
    for name in sorted(more - {"asynchronous"}):
        options.add_argument(
            values.flag(name),
            type=values.number(positive=False),
            metavar="W",
            help="the first of two weights, the task's"
            if name == "weight_perf"
            else "the second, introspectability's",
        )
    _add_worker_flags(parser)
    parser.set_defaults(run_command=_run, parser=parser)


def _run(arguments: argparse.Namespace) -> int:
    # Here and not above: --help must not wait for DeepHyper.
    from xnas.cli.nas_search import run_search

    return run_search(arguments)


def _add_search_flags(parser: argparse.ArgumentParser) -> None:
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
