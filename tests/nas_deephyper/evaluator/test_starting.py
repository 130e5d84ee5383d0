"""Workers start in the end, whatever happens meanwhile."""

import asyncio
import concurrent.futures
import socket
from types import SimpleNamespace

import pytest

from xnas.errors import NoWorkersError
from xnas.nas_deephyper.evaluator import base, ray_cluster


class Stubborn(base.WorkerHandle):
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
        def _make_handle(self, number):
            return Stubborn(errors)

    evaluator = Evaluator(print, num_workers=1)

    async def start():
        evaluator._start_workers()
        return await asyncio.wait_for(evaluator._free_worker(), 10)

    assert asyncio.run(start()) == 0
    assert errors == []
    assert "nobody expects" in caplog.text


def test_a_lost_head_of_ray_ends_the_waiting(monkeypatch):
    class Actor:
        class evaluate:  # noqa: N801
            @staticmethod
            def remote(task, timeout):
                return SimpleNamespace(future=concurrent.futures.Future)

    monkeypatch.setattr(ray_cluster, "SECONDS_BETWEEN_LOOKS", 0.01)
    monkeypatch.setattr(ray_cluster, "_head_answers", lambda: False)
    handle = ray_cluster.RayHandle(Actor)
    with pytest.raises(NoWorkersError, match="head does not answer"):
        asyncio.run(asyncio.wait_for(handle.evaluate(None, None), 10))
    handle.stop()  # without waiting for it


def test_a_lost_head_of_ray_ends_evaluations_too_short_to_wait_for(monkeypatch):
    class Actor:
        class evaluate:  # noqa: N801
            @staticmethod
            def remote(task, timeout):
                future = concurrent.futures.Future()
                future.set_result("an evaluation")
                return SimpleNamespace(future=lambda: future)

    answers = [True, False]
    monkeypatch.setattr(ray_cluster, "SECONDS_BETWEEN_LOOKS", 3600)
    monkeypatch.setattr(ray_cluster, "_head_answers", lambda: answers.pop(0))
    handle = ray_cluster.RayHandle(Actor)
    monkeypatch.setattr(ray_cluster.RayHandle, "looked", -3601.0)
    for _ in range(3):  # one look an hour
        assert asyncio.run(handle.evaluate(None, None)) == "an evaluation"
    monkeypatch.setattr(ray_cluster.RayHandle, "looked", -3601.0)
    with pytest.raises(NoWorkersError, match="head does not answer"):
        asyncio.run(handle.evaluate(None, None))


def test_a_head_that_is_gone_is_asked_once(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        context = SimpleNamespace(gcs_address=address)
        monkeypatch.setattr(ray_cluster.ray, "get_runtime_context", lambda: context)
        assert ray_cluster._head_answers()
    assert not ray_cluster._head_answers()
    assert address in ray_cluster.LOST_HEADS
    ray_cluster.LOST_HEADS.clear()
