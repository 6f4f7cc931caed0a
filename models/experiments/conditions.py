"""Learners and the controls that must not learn: frozen plasticity, and another individual's dopamine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..actor_critic import ActorCritic
from ..seeds import stream
from ..trial_series import live
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr

CONDITIONS = ("learning", "frozen", "shuffled")


def compare(
    net: ActorCritic,
    trials: int,
    seed: int,
    conditions: tuple[str, ...] = CONDITIONS,
    *,
    segments: int = 1,
    seconds: float | None = None,
    watch: tuple[str, ...] = (),
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Live the same trials under each condition.

    ``seconds`` is the length of a segment of the learners; the controls, which are slower, get all the time
    that their trials could take.

    Returns:
        ``latency`` (s; time-outs count as the limit), ``outcome`` (1 well, -1 badly, 0 time-out),
        ``finished``, all (condition, individual, trial); of the learners' first individual ``<name>_trace``
        (time).
    """
    import xarray as xr

    latency, outcome, finished = [], [], []
    traces: dict[str, np.ndarray] = {}
    for number, condition in enumerate(conditions):
        learns = condition == "learning"

        def told(fraction: float, number: int = number, condition: str = condition) -> None:
            if progress is not None:
                progress((number + fraction) / len(conditions), condition)

        series = live(
            net.other if condition == "shuffled" else net,
            trials,
            stream(seed, condition),
            {"learning": float(condition != "frozen"), "task_seed": stream(seed, "task")},
            segments=segments,
            seconds=seconds if learns else None,
            outputs=watch if learns else (),
            progress=told,
            folder=folder / condition if folder is not None else None,
        )
        latency.append(series.latency)
        outcome.append(series.outcome)
        finished.append(series.finished)
        traces |= {name: values[:, 0] for name, values in series.last.items()}
    dims = ("condition", "individual", "trial")
    data = xr.Dataset(
        {
            "latency": (dims, np.array(latency)),
            "outcome": (dims, np.array(outcome)),
            "finished": (dims, np.array(finished)),
        }
        | {name: ("time", values) for name, values in traces.items()},
        coords={"condition": list(conditions), "trial": np.arange(1, trials + 1)},
    )
    return with_units(data, latency="s")
