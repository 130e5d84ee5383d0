"""Seeds of searches."""

import secrets

MAX_SEED = 2**31 - 1


def draw_seed() -> int:
    """Draw a seed from the system's randomness."""
    return secrets.randbelow(MAX_SEED + 1)


def checked_seed(seed: int | None) -> int:
    """Return a seed, drawn if ``None``.

    Raises:
        ValueError: it is something else than 0 to :data:`MAX_SEED`.
    """
    if seed is None:
        return draw_seed()
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise ValueError(f"the seed is {seed!r}, expected 0 to {MAX_SEED}")
    return seed
