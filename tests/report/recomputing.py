"""Recomputes every number of a page from results.csv and the Gram files.

Shares no code with the package: ``python tests/report/recomputing.py RUN_DIR PAGE``.
"""

import csv
import json
import sys
from collections import Counter
from itertools import combinations, combinations_with_replacement
from math import inf, isfinite
from pathlib import Path

import numpy as np
from reading import data_of, read_page, tiles
from scipy import stats


class Rows:
    """``results.csv`` of a run with two objectives."""

    def __init__(self, folder):
        with open(folder / "results.csv") as stream:
            rows = sorted(csv.DictReader(stream), key=lambda row: int(row["m:id"]))
        self.rows = rows
        self.infos = json.loads((folder / "init_infos.json").read_text())
        self.failed = [row for row in rows if row["objective_0"].startswith("F_")]
        self.sound = [row for row in rows if not row["objective_0"].startswith("F_")]
        self.points = {
            int(r["m:id"]): (float(r["objective_0"]), float(r["objective_1"]))
            for r in self.sound
        }
        self.front = [i for i, p in self.points.items() if not self.is_dominated(p)]

    def is_dominated(self, p):
        return any(
            q != p and q[0] >= p[0] and q[1] >= p[1] for q in self.points.values()
        )


def area(points, corner):
    """What points dominate above a corner, strip by strip."""
    total, floor = 0.0, corner[1]
    for x, y in sorted(points, reverse=True):
        if x > corner[0] and y > floor:
            total += (x - corner[0]) * (y - floor)
            floor = y
    return total


def busy_seconds(rows, until=inf):
    """Length of the union of the evaluations' times, up to a moment."""
    spans = sorted(
        (float(r["m:timestamp_start"]), min(float(r["m:timestamp_end"]), until))
        for r in rows
        if float(r["m:timestamp_start"]) <= until
    )
    total, reached = 0.0, -inf
    for start, end in spans:
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return total


def close(found, expected, tolerance=1e-9):
    assert abs(found - expected) <= tolerance * max(1.0, abs(expected)), (
        found,
        expected,
    )


def numbers_in(element):
    marked = [one.attributes.get("data-value") for one in element.walk()]
    return [float(value) for value in marked if value is not None]


def check_glance(document, rows):
    shown = tiles(document)
    assert shown["Evaluations"].value == len(rows.rows)
    assert shown["Failed"].value == len(rows.failed)
    assert shown["On the front"].value == len(rows.front)
    for axis, name in enumerate(rows.infos["objectives"]):
        best = max(p[axis] for p in rows.points.values())
        assert shown[f"Best {name}"].value == best
        first = min(i for i, p in rows.points.items() if p[axis] == best)
        assert f"network {first}" in shown[f"Best {name}"].text
    corner = rows.infos["hypervolume_reference"]
    close(shown["Hypervolume"].value, area(rows.points.values(), corner))
    close(shown["Time"].value, busy_seconds(rows.rows))
    section = document.one("section", class_="glance")
    tables = {t.one("caption").text: t for t in section.all("table")}
    expected = Counter(row["objective_0"] for row in rows.failed)
    if expected:
        failures = tables["Failures by reason"].one("tbody").all("tr")
        found = {r.one("th").text: int(r.one("td").text) for r in failures}
        assert found == expected
    for line in tables["What each host did"].one("tbody").all("tr"):
        here = [r for r in rows.rows if r["m:host"] == line.one("th").text]
        done, failed, seconds = line.all("td")
        assert int(done.text.replace(",", "")) == len(here)
        assert int(failed.text) == sum(r in rows.failed for r in here)
        spent = [
            float(r["m:timestamp_end"]) - float(r["m:timestamp_start"]) for r in here
        ]
        close(seconds.value, sum(spent) / len(spent))


