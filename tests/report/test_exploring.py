"""Points, table, colours and zoom, by mouse and by keys, in a real browser."""

import pytest
from visiting import COLUMNS

from xnas.results import load

RANGE = "[...document.querySelector('.scatter')._fullLayout.xaxis.range]"


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


def test_pointing_at_a_network_shows_it(opened):
    page = opened().page
    id_ = lonely(page)
    page.locator(".plot-frame").scroll_into_view_if_needed()
    page.mouse.move(*position_of(page, id_))
    tip = page.locator(".tip")
    assert f"Network {id_}" in tip.inner_text()
    assert "on the front" in tip.inner_text()
    assert tip.locator("svg.xnas-cell .xnas-cell-edge").count() == 6
    page.mouse.move(1, 1)
    assert tip.is_hidden()


def test_clicking_a_network_chooses_it_everywhere(opened):
    here = opened()
    page = here.page
    id_ = lonely(page)
    page.locator(".plot-frame").scroll_into_view_if_needed()
    page.mouse.click(*position_of(page, id_))
    assert here.chosen() == id_
    assert f"Chosen: Network {id_}" in here.announced()
    assert page.locator(".chosen svg.xnas-cell").count() == 1
    assert f"Network {id_} has" in page.locator(".lineage-words").inner_text()
    assert page.locator(".chosen code").last.inner_text().endswith(f"--pick {id_}")


def test_drawings_are_those_of_the_command(opened, report):
    """Put together in the browser, they equal what xnas.drawing makes."""
    from xnas.drawing import cell_svg

    run = load(report.parent)
    page = opened().page
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
    """All elements of a drawing, their attributes in one order."""
    import xml.etree.ElementTree as ET

    return [
        (one.tag, sorted(one.attrib.items()), one.text)
        for one in ET.fromstring(text).iter()
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


def test_lineage_is_drawn_where_there_are_ancestors_and_told_where_there_are_none(
    visit,
):
    here = visit()
    page = here.page
    figure = page.locator(".lineage figure")
    page.locator("table.data tbody button").first.click()
    assert here.chosen() == 0
    assert "has no ancestors" in page.locator(".lineage-words").inner_text()
    assert not figure.is_visible()
    page.locator(".chosen .relatives button").last.click()
    figure.scroll_into_view_if_needed()
    figure.locator(".main-svg").first.wait_for()
    assert page.locator(".lineage .ancestors button").last.inner_text() == "0"


def test_ancestors_without_a_finite_score_are_no_points_of_the_scale(visit):
    page = visit().page
    page.locator(".pager button[aria-label='Last page']").click()
    page.locator("table.data tbody button").last.click()
    page.locator(".lineage figure").scroll_into_view_if_needed()
    page.locator(".lineage .main-svg").first.wait_for()
    points = page.evaluate(
        """() => {
          const { ids, customdata, marker } =
            document.querySelector('.lineage .plot').data[1];
          return ids.map((id, i) => [Number(id), customdata[i], marker.symbol[i]]);
        }"""
    )
    data = page.evaluate(COLUMNS)
    assert len(points) > 30
    for id_, told, symbol in points:
        value = data["values"][1][data["id"].index(id_)]
        known = isinstance(value, float)
        words = {None: "\N{EN DASH}", "-inf": "−inf"}
        assert symbol == ("circle" if known else "triangle-down")
        assert told == (f"{value:.4f}" if known else words[value])


def test_no_line_ends_within_a_flag(opened):
    page = opened().page
    flags = page.locator(".command .flag")
    assert {"--pick accuracy", "--pick knee"} <= set(flags.all_inner_texts())
    heights = flags.evaluate_all("all => all.map((one) => one.getClientRects().length)")
    assert set(heights) == {1}


def test_the_table_sorts_filters_and_turns_pages(visit):
    page = visit().page
    data = page.evaluate(COLUMNS)
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
    pairs = zip(data["genotype"], data["generation"], strict=True)
    expected = sum(
        one.startswith("4.") and generation == 3 for one, generation in pairs
    )
    assert page.locator(".pager span").inner_text().endswith(f"of {expected}")
    page.locator(".filter").fill("#14")
    page.wait_for_timeout(300)
    assert column(0) == ["14"]
    page.locator(".filter").fill("nothing is called this")
    page.wait_for_timeout(300)
    assert page.locator(".pager span").inner_text() == "0 to 0 of 0"


def test_the_colour_follows_the_selector(opened):
    page = opened().page
    colours = "document.querySelector('.scatter').data[0].marker.color.slice(0, 5)"
    seen = []
    for name in ("generation", "parameters", "time"):
        page.locator(".colour-by").select_option(name)
        seen.append(tuple(page.evaluate(colours)))
    assert len(set(seen)) == 3


def test_zooming_to_the_front_and_back(opened):
    page = opened().page
    whole = page.evaluate(RANGE)
    page.get_by_role("button", name="Front", exact=True).click()
    near = page.evaluate(RANGE)
    assert near[1] - near[0] < whole[1] - whole[0]
    page.get_by_role("button", name="All", exact=True).click()
    assert page.evaluate(RANGE) == pytest.approx(whole)
    frame = page.locator(".plot-frame").bounding_box()
    page.mouse.move(frame["x"] + 200, frame["y"] + 100)
    page.mouse.down()
    page.mouse.move(frame["x"] + 400, frame["y"] + 250, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    dragged = page.evaluate(RANGE)
    assert dragged[1] - dragged[0] < whole[1] - whole[0]
    page.get_by_role("button", name="All", exact=True).click()


def test_arrow_keys_go_from_point_to_point(opened):
    here = opened()
    page = here.page
    data = page.evaluate(COLUMNS)
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


def test_a_command_is_copied(opened):
    here = opened()
    page = here.page
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".card .copy").first.click()
    page.wait_for_function("document.querySelector('.copy').textContent != 'Copy'")
    command = page.evaluate("navigator.clipboard.readText()")
    assert command == page.locator(".card code").nth(1).inner_text()


def test_unlikely_networks_fade_unless_told_otherwise(opened):
    page = opened().page
    opacity = "document.querySelector('.scatter').data[0].marker.opacity"
    faded = page.evaluate(opacity)
    assert min(faded) < max(faded)
    page.locator(".fade").uncheck()
    assert page.evaluate(opacity) == 0.85
    page.locator(".fade").check()
    assert page.evaluate(opacity) == faded


def test_the_chosen_network_is_drawn_where_it_is_expected_with_its_intervals(opened):
    page = opened().page
    drawn = page.evaluate(
        """() => {
          const bars = document.querySelector('.scatter').data
            .find((one) => one.name === 'intervals');
          return [bars.x[0], bars.y[0], bars.error_x.array[0], bars.error_y.array[0]];
        }"""
    )
    chosen = int(page.locator(".chosen h3").inner_text().split()[1])
    expected = page.evaluate(
        """(id) => {
          const { columns, expected } = Page.data.runs[0];
          const row = columns.id.indexOf(id);
          const at = (name) => [0, 1].map((axis) => expected[name][axis][row]);
          return [...at('means'), ...at('deviations').map((one) => 1.959964 * one)];
        }""",
        chosen,
    )
    assert drawn == pytest.approx(expected)
    front = page.evaluate(
        """document.querySelector('.scatter').data
          .find((one) => one.name === 'estimated front').x.length"""
    )
    assert front == page.evaluate("Page.data.runs[0].expected.front.length")
