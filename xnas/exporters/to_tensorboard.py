"""Event files of TensorBoard, one folder an evaluation and one for the search."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from xnas.errors import UsageError
from xnas.exporters.content import Content, Row
from xnas.names import keras_name, path_argument
from xnas.results.folder import write_json

NEEDED = ("tensorboard",)


def export(content: Content, output: Path) -> str:
    """Write evaluations that have no folder yet, and how the search went on.

    Args:
        content: of the run.
        output: the folder to write to; the run gets one of its own in it, so that one
            TensorBoard can show several.

    Returns:
        The command that shows it.

    Raises:
        UsageError: another run of the same name was exported there.
    """
    root = output / keras_name(content.name.replace(" ", "-"))
    networks = root / "networks"
    networks.mkdir(parents=True, exist_ok=True)
    _write_search(content, root / "search")
    draft = output.parent / f".{output.name}.part"
    for row in content.rows:
        folder = networks / str(row.id)
        if not folder.exists():
            shutil.rmtree(draft, ignore_errors=True)
            _write_evaluation(content, row, draft)
            os.replace(draft, folder)
    return f"tensorboard --logdir {path_argument(str(output))}"


@contextmanager
def _writer(folder: Path) -> Iterator[Any]:
    """Yield what writes a summary, as of a step and a Unix time in seconds."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    with closing(EventFileWriter(str(folder))) as file:

        def write(summary: Any, step: int = 0, time: float | None = None) -> None:
            event = Event(wall_time=time or 0.0, step=step)
            # Some are of a class of the same name out of TensorFlow.
            event.summary.ParseFromString(summary.SerializeToString())
            file.add_event(event)

        yield write


def _write_evaluation(content: Content, row: Row, folder: Path) -> None:
    from tensorboard.plugins.hparams import api_pb2
    from tensorboard.plugins.hparams import summary as hparams
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb

    marks = dict.fromkeys(content.marks, True)
    chosen = {f"node {name}": text for name, text in row.operations.items()}
    failed = row.failure is not None
    status = api_pb2.STATUS_FAILURE if failed else api_pb2.STATUS_SUCCESS
    with _writer(folder) as write:
        started = hparams.session_start_pb(
            {**chosen, **marks},
            group_name=f"{content.name} {row.facts['arch_seq']}",
            start_time_secs=row.started or 0.0,
        )
        write(started, 0, row.started)
        write(_text("facts", [*row.facts.items(), ("failure", row.failure)]), 0)
        for name, value in row.metrics.items():
            write(scalar_pb(name, value), 0, row.ended)
        for name, values in content.run.history(row.id).items():
            for epoch, value in enumerate(values):
                write(scalar_pb(f"history/{name}", value), epoch, row.ended)
        write(hparams.session_end_pb(status, row.ended or 0.0), 0, row.ended)


def _write_search(content: Content, folder: Path) -> None:
    """Write steps that came since the last time, and the front of now."""
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb

    state = folder / "exported.json"
    before = json.loads(state.read_text()) if state.exists() else None
    if before is not None and before["run"] != content.key:
        raise UsageError(
            f"{folder.parent} holds another run of the same name, expected "
            "another --output"
        )
    n_before, n_now = (before or {}).get("evaluations", 0), len(content.rows)
    if before is not None and n_before == n_now:
        return
    with _writer(folder) as write:
        if before is None:
            stated = {**content.marks, **content.settings}
            write(_text("settings", stated.items()))
        front = [(str(row.id), row.metrics) for row in content.rows if row.front]
        write(_text("front", front), n_now)
        for one in content.series():
            points = zip(one.steps, one.values, one.times, strict=True)
            for step, value, time in points:
                if step > n_before:
                    write(scalar_pb(one.name, value), step, time)
    write_json(state, {"run": content.key, "evaluations": n_now})


def _text(tag: str, pairs: Any) -> Any:
    """Make a summary of a table of names and values, as indented text."""
    from tensorboard.plugins.text.summary_v2 import text_pb

    # Indented, Markdown shows it as it is.
    lines = (f"    {name}: {value}".replace("\n", " ") for name, value in pairs)
    return text_pb(tag, "\n".join(lines).encode(errors="replace").decode())
