"""Dopamine neurons that each learn a value of their own."""
