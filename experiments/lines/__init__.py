"""Drawn pictures of 12 × 12 pixels with no line, or one in three directions."""
