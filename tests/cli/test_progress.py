"""Progress in a log."""

import io

import pytest

from xnas.face import progress as module
from xnas.face.progress import Progress
from xnas.objectives import Objective
from xnas.records import Candidate, Evaluation, failed
from xnas.results.durations import duration

PAIR = [Objective("val_acc__last"), Objective("introspectability")]


def outcome(number, *objectives):
    if not objectives:
        return failed(Candidate(number, (number,)), "nan")
    return Evaluation(number, (number,), objectives=objectives)


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", 0.0)
    stream = io.StringIO()

    def tell(total, *batches, objectives=PAIR):
        progress = Progress(total, objectives, stream)
        for batch in batches:
            progress(batch)
        progress.close()
        return progress, stream.getvalue().splitlines()

    return tell


def test_a_line_tells_count_rate_best_front_and_time_left(told):
    _, lines = told(4, [outcome(0, 0.5, 0.25)], [outcome(1, 0.75, 0.125)])
    assert lines[0].startswith("1/4 evaluations in ")
    assert " a minute" in lines[0]
    assert "best val_acc__last 0.7500, best introspectability 0.2500" in lines[1]
    assert "front 2" in lines[1]
    assert lines[1].endswith(" left")


def test_what_is_minimised_is_shown_as_it_was_measured(told):
    five = [
        Objective("n_parameters", maximize=False),
        *PAIR,
        Objective("training_time", maximize=False),
        Objective("xai_time", maximize=False),
    ]
    first, second = (-22554.0, 0.5, 0.25, -2.0, -0.5), (-1e6, 0.25, 0.5, -1.5, -0.75)
    _, lines = told(2, [outcome(0, *first), outcome(1, *second)], objectives=five)
    assert (
        "best n_parameters 22,554, best val_acc__last 0.5000, best introspectability "
        "0.5000, best training_time 1.5000, best xai_time 0.5000, front 2" in lines[0]
    )


def test_failures_are_counted_and_leave_the_front_alone(told):
    progress, lines = told(4, [outcome(0, 0.5, 0.25), outcome(1)])
    assert (progress.done, progress.failed, len(progress.front)) == (2, 1, 1)
    assert "failed 1" in lines[0]


def test_without_a_limit_no_time_left_is_told(told):
    _, lines = told(None, [outcome(0, 0.5, 0.25)])
    assert lines[0].startswith("1 evaluations in ")
    assert "left" not in lines[0]


def test_lines_keep_their_distance():
    stream = io.StringIO()
    progress = Progress(3, [Objective("a")], stream)
    for number in range(3):
        progress([outcome(number, 1.0)])
    progress.close()
    assert stream.getvalue().count("\n") == 1  # the last one, at the end
    assert stream.getvalue().startswith("3/3")


def test_without_a_stream_it_counts_in_silence(capsys):
    progress = Progress(1, PAIR, None)
    progress([outcome(0, 0.5, 0.25)])
    progress.close()
    assert progress.done == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "words"), [(5.4, "5 s"), (65, "1 min 5 s"), (3725, "1 h 2 min")]
)
def test_durations_are_for_people(seconds, words):
    assert duration(seconds) == words


def test_failures_alone_have_no_best(told):
    _, lines = told(2, [outcome(0), outcome(1)])
    assert "best" not in lines[-1]
    assert "front 0, failed 2" in lines[-1]
