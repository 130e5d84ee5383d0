"""The commands that follow a search or a training, as they work where the user is."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

from xnas.errors import UsageError
from xnas.face.confirm import refuse_unconfirmable
from xnas.final_training.choice import Chosen
from xnas.final_training.folder import OutputFolder
from xnas.names import path_argument, program
from xnas.results import Run
from xnas.results.picks import KNEE

Words = Sequence[str]
"""A command, its run folder and its flags."""


def after_search(run: Run, *, reported: bool) -> Iterator[Words]:
    """List what can be done with what a search has found.

    Args:
        run: the run.
        reported: whether the page on it was written.
    """
    folder, picks = str(run.folder.root), run.picks()
    if not reported and run.records:
        yield "report", folder
    if not any(one.replicate for one in run.records):
        try:
            refuse_unconfirmable(run)
            yield "confirm", folder
        except UsageError:
            pass  # too few networks, or nothing that another training would change
    if picks:
        pick = KNEE if KNEE in picks else next(iter(picks))
        yield "train", folder, "--pick", pick


def after_training(run: Run, chosen: Chosen, folder: OutputFolder) -> Iterator[Words]:
    """List what can be done with a trained network.

    Args:
        run: that it is of.
        chosen: the network.
        folder: of its training.
    """
    # Elsewhere it is not found, and without classes there is little to explain.
    is_found = folder.root.resolve().parent == (run.folder.root / "trained").resolve()
    if is_found and folder.confusion.exists():
        yield "explain", str(run.folder.root), "--pick", str(chosen.id)


def show_next(commands: Iterable[Words]) -> None:
    """Print commands, if there are any.

    Args:
        commands: each to be started in the current folder.
    """
    head = ["Next:"]
    for command, folder, *flags in commands:
        words = [program(), command, path_argument(folder), *map(shlex.quote, flags)]
        print(*head, f"  {' '.join(words)}", sep="\n")
        head = []
