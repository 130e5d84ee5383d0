"""``xnas.export``: what ``./deephyper_xnas export`` does."""

import os
from pathlib import Path

from xnas.errors import UsageError, is_disk_full
from xnas.exporters import exporter
from xnas.exporters.content import content_of
from xnas.face.quiet import load_tensorflow
from xnas.results import Run, load


def export(
    run: Run | str | Path,
    to: str,
    output: str | Path | None = None,
    *,
    register: str | None = None,
) -> list[str]:
    """Export a run, as ``./deephyper_xnas export`` does.

    What was exported before is not exported again.

    Args:
        run: the run, or its folder.
        to: ``csv``, ``json``, ``mlflow`` or ``tensorboard``.
        output: folder to write to, ``RUN_DIR/exported/<to>`` by default; of MLflow also
            the address of a server or database, by default that of
            ``MLFLOW_TRACKING_URI`` if it is set.
        register: name of a registered model of MLflow, of which what ``train`` has left
            becomes versions.

    Returns:
        Where it is, or the command that shows it; then what was registered.

    Raises:
        UsageError: a package is missing, or it cannot be written.
    """
    found = exporter(to)
    if register is not None and to != "mlflow":
        raise UsageError(f"--register is given, but --to is {to}, expected mlflow")
    run = run if isinstance(run, Run) else load(run)
    where = _where(run, to, output)
    if to == "tensorboard" or register is not None:
        load_tensorflow()  # which both load by themselves, but not quietly
    content = content_of(run)
    try:
        if isinstance(where, Path):
            where.mkdir(parents=True, exist_ok=True)
        said = [found.export(content, where)]
    except OSError as error:
        if is_disk_full(error):
            raise
        raise UsageError(f"--output: {where} cannot be written: {error}") from error
    if register is not None:
        from xnas.exporters.registering import register as register_models

        said += register_models(content, where, register)
    return said


def _where(run: Run, to: str, output: str | Path | None) -> Path | str:
    """Return the folder, or an address of MLflow's."""
    if to == "mlflow":
        output = output or os.environ.get("MLFLOW_TRACKING_URI")
        if isinstance(output, str) and (":/" in output or output == "databricks"):
            return output
    elif isinstance(output, str) and "://" in output:
        raise UsageError(f"--output is {output}, expected a folder for --to {to}")
    return Path(output or run.folder.root / "exported" / to)
