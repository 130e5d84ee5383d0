"""What a trained network says of its data: labels, predictions and classes.

The pure parts, in NumPy, are ``labels``, ``trust`` and ``confusion``; ``passes`` runs
the network. Nothing of the size examples × features ever exists.
"""
