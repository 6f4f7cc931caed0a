"""Duration of dopamine cells' dips by reward size and expectation; NWB, NPZ or CSV files.

The time without spikes that would miss as many as are missing where the mean of the other cells dips (s).
Columns of the trials as for ``reward-response``. The null: as many times as there are rewards, at random.
"""

from ...analysis.responses.peri_event import each_duration
from ...analysis.statistics.comparison import Measured
from .data import Data
from .dips import dips

EXPERIMENTS = ("session",)


def measure(data: Data) -> Measured:
    return dips(data, each_duration, "s", both=True)
