"""Neurons that value the states of a chain, taught by a broadcast that weighs freely."""
