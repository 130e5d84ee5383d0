"""``deephyper_xnas cell`` as its user meets it."""

import io
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from drawn_spaces import cells, pair_of_pictures, two_choices
from PIL import Image
from run_folders import make_run

from xnas.cli import main
from xnas.drawing import cell_svg

ROOT = Path(__file__).parents[2]
CELL = cells().describe()
PAIR = "experiments.pairs.problem.Problem"


@pytest.fixture
def drawn(capsys):
    def draw(*arguments):
        assert main(["cell", *map(str, arguments)]) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        return captured.out

    return draw


@pytest.fixture
def refuse(tmp_path, capsys, monkeypatch):
    """Return the one sentence of a refusal; nothing may have been written."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        before = sorted(tmp_path.rglob("*"))
        try:
            status = main(["cell", *map(str, arguments)])
        except SystemExit as leaving:
            status = leaving.code
        captured = capsys.readouterr()
        assert status == 2
        assert captured.out == ""
        assert sorted(tmp_path.rglob("*")) == before
        lines = captured.err.strip().splitlines()
        assert len(lines) == 1
        return lines[0]

    return run


@pytest.fixture
def run_dir(tmp_path):
    place = tmp_path / "results" / "digits" / "2026-01-02T030405"
    space = two_choices().describe()
    outcomes = ((0.5, 0.2), "F_nan", (0.4, 0.6))
    rows = [
        {"objective": one, "genotype": (1, 2), "replicate": i}
        for i, one in enumerate(outcomes)
    ]
    make_run(place, rows, space=space)
    return place


def test_choices_are_drawn_as_a_cell_of_nas_bench_201(drawn):
    expected = cell_svg(CELL, [0, 1, 2, 4, 0, 1], theme="light")
    assert drawn("[0, 1, 2, 4, 0, 1]") == expected + "\n"
    assert drawn(" [0,1,2,4,0,1] ") == expected + "\n"


def test_flags_say_how_it_looks(drawn):
    flags = ("--dark", "--transparent", "--title", "a <b>")
    look = {"theme": "dark", "transparent": True, "title": "a <b>"}
    expected = cell_svg(CELL, [0] * 6, **look)
    assert drawn("[0, 0, 0, 0, 0, 0]", *flags) == expected + "\n"


def test_a_network_of_a_run_is_drawn_without_its_task(drawn, run_dir):
    expected = cell_svg(two_choices().describe(), [1, 2], theme="light") + "\n"
    for name in (
        "0",
        "1",
        "2",
        "accuracy",
        "val_acc__last",
        "introspectability",
        "knee",
    ):
        assert drawn(f"{run_dir}:{name}") == expected


def test_the_newest_run_of_a_task_may_be_meant(drawn, run_dir, monkeypatch):
    monkeypatch.chdir(run_dir.parents[2])
    assert drawn("results/digits/latest:0") == drawn(f"{run_dir}:0")
    assert drawn("latest:0") == drawn(f"{run_dir}:0")


def test_a_folder_may_have_a_colon_in_its_name(drawn, tmp_path):
    make_run(tmp_path / "a:b", [(0.5, 0.2)], space=two_choices().describe())
    assert "two" in drawn(f"{tmp_path / 'a:b'}:0")


@pytest.mark.parametrize("name", ["cell.svg", "cell.SVG"])
def test_a_file_holds_what_is_printed_otherwise(drawn, tmp_path, name):
    path = tmp_path / name
    path.write_text("of before")
    assert drawn("[0, 1, 2, 4, 0, 1]", "-o", path) == ""
    assert path.read_text(encoding="utf-8") == drawn("[0, 1, 2, 4, 0, 1]")
    ET.fromstring(path.read_bytes())


@pytest.mark.parametrize(("flags", "width"), [((), 1200), (("--width", 320), 320)])
def test_a_png_is_of_the_width_asked_for(drawn, tmp_path, flags, width):
    path = tmp_path / "cell.png"
    drawn("[0, 1, 2, 4, 0, 1]", "--output", path, *flags)
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert (image.format, image.width) == ("PNG", width)
    assert list(tmp_path.iterdir()) == [path]


def test_choices_of_a_task_are_drawn_in_its_own_space(drawn):
    text = drawn("[1, 4, 2, 1]", "--problem", PAIR)
    for word in ("conv_5x5_8", "weights of see_1", "Multiply", "Dense_64_relu"):
        assert f"{word}</text>" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["[0, 1]"], "2 choices found, expected 6"),
        (["[0, 1, 2, 3, 4, 5]"], "'edge_5' has no choice 5, expected 0 to 4"),
        (["[0, 1, 2, 3, 4, -1]"], "'edge_5' has no choice -1"),
        (["[0, 1, 2, 3, 4, 0.5]"], "'edge_5' has no choice 0.5"),
        (["[0, 1, 2, 3, 4, null]"], "'edge_5' has no choice None"),
        (["[0, 1, 2"], "expected a list of choices"),
        (["[" * 100_000], "expected a list of choices"),
        (["0 1 2 4 0 1"], "expected choices such as"),
        (["{}"], "expected choices such as"),
        ([":3"], "expected choices such as"),
        (["folder:"], "expected choices such as"),
        (["nowhere:3"], "there is no folder"),
        (["latest:3"], "there is no run in results"),
        ([], "the following arguments are required: ARCH|RUN_DIR:ID"),
        (["[0,0,0,0,0,0]", "-o", "cell.pdf"], "cell.pdf, expected an ending .svg or"),
        (["[0,0,0,0,0,0]", "-o", "cell"], "expected an ending .svg or .png"),
        (["[0,0,0,0,0,0]", "-o", "no/cell.svg"], "but there is no folder no"),
        (["[0,0,0,0,0,0]", "-o", "x.png", "--width", "0"], "--width: '0' found"),
        (["[0,0,0,0,0,0]", "--width", "300"], "--width is of a PNG"),
        (["[0,0,0,0,0,0]", "-o", "x.svg", "--width", "300"], "--width is of a PNG"),
        (["[0,0,0,0,0,0]", "--problem", "no.such.Problem"], "no module 'no'"),
        (["[0,0,0,0,0,0]", "--problem", PAIR], "6 choices found, expected 4"),
        (["latest:3", "--problem", PAIR], "--problem goes with choices"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(refuse, arguments, words):
    assert words in refuse(*arguments)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("3", "has no evaluation 3, expected one of 0 to 2"),
        ("-1", "has no network '-1'"),
        ("first", "one of its picks: val_acc__last, introspectability, knee"),
    ],
)
def test_a_network_that_is_not_in_the_run_is_refused(refuse, run_dir, name, words):
    assert words in refuse(f"{run_dir}:{name}")


def test_a_run_without_rows_or_space_is_refused(refuse, tmp_path):
    empty = tmp_path / "empty"
    make_run(empty, None, space=two_choices().describe())
    assert "it has no evaluation yet" in refuse(f"{empty}:knee")
    bare = tmp_path / "bare"
    make_run(bare, [(0.5, 0.2)])
    assert "describes no search space" in refuse(f"{bare}:0")
    other = tmp_path / "other"
    make_run(other, [(0.5, 0.2)], space=pair_of_pictures().describe())
    assert "'more' has no choice 2, expected 0 to 1" in refuse(f"{other}:0")


def test_a_file_that_cannot_be_written_is_told(refuse, tmp_path):
    (tmp_path / "cell.svg").mkdir()
    assert "cannot be written" in refuse("[0,0,0,0,0,0]", "-o", "cell.svg")


def test_a_reader_that_has_seen_enough_is_no_error():
    command = [sys.executable, "deephyper_xnas", "cell", "[0, 0, 0, 0, 0, 0]"]
    drawing = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    drawing.stdout.close()
    _, told = drawing.communicate(timeout=120)
    assert told == ""
    assert drawing.returncode == 1


def test_another_network_is_drawn_by_what_was_observed(tmp_path, capsys):
    from tests.results.test_estimates import SPACE, search

    rows = [{"objective": e.objectives, "genotype": e.genotype} for e in search(7)]
    names = [node.name for node in SPACE.variable_nodes]
    root = make_run(tmp_path, rows, space=SPACE.describe(), variables=names).root
    drawings, words = [], []
    for flags in ([], ["--by", "estimated"], ["--by", "observed"]):
        assert main(["cell", f"{root}:knee", *flags]) == 0
        out, err = capsys.readouterr()
        drawings.append(out)
        words.append(err)
    assert drawings[0] == drawings[1] != drawings[2]
    assert "knee is network" in words[0]
    assert words[2] == ""
