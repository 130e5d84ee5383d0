"""What the documentation's numbers come from; each prints both sides from one run."""
