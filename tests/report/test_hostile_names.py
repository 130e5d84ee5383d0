"""Names come from tasks and errors: whatever is in them stays text."""

import json
from urllib.parse import unquote, urlsplit

from random_runs import make_random_run, space
from reading import data_of, read_page

SCRIPT = "<script>window.broken = 1</script><img src=x onerror='window.broken=2'>"
ENDS = "</script><!-- ]]> --><b>bold</b> $x^2$ {{ 7 * 7 }} & \u2028 \ud83d\ude00"


def hostile_run(root):
    text = json.dumps(space())
    for name, hostile in (("edge_2", SCRIPT), ("edge_3", 'two\nlines, "ä"')):
        text = text.replace(json.dumps(name), json.dumps(hostile))
    described = json.loads(text)
    for node in described["nodes"]:
        if node["kind"] != "constant":
            node["operations"][0] = SCRIPT
    folder = make_random_run(
        root,
        60,
        class_names=[SCRIPT, ENDS, "<b>c</b>", "</title>", "e\x00"],
        run_settings={"problem": f"experiments.{SCRIPT.replace('.', '')}.problem.P"},
        space=described,
        problem={"objective": SCRIPT, "hyperparameters": {ENDS: SCRIPT}},
        environment={"python": ENDS, "packages": {SCRIPT: ENDS}},
        command=["deephyper_xnas", SCRIPT, ENDS],
    )
    text = folder.results.read_text()
    text = text.replace("F_exception", 'F_""' + SCRIPT.replace('"', ""))
    folder.results.write_text(text.replace(",n1,", f",{SCRIPT},"))
    return folder


def test_markup_stays_text_in_the_page(tmp_path, write):
    document = read_page(write(hostile_run(tmp_path)))
    assert [s.attributes.get("type") for s in document.all("script")] == [
        "application/json",
        None,
        None,
    ]
    assert not document.all("img")
    assert not document.all("b")
    names = [th.text for th in document.all("table", class_="matrix")[0].all("th")]
    assert SCRIPT in names
    data = data_of(document)["runs"][0]
    assert SCRIPT in data["columns"]["hosts"]
    assert data["variables"][0]["operations"][0] == SCRIPT
    named = [one["name"] for one in data["variables"]]
    assert named[2:4] == [SCRIPT, 'two\nlines, "ä"']


def test_links_lead_to_files_whatever_the_page_is_called(tmp_path, write):
    page = write(make_random_run(tmp_path / "run", 8), page=tmp_path / "50% #1?.html")
    anchors = read_page(page).all("a")
    links = [a.attributes["href"] for a in anchors if "download" in a.attributes]
    assert links
    for link in links:
        assert (tmp_path / unquote(urlsplit(link).path)).is_file()


def test_json_in_the_page_ends_no_script(tmp_path, write):
    text = write(hostile_run(tmp_path)).read_text()
    begin = text.index('<script type="application/json"')
    inside = text[text.index(">", begin) + 1 : text.index("</script>", begin)]
    assert not set("<>&") & set(inside)
    assert json.loads(inside)


def test_no_script_of_a_name_runs_in_the_browser(tmp_path, write, browser):
    folder = hostile_run(tmp_path)
    page = browser.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.goto(write(folder).as_uri())
    page.wait_for_function("Page.ready")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.locator(".plot-frame").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    page.wait_for_timeout(300)
    assert page.evaluate("window.broken") is None
    assert page.locator("main b, main img, main script").count() == 0
    assert faults == []
    page.close()
