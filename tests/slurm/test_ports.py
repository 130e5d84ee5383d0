"""The port that the job script gives to Ray."""

import re
import socket
import subprocess
import sys
from pathlib import Path

SCRIPT = (Path(__file__).parents[2] / "xnas-ray-job.sh").read_text()
BELOW_EPHEMERAL = range(10_000, 32_768)
ODD_TAKEN = """
import socket
def create_server(address):
    if address[1] % 2:
        raise OSError
socket.create_server = create_server
"""


def print_port(before=""):
    (program,) = re.findall(r"^readonly FREE_PORT='(.*?)'$", SCRIPT, re.M | re.S)
    command = [sys.executable, "-c", before + program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_it_is_free_and_none_that_the_system_hands_out():
    port = print_port()
    assert port in BELOW_EPHEMERAL
    with socket.create_server(("", port)):
        pass


def test_one_that_is_taken_is_passed_over():
    ports = {print_port(ODD_TAKEN) for _ in range(5)}
    assert all(port % 2 == 0 for port in ports)
    assert len(ports) > 1
