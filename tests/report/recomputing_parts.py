"""Recomputes what matters, and where introspectability comes from.

A part of :mod:`recomputing`, which shares no code with the package.
"""

import json
from itertools import combinations, combinations_with_replacement
from math import isfinite

import numpy as np
from scipy import stats


def close(found, expected, tolerance=1e-9):
    assert abs(found - expected) <= tolerance * max(1.0, abs(expected)), (
        found,
        expected,
    )


def numbers_in(element):
    marked = [one.attributes.get("data-value") for one in element.walk()]
    return [float(value) for value in marked if value is not None]


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
