"""What the README's numbers come from; each prints both sides from one run."""
