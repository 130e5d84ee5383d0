"""The Python face: what the command does, a function does."""
