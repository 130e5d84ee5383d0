"""Estimates of a run, written to its folder."""

import json
import logging

from xnas.results.estimated import EVALUATIONS
from xnas.results.folder import replace_file
from xnas.results.run import Run

logger = logging.getLogger("xnas")


def store_estimates(run: Run) -> str | None:
    """Estimate what a run's networks are worth and write that to its folder.

    A folder that cannot be written is left as it is.

    Args:
        run: any.

    Returns:
        Why there are no estimates, ``None`` if there are some.
    """
    if run.why_no_estimates is None:
        frame = run.estimates.assign(
            arch_seq=[json.dumps(list(one)) for one in run.estimates["arch_seq"]],
            **{EVALUATIONS: len(run.records)},
        )
        text = frame.to_csv(index=False, lineterminator="\n")
        try:
            replace_file(run.folder.estimates, text.encode())
        except OSError as error:
            logger.warning("estimates could not be stored: %s", error)
    return run.why_no_estimates
