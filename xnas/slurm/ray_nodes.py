"""``python -m xnas.slurm.ray_nodes``: waits for nodes to join Ray."""

import sys
import time
from pathlib import Path

SECONDS_BETWEEN_LOOKS = 0.2


def missing_nodes(expected: dict[str, str], seconds: float, ended: Path) -> list[str]:
    """Wait until nodes have joined the Ray that this process is connected to.

    Args:
        expected: names of nodes by address.
        seconds: how long to wait.
        ended: folder where a file ``ended-<name>`` tells that a node will not come.

    Returns:
        Names of those that did not come.
    """
    # Not above: it takes a second, which other users of this module need not wait.
    import ray

    deadline = time.monotonic() + seconds
    while True:
        here = {node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"]}
        missing = [name for address, name in expected.items() if address not in here]
        coming = [name for name in missing if not (ended / f"ended-{name}").exists()]
        if not coming or time.monotonic() > deadline:
            return missing
        time.sleep(SECONDS_BETWEEN_LOOKS)


def main(arguments: list[str]) -> int:
    """Print the names of nodes that do not join Ray in time.

    Args:
        arguments: address of Ray, seconds to wait, the folder of
            :func:`missing_nodes`, then ``name=address`` of each node.

    Returns:
        The exit status.
    """
    import ray

    address, seconds, ended, *pairs = arguments
    expected = {
        where: name for name, _, where in (pair.partition("=") for pair in pairs)
    }
    ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    print(*missing_nodes(expected, float(seconds), Path(ended)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
