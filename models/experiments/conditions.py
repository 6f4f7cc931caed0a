"""Learners and the controls that must not learn: frozen plasticity, and another individual's dopamine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.progress import within
from ...analysis.foundation.seeds import stream
from ..actor_critic.network import ActorCritic
from ..actor_critic.trial_series import live
from .labelling import with_units

if TYPE_CHECKING:
    import xarray as xr

CONDITIONS = ("learning", "frozen", "shuffled")
GIVEN: Mapping[str, Mapping[str, float]] = {
    "learning": {},
    "frozen": {"learning": 0.0},
    "shuffled": {"yoked": 1},
}
"""What each is called with."""


def _check(net: ActorCritic) -> None:
    """Refuse at once what the last condition could not do."""
    if net.individuals < 2:
        raise Mistake("the broadcast of another individual needs at least two individuals")


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

    _check(net)
    latency, outcome, finished = [], [], []
    traces: dict[str, np.ndarray] = {}
    for number, condition in enumerate(conditions):
        learns = condition == "learning"
        series = live(
            net,
            trials,
            stream(seed, condition),
            {**GIVEN[condition], "task_seed": stream(seed, "task")},
            segments=segments,
            seconds=seconds if learns else None,
            outputs=watch if learns else (),
            progress=within(progress, number / len(conditions), (number + 1) / len(conditions), condition),
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


def against_controls(
    net: ActorCritic,
    trials: int,
    control_trials: int,
    seed: int,
    *,
    parameters: Mapping[str, Any] | None = None,
    segments: int = 1,
    seconds: float | None = None,
    control_seconds: float | None = None,
    watch: tuple[str, ...] = (),
    progress: Callable[[float, str], None] | None = None,
    folder: Path | None = None,
) -> xr.Dataset:
    """Let learners live ``trials`` trials, and the controls, which do not get better, ``control_trials``.

    Args:
        net: the learners; the controls are the same network.
        trials: of a learner, in ``segments`` parts of ``seconds`` each.
        control_trials: of a control, within ``control_seconds``.
        seed: of the task's draws, the same for all, and of all spikes.
        parameters: further arguments of the network, for all.
        segments, seconds, control_seconds: as of `live`.
        watch: what is recorded of the learners' first individual in the last segment.
        progress: is told the finished fraction and the condition.
        folder: where finished segments are kept.

    Returns:
        ``latency`` (s), ``outcome`` and ``finished`` (individual, trial); the same of the controls with the
        prefix ``control_`` (condition, individual, control_trial); ``<name>_trace`` (time).
    """
    import xarray as xr

    _check(net)
    given = dict(parameters or {}) | {"task_seed": stream(seed, "task")}
    ends = (0.0, 0.8, 0.9, 1.0)

    learners = live(
        net,
        trials,
        stream(seed, "learning"),
        given,
        segments=segments,
        seconds=seconds,
        outputs=watch,
        progress=within(progress, 0.0, 0.8, "learning"),
        folder=folder / "learning" if folder is not None else None,
    )
    controls = [
        live(
            net,
            control_trials,
            stream(seed, condition),
            {**given, **GIVEN[condition]},
            seconds=control_seconds,
            progress=within(progress, ends[number], ends[number + 1], condition),
            folder=folder / condition if folder is not None else None,
        )
        for number, condition in enumerate(CONDITIONS[1:], 1)
    ]
    names = ("latency", "outcome", "finished")
    data: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        name: (("individual", "trial"), getattr(learners, name)) for name in names
    }
    data |= {
        f"control_{name}": (
            ("condition", "individual", "control_trial"),
            np.array([getattr(control, name) for control in controls]),
        )
        for name in names
    }
    return with_units(
        xr.Dataset(
            data | {name: ("time", values[:, 0]) for name, values in learners.last.items()},
            coords={
                "condition": list(CONDITIONS[1:]),
                "trial": np.arange(1, trials + 1),
                "control_trial": np.arange(1, control_trials + 1),
            },
        ),
        latency="s",
        control_latency="s",
    )


def comparing(
    network: Callable[[Any], ActorCritic], watch: tuple[str, ...] = ()
) -> Callable[..., xr.Dataset]:
    """``simulate`` of an experiment that lets the learners of ``network(config)`` and both controls live all
    trials (`compare`); of one learner it records the outputs ``watch``."""

    def simulate(
        config: Any,
        seed: int,
        progress: Callable[[float, str], None] | None = None,
        folder: Path | None = None,
    ) -> xr.Dataset:
        return compare(
            network(config),
            config.trials,
            seed,
            segments=config.segments,
            seconds=getattr(config, "life", None),
            watch=watch,
            progress=progress,
            folder=folder,
        )

    return simulate
