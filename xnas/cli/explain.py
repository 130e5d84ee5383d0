"""``deephyper_xnas explain``: find wrong labels, doubtful predictions and more.

Write a page about a trained network of a run: which labels of the data are probably
wrong, which predictions not to trust, which classes it confuses, and how far all that
can be believed. Explains what ``train`` left; where there is nothing, trains first.

Args:
    run_dir: the run folder; results/<task>/latest: the newest of one task
    pick: the network: the best of the front in an objective (accuracy: in the first),
        its knee, or an evaluation's number
    by: what a pick goes by: what networks are expected to give with other seeds, or
        what was observed (default: estimated where there are estimates)
    split: the examples whose labels are looked at (default: train)
    epochs: epochs to train, or that it was trained (default: those of the last training
        of the network, or as in the search, which trains briefly)
    no_controls: leave out the training of two networks more, on shuffled and on changed
        labels, which show how far the page can be believed
    output: folder to write to (default: RUN_DIR/explained/ID, or ID-valid, ID-test)
"""

import argparse
from contextlib import closing
from typing import Any

from xnas.cli import values
from xnas.cli.exit_status import DONE, FAILED, INTERRUPTED, STOPPED
from xnas.cli.flags import PICK, SWITCH, Flags
from xnas.cli.say import outliving_readers, say
from xnas.cli.signals import StoppedEarly, ignore_further_signals
from xnas.errors import EvaluationError

FLAGS: Flags = {
    "": {
        "run_dir": {"metavar": "RUN_DIR"},
        **PICK,
        "--split": {"choices": ["train", "valid", "test"], "default": "train"},
        "--epochs": {"type": values.whole_number(1), "metavar": "N"},
        "--no-controls": SWITCH,
        "-o --output": {"metavar": "DIR"},
    },
}


@outliving_readers()
def run(arguments: argparse.Namespace) -> int:
    """Explain, and tell where the page is."""
    # Here and not above: other commands must not wait for pandas.
    from xnas.cli.train_progress import TrainingProgress
    from xnas.face.explain import carry_out

    def listening(settings: Any, shown: str) -> Any:
        return closing(TrainingProgress(settings.replicates, settings.epochs, shown))

    try:
        page = carry_out(
            arguments.run_dir,
            arguments.pick,
            arguments.by,
            arguments.output,
            arguments.split,
            arguments.epochs,
            controls=not arguments.no_controls,
            say=say,
            listening=listening,
        )
    except (KeyboardInterrupt, StoppedEarly) as signal:
        ignore_further_signals()
        is_interrupt = isinstance(signal, KeyboardInterrupt)
        said = "Interrupted" if is_interrupt else "Stopped early"
        say(f"{said}: what was trained is kept. The same command goes on.")
        return INTERRUPTED if is_interrupt else STOPPED
    except EvaluationError as error:
        say(f"deephyper_xnas: {error}; a lower learning rate in problem.py may help")
        return FAILED
    print(f"Explained: {page}\nTables as CSV are beside it.")
    return DONE
