"""What PyTorch and Keras make of the same weights, and what they computed, stored."""
