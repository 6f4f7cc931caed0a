"""Spiking conditioning: `spiking_control` in conditioning worlds, at its own scale.

``hedon tune spiking_conditioning``; what is found is lived by ``hedon run conditioning --config found.toml``.
"""

from dataclasses import dataclass, replace
from typing import Literal

from . import spiking_control
from .spiking_control import files, searches, simulate

__all__ = ["PRESETS", "Config", "files", "searches", "simulate"]


@dataclass(frozen=True)
class Config(spiking_control.Config):
    rate_searches: int = 1
    null_searches: int = 1
    world: Literal["conditioning"] = "conditioning"  # type: ignore[assignment]
    generations: int = 8
    calls: int = 1
    lives: int = 12
    step: float = 0.002
    seconds: float = 256.0
    """of a life in the search: as many episodes as in held-out worlds"""
    trials: int = 40
    """episodes of a life in held-out worlds"""
    held_seconds: float = 256.0


PRESETS = {
    "quick": Config(),
    "paper": replace(
        Config(),
        searches=5,
        rate_searches=5,
        null_searches=5,
        generations=30,
        population=16,
        lives=64,
        calls=2,
        rungs=3,
        individuals=48,
        others=24,
    ),
}
