"""The files of one evaluation in the run folder, as the worker writes them."""

from typing import TYPE_CHECKING

from xnas.evaluation.settings import RunSettings
from xnas.records import Genotype
from xnas.results import RunFolder, write_activations, write_gram, write_json

if TYPE_CHECKING:
    from xnas.evaluation.network import TrainedNetwork


class EvaluationFiles:
    """Writes what is kept of an evaluation; nothing without a run folder.

    Args:
        settings: of the run.
        number: of the evaluation.
    """

    def __init__(self, settings: RunSettings, number: int) -> None:
        self._folder = RunFolder(settings.log_dir) if settings.log_dir else None
        self._settings = settings
        self._number = number

    def begin(self, genotype: Genotype, seed: int) -> None:
        """Write what is to be evaluated.

        Args:
            genotype: one choice a variable node.
            seed: of the evaluation.
        """
        if self._folder:
            known = {"id": self._number, "arch_seq": genotype, "seed": seed}
            path = self._folder.config(self._number)
            write_json(path, {**known, **self._settings.to_json()})

    def write_history(self, network: "TrainedNetwork") -> None:
        """Write how training went."""
        if self._folder:
            write_json(self._folder.history(self._number), network.history)

    def write_activations(self, network: "TrainedNetwork") -> None:
        """Write class activations and their inner products, if they were needed."""
        found = network.collected.get(("valid", self._settings.group_by))
        if self._folder is None or found is None:
            return
        write_gram(
            self._folder.gram(self._number),
            gram=found.gram(),
            classes=found.classes,
            counts=found.counts,
            layer_names=found.layer_names,
            layer_sizes=found.layer_sizes,
        )
        write_activations(
            self._folder.activations(self._number),
            means=found.means(),
            classes=found.classes,
            layer_names=found.layer_names,
            layer_sizes=found.layer_sizes,
        )
