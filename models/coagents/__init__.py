"""Layers of stochastic neurons that all hear one reward."""
