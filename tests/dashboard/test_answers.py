"""What the dashboard answers, without a network."""

import json
import os
import re
import shutil
import time

import pytest
from random_runs import make_random_run
from run_folders import make_run, sign

from xnas.dashboard.answers import Dashboard
from xnas.results import RunFolder, write_json


def keys(get):
    """Keys of the runs by their names."""
    text = get().body.decode()
    return {name: key for key, name in re.findall(r'"runs/(\w+)/">([^<]+)<', text)}


def test_the_list_tells_of_every_run(get):
    page = get()
    assert page.status == 200
    assert set(keys(get)) == {
        "digits/2026-01-01T000000",
        "digits/2026-01-02T000000",
        "lines/first",
    }
    assert "12 of 64 evaluation(s)" in page.body.decode()


@pytest.mark.parametrize("below", ["digits", "digits/2026-01-01T000000"])
def test_a_folder_of_one_task_or_one_run_serves_as_well(results, below):
    dashboard = Dashboard(results / below, "t")
    page = dashboard.answer("GET", "localhost", "/t/", {})
    assert "2026-01-01T000000" in page.body.decode()


def test_a_run_keeps_its_address(get, results):
    before = keys(get)
    shutil.rmtree(results / "lines")
    make_random_run(results / "digits" / "2026-01-03T000000", 3)
    assert before.items() >= {
        (name, key) for name, key in keys(get).items() if "03T" not in name
    }


def test_a_page_on_each_run_and_its_files_are_served(get):
    for key in keys(get).values():
        page = get(f"runs/{key}/")
        assert page.status == 200
        for name in re.findall(r'href="files/([\w.-]+\.csv)"', page.body.decode()):
            assert get(f"runs/{key}/files/{name}").status == 200, name


def test_a_figure_is_drawn_when_it_is_asked_for(get):
    key = keys(get)["digits/2026-01-01T000000"]
    figure = get(f"runs/{key}/files/tradeoffs.svg")
    assert figure.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in figure.body


def test_fronts_of_several_runs_are_compared(get):
    both = "+".join(key for name, key in keys(get).items() if "digits" in name)
    data = json.loads(get(f"runs/{both}/data.json").body)["data"]
    assert len(data["fronts"]) == 2
    assert b"compare-fronts" in get(f"runs/{both}/").body
    assert get(f"runs/{both}/files/comparison.csv").status == 200


def test_a_run_is_compared_with_others_only(get):
    key = keys(get)["lines/first"]
    assert get(f"runs/{key}+{key}/").status == 404


def test_what_has_not_changed_is_not_sent_again(get):
    key = keys(get)["digits/2026-01-01T000000"]
    first = json.loads(get(f"runs/{key}/data.json").body)
    again = json.loads(get(f"runs/{key}/data.json", since=first["version"]).body)
    assert again.keys() == {"version", "status"}
    assert again["version"] == first["version"]


def test_a_new_row_makes_another_page(get, results):
    folder = RunFolder(results / "digits" / "2026-01-01T000000")
    whole = folder.results.read_bytes()
    *lines, last = whole.splitlines(keepends=True)
    folder.results.write_bytes(b"".join(lines))
    key = keys(get)["digits/2026-01-01T000000"]
    before = json.loads(get(f"runs/{key}/data.json").body)
    with open(folder.results, "ab") as stream:
        stream.write(last)
    after = json.loads(get(f"runs/{key}/data.json", since=before["version"]).body)
    counts = [len(one["data"]["runs"][0]["columns"]["id"]) for one in (before, after)]
    assert counts == [11, 12]


def test_a_killed_search_shows_as_died(get, results):
    folder = RunFolder(results / "lines" / "first")
    folder.append_started([{"id": 0, "time": time.time()}])
    now = time.time()
    write_json(folder.heartbeat, sign() | {"time": now, "since": now - 60})
    assert 'state alive">running' in get().body.decode()
    write_json(folder.heartbeat, sign() | {"time": now - 90, "since": now - 600})
    os.utime(folder.heartbeat, (now - 90, now - 90))
    assert re.search(r'class="state">died: no heartbeat', get().body.decode())


