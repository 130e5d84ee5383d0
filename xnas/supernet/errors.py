"""What a search space may have that one graph of all its networks cannot."""


class UnsupportedSpaceError(Exception):
    """A space, or how it is trained, does not go into one graph; says why."""
