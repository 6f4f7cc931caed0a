"""A dopamine-modulated synapse against its event-exact solution, and the distal reward problem.

* ``error``: largest error of weight, eligibility and dopamine at any time, relative to the largest value, for
  Poisson trains on a grid of 0.1 ms, each integration and time step, delay on either side;
* ``golden_error``: relative error of the final values of the golden file, where there is one (the variable
  HEDON_GOLDEN names it; else ``../shared/golden/dopamine_synapse.json`` beside the project);
* ``off_grid``: median error of the weight, relative to the largest, for trains that are not on the grid (the
  root mean square is governed by the few whose spikes change their order, or meet, on the grid);
* ``pairing``: total change of weight by one pairing and one pulse of dopamine before or after it;
* ``rewarded``, ``others``, ``rank``: a network in which one synapse's pairings bring dopamine seconds
later, and
  the same with the dopamine of another network.
"""

import dataclasses
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...analysis.theory.dopamine_synapse import dopamine_synapse
from ...analysis.theory.online import reward_stdp_change
from ...plasticity.reward_modulated_stdp import RewardModulatedSTDP
from ..dopamine.distal_reward import DistalReward
from ..dopamine.synapse import DopamineSynapse
from .labelling import Dataset, labelled

GRID = 1e-4
"""Spike times of the trains on the grid are multiples of this (s)."""
VARIABLES = ("w", "c", "n")
SIDES: tuple[Literal["dendritic", "axonal"], ...] = ("dendritic", "axonal")
INTEGRATIONS: tuple[Literal["event", "clocked", "euler"], ...] = ("event", "clocked", "euler")


@dataclass(frozen=True)
class Config:
    synapses: int = 20
    """synapses with trains of their own"""
    duration: float = 3.0
    """length of the trains (s)"""
    rate: float = 15.0
    """of pre- and postsynaptic spikes (Hz)"""
    dopamine_rate: float = 8.0
    """of dopamine spikes (Hz)"""
    delay: float = 2e-3
    """of the synapse (s)"""
    exact_steps: tuple[float, ...] = (1e-4, 1e-5)
    """time steps of the event-driven integration (s)"""
    clocked_steps: tuple[float, ...] = (1e-4,)
    """time steps of the exact clocked integration (s)"""
    euler_steps: tuple[float, ...] = (1e-4, 5e-5, 2e-5, 1e-5)
    """time steps of the Euler integration (s)"""
    off_grid_sets: int = 5
    """sets of trains that are not on the grid"""
    lags: tuple[float, ...] = (-0.6, -0.3, -0.1, 0.0, 0.1, 0.3, 1.0, 2.0, 3.0)
    """dopamine minus pairing, for one pairing and one pulse (s)"""
    distal_duration: float = 3600.0
    """life of the networks with distal reward (s)"""
    distal_individuals: int = 16
    """such networks"""

    def __post_init__(self) -> None:
        steps = self.exact_steps + self.clocked_steps + self.euler_steps
        times = (self.duration, self.distal_duration, self.rate, self.dopamine_rate, *steps)
        if not all(time > 0 for time in times) or self.delay < 0:
            raise Mistake("dopamine_synapse: durations, rates and steps must be above 0, the delay not below")


PRESETS = {
    "quick": Config(),
    "paper": Config(synapses=100, clocked_steps=(1e-4, 1e-5), distal_duration=7200.0, distal_individuals=48),
}

RULE = RewardModulatedSTDP(A_minus=0.009, tau_minus=0.03, tau_c=0.7, tau_n=0.15, baseline=6.0)
"""Of the synapses with trains of their own."""
ROOM = 160
"""Spikes that a train may have."""


@dataclass(frozen=True)
class Golden:
    """One case of the golden file, in SI units."""

    rule: RewardModulatedSTDP
    trains: tuple[np.ndarray, ...]
    duration: float
    delay: float
    expected: Mapping[str, np.ndarray]
    """side of the delay -> final (w, c, n)"""


