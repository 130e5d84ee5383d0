"""Nodes of a Ray cluster that are lost while they evaluate: real nodes, one machine."""

import gc
import time

import pytest
import run_functions
from ray.cluster_utils import Cluster

from xnas.errors import NoWorkersError
from xnas.nas_deephyper.evaluator import base, create_evaluator, local, ray_cluster
from xnas.workers.ray_worker import ray

# Ray leaves sockets of its own open when nodes are started from Python.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def cluster():
    made = Cluster(head_node_args={"num_cpus": 0}, initialize_head=True)
    yield made
    ray.shutdown()
    made.shutdown()
    gc.collect()


def add_node(cluster):
    return cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20)


@pytest.fixture
def make(cluster):
    made = []

    def create(run, num_workers):
        for _ in range(600):
            if sum(node["Alive"] for node in ray_cluster.ray.nodes()) > num_workers:
                break
            time.sleep(0.1)
        made.append(create_evaluator("ray", run, num_workers=num_workers))
        return made[-1]

    ray_cluster.join_or_start(cluster.address, 0, 0)
    yield create
    for evaluator in made:
        evaluator.close()


def lose(cluster, node):
    # At once, as a machine whose power goes.
    cluster.remove_node(node, allow_graceful=False)


def wait_until(evaluator, happened):
    deadline = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < deadline
        evaluator.loop.run_until_complete(base.asyncio.sleep(0.1))


def wait_until_running(evaluator, count):
    wait_until(evaluator, lambda: len(evaluator.running()) == count)


def test_what_a_lost_node_evaluated_is_evaluated_elsewhere(cluster, make):
    nodes = [add_node(cluster) for _ in range(2)]
    evaluator = make(run_functions.sleeps, 2)
    # Both must have started, else the first may have ended before the second begins.
    evaluator.submit([{"x": 0}])
    evaluator.gather("ALL")
    wait_until(evaluator, lambda: evaluator.num_ready == 2)
    evaluator.submit([{"x": 4}, {"x": 4.5}])
    wait_until_running(evaluator, 2)
    lose(cluster, nodes[0])
    jobs = evaluator.gather("ALL")
    assert sorted(job.objective[0] for job in jobs) == [4, 4.5]
    assert evaluator.num_ready == 1
    # The other node goes on alone.
    evaluator.submit([{"x": 0.1}, {"x": 0.2}])
    assert len(evaluator.gather("ALL")) == 2


def test_a_node_that_comes_later_takes_the_place_of_a_lost_one(cluster, make):
    node = add_node(cluster)
    evaluator = make(run_functions.sleeps, 1)
    evaluator.submit([{"x": 3}])
    wait_until_running(evaluator, 1)
    lose(cluster, node)
    add_node(cluster)
    assert evaluator.gather("ALL")[0].objective[0] == 3


def test_without_any_worker_the_search_ends_with_the_reason(cluster, make, monkeypatch):
    node = add_node(cluster)
    evaluator = make(run_functions.sleeps, 1)
    evaluator.submit([{"x": 300}])
    wait_until_running(evaluator, 1)
    monkeypatch.setattr(base, "SECONDS_WITHOUT_WORKERS", 3.0)
    lose(cluster, node)
    with pytest.raises(NoWorkersError, match="no worker could be started"):
        evaluator.gather("ALL")


class StartsAtTheThirdAttempt(local.LocalHandle):
    attempts = 0

    async def start(self):
        type(self).attempts += 1
        if self.attempts < 3:
            raise base.WorkerLost("its node went", with_node=True)


def test_a_worker_that_cannot_start_is_tried_again(monkeypatch):
    # Local workers never fail to start: stands for an actor whose node goes meanwhile.
    monkeypatch.setattr(local, "LocalHandle", StartsAtTheThirdAttempt)
    monkeypatch.setattr(base, "SECONDS_BETWEEN_STARTS", 0.1)
    evaluator = create_evaluator("serial", run_functions.good)
    try:
        evaluator.submit([{"x": 1}])
        assert evaluator.gather("ALL")[0].objective[0] == 1
    finally:
        evaluator.close()
    assert StartsAtTheThirdAttempt.attempts == 3
