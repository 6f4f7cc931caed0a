"""Spiking actor-critics with fast dopamine learn to balance a pole.

Steps balanced in each episode of CartPole: individuals (thin, means of 20 episodes), their median (thick),
the same networks with frozen plasticity (dotted) and the criterion (dashed). The only reward is -1 for
failing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .claims import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

EXPERIMENTS = ("cart_pole",)
CRITERION = 195
"""Steps, averaged over `EPISODES` episodes, that count as solved."""
EPISODES = 100
WIDTH = 20
"""Episodes that a point of the curves averages."""


def check(data: Mapping[str, xr.Dataset]) -> list[Claim]:
    result = data["cart_pole"]
    share = float(np.mean(best_mean(result["steps"].values) >= CRITERION))
    frozen = float(np.max(result["frozen"].mean("frozen_episode")))
    return [
        Claim.at_least(f"share that balance {CRITERION} steps over {EPISODES} episodes", share, 0.5, "issue"),
        Claim.at_most("frozen plasticity: best individual's mean steps", frozen, 50, "chance is about 20"),
    ]


def draw(data: Mapping[str, xr.Dataset]) -> Figure:
    from matplotlib import pyplot as plt

    result = data["cart_pole"]
    figure, panel = plt.subplots(figsize=(5.0, 3.4))
    steps = result["steps"].values
    blocks = steps.shape[1] // WIDTH
    episode = (np.arange(blocks) + 0.5) * WIDTH
    means = steps[:, : blocks * WIDTH].reshape(len(steps), blocks, WIDTH).mean(axis=2)
    panel.plot(episode, means.T, color="C0", linewidth=0.5, alpha=0.5)
    panel.plot(episode, np.median(means, axis=0), color="C0", linewidth=2, label="median")
    panel.axhline(CRITERION, color="0.5", linestyle="--")
    panel.axhline(float(result["frozen"].mean()), color="0.5", linestyle=":", label="frozen plasticity")
    panel.set(xlabel="episode", ylabel="steps balanced", title="CartPole", ylim=(0, None))
    panel.legend()
    return figure


def best_mean(steps: np.ndarray) -> np.ndarray:
    """Highest mean over `EPISODES` consecutive episodes, (individual); over all where there are fewer."""
    window = min(EPISODES, steps.shape[1])
    total = np.cumsum(np.pad(steps, ((0, 0), (1, 0))), axis=1)
    return np.max(total[:, window:] - total[:, :-window], axis=1) / window


if __name__ == "__main__":
    from .report import script

    script("cart_pole")
