"""Neurons that choose, and learn from one broadcast what their choices are worth."""