def golden_cases() -> list[Golden]:
    """Cases of the golden file, none without it; Mistake if HEDON_GOLDEN names none that is there."""
    named = os.environ.get("HEDON_GOLDEN")
    beside = Path(__file__).resolve().parents[3] / "shared" / "golden" / "dopamine_synapse.json"
    path = Path(named) if named else beside
    if not path.exists():
        if named:
            raise Mistake(f"HEDON_GOLDEN is '{named}': no such file")
        return []
    cases = []
    for case in json.loads(path.read_text("utf-8"))["cases"]:
        given = dict(case["parameters"])
        baseline = given.pop("b") * 1e3
        scaled = {name: value * (1e-3 if name.startswith("tau") else 1) for name, value in given.items()}
        expected: dict[str, np.ndarray] = {}
        for side in SIDES:
            end = case[f"exact_{side}"]
            expected[side] = np.array([end["weight_change"], end["eligibility"], end["dopamine"] * 1e3])
        cases.append(
            Golden(
                RewardModulatedSTDP(baseline=baseline, **scaled),
                tuple(np.array(case[f"{name}_ms"]) * 1e-3 for name in ("pre", "post", "dopamine")),
                case["duration_ms"] * 1e-3,
                case["delay_ms"] * 1e-3,
                expected,
            )
        )
    return cases


