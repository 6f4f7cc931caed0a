"""hedon: neurons that learn from one broadcast signal (after Klopf 1982, the hedonistic neuron)."""

__version__ = "0.1.0"
