"""Pages on one to five objectives, each as measured and with its direction."""

import csv
from itertools import pairwise

import pytest
from random_runs import OBJECTIVES, make_random_run
from reading import data_of, read_page, tiles
from visiting import PHONE, WIDE, Visit

from xnas.objectives import LAYER_MEAN
from xnas.report import write_report
from xnas.results import load

NAMES = tuple(OBJECTIVES)


def label(name):
    return name if OBJECTIVES[name][0] else f"{name} (less is better)"


def rows_of(folder, n_objectives):
    """Stored values by id, of what succeeded."""
    column = "objective_{}" if n_objectives > 1 else "objective"
    with open(folder.results) as stream:
        rows = list(csv.DictReader(stream))
    return {
        int(row["m:id"]): tuple(
            float(row[column.format(i)]) for i in range(n_objectives)
        )
        for row in rows
        if not row[column.format(0)].startswith("F_")
    }


def brute_force_front(points):
    return [
        i
        for i, p in points.items()
        if not any(
            q != p and all(b >= a for a, b in zip(p, q, strict=True))
            for q in points.values()
        )
    ]


def volume(points, corner):
    """What points dominate, slice by slice along the last objective."""
    above = [p for p in points if all(a > b for a, b in zip(p, corner, strict=True))]
    if len(corner) == 1:
        return max((p[0] for p in above), default=corner[0]) - corner[0]
    heights = sorted({p[-1] for p in above} | {corner[-1]})
    return sum(
        (high - low) * volume([p[:-1] for p in above if p[-1] >= high], corner[:-1])
        for low, high in pairwise(heights)
    )


def table(folder, name):
    with open(folder.root / "report_files" / f"{name}.csv") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("n_objectives", range(1, 6))
def test_every_objective_is_shown_as_measured_with_its_direction(
    tmp_path, write, n_objectives
):
    names = NAMES[:n_objectives]
    folder = make_random_run(tmp_path, 100, objectives=names, recorded=n_objectives > 1)
    document = read_page(write(folder))
    data = data_of(document)["runs"][0]
    points = rows_of(folder, n_objectives)
    front = brute_force_front(points)
    shown = tiles(document)
    for axis, name in enumerate(names):
        best = max(p[axis] for p in points.values())
        measured = best if OBJECTIVES[name][0] else -best
        assert shown[f"Best {label(name)}"].value == measured
    assert shown["On the front"].value == len(front)
    assert [data["columns"]["id"][i] for i in data["columns"]["front"]] == front
    assert [one["label"] for one in data["axes"]] == [label(name) for name in names]
    effects = [one["objective"] for one in data["effects"]]
    assert effects == [label(name) for name in names]
    assert {row["objective"] for row in table(folder, "effects")} == set(names)
    assert [int(row["id"]) for row in sorted(
        table(folder, "front"), key=lambda row: int(row["id"])
    )] == front  # fmt: skip
    cards = document.all("div", class_="card")
    picks = load(folder.root).picks()
    assert len(picks) == n_objectives + (n_objectives > 1)
    # One network that is the best in everything has one card.
    assert len(cards) == (1 if len(set(picks.values())) == 1 else len(picks))
    selects = [one.attributes["class"] for one in document.all("select")]
    assert ("axis-across" in selects) == ("size-by" in selects) == (n_objectives > 2)
    figures = {path.stem for path in (tmp_path / "report_files").glob("*.svg")}
    beyond = {f"tradeoffs-{i}" for i in range(3, n_objectives + 1)}
    assert {"tradeoffs", *beyond} <= figures
    assert f"tradeoffs-{n_objectives + 1}" not in figures


@pytest.mark.parametrize("n_objectives", range(1, 5))
def test_the_hypervolume_is_that_of_an_independent_computation(
    tmp_path, write, n_objectives
):
    names = NAMES[:n_objectives]
    folder = make_random_run(tmp_path, 60, objectives=names, grams=False)
    document = read_page(write(folder))
    corner = [
        reference if maximize else -reference
        for maximize, reference in (OBJECTIVES[name] for name in names)
    ]
    expected = volume(rows_of(folder, n_objectives).values(), corner)
    assert tiles(document)["Hypervolume"].value == pytest.approx(expected)
    curve = data_of(document)["runs"][0]["curve"]
    assert curve["values"][-1] == pytest.approx(expected)
    assert all(a <= b for a, b in pairwise(curve["values"]))


def test_without_a_reference_it_is_said_of_which_objective(tmp_path, write):
    document = read_page(write(make_random_run(tmp_path, 40, objectives=NAMES)))
    assert tiles(document)["Hypervolume"].text == "none"
    gaps = document.one("ul", class_="gaps").text
    assert "no hypervolume, as no reference is known for calm." in gaps


def test_no_objective_is_taken_for_introspectability(tmp_path, write):
    """A second objective of another name, and the recorded score beside."""
    names = ("val_acc__last", "n_parameters")
    folder = make_random_run(tmp_path, 60, objectives=names, record=["calm"])
    document = read_page(write(folder))
    titles = [card.one("h3").text for card in document.all("div", class_="card")]
    assert titles == [
        "Most accurate", "Least n_parameters", "Most introspectable", "Knee",
    ]  # fmt: skip
    commands = [c.all("code")[-1].text for c in document.all("div", class_="card")]
    picks = [text.rpartition(" ")[2] for text in commands]
    assert picks == ["accuracy", "n_parameters", "introspectability", "knee"]
    run = load(tmp_path)
    for card, pick in zip(document.all("div", class_="card"), picks, strict=True):
        facts = {f.one("dt").text: f.one("dd") for f in card.one("dl").all("div")}
        row = run.evaluations.set_index("id").loc[run.pick(pick)]
        for name in (*names, "introspectability", "calm"):
            assert facts[label(name)].value == row[name]
    gaps = document.one("ul", class_="gaps").text
    assert "looked for val_acc__last, -n_parameters alone" in gaps
    columns = data_of(document)["runs"][0]["columns"]
    assert [one["name"] for one in columns["extras"]] == ["calm", LAYER_MEAN]


