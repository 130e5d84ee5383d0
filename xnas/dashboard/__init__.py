"""The dashboard: pages on all runs of a folder, which follow searches under way.

Nothing is kept but what was read; nothing is written, and nothing outside the folder of
results is looked at.
"""
