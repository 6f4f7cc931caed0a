"""The mean of normal numbers: the smallest experiment, for the tests of what runs experiments.

It can be slow and keeps its parts, so that interrupting, resuming and waiting can be tried.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hedon.analysis.foundation.mistakes import Mistake

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Config:
    draws: int = 400
    "Numbers drawn."
    sigma: float = 1.0
    "Standard deviation of the numbers (mV)."
    kind: Literal["normal", "signs"] = "normal"
    "Their distribution."
    shifts: tuple[float, ...] = (0.0, 1.5)
    "Means, one for each individual (mV)."
    limit: float | None = None
    "Numbers beyond are refused (mV)."
    verbose: bool = False
    "Nothing at all."
    pause: float = 0.0
    """Time for each part (s);
    there is one part for each individual."""

    def __post_init__(self) -> None:
        if self.sigma <= 0:
            raise Mistake(f"sigma must be above 0, not {self.sigma}")


PRESETS = {"quick": Config(), "paper": Config(draws=40_000)}


def simulate(
    config: Config,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    import numpy as np
    import xarray as xr

    means = []
    for individual, shift in enumerate(config.shifts):
        part = folder / f"part{individual}.json" if folder else None
        if part is None or not part.exists():
            time.sleep(config.pause)
            draws = np.random.default_rng([seed, individual]).standard_normal(config.draws)
            draws = np.sign(draws) if config.kind == "signs" else draws
            mean = float(shift + config.sigma * draws.mean())
            if part:
                aside = part.with_suffix(".new")
                aside.write_text(json.dumps(mean))
                aside.rename(part)
        else:
            mean = json.loads(part.read_text())
        means.append(mean)
        if progress:
            progress((individual + 1) / len(config.shifts), f"individual {individual}")
    return xr.Dataset(
        {"mean": (("individual",), np.array(means), {"units": "mV"})},
        coords={"shift": (("individual",), np.array(config.shifts), {"units": "mV"})},
    )
