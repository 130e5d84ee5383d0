"""Real handwritten digits that ship with scikit-learn: 8 × 8 pixels, 10 classes."""
