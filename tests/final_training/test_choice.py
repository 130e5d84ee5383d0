"""Which network a user means."""

import pytest
from run_folders import make_run, new_infos

from tests.results.test_estimates import SPACE
from tests.results.test_estimates import search as noisy
from xnas.cli import values
from xnas.errors import UsageError
from xnas.final_training.choice import choice_sentences, choose
from xnas.results.estimated import worded_interval
from xnas.results.picks import BY
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
    assert chosen.arch_seq == (1, 2 + id_)
    assert tuple(chosen.scores.values()) == FRONT[id_]


def test_objectives_are_picked_by_name_and_scores_are_as_measured(run):
    content = new_infos(
        ("val_top5__last", True, 0.5),
        ("n_parameters", False, None),
        ("calm", True, 0.0),
    )
    single = run([(0.9, -30.0, 0.1), (0.8, -10.0, 0.2), "F_nan"], content=content)
    for pick, id_ in (("val_top5__last", 0), ("-n_parameters", 1), ("calm", 1)):
        assert choose(single, pick).id == id_
    assert choose(single, "accuracy").id == 0
    assert choose(single, "n_parameters").scores == {
        "val_top5__last": 0.8,
        "n_parameters": 10.0,
        "calm": 0.2,
    }


def test_scores_of_a_network_are_means_over_its_replicates(run):
    rows = [
        {"objective": one, "genotype": (1, 2), "replicate": i}
        for i, one in enumerate([(0.5, 0.2), "F_nan", (0.25, 0.4)])
    ]
    read = run(rows)
    for pick, id_ in (("knee", 0), ("2", 2)):
        chosen = choose(read, pick)
        assert chosen.id == id_
        assert list(chosen.scores.values()) == pytest.approx([0.375, 0.3])
    with pytest.raises(UsageError, match=r"evaluation 1 failed \(F_nan\)"):
        choose(read, "1")


@pytest.mark.parametrize(
    ("outcomes", "pick", "words"),
    [
        (None, "accuracy", "has no evaluation yet"),
        ((), "3", "no evaluation 3, expected one of .* which has no rows"),
        (FRONT, "5", "no evaluation 5, expected one of 0 to 4"),
        (FRONT, "4", r"evaluation 4 failed \(F_nan\)"),
        (FRONT, "best", "'best': .* picks: val_acc__last, introspectability, knee"),
        (FRONT, "-1", "'-1': no objective is called -1"),
        (["F_nan", "F_timeout"], "knee", r"all 2 evaluation\(s\) failed"),
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


def test_what_is_expected_of_a_pick_and_which_was_observed_is_said(tmp_path):
    rows = [{"objective": one.objectives, "genotype": one.genotype} for one in noisy(7)]
    names = [node.name for node in SPACE.variable_nodes]
    folder = make_run(tmp_path, rows, space=SPACE.describe(), variables=names)
    read = load(folder.root)
    observed = choose(read, "knee", "observed")
    chosen = choose(read, "knee")
    assert chosen == choose(read, "knee", "estimated")
    assert chosen.id == read.picks()["knee"] != observed.id == chosen.observed
    assert observed.observed is None
    row = read.estimates.set_index("id").loc[chosen.id]
    mean, deviation = chosen.estimates["val_acc__last"]
    assert (mean, deviation) == (row["val_acc__last"], row["val_acc__last_sd"])
    differs, expects = choice_sentences(chosen, "knee")
    assert f"knee is network {chosen.id};" in differs
    assert f"it is network {observed.id} (--by observed)" in differs
    assert f"val_acc__last {worded_interval(mean, deviation)}, " in expects
    assert f"probability {row['front_probability']:.2f}" in expects
    assert len([*choice_sentences(observed, "knee")]) == 1


def test_without_estimates_nothing_is_said(run):
    assert [*choice_sentences(choose(run(), "knee"), "knee")] == []


def test_the_command_knows_what_picks_go_by():
    assert values.PICKED_BY == BY
