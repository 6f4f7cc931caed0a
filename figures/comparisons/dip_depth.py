"""Depth of dopamine cells' dips by reward size and expectation; NWB, NPZ or CSV files.

Baseline less the rate in 100 ms about the time at which the mean of the other cells is lowest (Hz). Columns
of the trials as for ``reward-response``. The null: as many times as there are rewards, at random.
"""

from ...analysis.responses.peri_event import each_depth
from ...analysis.statistics.comparison import Measured
from .data import Data
from .dips import dips

EXPERIMENTS = ("session",)


def measure(data: Data) -> Measured:
    return dips(data, each_depth, "Hz")
