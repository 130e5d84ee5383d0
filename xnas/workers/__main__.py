"""``python -m xnas.workers CONNECTION LIFELINE`` is a worker process.

Both are inherited file descriptors: a socket for tasks and outcomes, and a pipe that
closes when the supervisor dies.
"""

import sys
from multiprocessing.connection import Connection

from xnas.workers.worker import main

if __name__ == "__main__":
    main(Connection(int(sys.argv[1])), int(sys.argv[2]))
