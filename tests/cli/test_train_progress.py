"""What is told of a training while it runs."""

import io

import pytest

from xnas.cli.train_progress import TrainingProgress


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test turns."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_a_log_gets_plain_lines_with_the_time_left(clock):
    log = io.StringIO()
    progress = TrainingProgress(2, 4, "val_acc", log)
    progress.begin_replicate(1, 0)
    for epoch in range(4):
        clock[0] += 6
        progress.end_epoch(epoch, {"val_acc": 0.5 + epoch / 10})
    lines = log.getvalue().splitlines()
    assert lines == [
        "2/8 epochs, replicate 1 of 2, val_acc 0.6000, about 36 s left",
        "4/8 epochs, replicate 1 of 2, val_acc 0.8000, about 24 s left",
    ]


def test_epochs_of_an_earlier_call_count_but_not_for_the_speed(clock):
    log = io.StringIO()
    progress = TrainingProgress(1, 10, "loss", log)
    progress.begin_replicate(1, 8)
    clock[0] += 30
    progress.end_epoch(8, {"loss": 1.0})
    assert log.getvalue() == "9/10 epochs, loss 1.0000, about 30 s left\n"
    assert (progress.done, progress.total) == (9, 10)


def test_the_bar_on_a_terminal_counts_epochs_of_all_replicates():
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    progress = TrainingProgress(2, 3, "val_acc", terminal)
    for replicate in (1, 2):
        progress.begin_replicate(replicate, 0)
        for epoch in range(3):
            progress.end_epoch(epoch, {"val_acc": 0.25})
    progress.close()
    assert "6/6" in terminal.getvalue()
    assert "val_acc 0.2500" in terminal.getvalue()