def test_a_run_that_cannot_be_read_says_so_and_others_are_shown(get, results):
    (results / "lines" / "first" / "results.csv").write_text("no,table\n1\n")
    text = get().body.decode()
    assert "cannot be read" in text
    assert "digits/2026-01-01T000000" in text


def test_nothing_is_written(get, results):
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*")}
    for key in keys(get).values():
        get(f"runs/{key}/")
    assert {path: path.stat().st_mtime_ns for path in results.rglob("*")} == before


def test_names_stay_text(results):
    hostile = "<img src=x onerror=alert(1)>"
    make_run(results / hostile / "<b>", outcomes=(), content=None)
    text = Dashboard(results, "t").answer("GET", "localhost", "/t/", {}).body.decode()
    assert "<img" not in text
    assert "&lt;img" in text


@pytest.mark.parametrize("link", ["run", "init_infos.json", "results.csv", "gram"])
def test_links_out_of_the_results_are_not_followed(get, results, tmp_path, link):
    outside = make_random_run(tmp_path / "outside", 5)
    run = results / "digits" / "2026-01-01T000000"
    if link == "run":
        (results / "digits" / "linked").symlink_to(outside.root)
    else:
        path = run / link
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        path.symlink_to(outside.root / link)
    found = keys(get)
    assert not {"digits/linked"} & set(found)
    assert ("digits/2026-01-01T000000" in found) == (link == "run")


def test_a_link_among_the_arrays_is_not_followed(get, results, tmp_path):
    outside = make_random_run(tmp_path / "outside", 5)
    gram = results / "digits" / "2026-01-01T000000" / "gram" / "1.npz"
    gram.unlink()
    gram.symlink_to(outside.gram(1))
    key = keys(get)["digits/2026-01-01T000000"]
    assert get(f"runs/{key}/").status == 404


def test_links_within_the_results_are_followed(get, results):
    run = results / "digits" / "2026-01-01T000000"
    (results / "digits" / "again").symlink_to(run)
    assert "digits/again" in keys(get)


SECRETS = ("/a-token/", "/a-token", "/a-token/runs", "/a-token/list.json")

HOSTILE = {
    "no token": {"path": "/"},
    "no path": {"path": ""},
    "another token": {"path": "/a-tokeN/"},
    "the beginning of the token": {"path": "/a-toke/"},
    "a token that is no ASCII": {"path": "/a-tok\udcc3n/"},
    "a token as a query": {"path": "/?token=a-token"},
    "no host": {"host": None},
    "another host": {"host": "example.org"},
    "a host that looks like it": {"host": "localhost.example.org"},
    "a host with a name before it": {"host": "a@localhost"},
    "two hosts": {"host": "localhost,localhost"},
    "the host's address": {"host": "192.168.0.1:8000"},
    "POST": {"method": "POST"},
    "DELETE": {"method": "DELETE"},
    "OPTIONS": {"method": "OPTIONS"},
    "dots": {"path": "/a-token/../../etc/passwd"},
    "dots in the middle": {"path": "/a-token/assets/../../results"},
    "encoded dots": {"path": "/a-token/%2e%2e/%2e%2e/etc/passwd"},
    "encoded slashes": {"path": "/a-token/runs%2fx%2f"},
    "an encoded NUL": {"path": "/a-token/assets/page.css%00"},
    "a backslash": {"path": "/a-token/..\\..\\etc"},
    "an absolute path": {"path": "/a-token//etc/passwd"},
    "a file of the package": {"path": "/a-token/assets/live.js"},
    "no run": {"path": "/a-token/runs/0000000000000000/"},
    "no page of a run": {"path": "/a-token/runs/+/files/../x"},
    "another scheme": {"path": "http://localhost/a-token/"},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_requests_are_refused_and_told_nothing(dashboard, what):
    asked = {"method": "GET", "host": "localhost:80", "path": "/a-token/"}
    answer = dashboard.answer(**asked | HOSTILE[what], query={})
    assert 400 <= answer.status < 500
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert len(answer.body) < 100
    assert b"a-token" not in answer.body


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:1"])
def test_a_tunnel_may_have_any_port(get, host):
    assert get(host=host).status == 200


def test_no_answer_tells_other_sites_anything(get):
    for path in ("", "list.json", "assets/run.js", "nothing"):
        headers = get(path).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
