"""Workers start in the end, whatever happens meanwhile."""

import asyncio

from xnas.nas_deephyper.evaluator import base


class Stubborn(base.Slot):
    """Fails to start as often as there are errors left."""

    def __init__(self, errors):
        self.errors = errors

    async def start(self):
        if self.errors:
            raise self.errors.pop()

    async def evaluate(self, task, timeout):
        raise NotImplementedError

    def stop(self):
        pass


def test_a_worker_outlives_what_nobody_expects_while_it_starts(monkeypatch, caplog):
    monkeypatch.setattr(base, "SECONDS_BETWEEN_STARTS", 0)
    errors = [base.WorkerLost("gone", with_node=True), RuntimeError("nobody expects")]

    class Evaluator(base.XNASEvaluator):
        def _make_slot(self, number):
            return Stubborn(errors)

    evaluator = Evaluator(print, num_workers=1)

    async def start():
        evaluator._start_workers()
        return await asyncio.wait_for(evaluator._free_worker(), 10)

    assert asyncio.run(start()) == 0
    assert errors == []
    assert "nobody expects" in caplog.text
