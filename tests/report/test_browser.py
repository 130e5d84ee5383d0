"""The page in a real browser: offline, by mouse, by keyboard, for everybody."""

import statistics
import time

import pytest
from random_runs import make_random_run

from xnas.report import write_report
from xnas.results import load

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The page on one run of 120 networks."""
    root = tmp_path_factory.mktemp("run")
    folder = make_random_run(root, 120, seed=4)
    return write_report([load(folder.root)], root / "report.html")


class Visit:
    """A page that was opened, and what it did meanwhile."""

    def __init__(self, browser, path, size=WIDE, scheme="light"):
        self.context = browser.new_context(viewport=size, color_scheme=scheme)
        self.requests, self.faults = [], []
        self.context.route("**/*", self._on_request)
        self.page = self.context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(path.as_uri())
        self.page.wait_for_function("Page.ready")

    def _on_request(self, route):
        self.requests.append(route.request.url)
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            route.abort()

    def _on_console(self, message):
        if message.type == "error":
            self.faults.append(message.text)

    def see_all(self):
        """Draw what is only drawn once it comes into view."""
        self.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        self.page.evaluate("dispatchEvent(new Event('afterprint'))")
        self.page.wait_for_timeout(300)

    def announced(self):
        return self.page.locator("#announcer").inner_text()

    def chosen(self):
        text = self.page.locator(".chosen h3").inner_text()
        return int(text.split()[1])


@pytest.fixture
def visit(browser, report):
    visits = []

    def visit(path=report, **options):
        visits.append(Visit(browser, path, **options))
        return visits[-1]

    yield visit
    for one in visits:
        assert one.faults == []
        assert [url for url in one.requests if not url.startswith("file:")] == []
        assert len(one.requests) == 1
        one.context.close()


def position_of(page, id_):
    """Where the figure draws a network, on the screen."""
    return page.evaluate(
        """(id) => {
          const figure = document.querySelector('.scatter');
          const run = Page.data.runs[0];
          const row = run.columns.id.indexOf(id);
          const { xaxis, yaxis } = figure._fullLayout;
          const box = figure.getBoundingClientRect();
          return [box.left + xaxis._offset + xaxis.l2p(run.columns.values[0][row]),
                  box.top + yaxis._offset + yaxis.l2p(run.columns.values[1][row])];
        }""",
        id_,
    )


def lonely(page):
    """A network of the front that no other point hides."""
    return page.evaluate(
        "Page.data.runs[0].columns.id[Page.data.runs[0].columns.front[0]]"
    )


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_is_drawn_and_nothing_is_cut_off(visit, size, scheme):
    here = visit(size=size, scheme=scheme)
    here.see_all()
    page = here.page
    assert page.locator(".plot .main-svg").count() > 0
    assert page.locator(".plot:not(:has(.main-svg))").count() == 0
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]


def test_pointing_at_a_network_shows_it(visit):
    page = visit().page
    id_ = lonely(page)
    page.locator(".plot-frame").scroll_into_view_if_needed()
    page.mouse.move(*position_of(page, id_))
    tip = page.locator(".tip")
    assert f"Network {id_}" in tip.inner_text()
    assert "on the front" in tip.inner_text()
    assert tip.locator("svg.xnas-cell .xnas-cell-edge").count() == 6
    page.mouse.move(1, 1)
    assert tip.is_hidden()


def test_clicking_a_network_chooses_it_everywhere(visit):
    here = visit()
    page = here.page
    id_ = lonely(page)
    page.locator(".plot-frame").scroll_into_view_if_needed()
    page.mouse.click(*position_of(page, id_))
    assert here.chosen() == id_
    assert f"Chosen: Network {id_}" in here.announced()
    assert page.locator(".chosen svg.xnas-cell").count() == 1
    assert f"Network {id_} has" in page.locator(".lineage-words").inner_text()
    assert page.locator(".chosen code").last.inner_text().endswith(f"--pick {id_}")


def test_drawings_are_those_of_the_command(visit, report):
    """Put together in the browser, they equal what xnas.drawing makes."""
    from xnas.drawing import cell_svg

    run = load(report.parent)
    page = visit().page
    normal = """(text) => {
        const svg = new DOMParser().parseFromString(text, 'image/svg+xml');
        return new XMLSerializer().serializeToString(svg.documentElement);
    }"""
    for row in run.evaluations.itertuples():
        drawn = page.evaluate(
            """(choices) => new XMLSerializer().serializeToString(
                Page.cell(Page.data.runs[0], choices)[0])""",
            list(row.arch_seq),
        )
        expected = page.evaluate(normal, cell_svg(run.infos["space"], row.arch_seq))
        assert picture(drawn) == picture(expected)


def picture(text):
    """What of a drawing is seen: shapes and texts with their attributes, sorted."""
    import xml.etree.ElementTree as ET

    return [
        (one.tag, sorted(one.attrib.items()), (one.text or "").strip())
        for one in ET.fromstring(text).iter()
        if one.tag.rpartition("}")[2] in ("path", "text", "circle")
    ]


def test_parents_and_children_lead_on(visit):
    here = visit()
    page = here.page
    page.locator("table.data tbody button").first.wait_for()
    page.evaluate("document.querySelector('.filter').value = ''")
    page.locator(".pager button[aria-label='Last page']").click()
    page.locator("table.data tbody button").last.click()
    child = here.chosen()
    parent = page.locator(".chosen .relatives button").first
    id_ = int(parent.inner_text())
    parent.click()
    assert here.chosen() == id_
    children = page.locator(".chosen .relatives").last.inner_text()
    assert str(child) in children.split()


def test_the_table_sorts_filters_and_turns_pages(visit):
    page = visit().page
    data = page.evaluate("Page.data.runs[0].columns")
    header = page.locator("table.data thead th")

    def column(i):
        return page.locator(
            f"table.data tbody tr > :nth-child({i + 1})"
        ).all_inner_texts()

    header.nth(1).locator("button").click()
    assert header.nth(1).get_attribute("aria-sort") == "descending"
    best = sorted((v for v in data["values"][0] if v is not None), reverse=True)
    assert column(1) == [f"{v:.4f}" for v in best[:25]]
    header.nth(1).locator("button").click()
    assert header.nth(1).get_attribute("aria-sort") == "ascending"
    assert column(1) == [f"{v:.4f}" for v in best[::-1][:25]]
    page.locator(".pager button[aria-label='Next page']").click()
    assert column(1) == [f"{v:.4f}" for v in best[::-1][25:50]]
    page.locator(".kind").select_option("failed")
    failed = sum(reason is not None for reason in data["reason"])
    assert page.locator(".pager span").inner_text().endswith(f"of {failed}")
    page.locator(".kind").select_option("all")
    page.locator(".filter").fill("edge_0=skip generation 3")
    page.wait_for_timeout(300)
    expected = sum(
        genotype.startswith("4.") and generation == 3
        for genotype, generation in zip(
            data["genotype"], data["generation"], strict=True
        )
    )
    assert page.locator(".pager span").inner_text().endswith(f"of {expected}")
    page.locator(".filter").fill("#14")
    page.wait_for_timeout(300)
    assert column(0) == ["14"]
    page.locator(".filter").fill("nothing is called this")
    page.wait_for_timeout(300)
    assert page.locator(".pager span").inner_text() == "0 to 0 of 0"


def test_the_colour_follows_the_selector(visit):
    page = visit().page
    colours = "document.querySelector('.scatter').data[0].marker.color.slice(0, 5)"
    seen = []
    for name in ("generation", "parameters", "time"):
        page.locator(".colour-by").select_option(name)
        seen.append(tuple(page.evaluate(colours)))
    assert len(set(seen)) == 3


def test_zooming_to_the_front_and_back(visit):
    page = visit().page
    ranges = "(() => { const { xaxis } = document.querySelector('.scatter')._fullLayout; return [...xaxis.range]; })()"
    whole = page.evaluate(ranges)
    page.get_by_role("button", name="Front", exact=True).click()
    near = page.evaluate(ranges)
    assert near[1] - near[0] < whole[1] - whole[0]
    page.get_by_role("button", name="All", exact=True).click()
    assert page.evaluate(ranges) == pytest.approx(whole)
    frame = page.locator(".plot-frame").bounding_box()
    page.mouse.move(frame["x"] + 200, frame["y"] + 100)
    page.mouse.down()
    page.mouse.move(frame["x"] + 400, frame["y"] + 250, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    dragged = page.evaluate(ranges)
    assert dragged[1] - dragged[0] < whole[1] - whole[0]


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


def test_the_focus_is_seen(visit):
    page = visit().page
    for selector in ("button.network", ".plot-frame", ".filter", "nav a", "summary"):
        page.locator(selector).first.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", selector


def test_arrow_keys_go_from_point_to_point(visit):
    here = visit()
    page = here.page
    data = page.evaluate("Page.data.runs[0].columns")
    page.locator(".plot-frame").focus()

    def shown():
        return int(page.locator(".tip strong").inner_text().split()[1])

    def value(id_, axis):
        return float(data["values"][axis][data["id"].index(id_)])

    page.keyboard.press("Home")
    lowest = min(v for v in data["values"][0] if v is not None)
    assert value(shown(), 0) == lowest
    before = shown()
    page.keyboard.press("ArrowRight")
    assert value(shown(), 0) >= value(before, 0)
    assert shown() != before
    assert f"Network {shown()}" in here.announced()
    before = shown()
    page.keyboard.press("ArrowUp")
    assert value(shown(), 1) >= value(before, 1)
    id_ = shown()
    page.keyboard.press("Enter")
    assert here.chosen() == id_
    page.keyboard.press("Escape")
    assert page.locator(".tip").is_hidden()
    page.keyboard.press("+")
    page.keyboard.press("0")


def test_a_command_is_copied(visit):
    here = visit()
    page = here.page
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".card .copy").first.click()
    page.wait_for_function("document.querySelector('.copy').textContent != 'Copy'")
    command = page.evaluate("navigator.clipboard.readText()")
    assert command == page.locator(".card code").nth(1).inner_text()


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
def test_an_accessibility_checker_finds_no_serious_fault(visit, size, scheme):
    from axe_playwright_python.sync_playwright import Axe

    here = visit(size=size, scheme=scheme)
    here.see_all()
    here.page.locator("details").evaluate_all("all => all.forEach(a => a.open = true)")
    found = Axe().run(here.page).response["violations"]
    faults = [
        (one["id"], [node["html"][:200] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert faults == []


def test_headings_are_in_order(visit):
    page = visit().page
    levels = page.locator("h1, h2, h3, h4, h5").evaluate_all(
        "all => all.map((one) => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


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
    levels = page.locator("h1, h2, h3, h4, h5").evaluate_all(
        "all => all.map((one) => Number(one.tagName[1]))"
    )
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


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
          addEventListener('pointermove', (event) => { begun = event.timeStamp; }, true);
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