def exact_synapses(
    rule: RewardModulatedSTDP, trains: Sequence[Sequence[np.ndarray]], times: np.ndarray, delay: float
) -> dict[str, np.ndarray]:
    """``w``, ``c``, ``n`` (time, synapse) of the event-exact solution."""
    names = {p.name for p in rule.parameters} - {"w_min", "w_max"} | {"delay_side"}
    parameters: dict[str, Any] = {k: v for k, v in dataclasses.asdict(rule).items() if k in names}
    rows = [
        dopamine_synapse(pre, post, dopamine, times, **parameters, delay=delay)
        for pre, post, dopamine in zip(*trains, strict=True)
    ]
    return dict(zip(VARIABLES, np.array(rows).transpose(1, 2, 0), strict=True))


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Run all of it.

    Returns:
        ``error`` (method, side, variable) with coordinates ``integration``, ``dt``; ``off_grid`` (dt_off);
        ``trace``, ``trace_exact`` (side, variable, time); ``pairing``, ``pairing_exact`` (lag); ``rewarded``,
        ``others`` (dopamine, distal_time, individual), ``rank`` (dopamine, individual), ``rewards``; with a
        golden file ``golden_error`` (method, side, variable), the worst of its cases.
    """
    steps = {"event": config.exact_steps, "clocked": config.clocked_steps, "euler": config.euler_steps}
    methods = [(integration, dt) for integration in INTEGRATIONS for dt in steps[integration]]
    cases = golden_cases()
    tick = by_steps(progress, len(methods) + 4)
    on_grid = _trains(config, stream(seed, "trains"), GRID)
    errors, golden, traces, off = [], [], None, []
    for integration, dt in methods:
        error = np.empty((2, 3))
        found_sides = []
        for s, side in enumerate(SIDES):
            rule = dataclasses.replace(RULE, integration=integration, delay_side=side)
            model = DopamineSynapse(rule, config.synapses, spikes=ROOM, dt=dt)
            found = model.run(on_grid, config.duration, config.delay)
            expected = exact_synapses(rule, on_grid, found["time"], config.delay)
            error[s] = [_relative(found[name], expected[name]) for name in VARIABLES]
            found_sides.append((found, expected))
        errors.append(error)
        traces = traces or found_sides
        if cases:
            golden.append(_golden_error(cases, integration, dt, config.synapses))
        if integration == "event":
            off.append(_off_grid_error(config, stream(seed, "off grid"), dt))
        tick(f"{integration}, dt = {dt * 1e3:g} ms")

    pairing, pairing_exact = _pairing(config)
    tick("one pairing, one pulse")
    distal = _distal(config, seed, tick)
    assert traces is not None
    return labelled(
        {
            "error": (("method", "side", "variable"), np.array(errors)),
            "off_grid": ("dt_off", off),
            "trace": (("side", "variable", "time"), _stacked([found for found, _ in traces])),
            "trace_exact": (("side", "variable", "time"), _stacked([exact for _, exact in traces])),
            "pairing": ("lag", pairing),
            "pairing_exact": ("lag", pairing_exact),
            **distal,
            **({"golden_error": (("method", "side", "variable"), np.array(golden))} if golden else {}),
        },
        coords={
            "integration": ("method", [integration for integration, _ in methods]),
            "dt": ("method", [dt for _, dt in methods], {"units": "s"}),
            "side": list(SIDES),
            "variable": list(VARIABLES),
            "dt_off": ("dt_off", list(config.exact_steps), {"units": "s"}),
            "time": ("time", traces[0][0]["time"], {"units": "s"}),
            "lag": ("lag", list(config.lags), {"units": "s"}),
            "dopamine": ["own", "another's"],
        },
    )


def _trains(config: Config, seed: int, grid: float = 0.0) -> list[list[np.ndarray]]:
    """Pre, post and dopamine trains of all synapses, on a grid (s) or, 0, on none."""
    rng = np.random.default_rng(seed)
    trains: list[list[np.ndarray]] = []
    for rate in (config.rate, config.rate, config.dopamine_rate):
        counts = np.minimum(rng.poisson(rate * config.duration, config.synapses), ROOM)
        free = [np.sort(rng.uniform(0, config.duration - GRID, count)) for count in counts]
        trains.append([np.unique(np.round(one / grid)) * grid for one in free] if grid else free)
    return trains


def _off_grid_error(config: Config, seed: int, dt: float) -> float:
    """Median over `Config.off_grid_sets` sets of trains and all synapses."""
    errors, largest = [], 0.0
    for k in range(config.off_grid_sets):
        trains = _trains(config, seed + k)
        model = DopamineSynapse(RULE, config.synapses, spikes=ROOM, dt=dt)
        found = model.run(trains, config.duration, config.delay)["w"][-1]
        exact = exact_synapses(RULE, trains, np.array([config.duration]), config.delay)["w"][0]
        errors.append(np.abs(found - exact))
        largest = max(largest, float(np.abs(exact).max()))
    return float(np.median(errors)) / largest


def _relative(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected)))


def _stacked(sides: Sequence[Mapping[str, np.ndarray]]) -> np.ndarray:
    """(side, variable, time) of the first synapse."""
    return np.array([[one[name][:, 0] for name in VARIABLES] for one in sides])


def _golden_error(cases: Sequence[Golden], integration: str, dt: float, synapses: int) -> np.ndarray:
    """Worst relative error of the golden cases (side, variable); their trains go to the first synapse."""
    worst = np.zeros((2, 3))
    for case in cases:
        trains = [[one, *[np.zeros(0)] * (synapses - 1)] for one in case.trains]
        for s, side in enumerate(SIDES):
            changes: dict[str, Any] = {"integration": integration, "delay_side": side}
            model = DopamineSynapse(dataclasses.replace(case.rule, **changes), synapses, spikes=ROOM, dt=dt)
            found = model.run(trains, case.duration, case.delay)
            end = np.array([found[name][-1, 0] for name in VARIABLES])
            worst[s] = np.maximum(worst[s], np.abs(end / case.expected[side] - 1))
    return worst


def _pairing(config: Config) -> tuple[np.ndarray, np.ndarray]:
    """Change of weight by a pairing worth 0.01 and a pulse of 0.5 Hz, simulated and exact, for each lag."""
    gap, start, size, jump = 5e-3, 1.0, 0.01, 0.5
    rule = RewardModulatedSTDP(A_plus=size * np.exp(gap / 0.02), release=jump * 0.2)
    model = DopamineSynapse(rule, config.synapses, spikes=ROOM, dt=config.exact_steps[0])
    lags = np.array(config.lags)
    found = []
    for k in range(0, len(lags), config.synapses):
        some = lags[k : k + config.synapses]
        empty = [np.zeros(0)] * (config.synapses - len(some))
        pre, post = ([np.array([t])] * len(some) + empty for t in (start - gap, start))
        pulses = [np.array([start + lag]) for lag in some] + empty
        found.append(model.run((pre, post, pulses), 20.0)["w"][-1, : len(some)])
    return np.concatenate(found), reward_stdp_change(size, jump, lags, rule.tau_c, rule.tau_n)


def _distal(config: Config, seed: int, tick: Callable[[str], None]) -> dict[str, Any]:
    """The rewarded synapse and the others, with the network's own dopamine and with another's."""
    model = DistalReward(individuals=config.distal_individuals)
    rewarded, others, ranks, rewards = [], [], [], []
    for yoked in (0, 1):
        life = config.distal_duration + model.dt
        found = model.program({"yoked": yoked}, seed=stream(seed, "distal"), duration=life)
        weights = found["w"]
        change = (weights - weights[0]).reshape(len(weights), config.distal_individuals, -1)
        rewarded.append(change[:, :, 0])
        others.append(change[:, :, 1:].mean(axis=2))
        ranks.append(np.mean(change[-1, :, :1] > change[-1, :, 1:], axis=1))
        rewards.append(found["rewards"])
        tick("dopamine of another network" if yoked else "dopamine of the network's own")
    per_time = ("dopamine", "distal_time", "individual")
    times = np.arange(len(rewarded[0])) * model.record
    return {
        "rewarded": (per_time, np.array(rewarded)),
        "others": (per_time, np.array(others)),
        "rank": (("dopamine", "individual"), np.array(ranks)),
        "rewards": (("dopamine", "individual"), np.array(rewards)),
        "distal_time": ("distal_time", times, {"units": "s"}),
    }
