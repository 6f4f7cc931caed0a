"""Duration of dopamine cells' dips by reward size and expectation; NWB, NPZ or CSV files.

The time without spikes that would miss as many as are missing where the mean of the other cells dips (s).
Columns of the trials as for ``reward-response``. The null: as many times as there are rewards, at random.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...analysis.statistics.comparison import Measured
from .dips import DURATION, dips
from .files import Progress

EXPERIMENTS = ("session",)


def measure(files: Sequence[Path], columns: Mapping[str, str], progress: Progress | None = None) -> Measured:
    return dips(files, columns, progress, DURATION)