def check_columns(data, rows):
    """Every row of the table, and so every point of the figure."""
    columns = data["columns"]
    assert columns["id"] == [int(r["m:id"]) for r in rows.rows]
    begun = [float(r["m:timestamp_end"]) for r in rows.rows]
    for i, row in enumerate(rows.rows):
        number = columns["reason"][i]
        reason = None if number is None else columns["reasons"][number]
        if row in rows.failed:
            assert reason == row["objective_0"]
            assert columns["values"][0][i] is columns["values"][1][i] is None
        else:
            assert reason is None
            found = [float(columns["values"][k][i]) for k in (0, 1)]
            assert found == [float(row["objective_0"]), float(row["objective_1"])]
        assert columns["generation"][i] == int(row["m:generation"])
        assert columns["parents"][i] == json.loads(row["m:parent_ids"])
        genotype = columns["genotype"][i]
        assert genotype == ".".join(map(str, json.loads(row["m:arch_seq"])))
        assert columns["parameters"][i] == int(row["m:n_parameters"])
        close(columns["training"][i], float(row["m:training_time"]), 5e-4)
        close(columns["scoring"][i], float(row["m:xai_time"]), 5e-4)
        assert columns["hosts"][columns["host"][i]] == row["m:host"]
        if i % 17 == 0:
            close(columns["elapsed"][i], busy_seconds(rows.rows, begun[i]), 0.051)
    assert [columns["id"][i] for i in columns["front"]] == sorted(rows.front)


def in_order_of_end(rows):
    return sorted(
        rows.rows, key=lambda r: (float(r["m:timestamp_end"]), int(r["m:id"]))
    )


def check_curve(data, rows):
    curve = data["curve"]
    order = in_order_of_end(rows)
    corner = rows.infos["hypervolume_reference"]
    before = 0.0
    steps = dict(zip(curve["evaluations"], curve["values"], strict=True))
    for count in range(1, len(order) + 1):
        ended = [rows.points.get(int(r["m:id"])) for r in order[:count]]
        now = area([p for p in ended if p], corner)
        if count in steps:
            close(steps[count], now)
        else:
            close(before, now)
        before = now
    for count, seconds in zip(curve["evaluations"], curve["seconds"], strict=True):
        until = float(order[count - 1]["m:timestamp_end"])
        close(seconds, busy_seconds(rows.rows, until), 0.0051)


def check_estimates(document, data, rows):
    """Fronts and what is said of them follow from the estimates of networks."""
    found = data["expected"]
    ids = data["columns"]["id"]
    known = [row for row, p in enumerate(found["probability"]) if p is not None]
    assert [ids[row] for row in known] == sorted(rows.points)
    points = {row: (found["means"][0][row], found["means"][1][row]) for row in known}
    front = [
        row
        for row, p in points.items()
        if not any(q != p and q[0] >= p[0] and q[1] >= p[1] for q in points.values())
    ]
    assert found["front"] == front
    shown = tiles(document)
    assert shown["On the estimated front"].value == len(front)
    corner = rows.infos["hypervolume_reference"]
    volume = area(points.values(), corner)
    close(shown["Hypervolume, estimated"].value, volume, 1e-5)
    kept = sum(found["probability"][ids.index(i)] for i in rows.front)
    words = document.one("p", class_="estimates-words").text
    told = float(words.split("about ")[1].split(" of ")[0])
    assert abs(told - kept) < 0.05 + 1e-3 * len(rows.front)
    return {ids[row]: points[row] for row in front}


def check_picks(document, data, rows):
    finite = check_estimates(document, data, rows)
    ordered = sorted(set(finite.values()), reverse=True)
    (x0, y0), (x1, y1) = ordered[0], ordered[-1]

    def from_line(p):
        x, y = (p[0] - x1) / (x0 - x1), (p[1] - y0) / (y1 - y0)
        return abs(x + y - 1)

    knee = max(ordered, key=from_line) if len(ordered) > 2 else ordered[0]
    number = {p: min(i for i, q in finite.items() if q == p) for p in ordered}
    expected = {
        "Most accurate": number[ordered[0]],
        "Most introspectable": number[ordered[-1]],
        "Knee": number[knee],
    }
    names = {"Most accurate": "accuracy", "Most introspectable": "introspectability"}
    cards = document.one("section", class_="picks").all("div", class_="card")
    assert [card.children[1].text for card in cards] == list(expected)
    for card in cards:
        title = card.children[1].text
        facts = {f.one("dt").text: f.one("dd") for f in card.one("dl").all("div")}
        id_ = expected[title]
        row = next(r for r in rows.rows if r["m:id"] == str(id_))
        assert facts["network"].text == str(id_)
        for axis, name in enumerate(rows.infos["objectives"]):
            assert facts[name].value == rows.points[id_][axis]
            mean = facts[f"expected {name}"].one("span").attributes["data-value"]
            close(float(mean), finite[id_][axis], 1e-5)
        assert facts["parameters"].value == int(row["m:n_parameters"])
        assert json.loads(facts["genotype"].text) == json.loads(row["m:arch_seq"])
        command = card.all("code")[-1].text
        assert command.endswith(f"{data['argument']} --pick {names.get(title, 'knee')}")
    return {i for i in expected.values() if isfinite(rows.points[i][1])}


