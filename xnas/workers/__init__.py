"""Worker processes and their supervision; nothing here loads DeepHyper."""
