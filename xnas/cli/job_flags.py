"""Flags of ``nas`` that a job is to get, checked before ``submit_job.sh`` submits it.

It calls ``python3 -m xnas.cli.job_flags RUN_DIR SEARCH FLAG...``; ``RUN_DIR`` is empty
for a new run.
"""

import sys
from collections.abc import Sequence

from xnas.cli import PROGRAM, make_parser, refuse_unknown, values
from xnas.cli.exit_status import DONE, WRONG_USAGE
from xnas.cli.setting_flags import settings_of
from xnas.errors import UsageError, XNASError
from xnas.face.objectives import refuse_contradictions
from xnas.face.request import WORDS_OF_2021, flag_of
from xnas.face.resume import resumed_request

OF_THE_JOB = (
    *("problem", "log_dir", "resume", "evaluator", "ray_address"),
    *("num_cpus_per_task", "num_gpus_per_task", "stop_within"),
)
"""Settings that a job makes itself, from its options and the nodes that it got."""


def check_flags(run_dir: str, search: str, flags: Sequence[str]) -> list[str]:
    """Check what can be checked without the task.

    Args:
        run_dir: of the run to carry on; empty for a new one.
        search: its name or import path.
        flags: words that are to follow it.

    Returns:
        The flags that are given, and those which they stand for.

    Raises:
        UsageError: something cannot be used.
        SystemExit: likewise, told by the parser of ``nas`` itself.
    """
    for word in ("--", "-h", "--help"):
        if word in flags:
            raise UsageError(
                f"{word} found, expected flags of {PROGRAM} nas {search}, which its "
                "--help lists"
            )
    words = values.joined(["nas", search, *flags])
    parser = make_parser(words)
    refuse_unknown(parser, words)
    arguments = parser.parse_args(words)
    for name in OF_THE_JOB:
        if getattr(arguments, name, None) is not None:
            raise UsageError(
                f"{flag_of(name)} found, which the job gives itself, expected it to be "
                "left out"
            )
    given = settings_of(arguments)
    request, _ = resumed_request(run_dir or None, given, lambda line: None)
    refuse_contradictions(request)
    said = WORDS_OF_2021 if "objectives" in given else ()
    return [flag_of(name) for name in {**given, **dict.fromkeys(said)}]


def main(argv: Sequence[str]) -> int:
    """Print the flags that are given.

    Args:
        argv: the run folder, the search and its flags.

    Returns:
        0; 2, with one sentence, where something cannot be used.
    """
    try:
        print(*check_flags(argv[0], argv[1], argv[2:]), sep="\n")
    except XNASError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return WRONG_USAGE
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
