"""Colour photographs of CIFAR-10: 32 × 32 pixels, 10 classes."""
