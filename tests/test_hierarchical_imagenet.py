"""The command that writes the table of label distances."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import nltk.data
import pytest

import hierarchical_imagenet
from xnas_wordnet import load_closure, source

ROOT = Path(__file__).parents[1]
FIGURES = json.loads((ROOT / "tests" / "data" / "wordnet.json").read_text())


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def no_wordnet(monkeypatch):
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(source, "FOLDERS", ())


@pytest.fixture
def run(capsys):
    """Run the command and return the line it ends with."""

    def command(*arguments):
        assert hierarchical_imagenet.main(arguments) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        (line,) = captured.out.splitlines()
        return line

    return command


@pytest.fixture
def refuse(capsys, tmp_path):
    """Run the command and return the one sentence it refuses with."""

    def command(*arguments):
        before = sorted(tmp_path.iterdir())
        with pytest.raises(SystemExit) as leaving:
            hierarchical_imagenet.main(arguments)
        assert leaving.value.code == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert sorted(tmp_path.iterdir()) == before
        (line,) = captured.err.splitlines()
        return line

    return command


def md5(path):
    return hashlib.md5(Path(path).read_bytes()).hexdigest()


def test_the_table_is_that_of_2021(run):
    line = run("--labels", "120")
    graph = FIGURES["graph"]["120"]
    name = f"imagenet_resized_label_distances_{graph['hash']}.csv"
    assert md5(name) == FIGURES["csv"]["120"]["md5"]
    for word in [name, "7,140 pairs", "221 nodes", "224 edges", graph["hash"]]:
        assert word in line


def test_without_wordnet_the_shipped_hypernyms_serve(run, no_wordnet):
    line = run("--labels", "120", "--output", "table.csv")
    assert md5("table.csv") == FIGURES["csv"]["120"]["md5"]
    assert "from the shipped hypernyms" in line


def test_without_flags_all_labels_are_written(run, no_wordnet):
    line = run()
    figures = FIGURES["csv"]["1000"]
    (table,) = Path().iterdir()
    assert FIGURES["graph"]["1000"]["hash"] in table.name
    content = table.read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    assert blob == figures["git_blob"]
    assert f"{figures['rows']:,} pairs of 1,000 labels" in line


def test_a_file_of_labels_counts_in_its_order(run, no_wordnet):
    Path("labels.txt").write_text("grey_whale.n.01\n\nn02119789\ndog.n.01\n")
    run("--labels", "labels.txt", "--output", "table.csv")
    rows = [row.split(",") for row in Path("table.csv").read_text().splitlines()]
    assert rows[0] == FIGURES["columns"].split(",")
    assert [row[:4] for row in rows[1:]] == [
        ["0", "1", "grey_whale.n.01", "kit_fox.n.01"],
        ["0", "2", "grey_whale.n.01", "dog.n.01"],
        ["1", "2", "kit_fox.n.01", "dog.n.01"],
    ]


def test_a_file_of_the_first_labels_makes_the_same_table(run, no_wordnet):
    closure = load_closure()
    names = [closure.names[label] for label in closure.labels[:120]]
    Path("labels.txt").write_text("\n".join(names))
    run("--labels", "labels.txt", "--output", "table.csv")
    assert md5("table.csv") == FIGURES["csv"]["120"]["md5"]


def test_an_older_table_is_replaced_whole(run, no_wordnet):
    Path("table.csv").write_text("old" * 10**6)
    run("--labels", "120", "--output", "table.csv")
    assert md5("table.csv") == FIGURES["csv"]["120"]["md5"]
    assert [path.name for path in Path().iterdir()] == ["table.csv"]


def test_a_picture_is_drawn_beside_the_table(run, no_wordnet):
    line = run("--labels", "15", "--output", "table.csv", "--plot", "tree.png")
    assert "Wrote table.csv and tree.png: " in line
    assert Path("tree.png").read_bytes().startswith(b"\x89PNG")
    assert Path("table.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--labels", "0"], ["--labels", "'0' found", "2 to 1,000"]),
        (["--labels", "1"], ["--labels", "'1' found", "2 to 1,000"]),
        (["--labels", "-3"], ["--labels", "'-3' found"]),
        (["--labels", "1001"], ["--labels", "'1001' found"]),
        (["--labels", "9" * 5000], ["--labels", "cannot be read"]),
        (["--labels", "nowhere.txt"], ["--labels", "'nowhere.txt'", "No such file"]),
        (["--labels", ""], ["--labels", "''"]),
        (["--labels", "."], ["--labels", "'.'", "directory"]),
        (["--labels", "5", "--output", "no/t.csv"], ["--output", "'no' is no folder"]),
        (["--labels", "5", "--output", "."], ["--output", "'.' is a folder"]),
        (["--labels", "5", "--plot", "no/t.png"], ["--plot", "'no' is no folder"]),
        (["--labels", "5", "--plot", "tree"], ["--plot", "'' found", "png"]),
        (["--labels", "5", "--plot", "tree.xyz"], ["--plot", "'xyz' found", "svg"]),
        (
            ["--labels", "5", "--output", "t.svg", "--plot", "t.svg"],
            ["--plot", "t.svg is the table as well"],
        ),
        (["--nonsense"], ["--nonsense"]),
    ],
)
def test_a_bad_flag_is_named_with_what_was_found(refuse, no_wordnet, arguments, words):
    told = refuse(*arguments)
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["0 labels found", "2 or more"]),
        (b"dog.n.01\n", ["1 labels found"]),
        (b"dog.n.01\nn02084071\n", ["'dog.n.01' found 2 times", "once"]),
        (b"\xff\xfe\xfa\n", ["not UTF-8"]),
        (
            b"dog.n.01\neinstein.n.01\n",
            ["'einstein.n.01' found", "1,860 synsets", "install it with"],
        ),
    ],
)
def test_a_bad_file_of_labels_is_refused(refuse, no_wordnet, content, words):
    Path("labels.txt").write_bytes(content)
    told = refuse("--labels", "labels.txt")
    for word in ["--labels", *words]:
        assert word in told


def test_a_missing_matplotlib_is_told_before_anything_is_written(
    refuse, no_wordnet, monkeypatch
):
    for name in ("matplotlib.figure", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, name, None)
    told = refuse("--labels", "5", "--plot", "tree.png")
    assert "--plot" in told
    assert "matplotlib is not installed" in told


def test_a_missing_numpy_is_told(refuse, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "numpy is not installed" in refuse()


def test_an_interruption_ends_with_status_130(monkeypatch, capsys):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(hierarchical_imagenet, "_run", interrupt)
    assert hierarchical_imagenet.main([]) == 130
    assert capsys.readouterr().err == "hierarchical_imagenet.py: interrupted\n"


def test_it_runs_from_any_folder_and_importing_it_does_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "hierarchical_imagenet.py"), "--labels", "2"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("Wrote imagenet_resized_label_distances_")
    assert len(list(tmp_path.iterdir())) == 1
    code = "import hierarchical_imagenet, sys; print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout == "False\n"
    assert done.stderr == ""


def test_a_device_is_no_place_for_a_table(refuse, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for flag, words in (("--output", "a device"), ("--plot", "a device")):
        told = refuse("--labels", "5", flag, str(tmp_path / "pipe"))
        assert flag in told
        assert words in told


def test_the_labels_are_not_written_over(refuse, tmp_path):
    labels = tmp_path / "two.txt"
    labels.write_text("kit_fox.n.01\nenglish_setter.n.01\n")
    for flag in ("--output", "--plot"):
        told = refuse("--labels", str(labels), flag, "two.txt")
        assert flag in told
        assert "holds the labels" in told
    assert labels.read_text().startswith("kit_fox")


def test_a_link_stays_and_what_it_leads_to_is_written(run, no_wordnet, tmp_path):
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "real.csv")
    run("--labels", "5", "--output", str(link))
    assert link.is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("idx_i,")


def test_a_byte_order_mark_is_no_part_of_a_label(run, no_wordnet, tmp_path):
    labels = tmp_path / "two.txt"
    labels.write_text("kit_fox.n.01\nenglish_setter.n.01\n", encoding="utf-8-sig")
    assert "1 pairs of 2 labels" in run("--labels", str(labels))


def test_an_empty_name_is_refused(refuse):
    assert "--output: '' found" in refuse("--labels", "5", "--output", "")