def test_runs_are_compared_by_the_least_of_what_is_minimised(tmp_path, write):
    names = ("val_acc__last", "n_parameters")
    folders = [
        make_random_run(
            tmp_path / str(i), 40, seed=i, objectives=names, recorded=False, grams=False
        )
        for i in range(2)
    ]
    folders.append(make_random_run(tmp_path / "2", 40, grams=False))
    document = read_page(write(*folders, page=tmp_path / "all.html"))
    section = document.one("section", class_="comparison")
    head = [cell.text for cell in section.all("table")[0].one("thead").all("th")]
    assert head[1:5] == [
        "max val_acc__last", "median val_acc__last",
        "min n_parameters (less is better)", "median n_parameters",
    ]  # fmt: skip
    with open(tmp_path / "all_files" / "comparison.csv") as stream:
        rows = list(csv.DictReader(stream))
    for folder, row in zip(folders[:2], rows, strict=False):
        table = load(folder.root).evaluations.dropna(subset="val_acc__last")
        assert float(row["min_n_parameters"]) == table["n_parameters"].min()
        assert float(row["median_n_parameters"]) == table["n_parameters"].median()
    assert rows[2]["min_n_parameters"] == ""
    assert "look for different objectives" in section.text


def test_replicates_are_one_network_on_the_page(tmp_path, write):
    folder = make_random_run(tmp_path, 90, replicates=3, grams=False, infinite=0)
    document = read_page(write(folder))
    run = load(tmp_path)
    data = data_of(document)["runs"][0]
    columns = data["columns"]
    assert tiles(document)["Evaluations"].value == 90
    assert columns["id"] == [one.id for one in run.networks]
    assert set(columns["replicates"]) == {3}
    for axis in range(2):
        shown = columns["values"][axis]
        for i, network in enumerate(run.networks):
            known = [o.objectives[axis] for o in network.evaluations if o.objectives]
            mean = sum(known) / len(known) if known else None
            assert shown[i] == (mean if mean is None else pytest.approx(mean))
    front = [columns["id"][i] for i in columns["front"]]
    assert sorted(front) == sorted(run.front["id"])
    # Parents are networks that are there.
    ids = set(columns["id"])
    assert all(set(parents) <= ids for parents in columns["parents"])
    assert data["curve"]["values"][-1] == pytest.approx(run.hypervolume())
    table_ = table(folder, "evaluations")
    assert len(table_) == 90
    assert [row["replicate"] for row in table_[:4]] == ["0", "1", "2", "0"]


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    root = tmp_path_factory.mktemp("three")
    make_random_run(root, 120, seed=4, objectives=NAMES[:3], infinite=0.1)
    return write_report([load(root)], root / "report.html")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_which_axes_are_shown_is_chosen_by_keyboard(browser, three, size, scheme):
    here = Visit(browser, three, size=size, scheme=scheme)
    page = here.page

    def axes():
        return page.evaluate(
            """() => {
              const { xaxis, yaxis } = document.querySelector('.scatter')._fullLayout;
              return [xaxis.title.text, yaxis.title.text];
            }"""
        )

    colours = "document.querySelector('.scatter').data[0].marker.color.slice(0, 9)"
    assert axes() == ["val_acc__last", "introspectability"]
    assert page.locator(".colour-by").input_value() == "axis-2"
    before = page.evaluate(colours)
    page.locator(".axis-across").focus()
    page.keyboard.press("End")
    assert axes() == ["n_parameters (less is better)", "introspectability"]
    assert "n_parameters and introspectability" in here.announced()
    assert "n_parameters" in page.locator(".plot-frame").get_attribute("aria-label")
    # Colour tells of what is shown no longer.
    assert page.locator(".colour-by").input_value() == "axis-0"
    assert page.evaluate(colours) != before
    page.locator(".size-by").select_option("axis-2")
    sizes = page.evaluate("document.querySelector('.scatter').data[0].marker.size")
    assert len(set(sizes)) > 20
    page.locator(".plot-frame").focus()
    page.keyboard.press("Home")
    fewest = page.evaluate(
        """() => {
          const { columns } = Page.data.runs[0];
          const known = columns.values[2].filter((one) => one !== null);
          return columns.id[columns.values[2].indexOf(Math.min(...known))];
        }"""
    )
    assert page.locator(".tip strong").inner_text() == f"Network {fewest}"
    assert "n_parameters (less is better)" in page.locator(".tip").inner_text()
    here.see_all()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert here.faults == []
    here.context.close()


def test_an_accessibility_checker_finds_no_serious_fault(browser, three):
    from axe_playwright_python.sync_playwright import Axe

    here = Visit(browser, three)
    here.see_all()
    found = Axe().run(here.page).response["violations"]
    serious = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []
    here.context.close()
