"""The dashboard as a process, and in a browser."""

import os
import shutil
import signal
import socket
import time
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

import pytest
from random_runs import make_random_run
from run_folders import make_run, sign
from visiting import PHONE, WIDE

from xnas.results import RunFolder, write_json

ROWS = "Page.data.runs[0].columns.id.length"


def talk(address, request):
    """Send bytes, and return the status of the answer and all of it, 0 without one."""
    url = urlsplit(address)
    with socket.create_connection((url.hostname, url.port), timeout=30) as stream:
        try:
            stream.sendall(request)
            answer = HTTPResponse(stream)
            answer.begin()
            return answer.status, str(answer.headers).encode() + answer.read()
        except (HTTPException, ConnectionError):
            return 0, b""


@pytest.fixture
def growing(tmp_path):
    """A run of 101 networks under way, whose last row is held back."""
    root = tmp_path / "results"
    folder = make_random_run(root / "digits" / "run", 101, seed=4)
    *lines, last = folder.results.read_bytes().splitlines(keepends=True)
    folder.results.write_bytes(b"".join(lines))
    now = time.time()
    write_json(folder.heartbeat, sign() | {"time": now + 30, "since": now})
    make_run(root / "digits" / "other", outcomes=())
    return root, folder, last


@pytest.fixture
def small(tmp_path):
    """A run of a few networks."""
    make_random_run(tmp_path / "digits" / "run", 12)
    return tmp_path


def test_requests_over_the_network_are_refused_as_well(served, tmp_path):
    make_run(tmp_path / "digits" / "run", outcomes=())
    process, address = served(tmp_path)
    path = urlsplit(address).path.encode()
    host = b"Host: localhost\r\n\r\n"
    status, _ = talk(address, b"GET %b HTTP/1.1\r\n" % path + host)
    assert status == 200
    for request in (
        b"GET / HTTP/1.1\r\n" + host,
        b"GET %b HTTP/1.1\r\nHost: example.org\r\n\r\n" % path,
        b"GET %b HTTP/1.1\r\n\r\n" % path,
        b"GET %b HTTP/1.1\r\nHost: localhost\r\nHost: a\r\n\r\n" % path,
        b"POST %b HTTP/1.1\r\nContent-Length: 0\r\n" % path + host,
        b"DELETE %b HTTP/1.1\r\n" % path + host,
        b"TRACE %b HTTP/1.1\r\n" % path + host,
        b"BREW %b HTTP/1.1\r\n" % path + host,
        b"GET %b../../etc/passwd HTTP/1.1\r\n" % path + host,
        b"GET %b%%2e%%2e%%2fetc HTTP/1.1\r\n" % path + host,
        b"GET http://localhost%b HTTP/1.1\r\n" % path + host,
        b"GET %b HTTP/1.1\r\nX: %b\r\n" % (path, b"x" * 100_000) + host,
        b"GET %b%b HTTP/1.1\r\n" % (path, b"x" * 100_000) + host,
        b"POST %b HTTP/1.1\r\nContent-Length: 9999999\r\n" % path + host,
        b"nonsense\r\n\r\n",
    ):
        status, answer = talk(address, request)
        # What is no HTTP is hung up on.
        assert status == 0 or 400 <= status < 500, request[:60]
        assert path.strip(b"/") not in answer
        assert b"Traceback" not in answer
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


def test_only_this_machine_is_served_and_a_taken_port_is_refused(served, tmp_path):
    process, address = served(tmp_path)
    assert urlsplit(address).hostname == "127.0.0.1"
    port = urlsplit(address).port
    other, nothing = served(tmp_path, "--port", str(port))
    assert (other.wait(20), nothing) == (2, "")
    assert process.poll() is None


def test_a_page_follows_a_search_without_a_reload(served, growing, browser):
    root, folder, last = growing
    _, address = served(root)
    page = browser.new_page(viewport=WIDE)
    page.set_default_timeout(60_000)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.goto(address)
    page.get_by_role("link", name="digits/run").click()
    page.wait_for_function("typeof Page !== 'undefined' && Page.ready")
    assert page.evaluate(ROWS) == 100
    page.evaluate("Page.runs[0].selection.choose(17); window.mark = 'same page'")
    page.evaluate("window.plot = document.querySelector('.scatter .main-svg')")
    page.locator("input.filter").fill("front")
    page.locator("details").first.evaluate("one => { one.open = true; }")
    page.evaluate("window.scrollTo(0, 600)")
    with open(folder.results, "ab") as stream:
        stream.write(last)
    begin = time.monotonic()
    page.wait_for_function(f"{ROWS} === 101")
    took = time.monotonic() - begin
    assert page.locator(".chosen h3").inner_text().startswith("Network 17")
    assert page.evaluate("window.mark") == "same page"
    assert page.evaluate("window.plot === document.querySelector('.scatter .main-svg')")
    assert page.locator("input.filter").input_value() == "front"
    assert page.locator("details").first.evaluate("one => one.open")
    assert page.evaluate("window.scrollY") == 600
    assert page.locator(".glance .tiles .num").first.inner_text() == "101"
    drawn = "document.querySelector('.scatter').data.flatMap(({ x }) => x).length"
    assert page.evaluate(drawn) >= 101 - 15
    # A busy machine is slow at everything else, too.
    assert took < 5

    silent = time.time() - 90
    write_json(folder.heartbeat, sign() | {"time": silent, "since": 0})
    os.utime(folder.heartbeat, (silent, silent))
    page.wait_for_function(
        "document.getElementById('status').textContent.includes('died')"
    )
    assert faults == []
    page.close()


def test_a_first_row_fills_the_page(served, small, browser):
    root, folder = small, RunFolder(small / "digits" / "run")
    whole = folder.results.read_bytes()
    folder.results.write_bytes(whole.splitlines(keepends=True)[0])
    _, address = served(root)
    page = browser.new_page(viewport=WIDE)
    page.goto(address)
    page.get_by_role("link", name="digits/run").click()
    page.wait_for_function("typeof Page !== 'undefined' && Page.ready")
    assert page.locator(".scatter").count() == 0
    folder.results.write_bytes(whole)
    page.wait_for_selector(".scatter .main-svg", timeout=60_000)
    page.close()


def test_ticked_runs_are_compared_and_new_ones_appear(served, small, browser):
    root = small
    shutil.copytree(root / "digits" / "run", root / "digits" / "copy")
    _, address = served(root)
    page = browser.new_page(viewport=WIDE)
    page.set_default_timeout(60_000)
    page.goto(address)
    page.get_by_label("Compare digits/run").check()
    make_run(root / "lines" / "new", outcomes=())
    page.get_by_role("link", name="lines/new").wait_for()
    assert page.get_by_label("Compare digits/run").is_checked()
    page.get_by_label("Compare digits/copy").check()
    page.get_by_role("button", name="Compare 2 runs").click()
    page.locator("#compare-fronts").scroll_into_view_if_needed()
    page.wait_for_selector("#compare-fronts .main-svg")
    page.close()


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide", "phone"]
)
def test_an_accessibility_checker_finds_no_serious_fault(
    served, small, browser, size, scheme
):
    from axe_playwright_python.sync_playwright import Axe

    _, address = served(small)
    page = browser.new_page(viewport=size, color_scheme=scheme, bypass_csp=True)
    page.goto(address)
    found = Axe().run(page).response["violations"]
    page.get_by_role("link", name="digits/run").click()
    page.wait_for_function("typeof Page !== 'undefined' && Page.ready")
    found += Axe().run(page).response["violations"]
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    serious = [
        (one["id"], [node["html"][:200] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    page.close()
