"""Writes a run folder while a search goes on: the only place that does."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xnas.errors import UsageError
from xnas.records import Candidate, Evaluation
from xnas.results.confirmations import Confirmations
from xnas.results.folder import RunFolder, write_json
from xnas.results.networks import dominates, efficient_ids, front_of
from xnas.results.table import Columns, ResultsTable, read_table

if TYPE_CHECKING:
    import pandas as pd


class Recorder:
    """What a run has come to, in memory and on the disk.

    Args:
        root: the run folder; made by :meth:`claim`, not before.
        columns: of a new table.

    Attributes:
        evaluations: all of them, in the order of their rows.
        n_before: how many of them an earlier process had written.
        infos: what ``init_infos.json`` holds; nothing before :meth:`begin`.
    """

    def __init__(self, root: str | Path, columns: Columns) -> None:
        self.folder = RunFolder(root)
        self.columns = columns
        self.evaluations: list[Evaluation] = []
        self.n_before = 0
        self.infos: Mapping[str, Any] = {}
        self._table: ResultsTable | None = None
        self._front: list[Evaluation] = []

    @property
    def confirmations(self) -> Confirmations:
        """Numbers of trainings that no search asked for."""
        return Confirmations.of_run(self.infos)

    @property
    def n_searched(self) -> int:
        """How many evaluations the search asked for."""
        return len(self.confirmations.searched(self.evaluations))

    def take_over(self) -> list[dict[str, Any]]:
        """Begin with what a run left, mending what a kill left half-written.

        Needs the folder's lock.

        Returns:
            One dictionary an evaluation that was handed out, see :meth:`start`.

        Raises:
            UsageError: a file of the folder was changed by something else.
        """
        self.folder.remove_drafts()
        table = read_table(self.folder.results, mend=True)
        if table.columns is not None:
            self._check_same(table.columns)
            self.columns = table.columns
        self.evaluations = table.evaluations
        self.n_before = len(self.evaluations)
        self._keep_activations_of_fronts()
        return self.folder.mended_started()

    def _check_same(self, found: Columns) -> None:
        for wanted, there in (
            (self.columns.variables, found.variables),
            (self.columns.objectives, found.objectives),
        ):
            if wanted != there:
                raise UsageError(
                    f"{self.folder.results} has the columns {','.join(there)[:60]!r}, "
                    f"expected {','.join(wanted)[:60]!r} as those of this search"
                )

    def begin(self, infos: Mapping[str, Any]) -> None:
        """Write ``init_infos.json``, and the table's header if it has none.

        Args:
            infos: all of the file.
        """
        self.infos = infos
        write_json(self.folder.init_infos, infos)
        if self._table is None:
            self._table = ResultsTable(self.folder.results, self.columns)

    def start(
        self,
        candidates: Sequence[Candidate],
        after_rows: int,
        time: float,
        forms: Mapping[int, Hashable],
    ) -> None:
        """Record candidates about to be handed out.

        Args:
            candidates: any number.
            after_rows: how many evaluations the search had been told of.
            time: Unix time in seconds.
            forms: of the networks, by id; digests are kept, to spare a resumed run of
                thousands the time to work them out again.
        """
        self.folder.append_started(
            [
                {
                    "id": one.id,
                    "arch_seq": one.genotype,
                    "generation": one.generation,
                    "parent_ids": one.parent_ids,
                    **({"replicate": one.replicate} if one.replicate else {}),
                    "after_rows": after_rows,
                    "time": time,
                    **_form(forms[one.id]),
                }
                for one in candidates
            ]
        )

    def record(self, evaluations: Sequence[Evaluation]) -> None:
        """Write rows; they are on the disk when this returns.

        Args:
            evaluations: that ended together.
        """
        if self._table is None:
            raise ValueError("nothing can be recorded before begin()")
        # First: an interrupt that comes while they are written must not lose them.
        self.evaluations.extend(evaluations)
        self._table.append(evaluations)
        for one in evaluations:
            self._prune_activations(one)

    def conclude(self) -> "pd.DataFrame":
        """Write the final table, with the front flagged.

        Returns:
            Its rows.
        """
        import pandas as pd

        table = self._table or ResultsTable(self.folder.results, self.columns)
        rows = table.finish(self.evaluations, efficient_ids(self.evaluations))
        self._table = None
        return pd.DataFrame(rows, columns=list(self.columns.header))

    def _prune_activations(self, one: Evaluation) -> None:
        """Delete activations of what is dominated within its own generation.

        Only those of a network's first training are looked at.
        """
        if one.replicate:
            self.folder.activations(one.id).unlink(missing_ok=True)
            return
        rivals = [other for other in self._front if other.generation == one.generation]
        # One by one, since each evaluation waits for this.
        is_beaten = one.objectives is None or any(dominates(r, one) for r in rivals)
        losers = [one] if is_beaten else [r for r in rivals if dominates(one, r)]
        for loser in losers:
            self.folder.activations(loser.id).unlink(missing_ok=True)
        self._front = [r for r in [*rivals, one] if r not in losers]

    def _keep_activations_of_fronts(self) -> None:
        """Do for earlier evaluations what a kill may have come before."""
        generations: dict[int | None, list[Evaluation]] = {}
        for one in self.evaluations:
            if not one.replicate:
                generations.setdefault(one.generation, []).append(one)
        kept: set[int] = set()
        for members in generations.values():
            self._front = front_of(members)
            kept.update(one.id for one in self._front)
        for number in self.folder.stored_activations() - kept:
            self.folder.activations(number).unlink(missing_ok=True)


def _form(form: Hashable) -> dict[str, str]:
    return {"form": form.hex()} if isinstance(form, bytes) else {}
