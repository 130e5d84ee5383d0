"""Exit statuses of the command line."""

DONE = 0
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
STOPPED = 75
"""Stopped ahead of a time limit, with more to do: ``EX_TEMPFAIL`` of sysexits.h."""
