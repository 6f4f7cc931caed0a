"""What every room stands on: mistakes, endings, whole files and locks, result folders, seeds, progress.

What most files need can be imported from here by name.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .mistakes import Mistake, nearest
from .progress import Reporter, by_steps, tell, within

if TYPE_CHECKING:
    from .arrays import Array
    from .seeds import stream

__all__ = ["Array", "Mistake", "Reporter", "by_steps", "nearest", "stream", "tell", "within"]


def __getattr__(name: str) -> Any:
    """What needs NumPy, imported when it is asked for: `hedon --help` does without."""
    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(".arrays" if name == "Array" else ".seeds", __name__), name)
