"""Machines out of Linux namespaces: each has its own network, processes and /tmp."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

# Runs as the first process of a machine.  It waits for its network, then starts what
# the machine is for and stays, to reap orphans as any first process does.
BOOT = r"""
set -e
hostname "$1"
mount -t proc proc /proc
mount -t tmpfs tmpfs /dev/shm
mount --bind "$2/hosts" /etc/hosts
# A /tmp of its own, with the folders that all machines share still in their place.
shift 2
private=$1
shift
for shared in "$@"; do
    case $shared in
    /tmp/*)
        mkdir -p "$private${shared#/tmp}"
        mount --rbind "$shared" "$private${shared#/tmp}"
        ;;
    esac
done
mount --rbind "$private" /tmp
set +e
echo up
read -r _
eval "$DAEMONS"
while :; do read -r _; done
"""

DAEMONS = {"munged", "slurmctld", "slurmd"}


def wait_until(condition, seconds, what="what was waited for"):
    """Wait until a condition holds, and return its value.

    Args:
        condition: called until it returns something true.
        seconds: after which to give up.
        what: says in the error what did not happen.

    Raises:
        TimeoutError: it did not.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:g} s")
        time.sleep(0.1)
    return value


class Machine:
    """A machine; everything in it ends with it, and it ends with this process.

    Args:
        name: its host name.
        address: its address in the network of all machines.
        base: folder of the cluster, shared by all machines.
        shared: further folders that all machines share.
        daemons: shell commands that start what runs on it.
        environment: variables of all its processes.
        switch: the machine that the network cables of all others lead to.
    """

    def __init__(
        self, name, address, base, shared, daemons, environment, switch=None
    ) -> None:
        self.name = name
        self.address = address
        self._base = base
        self._shared = [base, *shared]
        self._environment = dict(os.environ, **environment, DAEMONS=daemons)
        self._switch = switch
        self._process = None
        self.private_tmp = base / f"tmp-{name}"

    def boot(self):
        """Start the machine, with an empty /tmp."""
        subprocess.run(["rm", "-rf", self.private_tmp], check=True)
        self.private_tmp.mkdir()
        self.private_tmp.chmod(0o1777)
        within = [] if self._switch is None else [*self._switch.enter("--mount"), "--"]
        with open(self._base / f"console-{self.name}.log", "ab") as console:
            self._process = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "KILL"),
                    *within,
                    *("unshare", "--net", "--uts", "--mount", "--pid", "--fork"),
                    *("--kill-child", "bash", "-c", BOOT, "machine", self.name),
                    *map(str, [self._base, self.private_tmp, *self._shared]),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=console,
                env=self._environment,
                text=True,
            )
        if self._process.stdout.readline() != "up\n":
            raise RuntimeError(f"{self.name} did not boot; see {console.name}")
        self.first = psutil.Process(self._process.pid).children()[0]
        self._plug_in()
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def crash(self):
        """Power the machine off: whatever runs on it is gone at once."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        wait_until(self._is_off, 60, f"the end of {self.name}")
        self._process = None

    def is_on(self):
        """Whether the machine runs."""
        return self._process is not None

    def _is_off(self):
        try:
            return self.first.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def enter(self, *namespaces):
        """Return the start of a command line that runs a command in the machine."""
        return ["nsenter", "--target", str(self.first.pid), *namespaces]

    def run(self, *command, directory="/", check=True, seconds=180, **environment):
        """Run a command on the machine and return what came of it.

        Args:
            *command: the command and its arguments.
            directory: where to run it.
            check: whether another exit status than 0 raises.
            seconds: time that it may take.
            **environment: further variables.
        """
        return subprocess.run(
            [
                *self.enter("--net", "--uts", "--mount", "--pid"),
                *("sh", "-c", 'cd "$0" && exec "$@"', str(directory)),
                *map(str, command),
            ],
            env=self._environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=check,
            timeout=seconds,
        )

    def processes(self):
        """Return the processes of jobs on the machine."""
        ours = os.readlink(f"/proc/{self.first.pid}/ns/pid")
        found = []
        for process in psutil.process_iter():
            with suppress(OSError, psutil.Error):
                if (
                    os.readlink(f"/proc/{process.pid}/ns/pid") == ours
                    and process.status() != psutil.STATUS_ZOMBIE
                    and process.name() not in DAEMONS
                    and process != self.first
                ):
                    found.append(process)
        return found

    def kill(self, words, number=signal.SIGKILL):
        """Send a signal to the processes whose command line has these words.

        Returns:
            How many there were.
        """
        count = 0
        for process in self.processes():
            with suppress(psutil.Error):
                if words in " ".join(process.cmdline()):
                    process.send_signal(number)
                    count += 1
        return count

    def _plug_in(self):
        self._ip("link", "set", "lo", "up")
        if self._switch is None:
            self._ip("link", "add", "eth0", "type", "bridge")
        else:
            # A machine that crashed may not have let go of its cable yet.
            self._switch._ip("link", "del", f"to-{self.name}", check=False)
            cable = f"link add to-{self.name} type veth peer name eth0 netns"
            self._switch._ip(*cable.split(), str(self.first.pid))
            self._switch._ip(*f"link set to-{self.name} master eth0 up".split())
        self._ip("addr", "add", f"{self.address}/24", "dev", "eth0")
        self._ip("link", "set", "eth0", "up")

    def _ip(self, *arguments, check=True):
        # With the namespace of the network alone, so that "netns PID" means our PIDs.
        command = [*self.enter("--net"), "ip", *arguments]
        subprocess.run(command, check=check, capture_output=True)


def remove_control_groups(names):
    """Remove the control groups that daemons of crashed machines left.

    Args:
        names: of the machines.
    """
    for name in names:
        for top in Path("/sys/fs/cgroup").glob(f"*/slurm_{name}"):
            for folder, _, _ in os.walk(top, topdown=False):
                with suppress(OSError):
                    os.rmdir(folder)
