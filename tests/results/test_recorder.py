"""What a run folder holds, whatever comes in between."""

import pytest

from xnas.records import Evaluation
from xnas.results import Columns, Recorder, ResultsTable, read_table


def test_an_interrupt_while_a_row_is_written_does_not_lose_it(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path / "run", Columns.of_run(["a"], 1))
    recorder.folder.claim()
    recorder.begin({})
    append = ResultsTable.append

    def interrupted(table, evaluations):
        append(table, evaluations)
        raise KeyboardInterrupt

    monkeypatch.setattr(ResultsTable, "append", interrupted)
    with pytest.raises(KeyboardInterrupt):
        recorder.record([Evaluation(0, (1,), objectives=(0.5,))])
    recorder.conclude()
    recorder.folder.release()
    assert [one.id for one in read_table(recorder.folder.results).evaluations] == [0]
