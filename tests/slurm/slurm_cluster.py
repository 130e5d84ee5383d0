"""A real Slurm of three machines out of namespaces, for as long as the tests run."""

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from machines import Machine, remove_control_groups, wait_until

REPOSITORY = Path(__file__).parents[2]
NETWORK = "10.213.7"
CPUS = 2
SMALL_DISK = "small-disk"
GPUS = ("/dev/null", "/dev/zero")
"""Devices that pass for GPUs of the last machine, for as long as nobody computes."""


def configuration(base: Path, names: list[str]) -> str:
    """Return the text of slurm.conf.

    Args:
        base: folder of the cluster.
        names: of the machines that run jobs.
    """
    nodes = ""
    for number, name in enumerate(names):
        gpus = f"Gres=gpu:{len(GPUS)}" if name == names[-1] else ""
        nodes += (
            f"NodeName={name} NodeAddr={NETWORK}.{11 + number} Port=17000 "
            f"CPUs={CPUS} RealMemory=8000 {gpus}\n"
        )
    return f"""\
ClusterName=tests
SlurmctldHost=control({NETWORK}.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# A requeued job waits until its credential has expired.
AuthInfo=socket={base}/munge/socket,cred_expire=5
StateSaveLocation={base}/state
SlurmctldPidFile={base}/slurmctld.pid
SlurmctldLogFile={base}/slurmctld.log
SlurmdSpoolDir={base}/spool.%n
SlurmdPidFile={base}/slurmd.%n.pid
SlurmdLogFile={base}/slurmd.%n.log
# Ends every process of a job, also those that left its process group.
ProctrackType=proctrack/cgroup
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
GresTypes=gpu
DefMemPerCPU=1000
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
PropagateResourceLimits=NONE
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=15
SlurmdTimeout=10
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
{nodes}PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class SlurmCluster:
    """A controller and machines ``n1``, ``n2``, ... that run jobs.

    Args:
        base: an empty folder for all of its files.
        size: how many machines run jobs.
    """

    def __init__(self, base: Path, size: int = 3) -> None:
        self.base = base
        self._folders = 0
        names = [f"n{number + 1}" for number in range(size)]
        environment = {
            "SLURM_CONF": str(base / "slurm.conf"),
            "PATH": f"{Path(sys.executable).parent}:/usr/sbin:/sbin:/usr/bin:/bin",
        }
        shared = [REPOSITORY, Path(sys.prefix), (REPOSITORY / ".venv").resolve()]
        shared = list(dict.fromkeys(folder for folder in shared if folder.exists()))
        munge = base / "munge"
        self.control = Machine(
            "control",
            f"{NETWORK}.1",
            base,
            shared,
            f"mount -t tmpfs -o size=4m tmpfs {base / SMALL_DISK}\n"
            f"munged --foreground --force --key-file={munge}/key "
            f"--socket={munge}/socket --pid-file={munge}/pid --seed-file={munge}/seed "
            f"--log-file={munge}/log --num-threads=2 &\n"
            f"while [ ! -S {munge}/socket ]; do sleep 0.05; done\n"
            "slurmctld -D &",
            environment,
        )
        self.nodes = {
            name: Machine(
                name,
                f"{NETWORK}.{11 + number}",
                base,
                shared,
                f"slurmd -D -N {name} &",
                environment,
                self.control,
            )
            for number, name in enumerate(names)
        }

    def start(self) -> None:
        """Boot all machines and wait until Slurm would run jobs on them."""
        last = list(self.nodes)[-1]
        for folder in ("state", "munge", SMALL_DISK):
            (self.base / folder).mkdir()
        (self.base / "munge").chmod(0o755)
        key = self.base / "munge" / "key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        (self.base / "slurm.conf").write_text(
            configuration(self.base, list(self.nodes))
        )
        (self.base / "cgroup.conf").write_text(
            "CgroupPlugin=cgroup/v1\nCgroupMountpoint=/sys/fs/cgroup\n"
            "CgroupAutomount=no\n"
        )
        (self.base / "gres.conf").write_text(
            "".join(f"NodeName={last} Name=gpu File={device}\n" for device in GPUS)
        )
        machines = [self.control, *self.nodes.values()]
        (self.base / "hosts").write_text(
            "127.0.0.1 localhost\n"
            + "".join(f"{machine.address} {machine.name}\n" for machine in machines)
        )
        remove_control_groups(self.nodes)
        for name in self.nodes:
            (self.base / f"spool.{name}").mkdir()
        for machine in machines:
            machine.boot()
        self.wait_for_nodes()

    def stop(self) -> None:
        """End everything."""
        for machine in [*self.nodes.values(), self.control]:
            machine.crash()
        remove_control_groups(self.nodes)

    def new_folder(self) -> Path:
        """Return an empty folder that all machines share."""
        self._folders += 1
        folder = self.base / f"shared-{self._folders}"
        folder.mkdir()
        return folder

    def wait_for_nodes(self) -> None:
        """Wait until all nodes are idle."""
        wait_until(self._all_idle, 300, "all nodes of the cluster becoming idle")

    def _all_idle(self) -> bool:
        with suppress(subprocess.SubprocessError):
            return self.ask("sinfo", "-hN", "-t", "idle", "-o", "%N").split() == list(
                self.nodes
            )
        return False

    def ask(self, *command, **options) -> str:
        """Run a command beside the controller and return what it printed."""
        return self.control.run(*command, **options).stdout.strip()

    def about(self, job: str) -> dict[str, str]:
        """Return what Slurm says of a job."""
        text = self.ask("scontrol", "show", "job", job)
        return dict(re.findall(r"(\S+?)=(\S*)", text))
