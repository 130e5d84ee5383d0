"""``deephyper_xnas train``: the flags of training a network in full."""

import argparse

from xnas.cli import values
from xnas.final_training.choice import PICKS


def add_parser(commands: "argparse._SubParsersAction") -> None:
    """Add the command ``train``."""
    train = commands.add_parser(
        "train",
        help="train a network of a run in full",
        description="Train one network of a run, score it as the search does, and "
        "write a Keras model with its card. The same command goes on after an "
        "interruption.",
    )
    train.add_argument(
        "run_dir",
        metavar="RUN_DIR",
        help="the run folder; results/<task>/latest: the newest of one task",
    )
    train.add_argument(
        "--pick",
        required=True,
        metavar="|".join([*PICKS, "OBJECTIVE", "ID"]),
        help="the network: the best of the front in an objective (accuracy: in the "
        "first), its knee, or an evaluation's number",
    )
    _add_training_flags(train)
    _add_output_flags(train)
    train.set_defaults(run_command=_run)


def _add_training_flags(train: argparse.ArgumentParser) -> None:
    training = train.add_argument_group("training")
    for name, help_ in (
        ("--epochs", "epochs to train (default: the task's, with the run's --set)"),
        ("--batch-size", "examples a training step (default: likewise)"),
        ("--replicates", "networks to train, each with its own seed (default: 1)"),
        ("--num-cpus", "CPUs, and TensorFlow threads, to use (default: all)"),
    ):
        training.add_argument(
            name, type=values.whole_number(1), default=None, metavar="N", help=help_
        )
    training.add_argument(
        "--filter-scale-factor",
        type=values.number(positive=True),
        default=None,
        metavar="N",
        help="how many times as many filters the network gets, where the task's search "
        "space can be widened",
    )
    training.add_argument(
        "--seed",
        type=values.whole_number(0, values.MAX_SEED),
        default=None,
        metavar="N",
        help="seed that those of all replicates follow from (default: the run's)",
    )


def _add_output_flags(train: argparse.ArgumentParser) -> None:
    output = train.add_argument_group("output")
    output.add_argument(
        "-o",
        "--output",
        default=None,
        metavar="DIR",
        help="folder to write to (default: RUN_DIR/trained/ID, with the settings that "
        "were given in its name)",
    )
    output.add_argument(
        "--export",
        dest="exports",
        action="append",
        choices=["saved-model", "onnx"],
        default=[],
        help="another format to write the model in; may be given several times",
    )


def _run(arguments: argparse.Namespace) -> int:
    # Here and not above: other commands must not wait for pandas.
    from xnas.cli.train_run import run_training

    return run_training(arguments)
