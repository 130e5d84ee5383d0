"""The page in a real browser: offline, on all screens, for everybody."""

import statistics
import time
from itertools import pairwise

import pytest
from random_runs import make_random_run
from visiting import PHONE, WIDE, heading_levels

from xnas.report import write_report
from xnas.results import load


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_is_drawn_and_nothing_is_cut_off(opened, size, scheme):
    here = opened(size, scheme)
    here.see_all()
    page = here.page
    assert page.locator(".plot .main-svg").count() > 0
    assert page.locator(".plot:not(:has(.main-svg))").count() == 0
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]


def test_everything_is_reached_by_keyboard(visit):
    here = visit()
    page = here.page
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    wanted = page.evaluate(
        """() => {
          const all = [...document.querySelectorAll(
            'a[href], button, select, input, summary, [tabindex="0"]')];
          const seen = all.filter((one) => !one.disabled && one.checkVisibility());
          seen.forEach((one, i) => { one.dataset.test = i; });
          return seen.length;
        }"""
    )
    reached = set()
    for _ in range(wanted + 20):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.dataset.test ?? null")
        if focused is not None:
            reached.add(int(focused))
    assert reached == set(range(wanted))


def test_the_focus_is_seen(opened):
    page = opened().page
    for selector in ("button.network", ".plot-frame", ".filter", "nav a", "summary"):
        page.locator(selector).first.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", selector


def test_colours_follow_the_scheme_while_the_page_is_open(visit):
    page = visit().page
    colour = "document.querySelector('.scatter')._fullLayout.font.color"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{colour} !== {light!r}")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(21, 24, 28)"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_checker_finds_no_serious_fault(opened, size, scheme):
    from axe_playwright_python.sync_playwright import Axe

    here = opened(size, scheme)
    here.see_all()
    here.page.locator("details").evaluate_all("all => all.forEach(a => a.open = true)")
    found = Axe().run(here.page).response["violations"]
    faults = [
        (one["id"], [node["html"][:200] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert faults == []


def test_headings_are_in_order(opened):
    page = opened().page
    levels = heading_levels(page)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_several_runs_are_on_one_page(visit, tmp_path):
    folders = [
        make_random_run(tmp_path / str(seed), 48, seed=seed) for seed in range(2)
    ]
    path = write_report([load(f.root) for f in folders], tmp_path / "both.html")
    here = visit(path)
    here.see_all()
    page = here.page
    assert page.locator("article").count() == 2
    assert page.locator("#compare-evaluations .main-svg").count() > 0
    assert page.locator("#compare-fronts .main-svg").count() > 0
    levels = heading_levels(page)
    assert all(b <= a + 1 for a, b in pairwise(levels))


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A run of 16,000 networks, its page, and the CPU seconds that it took."""
    root = tmp_path_factory.mktemp("large")
    folder = make_random_run(root, 16_000, grams=False, population=64)
    begin = time.process_time()
    path = write_report([load(folder.root)], root / "report.html")
    return path, time.process_time() - begin


def test_16000_networks_take_seconds_and_megabytes(large):
    path, seconds = large
    assert seconds < 10
    assert path.stat().st_size < 8_000_000


def test_16000_networks_are_shown_at_once_when_pointed_at(visit, large):
    here = visit(large[0])
    page = here.page
    page.locator(".plot-frame").scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    page.evaluate(
        """() => {
          window.waits = [];
          let begun = null;
          addEventListener('pointermove', (e) => { begun = e.timeStamp; }, true);
          const seen = () => {
            if (begun === null) return;
            const from = begun;
            begun = null;
            // After the next frame is drawn.
            requestAnimationFrame(() => {
              const channel = new MessageChannel();
              channel.port1.onmessage = () => waits.push(performance.now() - from);
              channel.port2.postMessage(0);
            });
          };
          new MutationObserver(seen).observe(
            document.querySelector('.tip'), { attributes: true, childList: true });
        }"""
    )
    box = page.locator(".plot-frame").bounding_box()
    for i in range(40):
        x, y = 0.3 + 0.4 * ((i * 7) % 11) / 11, 0.2 + 0.5 * ((i * 5) % 13) / 13
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.wait_for_timeout(60)
    waits = page.evaluate("waits")
    assert len(waits) >= 20
    assert statistics.median(waits) < 50
