"""The page and its tables, whatever the examples and the names are."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from made_up import N, explanation, outputs_and_features

from xnas.explained.page import make_page
from xnas.explained.pictures import SIDE, Gallery, form_of
from xnas.explained.tables import USE, tables
from xnas.scores import RESCALED, introspectability_from_gram
from xnas.training.split import Split

SCRIPT = "<script>window.broken = 1</script><img src=x onerror='window.broken=2'>"
ENDS = "</title></style>{{ 7 * 7 }} \ud83d\ude00 &amp; \u2028"
INPUTS = {
    "picture": [np.random.default_rng(0).random((N, 8, 8, 3))],
    "two": [np.random.default_rng(0).random((N, 8, 8, 1))] * 2,
    "series": [np.random.default_rng(0).normal(size=(N, 300, 2))],
    "row": [np.random.default_rng(0).normal(size=(N, 30))],
}


def page_of(inputs, classes=("a", "b", "c")):
    split = Split(inputs, np.zeros(N))
    galleries = {"train": Gallery(split), "valid": Gallery(split)}
    found = explanation(classes)
    return make_page(found, galleries, None, title="digits, network 1", lead="Lead.")


@pytest.fixture(scope="module", params=INPUTS)
def page(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "explain.html"
    path.write_bytes(page_of(INPUTS[request.param]))
    return path


def test_hostile_names_stay_text():
    page = page_of(INPUTS["row"], (SCRIPT, ENDS, "c")).decode()
    assert "<script" not in page
    assert "src=x" not in page.replace("&lt;img src=x", "")
    assert page.count("</title>") == 1
    assert "49" not in page.split("&lt;/title&gt;")[1][:20]
    written = dict(tables(explanation((SCRIPT, ENDS, "c"))))
    found = list(csv.DictReader(io.StringIO(written["labels.csv"].decode())))
    assert SCRIPT in {one["given"] for one in found}


def test_examples_that_are_files_are_named_by_page_and_tables():
    files = tuple(f"b & c/{i}.png" for i in range(N))
    found = replace(explanation(), files={"train": files, "valid": files})
    split = Split(INPUTS["row"], np.zeros(N))
    galleries = {"train": Gallery(split), "valid": Gallery(split)}
    page = make_page(found, galleries, None, title="t", lead="l").decode()
    assert f"b &amp; c/{np.argmax(found.parts['train'].labelled.margin)}.png" in page
    written = dict(tables(found))
    for name, bare in tables(explanation()):
        if name in ("labels.csv", "predictions.csv"):
            rows, plain = (
                list(csv.DictReader(io.StringIO(one.decode())))
                for one in (written[name], bare)
            )
            named = [files[int(row["index"])] for row in rows]
            assert [row.pop("file") for row in rows] == named
            assert rows == plain


@pytest.mark.parametrize(
    ("shape", "form"),
    [
        ((8, 8, 1), "picture"),
        ((64, 64), "picture"),
        ((4, 8, 8, 3), "picture"),
        ((300, 2), "series"),
        ((30,), "row"),
        ((), "row"),
    ],
)
def test_examples_are_shown_by_their_shape(shape, form):
    assert form_of(shape) == form
    array = np.random.default_rng(0).normal(size=(3, *shape))
    (shown,) = Gallery(Split([array], np.zeros(3))).show(1)
    assert shown.form == form


def test_large_pictures_become_small():
    array = np.random.default_rng(0).integers(0, 255, (2, 500, 300, 3), np.uint8)
    (shown,) = Gallery(Split([array], np.zeros(2))).show(0)
    assert len(shown.source) < 4 * SIDE * SIDE * 3


def test_pixels_that_are_no_numbers_are_shown():
    array = np.full((2, 4, 4, 1), np.nan)
    assert Gallery(Split([array], np.zeros(2))).show(0)[0].source


def test_what_judges_elsewhere_judges_like_the_page(tmp_path, monkeypatch):
    found = explanation()
    assert found.trusted.is_fitted
    (tmp_path / "trust.npz").write_bytes(dict(tables(found))["trust.npz"])
    monkeypatch.chdir(tmp_path)
    scope = {}
    exec(USE, scope)
    outputs, features, _ = outputs_and_features()
    both, _ = found.pooled
    expected = found.trusted.fit.probability(both)
    np.testing.assert_allclose(
        scope["probability"](outputs, features), expected, atol=1e-5
    )


def test_a_rescaled_layer_scores_as_if_it_gave_so_much_more():
    found = explanation()
    gram = found.means.gram()
    gram[1] *= RESCALED**2
    expected = introspectability_from_gram(gram, found.means.classes)
    assert found.layers[1].rescaled == pytest.approx(expected)


def test_what_cannot_be_said_is_said():
    assert "There are two classes" in page_of(INPUTS["row"], ("a", "b")).decode()
    page = page_of(INPUTS["series"]).decode()
    assert "There is no test data" in page
    assert "they are shown as lines" in page


LOOKED_AT = {"picture": (1440, "light"), "series": (1440, "dark")}
LOOKED_AT |= {"two": (390, "light"), "row": (390, "dark")}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_an_accessibility_checker_finds_no_fault(
    browser, page, width, scheme, request
):
    from axe_playwright_python.sync_playwright import Axe

    size = {"width": width, "height": 900}
    context = browser.new_context(viewport=size, color_scheme=scheme)
    opened, requests = context.new_page(), []
    opened.on("request", lambda one: requests.append(one.url))
    opened.goto(page.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    asked = [url for url in requests if not url.startswith("data:")]
    assert asked == [page.as_uri()]
    # Checking takes seconds; all sizes and schemes are checked, each on one page.
    if LOOKED_AT[request.node.callspec.params["page"]] == (width, scheme):
        found = Axe().run(opened).response["violations"]
        assert [one["id"] for one in found] == []
    context.close()


def test_everything_that_scrolls_or_folds_is_reached_by_keyboard(browser, page):
    context = browser.new_context(viewport={"width": 390, "height": 900})
    opened = context.new_page()
    opened.goto(page.as_uri())
    named = "a, summary, [tabindex='0']"
    wanted = opened.locator(named).evaluate_all(
        "all => all.filter(one => one.checkVisibility()).length"
    )
    reached = 0
    for _ in range(wanted):
        opened.keyboard.press("Tab")
        reached += opened.evaluate(f"document.activeElement.matches(`{named}`)")
    assert reached == wanted
    context.close()
