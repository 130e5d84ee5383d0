"""What a page says is what the run folder says."""

import csv

import numpy as np
import pytest
from random_runs import make_random_run
from reading import data_of, read_page
from recomputing import Rows, area, busy_seconds, check_page, in_order_of_end


@pytest.mark.parametrize("seed", [1, 2])
def test_every_number_follows_from_the_run_folder(tmp_path, write, seed):
    folder = make_random_run(tmp_path, 160, seed=seed)
    check_page(folder.root, write(folder))


def test_a_weighted_score_is_recomputed(tmp_path, write):
    weights = np.random.default_rng(5).random((5, 5))
    weights = ((weights + weights.T) / 2).tolist()
    folder = make_random_run(tmp_path, 40, similarity=weights)
    document = read_page(write(folder))
    section = document.one("section", class_="explained")
    assert "weighted by the similarity" in section.text
    for part in section.all("div", class_="explanation"):
        numbers = part.all("span", class_="num")
        recorded, again = (float(n.attributes["data-value"]) for n in numbers)
        assert again == pytest.approx(recorded, abs=1e-6)
        shares = [
            float(cell.one("span").attributes["data-value"])
            for cell in part.all("td", class_="bar")
        ]
        assert sum(shares) == pytest.approx(1)


def test_tables_beside_the_page_say_the_same(tmp_path, write):
    folder = make_random_run(tmp_path, 100)
    data = data_of(read_page(write(folder)))["runs"][0]
    rows = Rows(tmp_path)

    def table(name):
        with open(tmp_path / "report_files" / f"{name}.csv") as stream:
            return list(csv.DictReader(stream))

    assert [int(row["id"]) for row in table("evaluations")] == data["columns"]["id"]
    assert {int(row["id"]) for row in table("front")} == set(rows.front)
    curve = [float(row["hypervolume"]) for row in table("hypervolume")]
    assert curve == data["curve"]["values"]
    told = [e["estimate"] for part in data["effects"] for e in part["effects"]]
    shown = [row["effect"] for row in table("effects")]
    assert [float(v) if v else None for v in shown] == told
    figures = {p.name for p in (tmp_path / "report_files").glob("*.svg")}
    assert {"tradeoffs.svg", "hypervolume.svg", "effects-1.svg"} <= figures
    for path in (tmp_path / "report_files").glob("*.svg"):
        assert path.read_text().rstrip().endswith("</svg>")


def test_several_runs_are_compared_by_the_papers_numbers(tmp_path, write):
    folders = [
        make_random_run(
            tmp_path / str(seed),
            60 + 20 * seed,
            seed=seed,
            search={"type": "NSGAII", "seed": seed, "max_evals": 64},
        )
        for seed in range(3)
    ]
    folders.append(
        make_random_run(
            tmp_path / "other", 40, seed=9, search={"type": "Other", "seed": 0}
        )
    )
    document = read_page(write(*folders, page=tmp_path / "all.html"))
    section = document.one("section", class_="comparison")
    tables = {t.one("caption").text: t.one("tbody") for t in section.all("table")}
    lines = tables["The runs compared"].all("tr")
    every = [Rows(folder.root) for folder in folders]
    for line, rows in zip(lines, every, strict=True):
        cells = line.all("td")
        values = np.array(list(rows.points.values()))
        expected = [f(values[:, k]) for k in (0, 1) for f in (np.max, np.median)]
        expected.append(area(rows.points.values(), rows.infos["hypervolume_reference"]))
        assert [c.value for c in cells[:5]] == pytest.approx(expected)
        assert cells[5].text == str(len(rows.rows))
        assert cells[6].text == str(len(rows.failed))
        assert cells[7].value == pytest.approx(busy_seconds(rows.rows))
    (line,) = tables["Spread over seeds"].all("tr")
    cells = [cell.text for cell in line.all("td")]
    assert cells[0] == "3"
    best = [max(p[0] for p in rows.points.values()) for rows in every[:3]]
    assert cells[1] == f"{np.mean(best):.4f} ({min(best):.4f} … {max(best):.4f})"
    curves = data_of(document)["curves"]
    assert [bool(curve["band"]) for curve in curves] == [True, False, False, False]
    band = curves[0]["band"]
    for k, count in enumerate(band["evaluations"][::7]):
        now = []
        for rows in every[:3]:
            ended = [
                rows.points.get(int(r["m:id"])) for r in in_order_of_end(rows)[:count]
            ]
            now.append(area([p for p in ended if p], (0.1, 0.0)))
        assert band["low"][7 * k] == pytest.approx(min(now))
        assert band["high"][7 * k] == pytest.approx(max(now))


