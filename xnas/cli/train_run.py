"""From the flags of ``train`` to a trained model."""

import argparse
import os
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from xnas.cli.exit_status import DONE, FAILED, INTERRUPTED, STOPPED
from xnas.cli.next_commands import after_training, show_next
from xnas.cli.say import outliving_readers, say
from xnas.cli.signals import StoppedEarly, ignore_further_signals
from xnas.cli.train_progress import TrainingProgress
from xnas.errors import EvaluationError, is_disk_full
from xnas.face.quiet import load_tensorflow
from xnas.final_training.choice import Chosen, choice_sentences, choose
from xnas.final_training.exports_check import check_exports
from xnas.final_training.folder import OutputFolder
from xnas.final_training.settings import (
    FLAGS,
    Settings,
    folder_name,
    refuse_differences,
    worded_epochs,
)
from xnas.machine import cpu_count
from xnas.results.durations import duration
from xnas.results.latest import task_name
from xnas.results.regularized import meaning_of_mark, regularized
from xnas.results.run import load
from xnas.results.texts import aligned
from xnas.workers.supervisor import thread_environment

if TYPE_CHECKING:
    from xnas.final_training.replicate import Outcome, Trainable


@outliving_readers()
def run_training(arguments: argparse.Namespace) -> int:
    """Choose a network, train it and write what comes of it.

    Args:
        arguments: the flags of ``deephyper_xnas train``.

    Returns:
        The exit status: 0 done, 1 failed, 75 stopped early, 130 interrupted.

    Raises:
        XNASError: something is wrong that the user can mend; nothing was written.
    """
    check_exports(arguments.exports)
    run = load(arguments.run_dir)
    chosen = choose(run, arguments.pick, arguments.by)
    for sentence in choice_sentences(chosen, arguments.pick):
        say(sentence)
    given = _given(arguments, chosen)
    default = run.folder.root / "trained" / folder_name(chosen.id, given)
    folder = OutputFolder(arguments.output or default)
    recorded = folder.recorded()
    is_default = recorded is None and "epochs" not in given
    if recorded is not None:
        refuse_differences(
            recorded, {"run": str(run.folder.root), **given}, folder.root
        )
        given = {name: recorded.get(name) for name in FLAGS}
        if folder.is_finished:
            status = _tell_finished(folder, arguments)
            show_next(after_training(run, chosen, folder))
            return status
    given["num_cpus"] = given.get("num_cpus") or cpu_count()
    # Threads are read when it loads, which a task may do when it is imported.
    os.environ.update(thread_environment(given["num_cpus"]))
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    load_tensorflow(gpus=True)
    from xnas.face.training import prepare

    say("Loading the data.")
    settings, trainable = prepare(run, chosen, given, say)
    if recorded is not None:
        refuse_differences(recorded, settings.to_json(), folder.root)
    folder.claim()
    try:
        if recorded is None:
            folder.begin(settings.to_json())
        epochs = worded_epochs(settings.epochs, is_default=is_default)
        status = _train_to_end(settings, chosen, trainable, folder, arguments, epochs)
        if status == DONE:
            show_next(after_training(run, chosen, folder))
        return status
    finally:
        folder.release()


def _given(arguments: argparse.Namespace, chosen: Chosen) -> dict[str, Any]:
    """Return the settings that flags give, by name."""
    given = {"evaluation": chosen.id, "arch_seq": list(chosen.arch_seq)}
    for name in FLAGS:
        value = getattr(arguments, name, None)
        if value is not None:
            given[name] = value
    factor = given.get("filter_scale_factor")
    if isinstance(factor, float) and factor.is_integer():
        given["filter_scale_factor"] = int(factor)
    return given


def _train_to_end(
    settings: Settings,
    chosen: Chosen,
    trainable: "Trainable",
    folder: OutputFolder,
    arguments: argparse.Namespace,
    epochs: str,
) -> int:
    from xnas.final_training.training import finish, train_all

    say(
        f"Training network {settings.evaluation} {list(settings.arch_seq)}: "
        f"{settings.replicates} replicate(s) of {epochs}, "
        f"{settings.num_cpus} thread(s), seed {settings.seed}, "
        f"writing to {folder.root}"
    )
    shown = trainable.problem.training_settings().objective_key
    progress = TrainingProgress(settings.replicates, settings.epochs, shown)
    try:
        with closing(progress):
            outcomes = train_all(trainable, settings, folder, progress)
        finish(
            trainable,
            settings,
            chosen,
            outcomes,
            folder,
            task=task_name(str(trainable.run_settings.problem)),
            exports=arguments.exports,
        )
    except (KeyboardInterrupt, StoppedEarly) as signal:
        ignore_further_signals()
        is_interrupt = isinstance(signal, KeyboardInterrupt)
        say(
            f"{'Interrupted' if is_interrupt else 'Stopped early'}: "
            f"{progress.done} of {progress.total} epochs are kept in {folder.root}. "
            "The same command goes on."
        )
        return INTERRUPTED if is_interrupt else STOPPED
    except EvaluationError as error:
        remedy = "a lower learning rate in problem.py or another --seed may help"
        say(f"deephyper_xnas: {error}; {remedy}")
        return FAILED
    except OSError as error:
        if not is_disk_full(error):
            raise
        say(
            f"deephyper_xnas: training stopped, since no space is left where "
            f"{folder.root} is ({error}); make room there and run the same command"
        )
        return FAILED
    ignore_further_signals()
    mark = regularized(settings.task.get("hyperparameters"))
    _report(chosen, outcomes, progress, folder, mark)
    _tell_files(folder, arguments.exports)
    return DONE


def _report(
    chosen: Chosen,
    outcomes: "list[Outcome]",
    progress: TrainingProgress,
    folder: OutputFolder,
    mark: str | None,
) -> None:
    from xnas.final_training.card import score_rows
    from xnas.final_training.metrics import NO_TEST_DATA

    print(f"Finished in {duration(progress.seconds)}.\n")
    print(*aligned(score_rows(chosen, outcomes)), sep="\n")
    if mark:
        print(f"\n{meaning_of_mark(mark)}")
    if outcomes[0].test is None:
        print(f"\n{NO_TEST_DATA}")
    if outcomes[0].foreign:
        print(
            "\nKeras alone cannot load the model, which holds "
            f"{', '.join(outcomes[0].foreign)}; {folder.card.name} says how."
        )


def _tell_finished(folder: OutputFolder, arguments: argparse.Namespace) -> int:
    print(f"This training is finished: {folder.root} holds its model and scores.")
    if arguments.exports:
        load_tensorflow(gpus=True)
        from xnas.final_training.training import export_all, load_finished

        export_all(folder, arguments.exports, lambda: load_finished(folder))
        _tell_files(folder, arguments.exports)
    return DONE


def _tell_files(folder: OutputFolder, exports: Sequence[str]) -> None:
    from xnas.final_training.exports import export_path

    print(f"\nModel: {folder.model}\nCard: {folder.card}")
    for name, path in (
        ("Predictions", folder.predictions),
        ("Confusion of classes", folder.confusion),
    ):
        if path.exists():  # an earlier version's training has none
            print(f"{name}: {path}")
    for path in dict.fromkeys(export_path(folder, name) for name in exports):
        print(f"Written: {path}")
