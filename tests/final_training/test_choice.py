"""Which network a user means."""

import pytest
from run_folders import make_run

from xnas.errors import UsageError
from xnas.final_training.choice import choose
from xnas.results.run import load

FRONT = [(0.9, 0.1), (0.8, 0.5), (0.2, 0.6), (0.1, 0.2), "F_nan"]


@pytest.fixture
def run(tmp_path):
    def make(outcomes=FRONT, **changes):
        return load(make_run(tmp_path / "run", outcomes, **changes).root)

    return make


@pytest.mark.parametrize(
    ("pick", "id_"),
    [("accuracy", 0), ("introspectability", 2), ("knee", 1), ("3", 3), ("0", 0)],
)
def test_ends_knee_and_numbers_are_found(run, pick, id_):
    chosen = choose(run(), pick)
    assert chosen.id == id_
    assert chosen.arch_seq == (1, 2)
    assert tuple(chosen.scores.values()) == FRONT[id_]


@pytest.mark.parametrize(
    ("outcomes", "pick", "words"),
    [
        (None, "accuracy", "has no evaluation yet"),
        ((), "3", "has no evaluation yet"),
        (FRONT, "5", "no evaluation 5, expected one of its 5 from 0 to 4"),
        (FRONT, "4", r"evaluation 4 failed \(F_nan\)"),
        (FRONT, "best", "'best', expected one of accuracy, introspectability, knee"),
        (FRONT, "-1", "'-1', expected one of"),
        (["F_nan", "F_timeout"], "knee", r"all 2 evaluation\(s\) of .* failed"),
        ([(0.5, float("-inf"))], "introspectability", "no finite introspectability"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_sentence(run, outcomes, pick, words):
    with pytest.raises(UsageError, match=words):
        choose(run(outcomes), pick)


def test_with_one_objective_only_the_recorded_score_decides(run):
    single = run([0.9, 0.8], n_objectives=1)
    assert choose(single, "accuracy").id == 0
    with pytest.raises(UsageError, match="records no introspectability"):
        choose(single, "introspectability")
