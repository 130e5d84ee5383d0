"""Training a network of a run in full, and what one takes away of it.

TensorFlow loads when training starts.
"""
