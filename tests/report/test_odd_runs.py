"""Whatever state a run is in, its page is right and says what is missing."""

import json

import pytest
from random_runs import make_random_run, space
from reading import data_of, read_page, tiles
from run_folders import NOW, make_run, sign

INFINITE = float("-inf")


def gaps(document):
    found = document.all("ul", class_="gaps")
    return found[0].text if found else ""


def sections(document):
    return [one.attributes["class"] for one in document.all("section", class_=None)]


def titles(document):
    return [one.text for one in document.all("h2")]


def test_without_rows_nothing_is_shown_but_the_settings(tmp_path, write):
    for name, outcomes in (("none", None), ("empty", [])):
        document = read_page(write(make_run(tmp_path / name, outcomes)))
        assert "No evaluation has ended" in gaps(document)
        assert titles(document) == ["At a glance"]
        assert tiles(document)["Evaluations"].text == "0 of 64"
        assert not document.all("div", class_="plot")
        files = list((tmp_path / name / "report_files").iterdir())
        assert files == []


def test_one_row_is_its_own_front(tmp_path, write):
    folder = make_random_run(tmp_path, 1, failing=0, infinite=0)
    document = read_page(write(folder))
    assert tiles(document)["On the front"].text == "1"
    (card,) = document.all("div", class_="card")
    assert card.one("h3").text == "Most accurate, most introspectable, knee"
    assert card.one("button", class_="network").text == "0"
    assert "A single network is the best of the front in everything" in document.text
    matters = document.one("section", aria_labelledby="matters-0")
    assert (
        "No effects on val_acc__last: there are too few networks (1 with"
        in matters.text
    )
    assert "The front is a single network." in matters.text


def test_where_all_failed_the_reasons_are_told(tmp_path, write):
    folder = make_run(tmp_path, ["F_nan", "F_nan", "F_timeout"], space=space())
    document = read_page(write(folder))
    assert "All evaluations failed (3)" in gaps(document)
    assert "logs" in gaps(document)
    table = document.one("section", class_="glance").all("table")[0]
    assert [row.text for row in table.one("tbody").all("tr")] == [
        "F_nan2",
        "F_timeout1",
    ]
    assert titles(document) == ["At a glance", "All networks"]
    assert tiles(document)["Best val_acc__last"].text == "none"
    assert data_of(document)["runs"][0]["curve"]["values"] == [0.0]


def test_one_objective_alone_is_drawn_against_time(tmp_path, write):
    folder = make_random_run(
        tmp_path, 60, n_objectives=1, recorded=False, grams=False, infinite=0
    )
    document = read_page(write(folder))
    assert "neither searched for nor recorded" in gaps(document)
    assert "All evaluations" in titles(document)
    assert "Introspectability explained" not in titles(document)
    (card,) = document.all("div", class_="card")
    assert card.one("h3").text == "Most accurate"
    assert len(data_of(document)["runs"][0]["effects"]) == 1


def test_a_recorded_score_is_shown_but_was_no_objective(tmp_path, write):
    folder = make_random_run(tmp_path, 60, n_objectives=1)
    document = read_page(write(folder))
    assert "The search maximised val_acc__last alone" in gaps(document)
    assert "trade-offs among what was evaluated" in document.text
    assert len(document.all("div", class_="card")) == 3
    columns = data_of(document)["runs"][0]["columns"]
    points = {
        i: (a, float(b))
        for i, (a, b) in enumerate(zip(*columns["values"], strict=True))
        if a is not None
    }
    assert columns["front"] == [
        i
        for i, p in points.items()
        if not any(q != p and q[0] >= p[0] and q[1] >= p[1] for q in points.values())
    ]
    assert "Introspectability explained" in titles(document)
    assert [axis["objective"] for axis in data_of(document)["runs"][0]["axes"]] == [
        True,
        False,
    ]
    assert "stretch" in document.one("section", aria_labelledby="hypervolume-0").text


def test_scores_of_minus_infinity_are_drawn_apart(tmp_path, write):
    outcomes = [(0.1 + 0.01 * i, INFINITE if i % 2 else 0.2) for i in range(10)]
    document = read_page(write(make_run(tmp_path, outcomes)))
    assert "Triangles along the lower edge" in document.text
    assert "(5 networks)" in document.text
    data = data_of(document)["runs"][0]
    assert data["columns"]["values"][1].count("-inf") == 5


def test_scores_of_minus_infinity_throughout_are_explained(tmp_path, write):
    document = read_page(write(make_run(tmp_path, [(0.1, INFINITE), (0.2, INFINITE)])))
    assert "−inf throughout" in gaps(document)
    assert [c.one("h3").text for c in document.all("div", class_="card")] == [
        "Most accurate"
    ]
    assert tiles(document)["Best introspectability"].text.startswith("−inf")


def test_a_run_under_way_says_so(tmp_path, write):
    folder = make_random_run(tmp_path, 30)
    running = [{"id": 30, "worker": 0, "host": "n1", "since": NOW}]
    content = sign(age=-4e9, running=running)
    (tmp_path / "sign_of_life.json").write_text(json.dumps(content))
    document = read_page(write(folder))
    assert "The search is under way" in gaps(document)
    glance = document.one("section", class_="glance").text
    assert "State: running" in glance
    assert "1 evaluation under way" in glance


