"""The site is built from the pages without a warning, but for the API's reference."""

import subprocess
import sys

import pytest
from documented import ROOT

sys.path.append(str(ROOT / "docs" / "extensions"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    # The reference takes minutes, as it imports everything.
    changes = {
        "extensions": "myst_parser,command_help,floors",
        "exclude_patterns": "api,extensions",
        "suppress_warnings": "toc.not_readable",
    }
    settings = [word for pair in changes.items() for word in ("-D", "=".join(pair))]
    words = ["-q", "-W", "-d", folder / "cache", *settings, "docs", folder / "pages"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder / "pages"


def test_every_command_has_its_help_on_the_site(site):
    from command_help import every_command

    page = (site / "commands.html").read_text()
    names = [" ".join(words) for words in every_command()]
    assert {"nas mobo", "train"} <= set(names)
    assert [name for name in names if f"usage: deephyper_xnas {name}" not in page] == []


def test_the_drawing_of_imports_has_every_part(site):
    from floors import LAYERING, floors_of

    page = (site / "how-it-works.html").read_text()
    parts = [part for floor in floors_of(LAYERING.read_text()) for part in floor]
    assert [part for part in parts if f">{part}</text>" not in page] == []


def test_an_import_that_follows_from_others_is_not_drawn():
    from floors import needed

    imports = {("a", "b"), ("b", "c"), ("a", "c")}
    assert needed(imports) == [("a", "b"), ("b", "c")]


def test_the_site_s_search_knows_its_words(site):
    index = (site / "searchindex.js").read_text()
    assert [w for w in ("resum", "explain", "probabl") if f'"{w}"' not in index] == []
