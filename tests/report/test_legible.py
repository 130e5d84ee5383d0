"""Nothing on the page is cut off or written over, long names neither."""

import json
from itertools import combinations

import pytest
from random_runs import make_random_run, space
from visiting import PHONE, WIDE

CLASSES = [
    "African hunting dog, hyena dog",
    "toilet tissue, toilet paper, bathroom tissue",
    "cat",
    "Streptococcus_pneumoniae_strain",
    "ß-Größe",
]
OPERATIONS = [
    "SeparableConv2D(filters=16, kernel_size=3)",
    "SeparableConv2D(filters=16, kernel_size=5)",
    "AveragePooling2D(pool_size=3)",
    "zeroize",
    "skip",
]
OVERLAPPING = """(all) => {
    const boxes = all.map((one) => one.getBoundingClientRect());
    return boxes.some((a, i) => boxes.slice(i + 1).some((b) =>
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
}"""


@pytest.fixture(scope="module")
def long_names(tmp_path_factory):
    """The page on a run whose classes and operations have long names."""
    from xnas.report import write_report
    from xnas.results import load

    root = tmp_path_factory.mktemp("long")
    described = json.loads(json.dumps(space()))
    for node in described["nodes"]:
        if node["kind"] != "constant":
            node["operations"] = OPERATIONS
    make_random_run(root, 120, seed=4, class_names=CLASSES, space=described)
    return write_report([load(root)], root / "report.html")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_long_names_are_written_whole(visit, long_names, size):
    page = visit(long_names, size=size).page
    page.locator("table.data tbody tr").first.wait_for()
    cells = page.locator("table.matrix th, table.data .list, .beside td")
    assert cells.count() > 50
    assert set(page.locator("table.matrix th[scope=col]").all_inner_texts()) == set(
        CLASSES
    )
    cut = cells.evaluate_all(
        """all => all.filter((one) => one.scrollWidth > one.clientWidth + 1
            || one.scrollHeight > one.clientHeight + 1).map((one) => one.innerText)"""
    )
    assert cut == []
    # The table of all networks needs no scrolling where there is room.
    width = "(one) => [one.parentElement.scrollWidth, one.parentElement.clientWidth]"
    needed, there = page.locator("table.data").evaluate(width)
    assert needed <= there or size == PHONE


def test_long_operations_are_told_apart_in_drawings(visit, long_names):
    page = visit(long_names).page
    names = page.locator("section.picks svg text").all_text_contents()
    texts = {one for one in names if one.startswith("Separable")}
    assert {one[-2:] for one in texts} == {"3)", "5)"}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_labels_of_the_lineage_are_apart_and_name_what_the_list_names(opened, size):
    here = opened(size)
    here.see_all()
    labels = here.page.locator(".lineage .textpoint text")
    texts = labels.all_text_contents()
    named = {number for text in texts for number in text.split(", ") if number}
    listed = here.page.locator(".lineage .ancestors button").all_inner_texts()
    # Where they would overlap, the list alone names a network.
    assert named
    assert named <= set(listed)
    assert not labels.evaluate_all(OVERLAPPING)


def test_a_drawing_opens_large_and_closes_by_key(visit):
    page = visit().page
    drawing = page.locator("section.picks button.drawing").first
    drawing.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog.large")
    text = dialog.locator("svg text").first
    height = text.evaluate("(one) => one.getBoundingClientRect().height")
    assert height > 15
    page.keyboard.press("Escape")
    assert dialog.count() == 0
    assert page.evaluate("document.activeElement.className") == "drawing"


def test_any_two_networks_stand_side_by_side(visit):
    here = visit()
    page, section = here.page, here.page.locator(".beside")
    section.locator(".first").fill("3")
    section.locator(".second").fill("7")
    assert here.chosen() == 7
    head = section.locator(".scroll thead th")
    assert head.all_inner_texts() == ["Network 3", "Network 7"]
    assert section.locator("svg").count() == 2
    columns = page.evaluate("Page.data.runs[0].columns")
    names = page.evaluate("Page.data.runs[0].variables[0].operations")
    for edge in range(6):
        line = section.locator("tr", has_text=f"edge_{edge} (")
        pair = [columns["genotype"][id_].split(".")[edge] for id_ in (3, 7)]
        expected = [names[int(choice)] for choice in pair]
        assert line.locator("td").all_inner_texts() == expected
        differs = "differs" in (line.get_attribute("class") or "")
        assert differs == (pair[0] != pair[1])
    data = page.evaluate("Page.data.runs[0]")
    for axis, name in enumerate(("val_acc__last", "introspectability")):
        values = [data["columns"]["values"][axis][id_] for id_ in (3, 7)]
        line = section.locator("tr", has=page.get_by_role("rowheader", name=name))
        told = line.first.locator("td").all_inner_texts()
        change = f"{values[1] - values[0]:+.4f}".replace("-", "−")
        assert told == [f"{values[0]:.4f}", f"{values[1]:.4f} ({change})"]
    pairs = [data["distances"][id_] for id_ in ("3", "7")]
    names = [f"{a} and {b}" for a, b in combinations(data["classes"], 2)]
    change = {n: abs(b - a) for n, a, b in zip(names, *pairs, strict=True)}
    expected = sorted(change, key=change.get, reverse=True)
    assert section.locator(".apart tbody th").all_inner_texts() == expected[:10]
    section.locator(".first").fill("5000")
    assert "there is no such network" in section.locator("tbody").inner_text()


def test_by_keyboard_a_network_is_kept_and_the_next_one_stands_beside_it(visit):
    here = visit(size=PHONE, scheme="dark")
    page = here.page
    kept = here.chosen()
    page.locator(".chosen .keep").focus()
    page.keyboard.press("Enter")
    assert f"Network {kept} is kept" in here.announced()
    page.locator("table.data tbody button").nth(2).focus()
    page.keyboard.press("Enter")
    assert here.chosen() != kept
    section = page.locator(".beside")
    expected = [f"Network {id_}" for id_ in (kept, here.chosen())]
    assert section.locator("table").first.locator(
        "th[scope=col]"
    ).all_inner_texts() == (expected)
    wide = section.locator(".scroll").evaluate("(a) => a.scrollWidth - a.clientWidth")
    assert wide <= 0


def test_with_replicates_and_a_recorded_score_the_table_needs_no_scrolling(
    visit, tmp_path
):
    from xnas.report import write_report
    from xnas.results import load

    names = ["val_acc__last", "introspectability"]
    make_random_run(
        tmp_path, 120, seed=4, objectives=names, replicates=2, record=["calm"]
    )
    page = visit(write_report([load(tmp_path)], tmp_path / "report.html")).page
    header = page.locator("table.data thead th").all_inner_texts()
    assert len(header) == 14
    width = "(one) => one.parentElement.scrollWidth - one.parentElement.clientWidth"
    assert page.locator("table.data").evaluate(width) <= 0
