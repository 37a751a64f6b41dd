"""The gradient on its way back: checked, followed, taken apart, cut off."""