def test_runs_of_other_settings_are_not_taken_together(tmp_path, write):
    folders = [
        make_random_run(tmp_path / str(epochs), 20, problem={"epochs": epochs})
        for epochs in (1, 2)
    ]
    document = read_page(write(*folders, page=tmp_path / "all.html"))
    captions = [caption.text for caption in document.all("caption")]
    assert "The runs compared" in captions
    assert "Spread over seeds" not in captions


def test_unequal_runs_are_compared_at_equal_numbers_of_evaluations(tmp_path, write):
    folders = [make_random_run(tmp_path / str(n), n, seed=n) for n in (48, 32)]
    page = write(*folders, page=tmp_path / "all.html")
    document = read_page(page)
    (table,) = [
        one
        for one in document.all("table")
        if one.one("caption").text == "After 32 evaluations"
    ]
    with open(tmp_path / "all_files" / "comparison-equal.csv") as stream:
        beside = list(csv.DictReader(stream))
    every = [Rows(folder.root) for folder in folders]
    lines = table.one("tbody").all("tr")
    for line, written, rows in zip(lines, beside, every, strict=True):
        ended = [int(row["m:id"]) for row in in_order_of_end(rows)[:32]]
        points = np.array([rows.points[i] for i in ended if i in rows.points])
        expected = [f(points[:, k]) for k in (0, 1) for f in (np.max, np.median)]
        expected.append(area(points.tolist(), (0.1, 0.0)))
        told = [cell.value for cell in line.all("td")]
        assert told == pytest.approx(expected)
        assert [float(v) for v in list(written.values())[1:]] == [*told, 32]
    assert [len(rows.rows) for rows in every] == [48, 32]


def test_fronts_of_several_runs_are_in_one_picture(tmp_path, write):
    folders = [make_random_run(tmp_path / str(n), 40, seed=n) for n in (1, 2)]
    page = write(*folders, page=tmp_path / "all.html")
    told = data_of(read_page(page))["fronts"]
    for one, folder in zip(told, folders, strict=True):
        rows = Rows(folder.root)
        expected = sorted(rows.points[i] for i in rows.front)
        assert [tuple(point) for point in one["points"]] == expected
        assert one["label"].endswith("40 evaluations")
    assert (tmp_path / "all_files" / "comparison-fronts.svg").exists()


def test_why_there_is_no_spread_over_seeds_is_said(tmp_path, write):
    folders = [
        make_random_run(
            tmp_path / str(n), 20, search={"type": "NSGAII", "seed": n, "max_evals": n}
        )
        for n in (48, 32)
    ]
    text = read_page(write(*folders, page=tmp_path / "all.html")).text
    assert "There is no spread over seeds" in text
    assert "the first two differ in max_evals." in text


def test_a_layer_that_rules_a_score_is_remarked_on(tmp_path, write):
    folder = make_random_run(tmp_path, 20, infinite=0)
    for path in folder.root.glob("gram/*.npz"):
        with np.load(path) as stored:
            arrays = dict(stored)
        arrays["upper"] = arrays["upper"] * np.array([[40], [0.01], [0.01]])
        np.savez(path, **arrays)
    document = read_page(write(folder))
    parts = document.all("div", class_="explanation")
    assert parts
    for part in parts:
        assert "stem.conv makes" in part.one("p", class_="ruling").text
        shares = [
            float(cell.one("span").attributes["data-value"])
            for cell in part.all("td", class_="bar")
        ]
        assert max(shares) == shares[0] > 0.5
