"""The output folder: what it takes, and checkpoints."""

import numpy as np
import pytest

from xnas.errors import UsageError
from xnas.final_training.folder import OutputFolder, ReplicateFolder
from xnas.training.state import TrainingState

STATE = TrainingState(
    history={"loss": [1.5, float("inf")], "val_acc": [0.1, 1 / 3]},
    variables=[np.arange(6, dtype=np.float32).reshape(2, 3), np.array([7], np.uint32)],
    optimizer=[np.array(3, np.int64)],
    best_weights=None,
)


@pytest.mark.parametrize("best", [None, [], [np.array([1.0, 2.0])]])
def test_a_checkpoint_is_read_back_to_the_bit(tmp_path, best):
    folder = ReplicateFolder(tmp_path)
    assert folder.read_checkpoint() is None
    folder.write_checkpoint(TrainingState(**{**vars(STATE), "best_weights": best}))
    again = folder.read_checkpoint()
    assert again.history == STATE.history
    assert again.epochs == 2
    assert (again.best_weights is None) == (best is None)
    for name in ("variables", "optimizer"):
        for one, other in zip(getattr(again, name), getattr(STATE, name), strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)


def test_a_damaged_checkpoint_is_named(tmp_path):
    folder = ReplicateFolder(tmp_path)
    folder.write_checkpoint(STATE)
    content = folder.checkpoint.read_bytes()
    for damaged in (b"", content[:100], b"something else"):
        folder.checkpoint.write_bytes(damaged)
        with pytest.raises(UsageError, match=r"checkpoint\.npz cannot be read"):
            folder.read_checkpoint()


def test_a_folder_of_other_files_is_refused_and_left_alone(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(UsageError, match="holds other files"):
        OutputFolder(tmp_path).recorded()
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_file_in_the_folders_place_is_refused(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(UsageError, match="is a file, expected a folder"):
        OutputFolder(tmp_path / "out").recorded()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(UsageError, match="cannot be made"):
        OutputFolder(tmp_path / "out" / "below").claim()


def test_two_trainings_do_not_write_to_one_folder(tmp_path):
    first, second = OutputFolder(tmp_path / "out"), OutputFolder(tmp_path / "out")
    first.claim()
    with pytest.raises(UsageError, match="being written by another training"):
        second.claim()
    first.release()
    second.claim()
    second.release()


def test_drafts_that_a_kill_left_are_removed(tmp_path):
    folder = OutputFolder(tmp_path)
    folder.replicate(1).root.mkdir(parents=True)
    (folder.replicate(1).root / ".checkpoint.npz.17.part").touch()
    (tmp_path / ".saved_model.part").mkdir()
    (tmp_path / "model.keras").touch()
    folder.claim()
    folder.release()
    left = {p.name for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {"model.keras", ".lock"}
