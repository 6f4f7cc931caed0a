"""The matching task as episodes: two arms are baited at random and stay baited until they are chosen.

Before each trial arm i is baited with chance p_i if it is not yet; the arm that is chosen pays 1 if it is
baited, and then is not. So arm i pays with 1 - (1 - p_i)**(n_i + 1), n_i trials after it was last chosen, and
the arm that is left alone grows better. p_0 + p_1 = ``total``; p_0 is drawn evenly between ``lowest`` and
what is left of the total, new in every episode. What is done and paid are inputs apart: which arm brought
income is their product, and a network has to form it. (Herrnstein 1961, doi:10.1901/jeab.1961.4-267; Tsutsui
et al. 2016, doi:10.1038/ncomms12554, recorded from monkeys; Wang et al. 2018,
doi:10.1038/s41593-018-0147-8, simulation 2. Players: `analysis.players.matching`.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.mistakes import Mistake
from ..program.keyed import uniform
from .episode_task import TrialsTask
from .streams import EPISODE


@dataclass(frozen=True)
class BaitedEpisodes(TrialsTask):
    """Episodes of so many trials.

    Raises:
        Mistake: no trial, chances outside [0, 1] or a lowest one above half of the total.
    """

    total: float = 0.5
    """sum of the chances that the two arms are baited"""
    lowest: float = 0.05
    """chance of the poorer arm at least"""

    world_equations: ClassVar[str] = (
        "first@ : 1    # chance that arm 0 is baited before a trial\n"
        "waits0@ : 1   # 1: arm 0 is baited\nwaits1@ : 1\n"
    )
    streams: ClassVar[Mapping[str, int]] = {
        "stream_world": EPISODE["world"],
        "stream_pay": EPISODE["pay"],
    }
    codes: ClassVar[int] = 0  # type: ignore[assignment]
    pay: ClassVar[str] = (  # type: ignore[assignment]
        "reward@ = waits0@*(1 - action@) + waits1@*action@\nwaits0@ *= action@\nwaits1@ *= 1 - action@"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= 2 * self.lowest <= self.total <= 1 + self.lowest:
            raise Mistake(
                f"BaitedEpisodes: chances from {self.lowest} that sum to {self.total} must lie in [0, 1]"
            )

    @property
    def begin(self) -> str:  # type: ignore[override]
        draw = "keyed_uniform(task_seed, stream_world, who@, episode, 0)"
        return f"first@ = {self.lowest!r} + {self.total - 2 * self.lowest!r}*{draw}\nwaits0@ = 0\nwaits1@ = 0"

    @property
    def show(self) -> str:
        bait = "int(keyed_uniform(task_seed, stream_pay, who@, episode, 2*step + {}) < {})"
        own, other = bait.format(0, "first@"), bait.format(1, f"{self.total!r} - first@")
        return (
            "asked = 1\nseen@ = -1\n"
            f"waits0@ = clip(waits0@ + {own}, 0, 1)\nwaits1@ = clip(waits1@ + {other}, 0, 1)"
        )

    def chances(self, task_seed: int, who: NDArray, episodes: NDArray) -> NDArray[np.float64]:
        """Chances of a bait (individual, episode, arm): what individuals ``who`` meet in ``episodes``."""
        draws = uniform(task_seed, EPISODE["world"], np.asarray(who)[:, None], np.asarray(episodes)[None], 0)
        first = self.lowest + (self.total - 2 * self.lowest) * draws
        return np.stack([first, self.total - first], axis=-1)
