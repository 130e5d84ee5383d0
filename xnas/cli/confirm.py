"""``deephyper_xnas confirm``: train a run's best networks again, to be surer of them.

Train networks of a run again, with other seeds: those of which it is least certain
whether they are on the front. Rows are added to the run's table. The same command goes
on after an interruption.

Args:
    run_dir: the run folder; results/<task>/latest: the newest of one task
    replicates: trainings in all; one network may get several (default: 32, or those of
        an interrupted confirmation)
    no_report: write no report.html at the end
"""

import argparse
from collections.abc import Sequence

from xnas.cli import values
from xnas.cli.flags import SWITCH, Flags, add_flags

OWN: Flags = {
    "": {
        "run_dir": {"metavar": "RUN_DIR"},
        "--replicates": {"type": values.whole_number(1), "metavar": "N"},
    },
}

PROCESS: Flags = {"this process": {"--no-report": SWITCH}}


def add_confirm_flags(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the flags of ``confirm``, if it is the command that is given.

    Args:
        parser: of the command.
        argv: the whole command line; others need not wait for what has the flags.
    """
    if argv[:1] != ["confirm"]:
        return
    from xnas.cli.setting_flags import add_setting_flags

    add_flags(parser, __doc__, OWN)
    # What is not given is as in the run.
    add_setting_flags(parser, ("workers",), with_defaults=False)
    add_flags(parser, __doc__, PROCESS)


def run(arguments: argparse.Namespace) -> int:
    """Train networks again, and tell what changed."""
    # Here and not above: --help must not wait for DeepHyper.
    from xnas.cli.nas_search import run_confirmation

    return run_confirmation(arguments)
