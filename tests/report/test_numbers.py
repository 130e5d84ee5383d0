"""What a page says is what the run folder says."""

import csv
from urllib.parse import unquote

import numpy as np
import pytest
from random_runs import make_random_run
from reading import data_of, read_page, tiles
from recomputing import Rows, area, busy_seconds, check_page, in_order_of_end

from xnas.explained.writing import PAGE
from xnas.objectives import LAYER_MEAN
from xnas.report import stored
from xnas.report.writing import explained_pages
from xnas.results import load, write_json


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


def test_runs_that_do_not_record_it_get_the_mean_over_layers(tmp_path, write):
    run = load(make_random_run(tmp_path, 40).root)
    page = write(run.folder)
    data = data_of(read_page(page))["runs"][0]
    (extra,) = data["columns"]["extras"]
    assert extra["name"] == LAYER_MEAN
    reasons = data["columns"]["reason"]
    for id_, reason, value in zip(
        data["columns"]["id"], reasons, extra["values"], strict=True
    ):
        known = reason is None and run.folder.gram(id_).exists()
        assert value == (run.layer_mean_score(id_) if known else None)
    with open(tmp_path / "report_files" / "front.csv") as stream:
        for row in csv.DictReader(stream):
            if np.isfinite(float(row["introspectability"])):
                mean = run.layer_mean_score(int(row["id"]))
                assert float(row[LAYER_MEAN]) == pytest.approx(mean)


def test_of_many_networks_the_matrices_of_the_front_are_read(tmp_path, monkeypatch):
    run = load(make_random_run(tmp_path, 60, infinite=0, failing=0).root)
    monkeypatch.setattr(stored, "MOST_READ", 12)
    table = run.means.assign(trade_off=run.trade_offs)
    picked = [*run.picks("observed").values()]
    found = stored.read_stored(run, table, picked)
    front = set(run.front["id"])
    assert len(front) < 12
    assert set(picked) | front < set(found.distances) == set(found.layer_means)
    latest = [id_ for id_ in range(59, -1, -1) if id_ not in front | {*picked}]
    assert set(latest[: 12 - len(front)]) == set(found.distances) - front
    monkeypatch.setattr(stored, "MOST_NUMBERS", 10 * 5)
    found = stored.read_stored(run, table, picked)
    assert list(found.distances) == list(found.layer_means)[:5]


def test_distances_to_compare_are_those_of_the_gram_matrices(tmp_path, write):
    run = load(make_random_run(tmp_path, 30).root)
    data = data_of(read_page(write(run.folder)))["runs"][0]
    assert data["classes"] == run.infos["class_names"]
    assert data["distances"]
    for id_, shown in data["distances"].items():
        table = run.distances(int(id_)).to_numpy()
        expected = table[np.triu_indices(len(table), k=1)]
        assert np.array(shown) / 1000 == pytest.approx(expected, abs=0.00051)


@pytest.mark.parametrize("sampled", [False, True])
def test_beside_accuracies_it_is_said_how_many_examples_they_are_of(
    tmp_path, write, sampled
):
    folder = make_random_run(tmp_path, 20)
    count = 5 * 30 + sum(range(5))
    infos = folder.infos()
    most = count if sampled else count + 1
    infos["run_settings"]["max_scored_examples"] = most
    write_json(folder.init_infos, infos)
    document = read_page(write(folder))
    said = f"{count} validation examples"
    assert (said in document.one("section", class_="picks").text) != sampled
    best = tiles(document)["Best val_acc__last"].text
    assert best.endswith(f"of {count} examples") != sampled


def explained_run(root, *names):
    folder = make_random_run(root, 30)
    for name in names:
        (folder.root / "explained" / name).mkdir(parents=True)
        (folder.root / "explained" / name / PAGE).write_text("")
    return folder


def test_explained_networks_are_found_from_wherever_the_page_is(tmp_path):
    folder = explained_run(tmp_path / "50% #1?", "3", "7", "999", "not a number")
    (folder.root / "explained" / "8").mkdir()
    (tmp_path / "else").mkdir()
    (tmp_path / "link").symlink_to(folder.root)
    for name in ("50% #1?", "else", "link"):
        page = tmp_path / name / "report.html"
        told = explained_pages(load(folder.root), page)
        assert set(told) == {3, 7}
        for id_, address in told.items():
            assert not set("#?") & set(address)
            target = page.parent.resolve() / unquote(address)
            assert target.samefile(folder.root / "explained" / str(id_) / PAGE)


def test_explained_networks_are_linked_and_others_are_not(tmp_path, write):
    none = read_page(write(make_random_run(tmp_path / "none", 30)))
    assert none.all("p", class_="explained-pages") == []
    assert data_of(none)["runs"][0]["explained"] == {}
    picked = load(tmp_path / "none").pick("knee")
    folder = explained_run(tmp_path / "some", "7", str(picked))
    document = read_page(write(folder))
    (said,) = document.all("p", class_="explained-pages")
    addresses = {str(id_): f"explained/{id_}/{PAGE}" for id_ in (7, picked)}
    assert data_of(document)["runs"][0]["explained"] == addresses
    assert {a.attributes["href"] for a in said.all("a")} == {*addresses.values()}
    cards = document.all("div", class_="card")
    linked = {a.attributes["href"] for card in cards for a in card.all("a")}
    assert linked == {addresses[str(picked)]}


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
