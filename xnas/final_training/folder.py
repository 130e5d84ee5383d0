"""The folder that a training in full writes to."""

import io
import json
import os
import shutil
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from xnas.errors import UsageError
from xnas.results.folder import (
    LOCK,
    LockedFolder,
    replace_file,
    sync_folder,
    write_json,
)
from xnas.results.older import PENALTY, training_in_todays_words
from xnas.training.state import TrainingState


class ReplicateFolder:
    """Files of one replicate.

    Args:
        root: the folder.

    Attributes:
        checkpoint: what an unfinished training goes on from.
        model: the trained network.
        outcome: scores and history; there once the replicate is finished.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.checkpoint = root / "checkpoint.npz"
        self.model = root / "model.keras"
        self.outcome = root / "outcome.json"

    def read_checkpoint(self) -> TrainingState | None:
        """Read what training goes on from; ``None`` if it has not begun.

        Raises:
            UsageError: the file cannot be read.
        """
        if not self.checkpoint.exists():
            return None
        try:
            with open(self.checkpoint, "rb") as stream, np.load(stream) as stored:
                content = json.loads(str(stored["content"]))
                arrays = {
                    part: [stored[f"{part}_{i}"] for i in range(content[part])]
                    for part in ("variables", "optimizer", "best")
                }
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise UsageError(
                f"{self.checkpoint} cannot be read, expected a checkpoint: {error}; "
                "without it this replicate begins anew"
            ) from error
        return TrainingState(
            history=content["history"],
            variables=arrays["variables"],
            optimizer=arrays["optimizer"],
            best_weights=arrays["best"] if content["has_best"] else None,
            seconds=content.get("seconds", 0.0),
        )

    def write_checkpoint(self, state: TrainingState) -> None:
        """Write what training goes on from, whole or not at all."""
        parts = {
            "variables": state.variables,
            "optimizer": state.optimizer,
            "best": state.best_weights or [],
        }
        content: dict[str, Any] = {
            "history": state.history,
            "seconds": state.seconds,
            "has_best": state.best_weights is not None,
            **{part: len(arrays) for part, arrays in parts.items()},
        }
        written = io.BytesIO()
        named: dict[str, Any] = {
            f"{part}_{i}": array
            for part, arrays in parts.items()
            for i, array in enumerate(arrays)
        }
        np.savez(written, content=np.array(json.dumps(content)), **named)
        replace_file(self.checkpoint, written.getvalue())


class OutputFolder(LockedFolder):
    """The folder ``<run>/trained/<id>/`` of one training in full.

    Args:
        root: the folder; made by :meth:`claim`, not before.

    Attributes:
        settings: what the training was started with; there from its beginning.
        model: the best replicate's network.
        metrics: all scores; there once the training is finished.
        history: loss and metrics of each epoch.
        predictions: what the model answers to each example.
        confusion: true against predicted classes.
        curves: the history as a figure.
        cell: drawing of the network.
        card: what there is to know about the model.
    """

    flag, writer = "--output", "training"

    def __init__(self, root: str | Path) -> None:
        super().__init__(root)
        self.settings = self.root / "training.json"
        self.model = self.root / "model.keras"
        self.metrics = self.root / "metrics.json"
        self.history = self.root / "history.csv"
        self.predictions = self.root / "predictions.csv"
        self.confusion = self.root / "confusion.csv"
        self.curves = self.root / "curves.svg"
        self.cell = self.root / "cell.svg"
        self.card = self.root / "MODEL_CARD.md"

    @property
    def is_finished(self) -> bool:
        """Whether the training came to its end."""
        return self.metrics.exists()

    def replicate(self, number: int) -> ReplicateFolder:
        """Return the folder of a replicate, which may not be there yet."""
        return ReplicateFolder(self.root / "replicates" / str(number))

    def recorded(self) -> dict[str, Any] | None:
        """Read what the training was started with; ``None`` if none was.

        Raises:
            UsageError: the folder holds something else, or cannot be read.
        """
        if self.root.exists() and not self.root.is_dir():
            raise UsageError(f"--output: {self.root} is a file, expected a folder")
        if self.settings.exists():
            try:
                content: dict[str, Any] = json.loads(self.settings.read_text())
            except (OSError, ValueError) as error:
                raise UsageError(f"{self.settings} cannot be read: {error}") from error
            return training_in_todays_words(content)
        if self.root.is_dir() and any(p.name != LOCK for p in self.root.iterdir()):
            raise UsageError(
                f"--output: {self.root} holds other files, expected a new folder, or "
                "one that this command has written"
            )
        return None

    def claim(self) -> None:
        """Make the folder, lock it for this process and remove half-written files.

        Raises:
            UsageError: another process is writing here, or the folder cannot be made.
            OSError: there is no room for it.
        """
        super().claim()
        for draft in self.root.rglob(".*.part*"):
            remove(draft)

    def begin(self, settings: dict[str, Any]) -> None:
        """Record what the training is started with."""
        write_json(self.settings, {**settings, "weight_decay": PENALTY})


def remove(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def move_draft(draft: Path, path: Path) -> None:
    """Have a draft, file or folder, replace what is there."""
    if path.is_dir():
        remove(path)
    os.replace(draft, path)
    sync_folder(path.parent)
