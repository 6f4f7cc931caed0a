"""Learners and the controls that must not learn: frozen plasticity, and another individual's dopamine.

All live the same trials and are given the same time. A trial that an individual had no time to live is no
trial: its latency and outcome are not a number, whatever the condition.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.behaviour.lived_trials import late_mean
from ...analysis.foundation import Mistake, Reporter, stream, within
from ...plasticity.td_hebbian import TDHebbian
from ..actor_critic.network import ActorCritic, Pools, Ring
from ..actor_critic.trial_series import live
from ..dopamine.system import Dopamine
from ..tasks.control_task import ControlTask
from .labelling import Dataset, labelled

SYSTEM = ("gain", "clearance", "tau_slow", "tau_fast", "baseline", "asymmetry")
CIRCUIT = ("decay", "noise")
"""Numbers of the dopamine system and of the circuit that a configuration may give."""
CONDITIONS = ("learning", "frozen", "shuffled")
GIVEN: Mapping[str, Mapping[str, float]] = {
    "learning": {},
    "frozen": {"learning": 0.0},
    "shuffled": {"yoked": 1},
}
"""What each is called with."""


@dataclass(frozen=True)
class Lives:
    """Settings that experiments with actor-critics beside their controls share."""

    individuals: int = 24
    """under each condition"""
    trials: int = 30
    """trials (episodes) of each individual, under each condition"""
    segments: int = 1
    """parts into which a life is divided, so that it can go on after a stop"""
    life: float = 600.0
    """seconds of a segment, for all conditions; trials that are then not finished are not lived"""
    eta_actor: float = 1e-2
    """learning rate of the actor (s)"""
    eta_critic: float = 2e-3
    """learning rate of the critic (s)"""
    tau_e: float = 0.3
    """decay of the eligibility (s)"""
    tau_lag: float = 0.2
    """lag of the eligibility (s)"""
    bound: float = 0.5
    """largest weight"""
    tau_r: float = 4.0
    """horizon of the TD error (s)"""
    gain: float | None = None
    """change of dopamine neurons' rate for one unit of the error (Hz); none: what the experiment says"""
    clearance: float | None = None
    """time constant with which dopamine is cleared (s)"""
    tau_slow: float | None = None
    """slow time constant with which the critic's spikes become a value (s)"""
    tau_fast: float | None = None
    """fast time constant of the same (s)"""
    baseline: float | None = None
    """tonic rate of a dopamine neuron (Hz)"""
    asymmetry: float | None = None
    """0.5: bursts and dips alike"""
    decay: float | None = None
    """the learning rates fall as 1/(1 + decay*trial) (1/trial)"""
    noise: float | None = None
    """of the pulls of actions (Hz)"""

    def learners(
        self, task: ControlTask, actor: Ring | Pools, dopamine: Dopamine | None = None, **settings: Any
    ) -> ActorCritic:
        """The network of the learners; ``settings`` as of `ActorCritic`."""
        rule = {"tau_e": self.tau_e, "tau_lag": self.tau_lag, "bound": self.bound}
        given = {name: getattr(self, name) for name in (*SYSTEM, *CIRCUIT) if getattr(self, name) is not None}
        system = {name: value for name, value in given.items() if name in SYSTEM}
        settings |= {name: value for name, value in given.items() if name in CIRCUIT}
        return ActorCritic(
            task,
            actor,
            dopamine=replace(dopamine or Dopamine(), tau_r=self.tau_r, **system),
            critic_rule=TDHebbian(eta=self.eta_critic, **rule),
            actor_rule=TDHebbian(eta=self.eta_actor, **rule),
            individuals=self.individuals,
            **settings,
        )


def compare(
    net: ActorCritic,
    trials: int,
    seed: int,
    conditions: tuple[str, ...] = CONDITIONS,
    *,
    parameters: Mapping[str, Any] | None = None,
    segments: int = 1,
    seconds: float | None = None,
    control_seconds: float | None = None,
    watch: tuple[str, ...] = (),
    late: int = 10,
    progress: Reporter = None,
    folder: Path | None = None,
) -> Dataset:
    """Live the same trials under each condition.

    Args:
        net: the learners; the controls are the same network.
        trials: of each individual, in ``segments`` parts.
        seed: of the task's draws, the same for all, and of all spikes.
        conditions: some of `CONDITIONS`.
        parameters: further arguments of the network, for all.
        segments, seconds: as of `live`, for all.
        control_seconds: of a segment of the controls, where their trials are shorter.
        watch: what is recorded of learners in the last segment.
        late: last lived trials by whose mean latency the median learner is chosen.
        progress: is told the finished fraction and the condition.
        folder: where finished segments are kept.

    Returns:
        ``latency`` (s; time-outs count as the limit; NaN where not lived), ``outcome`` (1 well, -1 badly, 0
        time-out; NaN where not lived), both (condition, individual, trial); of the median learner, the
        attribute ``median_individual``, ``<name>_trace`` (time).
    """
    if net.individuals < 2:
        raise Mistake("the broadcast of another individual needs at least two individuals")
    latency, outcome = [], []
    traces: dict[str, np.ndarray] = {}
    median = 0
    for number, condition in enumerate(conditions):
        learns = condition == "learning"
        series = live(
            net,
            trials,
            stream(seed, condition),
            {**(parameters or {}), **GIVEN[condition], "task_seed": stream(seed, "task")},
            segments=segments,
            seconds=seconds if learns or control_seconds is None else control_seconds,
            outputs=watch if learns else (),
            progress=within(progress, number / len(conditions), (number + 1) / len(conditions), condition),
            folder=folder / condition if folder is not None else None,
        )
        latency.append(np.where(series.finished, series.latency, np.nan))
        outcome.append(np.where(series.finished, series.outcome, np.nan))
        if learns and watch:
            watched = min(net.watched, net.individuals)
            order = np.argsort(late_mean(latency[-1][:watched], late), kind="stable")
            median = int(order[(watched - 1) // 2])
            traces = {name: values[:, median] for name, values in series.last.items()}
    dims = ("condition", "individual", "trial")
    data = labelled(
        {"latency": (dims, np.array(latency)), "outcome": (dims, np.array(outcome))}
        | {name: ("time", values) for name, values in traces.items()},
        coords={"condition": list(conditions), "trial": np.arange(1, trials + 1)},
        latency="s",
    )
    return data.assign_attrs(median_individual=median)


def comparing(
    network: Callable[[Any], ActorCritic],
    watch: tuple[str, ...] = (),
    late: int = 10,
    parameters: Callable[[Any], Mapping[str, float]] = lambda _: {},
) -> Callable[..., Dataset]:
    """``simulate`` of an experiment that lets the learners of ``network(config)`` and both controls live all
    trials, as `compare` says; ``parameters(config)`` are for all."""

    def simulate(
        config: Any,
        seed: int,
        progress: Reporter = None,
        folder: Path | None = None,
    ) -> Dataset:
        return compare(
            network(config),
            config.trials,
            seed,
            segments=config.segments,
            parameters=parameters(config),
            seconds=getattr(config, "life", None),
            control_seconds=getattr(config, "control_life", None),
            watch=watch,
            late=late,
            progress=progress,
            folder=folder,
        )

    return simulate
