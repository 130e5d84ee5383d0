"""The first 120 classes of ImageNet, scaled down to 16 × 16 pixels."""
