"""Algorithms that ask for evaluations and are told what became of them."""
