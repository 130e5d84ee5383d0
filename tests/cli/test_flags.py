"""A flag counts as it was given, or is refused."""

import pytest

from xnas.cli import main, make_parser


@pytest.fixture
def refuse(capsys):
    """Return the one sentence that a command line is refused with."""

    def run(line):
        with pytest.raises(SystemExit) as leaving:
            main(line.split(" "))
        assert leaving.value.code == 2
        (told,) = capsys.readouterr().err.splitlines()
        return told

    return run


@pytest.mark.parametrize(
    ("line", "flag"),
    [
        ("nas nsga2 --objectives a --objectives b", "--objectives"),
        ("nas nsga2 --objectives -a --objectives -b", "--objectives"),
        ("nas mobo --record=a --record b", "--record"),
        ("nas nsga2 --max-evals 3 --max-e=3", "--max-evals"),
        ("check --problem digits --problem lines", "--problem"),
        ("check --problem digits --trainer plain --trainer auto", "--trainer"),
        ("train run --pick 3 --pick -a", "--pick"),
        ("report run -o a --output b", "--output"),
        ("report run -oa -ob", "--output"),
        ("new-task x --classes 3 --classes 4", "--classes"),
        ("cell run:3 --width 30 --wid 40", "--width"),
    ],
)
def test_a_flag_given_twice_is_refused(refuse, line, flag):
    assert f": {flag} is given twice, expected once" in refuse(line)


def test_a_list_given_in_two_parts_is_told_how_it_is_given_in_one(refuse):
    told = refuse("nas nsga2 --objectives a --objectives b")
    assert "expected once: --objectives NAME[,NAME...]" in told


@pytest.mark.parametrize("line", ["nas nsga2", "check --problem digits"])
@pytest.mark.parametrize("flag", ["--set", "--reference"])
def test_a_name_given_two_values_is_refused(refuse, line, flag):
    told = refuse(f"{line} {flag} b=1 {flag} a=1 {flag} a=2")
    assert f"argument {flag}: a is given twice, expected once" in told


def test_flags_for_several_values_may_be_given_several_times():
    words = "nas nsga2 --set a=1 --set b=2 --reference a=1 --no-report --no-report"
    found = make_parser(words.split()).parse_args(words.split())
    assert found.hyperparameters == [("a", 1), ("b", 2)]


def test_what_moves_the_cursor_is_shown_and_not_done(refuse):
    told = refuse("nas nsga2 a\x1b[2J\nb")
    assert told.isprintable()
    assert r"a\x1b[2J\nb" in told
