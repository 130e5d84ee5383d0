"""One real Slurm for all tests in this folder, and where it cannot run a reason why."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock
from jobs import Jobs
from slurm_cluster import REPOSITORY, SlurmCluster

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "munged", "ip", "unshare", "nsenter")
FREEZER = Path("/sys/fs/cgroup/freezer")


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        # The hook is given the tests of other folders as well.
        if here in item.path.parents and "cluster" in item.fixturenames:
            item.add_marker(pytest.mark.slurm)


def hindrance():
    """Say what keeps Slurm from running here, if anything."""
    if os.geteuid() != 0:
        return "Slurm's machines are namespaces, which only root may make"
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    if missing:
        return f"{missing[0]} is not installed"
    if not os.access(FREEZER, os.W_OK):
        return f"{FREEZER} is not writable, by which Slurm finds processes of a job"
    return None


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    reason = hindrance()
    if reason:
        pytest.skip(reason)
    # Slurm names control groups by machines, and ours have the same names every time.
    with FileLock(Path(tempfile.gettempdir()) / "xnas-tests-slurm.lock", 3600):
        running = SlurmCluster(tmp_path_factory.mktemp("slurm"))
        try:
            running.start()
            yield running
        finally:
            running.stop()


@pytest.fixture
def jobs(cluster):
    """Submits jobs, and ends those that a test leaves."""
    submitted = Jobs(cluster, cluster.new_folder())
    yield submitted
    submitted.end()


@pytest.fixture
def checkout(cluster):
    """What a submitted job needs of the repository, in a folder of its own."""
    place = cluster.new_folder()
    for name in ("xnas", "experiments"):
        shutil.copytree(REPOSITORY / name, place / name)
    for name in ("submit_job.sh", "xnas-ray-job.sh", "deephyper_xnas"):
        shutil.copy(REPOSITORY / name, place)
    (place / ".venv").symlink_to(REPOSITORY / ".venv")
    return place
