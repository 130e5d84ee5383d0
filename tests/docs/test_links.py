"""Links of README and the pages lead somewhere, and README stays short."""

import re
from pathlib import PurePosixPath

import pytest
from documented import ROOT, TEXT, anchors, prose

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)")


@pytest.mark.parametrize("page", TEXT)
def test_local_links_lead_to_files_and_headings(page):
    for target, anchor in LINK.findall(prose(TEXT[page])):
        file = (ROOT / page).parent / target if target else ROOT / page
        assert file.exists(), target
        if anchor:
            name = str(PurePosixPath(file.resolve().relative_to(ROOT)))
            assert anchor in anchors(name), f"{target}#{anchor}"


def test_readme_is_read_in_one_go():
    assert TEXT["README.md"].count("\n") <= 200


def test_every_page_is_named_by_readme_and_by_the_index():
    pages = {name[5:-3] for name in TEXT if name.startswith("docs/")} - {"index"}
    listed = TEXT["docs/index.md"].splitlines()
    assert pages - {*listed} == set()
    targets = {target for target, _ in LINK.findall(TEXT["README.md"])}
    unnamed = {page for page in pages if f"docs/{page}.md" not in targets}
    assert unnamed == {"commands"}  # which the site alone makes


def test_every_make_target_named_exists():
    text = "\n".join(TEXT.values())
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]+)", text, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert {"demo", "test"} <= named <= targets
