"""An experiment of MLflow: a run for the search, and below it one an evaluation."""

import logging
import os
import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xnas.errors import UsageError, one_line
from xnas.exporters.content import Content, Row
from xnas.names import fit_text, keras_name, path_argument
from xnas.results.state import State

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Run

NEEDED = ("mlflow", "sqlalchemy", "alembic")

LONGEST = 5_000
"""Characters of a value; MLflow takes 6,000 of a parameter, some stores fewer."""

MOST = 1_000, 100
"""Metrics, and parameters or tags, that MLflow takes at once."""

STATUS = {
    State.FINISHED: "FINISHED",
    State.FAILED: "FAILED",
    State.DIED: "FAILED",
}
"""Of a search that is at work no more; any other was ended."""


def export(content: Content, output: Path | str) -> str:
    """Log what is new.

    Args:
        content: of the run.
        output: a folder, or the address of a tracking server or database.

    Returns:
        The command that shows it, or the address.

    Raises:
        UsageError: MLflow takes nothing there.
    """
    from mlflow.exceptions import MlflowException

    try:
        client = make_client(output)
        _log(client, content, output)
    except (MlflowException, OSError) as error:
        reason = one_line(error)[:300]
        raise UsageError(f"--output: {output}: MLflow says: {reason}") from error
    if isinstance(output, str):
        return output
    shown = f"mlflow ui --backend-store-uri {path_argument(_database(output))}"
    if find_spec("flask") is None:
        # The small distribution of MLflow has no pages.
        shown += "  (after pip install mlflow)"
    return shown


def make_client(output: Path | str) -> "MlflowClient":
    """Reach a server or database, or the one in a folder."""
    # Whom results concern, their owner says.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    from mlflow import MlflowClient

    for name in ("alembic", "mlflow.store"):
        logging.getLogger(name).setLevel(logging.WARNING)
    uri = output if isinstance(output, str) else _database(output)
    return MlflowClient(uri, uri)


def _database(folder: Path) -> str:
    return f"sqlite:///{folder.absolute() / 'mlflow.db'}"


def experiment_of(client: "MlflowClient", content: Content, output: Path | str) -> str:
    """Find or make the experiment of a task; return its id."""
    name = f"xnas {content.summary.task or 'run'}"
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    files = None if isinstance(output, str) else (output / "artifacts").absolute()
    return str(client.create_experiment(name, files and files.as_uri()))


def runs_of(
    client: "MlflowClient", experiment: str, content: Content
) -> "dict[int, Run]":
    """Find what was logged of a run before: by number of the evaluation, -1 of all."""
    wanted = f"tags.`xnas.run` = '{_quoted(content.key)}'"
    found: dict[int, Run] = {}
    token = None
    while True:
        page = client.search_runs([experiment], wanted, page_token=token)
        found |= {int(one.data.tags["xnas.id"]): one for one in page}
        token = page.token
        if not token:
            return found


def _quoted(text: str) -> str:
    return re.sub(r"[^\w .:+-]", "_", text)


def _log(client: "MlflowClient", content: Content, output: Path | str) -> None:
    experiment = experiment_of(client, content, output)
    before = runs_of(client, experiment, content)
    key = {"xnas.run": _quoted(content.key)}
    if -1 not in before:
        tags = {**key, "xnas.id": "-1", **content.marks}
        before[-1] = client.create_run(experiment, run_name=content.name, tags=tags)
    whole = before[-1].info.run_id
    for row in content.rows:
        one = before.get(row.id)
        if one is None or one.info.status == "RUNNING":
            parent = {**key, "mlflow.parentRunId": whole}
            _log_evaluation(client, experiment, content, row, one, parent)
        elif one.data.tags.get("xnas.front") != str(row.front):
            client.set_tag(one.info.run_id, "xnas.front", str(row.front))
    # Parameters stay as they were logged first.
    known = before[-1].data.params
    new = {k: v for k, v in content.settings.items() if _name(k) not in known}
    _log_search(client, content, whole, new)


def _log_search(
    client: "MlflowClient", content: Content, whole: str, settings: Mapping[str, str]
) -> None:
    metrics = []
    for one in content.series():
        name = _name(one.name)
        known = client.get_metric_history(whole, name)
        last = max((metric.step for metric in known), default=0)
        points = zip(one.steps, one.values, one.times, strict=True)
        metrics += [_metric(name, v, t, step) for step, v, t in points if step > last]
    _log_all(client, whole, metrics, settings, {})
    state = content.summary.state
    client.update_run(whole, "RUNNING")
    if not state.is_alive:
        client.set_terminated(whole, STATUS.get(state, "KILLED"))


def _log_evaluation(
    client: "MlflowClient",
    experiment: str,
    content: Content,
    row: Row,
    begun: Any,
    parent: Mapping[str, str],
) -> None:
    """Log an evaluation; one that was begun is not ended, and goes on."""
    if begun is None:
        started = None if row.started is None else int(row.started * 1000)
        own = {**parent, "xnas.id": str(row.id)}
        name = f"evaluation {row.id}"
        begun = client.create_run(experiment, started, own, name)
    metrics = [_metric(name, one, row.ended, 0) for name, one in row.metrics.items()]
    for name, values in content.run.history(row.id).items():
        for epoch, value in enumerate(values):
            metrics.append(_metric(f"history/{name}", value, row.ended, epoch))
    facts = {k: v for k, v in row.facts.items() if v is not None}
    tags: dict[str, Any] = {**facts, **content.marks, "xnas.front": row.front}
    if row.failure is not None:
        tags["failure"] = row.failure
    _log_all(client, begun.info.run_id, metrics, row.operations, tags)
    status = "FINISHED" if row.failure is None else "FAILED"
    ended = None if row.ended is None else int(row.ended * 1000)
    client.set_terminated(begun.info.run_id, status, ended)


def _log_all(
    client: "MlflowClient",
    run: str,
    metrics: "list[Metric]",
    params: Mapping[str, Any],
    tags: Mapping[str, Any],
) -> None:
    """Log in as many pieces as MLflow takes."""
    from mlflow.entities import Param, RunTag

    most_metrics, most = MOST
    for piece in _pieces(metrics, most_metrics):
        client.log_batch(run, metrics=piece)
    for piece in _pieces([Param(_name(k), _value(v)) for k, v in params.items()], most):
        client.log_batch(run, params=piece)
    for piece in _pieces([RunTag(_name(k), _value(v)) for k, v in tags.items()], most):
        client.log_batch(run, tags=piece)


def _pieces(values: list, most: int) -> Iterable[list]:
    return (values[i : i + most] for i in range(0, len(values), most))


def _metric(name: str, value: float, time: float | None, step: int) -> "Metric":
    from mlflow.entities import Metric

    return Metric(_name(name), float(value), int((time or 0) * 1000), step)


def _name(name: str) -> str:
    """Return a name that MLflow takes."""
    if re.fullmatch(r"\w[\w .:-]*(/\w[\w .:-]*)?", name, re.ASCII):
        return name
    return keras_name(name).replace(">", "_").strip(".")


def _value(value: Any) -> str:
    text = fit_text(str(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
