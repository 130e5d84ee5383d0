"""What decides the outcome of a training in full."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from xnas.errors import UsageError
from xnas.results.differences import differences, shown

IN_NAMES = ("epochs", "batch_size", "filter_scale_factor", "replicates", "seed")
"""Settings that an output folder is named after where they are given."""

FLAGS = {"evaluation": "--pick"} | {
    name: f"--{name.replace('_', '-')}" for name in (*IN_NAMES, "num_cpus")
}
"""How the command line calls the settings that it takes."""


@dataclass(frozen=True)
class Settings:
    """Settings of one training in full.

    Args:
        run: the run folder.
        evaluation: number of the evaluation in it.
        arch_seq: one choice a variable node.
        epochs: of each replicate.
        batch_size: examples a training step.
        filter_scale_factor: widens the network; ``None`` leaves it as the task has it.
        replicates: how many networks are trained.
        seed: that all seeds follow from.
        num_cpus: TensorFlow's threads, on which the order of sums depends.
        task: description of the task, such as its loss and its other hyperparameters.
    """

    run: str
    evaluation: int
    arch_seq: tuple[int, ...]
    epochs: int
    batch_size: int
    filter_scale_factor: float | None
    replicates: int
    seed: int
    num_cpus: int
    task: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a JSON-able dictionary."""
        return {**asdict(self), "arch_seq": list(self.arch_seq)}


def worded_epochs(epochs: int, *, is_default: bool) -> str:
    """Word how long a training is.

    Args:
        epochs: of each replicate.
        is_default: whether nobody asked for so many.
    """
    if not is_default:
        return f"{epochs} epoch(s)"
    return (
        f"{epochs} epoch(s) as in the search, which trains briefly (--epochs N trains "
        "longer)"
    )


def replicate_seed(seed: int, arch_seq: tuple[int, ...], replicate: int) -> int:
    """Derive the seed of one replicate.

    None of them is the seed that the search evaluated the network with: a network is
    picked for its good score, part of which is the luck of that seed.

    Args:
        seed: of the training.
        arch_seq: one choice a variable node.
        replicate: counts from 1.

    Returns:
        0 to 2**31 − 1.
    """
    stream = np.random.SeedSequence(
        [seed, len(arch_seq), *arch_seq], spawn_key=(replicate,)
    )
    return int(stream.generate_state(1)[0] >> 1)


def folder_name(evaluation: int, given: Mapping[str, Any]) -> str:
    """Name an output folder, such as ``37-epochs-100``.

    Args:
        evaluation: number of the evaluation.
        given: settings that were given, by name.
    """
    parts = [
        f"-{name.replace('_', '-')}-{given[name]}"
        for name in IN_NAMES
        if given.get(name) is not None
    ]
    return "".join([str(evaluation), *parts])


def refuse_differences(
    recorded: Mapping[str, Any], now: Mapping[str, Any], folder: Any
) -> None:
    """Check that a training would go on as it began.

    Args:
        recorded: settings that it began with.
        now: those of today, or some of them.
        folder: where it writes.

    Raises:
        UsageError: one differs; names it.
    """
    # Through JSON, which knows no tuples.
    now = json.loads(json.dumps(now))
    for name, value in now.items():
        for path, old, new in differences((name,), recorded.get(name), value):
            raise UsageError(
                f"{_called(path)} is {shown(new)}, but the training in {folder} was "
                f"started with {shown(old)}, expected the same, or another folder "
                "with -o"
            )


def _called(path: tuple[str, ...]) -> str:
    if path[0] == "task":
        return "the task's " + ".".join(path[1:])
    return FLAGS.get(path[0], path[0])
