"""Trained models of a run as versions of a registered model of MLflow."""

import re
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xnas.errors import UsageError
from xnas.exporters.content import Content
from xnas.exporters.to_mlflow import LONGEST, experiment_of, make_client, runs_of
from xnas.final_training.folder import OutputFolder

if TYPE_CHECKING:
    import keras
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature


def check_name(name: str) -> None:
    """Refuse names that MLflow would not take.

    Raises:
        UsageError: it is one.
    """
    if re.fullmatch(r"\w[\w .-]*", name) is None:
        raise UsageError(
            f"--register is {name!r}, expected letters, digits, spaces, dots and dashes"
        )


def trained_models(content: Content) -> Iterator[tuple[int, OutputFolder]]:
    """Find what ``train`` has left: numbers of evaluations, and folders."""
    for path in sorted((content.run.folder.root / "trained").glob("*/model.keras")):
        folder = OutputFolder(path.parent)
        recorded = folder.recorded() or {}
        if folder.is_finished and "evaluation" in recorded:
            yield int(recorded["evaluation"]), folder


def register(content: Content, output: Path | str, name: str) -> list[str]:
    """Register trained models that are not yet, each with its card.

    Args:
        content: of the run, which was exported to the same place before.
        output: as of the export.
        name: of the registered model; each trained network is a version of it.

    Returns:
        What was registered, in words.

    Raises:
        UsageError: there is no trained model.
    """
    found = [*trained_models(content)]
    if not found:
        raise UsageError(
            f"--register: {content.run.folder.root} has no trained model, expected "
            "some that `train` has written"
        )
    client = make_client(output)
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    versions = client.search_model_versions(f"name = '{name}'")
    known = {one.tags.get("xnas.trained") for one in versions}
    runs = runs_of(client, experiment_of(client, content, output), content)
    said = []
    for number, folder in found:
        trained = f"{content.key} {folder.root.name} {folder.metrics.stat().st_mtime}"
        if trained in known:
            continue
        one = runs[number]
        _log_model(client, one.info.run_id, folder)
        made = client.create_model_version(
            name,
            f"{one.info.artifact_uri}/{folder.root.name}",
            one.info.run_id,
            tags={"xnas.trained": trained, **content.marks},
            description=folder.card.read_text()[:LONGEST],
        )
        said.append(f"Registered {folder.root} as version {made.version} of {name}.")
    return said


def _log_model(client: "MlflowClient", run: str, folder: OutputFolder) -> None:
    """Log a model as MLflow keeps those of Keras, and beside it what is known of it."""
    import keras
    import mlflow.keras

    model = keras.saving.load_model(folder.model)
    needed = [f"{name}=={version(name)}" for name in ("tensorflow", "keras")]
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "model"
        signature = _signature(model)
        mlflow.keras.save_model(
            model, str(path), pip_requirements=needed, signature=signature
        )
        client.log_artifacts(run, str(path), folder.root.name)
    for file in (folder.card, folder.metrics):
        client.log_artifact(run, str(file), folder.root.name)


def _signature(model: "keras.Model") -> "ModelSignature":
    import numpy as np
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    several = len(model.inputs) > 1

    def spec(tensor: Any, name: str | None) -> TensorSpec:
        return TensorSpec(np.dtype(tensor.dtype), (-1, *tensor.shape[1:]), name)

    return ModelSignature(
        Schema([spec(one, one.name if several else None) for one in model.inputs]),
        Schema([spec(one, None) for one in model.outputs[:1]]),
    )
