"""Handwritten digits of MNIST: 28 × 28 pixels, 10 classes."""