def effects_by_leaving_out(genotypes, values, sizes):
    """Main effects and intervals, by refitting once without each network."""
    genotypes, values = np.array(genotypes), np.array(values)
    while True:
        rare = [
            (place, choice)
            for place, size in enumerate(sizes)
            for choice in range(size)
            if 0 < np.sum(genotypes[:, place] == choice) < 3
        ]
        if not rare:
            break
        kept = np.all([genotypes[:, p] != c for p, c in rare], axis=0)
        genotypes, values = genotypes[kept], values[kept]
    places = [np.unique(genotypes[:, place]) for place in range(len(sizes))]
    # The first operation at each place is what the others are told against.
    labels = [(p, c) for p, choices in enumerate(places) for c in choices[1:]]
    design = np.stack(
        [np.ones(len(values)), *(genotypes[:, p] == c for p, c in labels)], axis=1
    ).astype(float)
    fitted = np.linalg.lstsq(design, values, rcond=None)[0]
    left_out = np.empty(len(values))
    for i in range(len(values)):
        others = np.arange(len(values)) != i
        without = np.linalg.lstsq(design[others], values[others], rcond=None)[0]
        left_out[i] = values[i] - design[i] @ without
    bread = np.linalg.pinv(design.T @ design)
    covariance = bread @ (design.T * left_out**2) @ design @ bread
    t = stats.t.ppf(0.975, len(values) - design.shape[1])
    found = {}
    for place, choices in enumerate(places):
        if len(choices) < 2:
            continue
        for choice in choices:
            weights = np.zeros(design.shape[1])
            for i, (p, c) in enumerate(labels, start=1):
                if p == place:
                    weights[i] = (c == choice) - 1 / len(choices)
            estimate = weights @ fitted
            margin = t * np.sqrt(weights @ covariance @ weights)
            found[place, int(choice)] = (estimate, estimate - margin, estimate + margin)
    residuals = values - design @ fitted
    return found, 1 - residuals @ residuals / np.sum((values - values.mean()) ** 2)


def check_effects(document, data, rows):
    sizes = [len(one["operations"]) for one in data["variables"]]
    for axis, effects in enumerate(data["effects"]):
        finite = [r for r in rows.sound if isfinite(float(r[f"objective_{axis}"]))]
        genotypes = [json.loads(r["m:arch_seq"]) for r in finite]
        values = [float(r[f"objective_{axis}"]) for r in finite]
        expected, explained = effects_by_leaving_out(genotypes, values, sizes)
        for one in effects["effects"]:
            place, choice = one["variable"], one["choice"]
            assert one["rows"] == sum(g[place] == choice for g in genotypes)
            triple = expected.get((place, choice))
            assert (one["estimate"] is None) == (triple is None)
            if triple:
                for key, value in zip(("estimate", "low", "high"), triple, strict=True):
                    close(one[key], value, 1e-7)
        caption = document.one("div", id=f"effects-0-{axis}")
        figure = next(f for f in document.all("figure") if caption in f.children)
        assert f"explain {100 * explained:.0f} %" in figure.text
    table = next(
        t for t in document.all("table") if "Effects with" in t.one("caption").text
    )
    lines = table.one("tbody").all("tr")
    for i, line in enumerate(lines):
        shown = numbers_in(line)
        told = [e["effects"][i]["estimate"] for e in data["effects"]]
        assert shown == [value for value in told if value is not None]


def check_common(document, data, rows):
    table = document.one("table", class_="heat").one("tbody")
    for place, line in enumerate(table.all("tr")):
        for choice, cell in enumerate(line.all("td")):
            has = [
                int(r["m:id"])
                for r in rows.sound
                if json.loads(r["m:arch_seq"])[place] == choice
            ]
            front = len(set(has) & set(rows.front))
            assert int(cell.attributes["data-front"]) == front
            assert int(cell.attributes["data-all"]) == len(has)
            share, overall = front / len(rows.front), len(has) / len(rows.sound)
            assert cell.text == f"{100 * share:.0f} % all {100 * overall:.0f} %"


