"""Intervals, regressions and effects over subjects; how far a model is from data."""
