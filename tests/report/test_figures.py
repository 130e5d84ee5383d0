"""The figures beside the page: whole names, nothing over the data, nothing left out."""

import xml.etree.ElementTree as ET

import pytest
from random_runs import make_random_run
from run_folders import make_run

INFINITE = float("-inf")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def texts(write):
    """Write a report; returns the texts of each of its figures."""

    def texts(*folders, page=None):
        beside = write(*folders, page=page)
        beside = beside.with_name(f"{beside.stem}_files")
        return {
            path.stem: [one.text for one in ET.parse(path).iter(f"{SVG}text")]
            for path in beside.glob("*.svg")
        }

    return texts


def test_every_figure_is_there_and_says_all_its_names(tmp_path, texts):
    found = texts(make_random_run(tmp_path, 120, seed=4, infinite=0.1))
    distances = {name for name in found if name.startswith("distances-")}
    named = {"tradeoffs", "hypervolume", "hypervolume-time", "effects-1", "effects-2"}
    assert found.keys() == named | distances
    assert {"edge_0 (0 → 1)", "avg_pool3x3"} <= set(found["effects-1"])
    assert "minutes" in found["hypervolume-time"]
    assert "introspectability of −inf" in found["tradeoffs"]
    assert not [text for all_ in found.values() for text in all_ if "…" in text]


def test_generations_are_whole_numbers_and_a_single_one_has_no_scale(tmp_path, texts):
    several = texts(make_random_run(tmp_path / "several", 40))["tradeoffs"]
    assert several[several.index("generation") - 3 :][:3] == ["0", "1", "2"]
    single = texts(make_random_run(tmp_path / "single", 16))["tradeoffs"]
    assert "generation" not in single


def test_runs_are_told_apart_by_their_whole_names(tmp_path, texts):
    stamps = ("2026-11-24T184314", "2026-11-25T091502")
    folders = [
        make_random_run(
            tmp_path / stamp, 30, seed=seed, search={"type": "NSGAII", "seed": seed}
        )
        for seed, stamp in enumerate(stamps)
    ]
    found = texts(*folders, page=tmp_path / "both.html")
    for figure in ("comparison", "comparison-time"):
        for seed, stamp in enumerate(stamps):
            assert f"digits, {stamp}, seed {seed}" in found[figure]


def test_rows_that_do_not_tell_when_have_no_figure_against_time(tmp_path, texts):
    found = texts(make_run(tmp_path, [{"objective": (0.5, 0.1), "end": float("nan")}]))
    assert found.keys() == {"tradeoffs", "hypervolume"}


def test_a_run_of_infinite_scores_alone_is_drawn(tmp_path, texts):
    found = texts(make_run(tmp_path, [(0.1, INFINITE), (0.2, INFINITE)]))
    assert "introspectability of −inf" in found["tradeoffs"]