def check_explained(document, folder, rows, picked):
    parts = document.all("div", class_="explanation")
    assert {int(part.attributes["data-id"]) for part in parts} == picked
    for part in parts:
        id_ = int(part.attributes["data-id"])
        recorded = rows.points[id_][1]
        with np.load(folder / "gram" / f"{id_}.npz") as stored:
            upper, classes = stored["upper"], stored["classes"]
            lengths, names = stored["layer_share"], stored["layer_names"].tolist()
        size = len(classes)
        layers = np.zeros((len(upper), size, size))
        for k, (i, j) in enumerate(combinations_with_replacement(range(size), 2)):
            layers[:, i, j] = layers[:, j, i] = upper[:, k]
        whole = layers.sum(axis=0)
        lines = part.one("table", class_="matrix").one("tbody").all("tr")
        every = [str(name) for name in rows.infos["class_names"]]
        assert [line.one("th").text for line in lines] == [every[c] for c in classes]
        shown = {}
        for i, line in enumerate(lines):
            for j, cell in enumerate(line.all("td")):
                if i != j:
                    shown[i, j] = float(cell.attributes["data-value"])
                    cosine = whole[i, j] / np.sqrt(whole[i, i] * whole[j, j])
                    close(shown[i, j], 1 - cosine)
                    assert cell.text == f"{shown[i, j]:.2f}"
        mean = np.mean([shown[pair] for pair in combinations(range(size), 2)])
        close(mean, recorded, 1e-6)
        numbers = numbers_in(part)[:2]
        assert numbers[0] == recorded
        close(numbers[1], recorded, 1e-6)
        alone = [1 - g / np.sqrt(np.outer(np.diag(g), np.diag(g))) for g in layers]
        upper = np.triu_indices(size, k=1)
        shown = part.one("span", class_="layer-mean").attributes["data-layer-mean"]
        close(float(shown), np.mean([np.mean(one[upper]) for one in alone]))
        check_layers(part, layers, whole, lengths, names)
        check_rescaled(part, layers, mean, names)


def check_layers(part, layers, whole, lengths, names):
    pairs = list(combinations(range(len(whole)), 2))
    n = np.sqrt(np.diag(whole))
    parts = [
        np.mean([
            0.5 * (g[i, i] / n[i] ** 2 + g[j, j] / n[j] ** 2) - g[i, j] / (n[i] * n[j])
            for i, j in pairs
        ])
        for g in layers
    ]  # fmt: skip
    lines = part.one("table", class_="bars").one("tbody").all("tr")
    assert [line.one("th").text for line in lines] == names
    for line, piece, length in zip(lines, parts, lengths, strict=True):
        shown = numbers_in(line)
        close(shown[0], piece / sum(parts))
        close(shown[1], length)


def check_rescaled(part, layers, score, names):
    """Multiply what one layer gives by 100; of a score that moves much, it is said."""
    upper = np.triu_indices(len(layers[0]), k=1)
    found = []
    for i in range(len(layers)):
        whole = sum(one * (10_000 if k == i else 1) for k, one in enumerate(layers))
        lengths = np.sqrt(np.diag(whole))
        found.append(np.mean((1 - whole / np.outer(lengths, lengths))[upper]))
    lines = part.one("table", class_="bars").one("tbody").all("tr")
    for line, expected in zip(lines, found, strict=True):
        (shown,) = [
            one.attributes["data-rescaled"]
            for one in line.all("td")
            if "data-rescaled" in one.attributes
        ]
        close(float(shown), expected)
    moved = np.abs(np.array(found) - score)
    warned = part.all("p", class_="scale")
    assert bool(warned) == (moved.max() > 0.1)
    if warned:
        assert warned[0].one("code").text == names[moved.argmax()]


def check_page(folder, page):
    """Compare a page on one run of two objectives with what the run folder says."""
    document = read_page(Path(page))
    rows = Rows(Path(folder))
    data = data_of(document)["runs"][0]
    check_glance(document, rows)
    check_columns(data, rows)
    check_curve(data, rows)
    picked = check_picks(document, data, rows)
    check_effects(document, data, rows)
    check_common(document, data, rows)
    check_explained(document, Path(folder), rows, picked)


if __name__ == "__main__":
    check_page(*sys.argv[1:])
    print("every number agrees")
