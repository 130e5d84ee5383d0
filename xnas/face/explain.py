"""``xnas.explain``: what ``./deephyper_xnas explain`` does."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xnas.errors import UsageError
from xnas.explained.writing import check_folder, write
from xnas.face.quiet import load_tensorflow
from xnas.face.request import Say, saying
from xnas.final_training.choice import Chosen, choice_sentences, choose
from xnas.final_training.folder import OutputFolder
from xnas.final_training.settings import (
    FLAGS,
    folder_name,
    refuse_differences,
    worded_epochs,
)
from xnas.machine import cpu_count
from xnas.results import Run, load
from xnas.results.latest import task_name
from xnas.results.picks import By
from xnas.workers.supervisor import thread_environment

if TYPE_CHECKING:
    from xnas.final_training.replicate import Trainable
    from xnas.final_training.settings import Settings
    from xnas.final_training.training import Listener

Listening = Callable[["Settings", str], AbstractContextManager["Listener"]]
"""Makes what hears how far a training is, of its settings and the value to show."""


def explain(
    run: Run | str | Path,
    pick: str | int = "knee",
    *,
    by: By | None = None,
    output: str | Path | None = None,
    split: str = "train",
    epochs: int | None = None,
    controls: bool = True,
    progress: bool = True,
) -> Path:
    """Explain a network of a run, as ``./deephyper_xnas explain`` does.

    The network is the one that ``train`` left in ``RUN_DIR/trained``; where there is
    none, it is trained first.

    Args:
        run: the run, or its folder.
        pick: the network: an objective of which it is the best, ``knee``, or the
            number of an evaluation.
        by: what a pick goes by: ``estimated`` or ``observed``; the former by default
            where there are estimates.
        output: folder to write to, by default ``RUN_DIR/explained/ID``, or ``ID-valid``
            and ``ID-test`` of other data.
        split: whose labels are looked at: ``train``, ``valid`` or ``test``.
        epochs: of the training; the task's by default.
        controls: whether to train two networks more, which show how far the page can
            be believed.
        progress: whether to say on standard error what is being done.

    Returns:
        The page, with its tables in the same folder.

    Raises:
        XNASError: something is wrong that the user can mend.
    """
    folder = run.folder.root if isinstance(run, Run) else run
    return carry_out(
        str(folder),
        str(pick),
        by,
        output,
        split,
        epochs,
        controls=controls,
        say=saying(progress),
    )


def carry_out(
    run_dir: str,
    pick: str,
    by: By | None,
    output: str | Path | None,
    split: str,
    epochs: int | None,
    *,
    controls: bool,
    say: Say,
    listening: Listening | None = None,
) -> Path:
    """Choose a network, train it if need be, and write its explanation.

    Args:
        run_dir: the run folder.
        pick: as for :func:`explain`, and so on.
        by: likewise.
        output: likewise.
        split: likewise.
        epochs: likewise.
        controls: likewise.
        say: told what is being done.
        listening: makes what hears of a training; nobody by default.

    Returns:
        The page.

    Raises:
        XNASError: something is wrong that the user can mend.
    """
    run = load(run_dir)
    chosen = choose(run, pick, by)
    for sentence in choice_sentences(chosen, pick):
        say(sentence)
    # A page on other data does not replace this one.
    name = str(chosen.id) if split == "train" else f"{chosen.id}-{split}"
    target = Path(output or run.folder.root / "explained" / name).absolute()
    check_folder(target)
    folder, given = _training(run, chosen, epochs)
    os.environ.update(thread_environment(given["num_cpus"]))
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    load_tensorflow(gpus=True)
    from xnas.explained.page import explain_to_files
    from xnas.face.training import prepare
    from xnas.final_training.training import trained_network

    say("Loading the data.")
    settings, trainable = prepare(run, chosen, given, say)
    _check_split(split, trainable)
    recorded = folder.recorded()
    if recorded is not None:
        refuse_differences(recorded, settings.to_json(), folder.root)
    task = task_name(str(trainable.run_settings.problem))
    if not folder.is_finished:
        _train(chosen, settings, trainable, folder, task, epochs, say, listening)
    say(f"Explaining network {chosen.id} as it is in {folder.root}.")
    files, page = explain_to_files(
        trainable,
        settings,
        trained_network(trainable, folder),
        title=f"{task}, network {chosen.id}",
        split=split,
        controls=controls,
        say=say,
    )
    return write(target, files, page)


def _training(
    run: Run, chosen: Chosen, epochs: int | None
) -> tuple[OutputFolder, dict[str, Any]]:
    """Find the training to explain: finished, the newest first, or to be done."""
    given: dict[str, Any] = {
        "evaluation": chosen.id,
        "arch_seq": list(chosen.arch_seq),
    }
    if epochs is not None:
        given["epochs"] = epochs
    root = run.folder.root / "trained"
    folder = OutputFolder(root / folder_name(chosen.id, given))
    if epochs is None:
        others = map(OutputFolder, root.glob(f"{chosen.id}-*"))
        finished = [one for one in (folder, *others) if one.is_finished]
        folder = max(
            finished, key=lambda one: one.metrics.stat().st_mtime, default=folder
        )
    recorded: Mapping[str, Any] | None = folder.recorded()
    if recorded is not None:
        refuse_differences(
            recorded, {"run": str(run.folder.root), **given}, folder.root
        )
        given = {name: recorded.get(name) for name in FLAGS}
    given["num_cpus"] = given.get("num_cpus") or cpu_count()
    return folder, given


def _check_split(split: str, trainable: "Trainable") -> None:
    if split == "test" and trainable.data.read_test is None:
        raise UsageError(
            "--split is test, but the task has no test data, expected train or valid"
        )


def _train(
    chosen: Chosen,
    settings: "Settings",
    trainable: "Trainable",
    folder: OutputFolder,
    task: str,
    epochs: int | None,
    say: Say,
    listening: Listening | None,
) -> None:
    from xnas.final_training.training import finish, train_all

    is_default = epochs is None and folder.recorded() is None
    length = worded_epochs(settings.epochs, is_default=is_default)
    say(f"Training network {chosen.id} first, for {length}, to {folder.root}.")
    shown = trainable.problem.training_settings().objective_key
    listener: Any = nullcontext(_Nobody())
    if listening is not None:
        listener = listening(settings, shown)
    folder.claim()
    try:
        if folder.recorded() is None:
            folder.begin(settings.to_json())
        with listener as hearing:
            outcomes = train_all(trainable, settings, folder, hearing)
        finish(trainable, settings, chosen, outcomes, folder, task=task, exports=())
    finally:
        folder.release()


class _Nobody:
    """Hears nothing."""

    def begin_replicate(self, replicate: int, epochs_done: int) -> None:
        """Pass over a beginning."""

    def end_epoch(self, epoch: int, values: dict[str, float]) -> None:
        """Pass over an epoch."""
