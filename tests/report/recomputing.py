"""Recomputes every number of a page from results.csv and the Gram files.

Shares no code with the package: ``python tests/report/recomputing.py RUN_DIR PAGE``.
"""

import csv
import json
import sys
from collections import Counter
from math import inf, isfinite
from pathlib import Path

from reading import data_of, read_page, tiles
from recomputing_parts import (
    check_common,
    check_effects,
    check_explained,
    close,
)


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
