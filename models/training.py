"""The name by which users import training; it lives in `rate/`."""

from .rate.training import train

__all__ = ["train"]
