"""What the dashboard answers: a pure function of a request and of the run folders."""

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import PackageLoader
from markupsafe import Markup

import xnas
from xnas.dashboard.reading import Reader
from xnas.errors import XNASError
from xnas.report.comparison import Comparison, compare
from xnas.report.data import RunReport
from xnas.report.page import (
    SCRIPTS,
    TEMPLATES,
    asset,
    json_for_script,
    make_body,
    page_content,
    page_title,
    plotly,
    scripts,
)
from xnas.report.words import moment
from xnas.report.writing import figures, tables
from xnas.results.status import best_words, done_words, state_words
from xnas.results.summary import Summary

HOST = re.compile(r"(localhost|127\.0\.0\.1)(:[0-9]{1,5})?", re.ASCII)
"""Names of this machine; a tunnel may have any port at its other end."""

PATH = re.compile(r"[A-Za-z0-9_.+/-]+", re.ASCII)
"""Nothing that is served needs any other character, encoded or not."""

MOST_COMPARED = 8

HEADERS = {
    "Cache-Control": "no-store",
    # WebGL plots compile functions, and all plots set styles.
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer. The address holds the token: no other site is told of it."""

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


_TEMPLATES = TEMPLATES.overlay(loader=PackageLoader("xnas.dashboard"))


@dataclass(frozen=True)
class Answer:
    """An answer in HTTP's terms."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """A request that is not answered, with its status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Dashboard:
    """Answers requests about the runs of a folder.

    Args:
        results: the folder.
        token: first part of every path.
    """

    def __init__(self, results: Path, token: str) -> None:
        self.reader = Reader(results)
        self._token = token

    def answer(
        self, method: str, host: str | None, path: str, query: Mapping[str, str]
    ) -> Answer:
        """Answer a request.

        Args:
            method: of HTTP.
            host: its header.
            path: as it came, not decoded.
            query: decoded.
        """
        try:
            self._check(method, host, path)
            parts = path.split("/")[2:]
            name, content = self._content(parts, query)
        except RefusedError as error:
            return _answer(error.status, ".txt", f"{error}\n".encode())
        except XNASError as error:
            return _answer(404, ".txt", f"{error}\n".encode(errors="replace"))
        return _answer(200, name, content)

    def _check(self, method: str, host: str | None, path: str) -> None:
        if HOST.fullmatch(host or "") is None:
            raise RefusedError(421, "expected localhost or 127.0.0.1 as the host")
        first = path.removeprefix("/").partition("/")[0]
        if not secrets.compare_digest(
            first.encode(errors="replace"), self._token.encode()
        ):
            raise RefusedError(403, "expected the address that the dashboard printed")
        if method not in ("GET", "HEAD"):
            raise RefusedError(405, "this only shows: expected GET or HEAD")
        if PATH.fullmatch(path) is None or {".", ".."} & set(path.split("/")):
            raise RefusedError(400, "no address here has such characters")

    def _content(
        self, parts: Sequence[str], query: Mapping[str, str]
    ) -> tuple[str, bytes]:
        """Return a suffix that tells the type, and the content."""
        match parts:
            case [""]:
                return ".html", self._list_page()
            case ["list.json"]:
                text = _TEMPLATES.get_template("rows.html.j2").render(rows=self._rows())
                return ".json", _json({"html": text})
            case ["assets", name] if name in ASSETS:
                return Path(name).suffix, _asset(name)
            case ["runs", keys, *rest]:
                return self._run(self._keys(keys), rest, query)
        raise RefusedError(404, "there is no such page")

    def _keys(self, joined: str) -> list[str]:
        runs = self.reader.runs()
        keys = joined.split("+")
        if len(set(keys)) < len(keys) or not set(keys) <= runs.keys():
            raise RefusedError(404, "there is no such run")
        if len(keys) > MOST_COMPARED:
            raise RefusedError(400, f"at most {MOST_COMPARED} runs can be compared")
        return keys

    def _run(
        self, keys: Sequence[str], rest: Sequence[str], query: Mapping[str, str]
    ) -> tuple[str, bytes]:
        if rest not in ([""], ["data.json"]) and not (
            len(rest) == 2 and rest[0] == "files"
        ):
            raise RefusedError(404, "there is no such page")
        summaries = [self.reader.summary(key) for key in keys]
        found = [
            self.reader.report(*pair) for pair in zip(keys, summaries, strict=True)
        ]
        reports = [report for report, _ in found]
        versions = map(self.reader.version, keys, summaries)
        version = "-".join(versions)
        comparison = (
            compare(reports, [run.infos for _, run in found])
            if len(found) > 1
            else None
        )
        if rest[0] == "files":
            return _file(rest[1], reports, comparison)
        status = [self._words(*pair) for pair in zip(keys, summaries, strict=True)]
        if rest == [""]:
            return ".html", self._page(reports, comparison, version, status)
        content: dict[str, Any] = {"version": version, "status": status}
        if query.get("since") != version:
            content["html"] = make_body(reports, comparison, "files")
            content["data"] = page_content(reports, comparison)
        return ".json", _json(content)

    def _page(
        self,
        reports: Sequence[RunReport],
        comparison: Comparison | None,
        version: str,
        status: list[dict[str, Any]],
    ) -> bytes:
        text = _TEMPLATES.get_template("run.html.j2").render(
            title=page_title(reports),
            body=Markup(make_body(reports, comparison, "files")),
            data=Markup(json_for_script(page_content(reports, comparison))),
            version=version,
            status=status,
            xnas=xnas.__version__,
        )
        return text.encode(errors="replace")

    def _list_page(self) -> bytes:
        text = _TEMPLATES.get_template("list.html.j2").render(
            results=str(self.reader.root),
            rows=self._rows(),
            most=MOST_COMPARED,
            xnas=xnas.__version__,
        )
        return text.encode(errors="replace")

    def _rows(self) -> list[dict[str, Any]]:
        rows = []
        for key in self.reader.runs():
            try:
                words = self._words(key, self.reader.summary(key))
            except XNASError as error:
                words = {"key": key, "name": self.reader.name(key), "fault": str(error)}
            rows.append(words)
        return rows

    def _words(self, key: str, summary: Summary) -> dict[str, Any]:
        """Say in a line what a run has come to."""
        beat = summary.heartbeat
        total = summary.max_evals
        searched = summary.done - summary.confirmed
        return {
            "key": key,
            "name": self.reader.name(key),
            "fault": None,
            "is_alive": summary.state.is_alive,
            "state": state_words(summary),
            "done": done_words(summary).partition(" (")[0],
            "part": None if not total else min(searched / total, 1.0),
            "best": list(best_words(summary)),
            "front": summary.front_size,
            "heartbeat": None if beat is None else moment(beat.time),
        }


_own = partial(asset, package="xnas.dashboard")

ASSETS: Mapping[str, Callable[[], str]] = {
    "page.css": lambda: asset("report.css") + _own("dashboard.css"),
    "plotly.js": plotly,
    # What follows a search keeps the page as it came, before anything fills it.
    "run.js": lambda: _own("live.js") + scripts(SCRIPTS) + _own("run.js"),
    "list.js": lambda: _own("live.js") + _own("list.js"),
}


@cache
def _asset(name: str) -> bytes:
    return ASSETS[name]().encode()


def _json(content: Any) -> bytes:
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def _file(
    name: str, reports: Sequence[RunReport], comparison: Comparison | None
) -> tuple[str, bytes]:
    """Make one of the tables and figures that a page offers."""
    make = tables if name.endswith(".csv") else figures
    for found, content in make(reports, comparison):
        if found == name:
            return Path(name).suffix, content
    raise RefusedError(404, "there is no such file")


def _answer(status: int, suffix: str, content: bytes) -> Answer:
    return Answer(status, content, {**HEADERS, "Content-Type": TYPES[suffix]})
