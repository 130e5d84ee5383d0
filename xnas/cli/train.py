"""``deephyper_xnas train``: train a network of a run in full.

Train one network of a run, score it as the search does, and write a Keras model with
its card. The same command goes on after an interruption.

Args:
    run_dir: the run folder; results/<task>/latest: the newest of one task
    pick: the network: the best of the front in an objective (accuracy: in the first),
        its knee, or an evaluation's number
    by: what a pick goes by: what networks are expected to give with other seeds, or
        what was observed (default: estimated where there are estimates)
    epochs: epochs to train (default: as in the search, the task's with the run's --set,
        which are few: a model to keep deserves more)
    batch_size: examples a training step (default: likewise)
    replicates: networks to train, each with its own seed (default: 1)
    num_cpus: CPUs, and TensorFlow threads, to use (default: all)
    filter_scale_factor: how many times as many filters the network gets, where the
        task's search space can be widened
    seed: seed that those of all replicates follow from (default: the run's)
    output: folder to write to (default: RUN_DIR/trained/ID, with the settings that were
        given in its name)
    export: another format to write the model in; may be given several times
"""

import argparse

from xnas.cli import values
from xnas.cli.flags import PICK, Flags

NUMBER = {"type": values.whole_number(1), "metavar": "N"}


def _format(text: str) -> str:
    """Refuse the format that is written in any case."""
    if text.lower() == "keras":
        raise argparse.ArgumentTypeError(
            f"{text!r} found, which is always written (model.keras), expected another "
            "format or no --export"
        )
    return text


FLAGS: Flags = {
    "": {
        "run_dir": {"metavar": "RUN_DIR"},
        **PICK,
    },
    "training": {
        **dict.fromkeys(
            ("--epochs", "--batch-size", "--replicates", "--num-cpus"), NUMBER
        ),
        "--filter-scale-factor": {
            "type": values.number(positive=True),
            "metavar": "N",
        },
        "--seed": {"type": values.whole_number(0, values.MAX_SEED), "metavar": "N"},
    },
    "output": {
        "-o --output": {"metavar": "DIR"},
        "--export": {
            "dest": "exports",
            "action": "append",
            "type": _format,
            "choices": ["saved-model", "onnx"],
            "default": [],
        },
    },
}


def run(arguments: argparse.Namespace) -> int:
    """Train, and tell what came of it."""
    # Here and not above: other commands must not wait for pandas.
    from xnas.cli.train_run import run_training

    return run_training(arguments)
