"""``deephyper_xnas nas``: search for networks.

Search for networks with one of these algorithms, one that a package registers (entry
points xnas.searches), or one of your own (PACKAGE.MODULE.CLASS).

Args:
    resume: carry on the run of that folder, or the newest (of --problem, or of all;
        results/TASK/latest works too); flags that are not given are the run's
    no_report: write no report.html at the end
    verbose: log DeepHyper's own messages as well
"""

import argparse
from collections.abc import Sequence

from xnas.cli import values
from xnas.cli.flags import SWITCH, Flags, add_flags

SHIPPED = {
    ("nsga2", "nsgaii"): "NSGA-II: a front of trade-offs",
    ("mobo",): "Bayesian optimisation: a front in the fewest trainings",
    ("regevo_xnas", "regevo-xnas"): "regularised evolution on a weighted sum",
}
"""Names of each search, and what ``--help`` says of it."""

MORE = {
    "asynchronous": "no generations: a free worker gets a child at once",
    "weight_perf": "the first of two weights, the task's",
    "weight_xai": "the second, introspectability's",
}
"""Other words for options of shipped searches, or for another one."""


PROCESS: Flags = {
    "this process": {
        "--resume": {"metavar": "DIR|latest"},
        "--no-report": SWITCH,
        "--verbose": SWITCH,
    }
}


def add_searches(nas: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add one sub-command a search.

    Args:
        nas: the command.
        argv: the whole command line; the search that it names gets its flags.

    Raises:
        UsageError: it names no search.
    """
    searches = nas.add_subparsers(metavar="SEARCH", dest="search", required=True)
    named = argv[1] if argv[:1] == ["nas"] and len(argv) > 1 else "--help"
    for names, text in SHIPPED.items():
        # Describing the others would take importing them.
        if named not in names:
            searches.add_parser(names[0], aliases=names[1:], help=text)
    if not named.startswith("-"):
        _add_search(searches, named)


def _add_search(searches: "argparse._SubParsersAction", name: str) -> None:
    # Here and not above: other commands need no searches.
    from xnas.cli.setting_flags import add_setting_flags, with_default
    from xnas.face.request import flag_of, option_defaults
    from xnas.searches import find_search

    algorithm, known = find_search(name), option_defaults(name)
    summary = (algorithm.__doc__ or "").partition("\n")[0]
    parser = searches.add_parser(name, description=summary)
    options = parser.add_argument_group(f"{name} only")
    for option in algorithm.options:
        options.add_argument(
            flag_of(option.name),
            type=values.reader(option.read),
            default=argparse.SUPPRESS,
            choices=option.choices,
            metavar=option.metavar,
            help=with_default(option.help, option.default),
        )
    for word in filter(known.__contains__, MORE):
        weight = {"type": values.number(positive=False), "metavar": "W"}
        form = SWITCH if word == "asynchronous" else weight
        unset = {**form, "default": argparse.SUPPRESS}
        options.add_argument(flag_of(word), help=MORE[word], **unset)
    add_setting_flags(parser, ("task", "search", "workers"))
    add_flags(parser, __doc__, PROCESS)


def run(arguments: argparse.Namespace) -> int:
    """Search."""
    # Here and not above: --help must not wait for DeepHyper.
    from xnas.cli.nas_search import run_search

    return run_search(arguments)