def test_a_run_that_died_says_so(tmp_path, write):
    folder = make_random_run(tmp_path, 30)
    (tmp_path / "sign_of_life.json").write_text(json.dumps(sign(age=NOW)))
    assert "died before its end" in gaps(read_page(write(folder)))


def test_a_network_without_gram_matrices_says_so(tmp_path, write):
    folder = make_random_run(tmp_path, 60, grams=False)
    document = read_page(write(folder))
    assert "cannot be taken apart" in gaps(document)
    assert "has no Gram matrices" in document.one("section", class_="explained").text


def test_without_a_reference_there_is_no_hypervolume(tmp_path, write):
    folder = make_random_run(tmp_path, 60, hypervolume_reference=None)
    document = read_page(write(folder))
    assert "There is no hypervolume" in gaps(document)
    assert tiles(document)["Hypervolume"].text == "none"
    assert "Progress" not in titles(document)


def test_a_space_that_is_not_described_leaves_operations_out(tmp_path, write):
    folder = make_random_run(tmp_path, 60, space={})
    document = read_page(write(folder))
    assert "search space is not described" in gaps(document)
    assert "operations cannot be told apart" in document.text
    assert not document.all("svg")


def test_rows_that_do_not_tell_when_leave_time_out(tmp_path, write):
    outcomes = [{"objective": (0.5, 0.1), "end": "", "seconds": 0} for _ in range(0)]
    folder = make_run(tmp_path, outcomes or [(0.5, 0.1)])
    text = folder.results.read_text()
    folder.results.write_text(text.replace(f"{NOW - 4}", "").replace(f"{NOW}", ""))
    document = read_page(write(folder))
    assert tiles(document)["Time"].text == "unknown"
    assert data_of(document)["runs"][0]["curve"]["seconds"] == [None]


def test_parents_that_come_from_no_generation_are_told_by_number(tmp_path, write):
    """Regularised evolution has no generations."""
    folder = make_random_run(tmp_path, 40)
    lines = folder.results.read_text().splitlines()
    at = lines[0].split(",").index("m:generation")
    changed = [lines[0]]
    for line in lines[1:]:
        before, quoted, rest = line.partition('"')
        genotype, quote, after = rest.partition('"')
        fields = after.split(",")
        fields[1] = ""
        changed.append(before + quoted + genotype + quote + ",".join(fields))
    assert at
    folder.results.write_text("\n".join(changed) + "\n")
    document = read_page(write(folder))
    assert set(data_of(document)["runs"][0]["columns"]["generation"]) == {None}
    assert "by number of evaluation" in document.text


def test_a_score_by_layer_is_worked_out_and_divided_by_layer(tmp_path, write):
    import numpy as np

    from xnas.results import load

    folder = make_random_run(tmp_path, 30, failing=0, infinite=0)
    content = json.loads(folder.init_infos.read_text())
    content["run_settings"]["explainability_type"] = "activations-layer-mean"
    folder.init_infos.write_text(json.dumps(content))
    run = load(tmp_path)
    document = read_page(write(folder))
    section = document.one("section", class_="explained")
    assert "within each layer by itself" in section.text
    for part in section.all("div", class_="explanation"):
        id_ = int(part.attributes["data-id"])
        assert run.score(id_) == run.layer_mean_score(id_)
        assert part.all("span", class_="num")[1].value == run.score(id_)
        alone = [
            np.mean([
                1 - g[i, j] / np.sqrt(g[i, i] * g[j, j])
                for i in range(len(g)) for j in range(i)
            ])
            for g in run.gram(id_).gram
        ]  # fmt: skip
        bars = [cell.one("span").value for cell in part.all("td", class_="bar")]
        assert bars == pytest.approx(np.array(alone) / sum(alone))


@pytest.mark.parametrize("n_classes", [33, 60])
def test_many_classes_have_one_matrix_for_all_layers(tmp_path, write, n_classes):
    import numpy as np

    from xnas.results import write_gram
    from xnas.xai import introspectability

    folder = make_run(tmp_path, [], space=space())
    rng = np.random.default_rng(0)
    layers = [rng.random((n_classes, 4)) for _ in range(3)]
    (tmp_path / "gram").mkdir()
    write_gram(
        folder.gram(0),
        gram=np.stack([layer @ layer.T for layer in layers]),
        classes=np.arange(n_classes),
        counts=np.ones(n_classes, dtype=int),
        layer_names=["a", "b", "c"],
        layer_sizes=[4, 4, 4],
    )
    score = introspectability(dict(enumerate(np.hstack(layers))))
    (tmp_path / "results.csv").unlink()
    make_run(tmp_path, [(0.5, score)], space=space())
    document = read_page(write(folder))
    part = document.one("div", class_="explanation")
    assert "summed over layers" in part.text
    assert bool(part.all("table", class_="matrix")) == (n_classes <= 40)
    assert bool(data_of(document)["runs"][0]["matrices"]) == (n_classes > 40)


def test_too_few_networks_for_estimates_are_said_and_nothing_of_them_is_shown(
    tmp_path, write
):
    folder = make_random_run(tmp_path, 10, failing=0)
    document = read_page(write(folder))
    assert (
        "There are no estimates of what other seeds would give: 10 networks did not "
        "fail, expected 12 or more" in gaps(document)
    )
    assert "On the estimated front" not in tiles(document)
    assert data_of(document)["runs"][0]["expected"] is None
    assert not document.all("ul", class_="legend")
