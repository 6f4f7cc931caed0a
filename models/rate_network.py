"""The name by which users import rate networks; they live in `rate/`."""

from .rate.network import RateNetwork

__all__ = ["RateNetwork"]
