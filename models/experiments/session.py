"""A recording session of a simulated individual: rewards of seven sizes, with and without their cue.

An individual first learns what the cue announces (rewards of all sizes); then it is recorded as an animal is:
the spikes of its dopamine and critic neurons, the trials, dopamine concentration, value and prediction error
all along. Sizes and expectation come in random order, as in the recordings of Eshel et al. 2016
(doi:10.1038/nn.4239); every size comes equally often with and without the cue. Learning goes on while it is
recorded. `hedon export` writes the session as NWB, NPZ or CSV.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...analysis.foundation import Reporter, stream, tell, within
from ..conditioning.network import Conditioning, Lives, live
from ..dopamine.system import Dopamine
from ..tasks import conditioning as protocols
from ..tasks.conditioning import NEVER, SIZES, Schedule, Trial, utility
from .labelling import Dataset, labelled

FIRST = 1.5
"""Earliest event of a trial (s): its baseline lies in the trial."""
SERIES = {"n": "dopamine", "V": "value", "delta": "prediction_error"}
"""Recordings of the program -> their names in the result."""
TYPES = ("dopamine", "critic")


@dataclass(frozen=True)
class Config:
    individuals: int = 2
    """individuals, each recorded in a session of its own"""
    neurons: int = 20
    """dopamine neurons of an individual"""
    spread: float = 0.0
    """width of their asymmetries about 0.5"""
    share: float = 1.0
    """share of the expectation that dopamine neurons subtract"""
    baseline: float = 6.5
    """rate of a dopamine neuron at rest (Hz)"""
    gain: float = 4.0
    """change of its rate for one unit of delta (Hz)"""
    training: int = 84
    """trials before the session, all with the cue"""
    repeats: int = 10
    """trials of the session with each size, with the cue and without it"""
    eta: float = 1.3e-3
    """learning rate (1/s); 0 freezes plasticity"""


PRESETS = {"quick": Config(), "paper": Config(individuals=8, training=168, repeats=20, eta=6.5e-4)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Train the individuals, then record them.

    Returns:
        ``spike_time`` and ``spike_unit`` (spike); ``unit_individual`` (unit), coordinate ``cell_type``;
        ``reward_ul``, ``expected``, ``t_cue`` (NaN without), ``t_outcome``, ``start_time``, ``stop_time``
        (individual, trial), s since the session began; ``dopamine``, ``value``, ``prediction_error``
        (individual, time); ``w_before``, ``w_after`` (individual, cell, critic).
    """
    system = Dopamine(
        neurons=config.neurons, spread=config.spread, baseline=config.baseline, gain=config.gain
    )
    trials = 2 * len(SIZES) * config.repeats
    network = Conditioning(
        dopamine=system, individuals=config.individuals, trials=max(trials, config.training), spikes=True
    )
    network = replace(network, rule=replace(network.rule, eta=config.eta))
    rng = np.random.default_rng(stream(seed, "schedule"))
    given = {"expectation": np.full(config.individuals, config.share)}

    tell(progress, 0.0, "compiling")
    network.program()
    practised = config.training / (config.training + trials)
    practice = [protocols.magnitudes(config.training, rng) for _ in range(config.individuals)]
    taught = live(
        network,
        protocols.schedule(practice, rng, duration=network.trial_duration),
        seed,
        parameters=given,
        place=0,
        progress=within(progress, 0.05, 0.05 + 0.95 * practised, "learning"),
    )
    plans = [_plan(config.repeats, rng) for _ in range(config.individuals)]
    lives = [[_trial(size, cued) for size, cued in plan] for plan in plans]
    table = protocols.schedule(lives, rng, first=FIRST, duration=network.trial_duration)
    spikes = tuple(f"{kind}_spike_{what}" for kind in TYPES for what in ("time", "neuron"))
    recorded = live(
        network,
        table,
        seed,
        w=taught.w,
        parameters=given,
        record=tuple(SERIES),
        outputs=spikes,
        place=1,
        progress=within(progress, 0.05 + 0.95 * practised, 1.0, "recording"),
    )
    return _dataset(network, recorded, taught, table, np.array(plans))


def _plan(repeats: int, rng: np.random.Generator) -> np.ndarray:
    """Size (µl) and whether the cue comes, in random order: (trial, 2)."""
    each = [(size, cued) for size in SIZES for cued in (0.0, 1.0)] * repeats
    return rng.permutation(np.array(each))


def _trial(size: float, cued: float) -> Trial:
    return Trial(a=0.0 if cued else None, value=float(utility(size)))


def _dataset(
    network: Conditioning, recorded: Lives, taught: Lives, table: Schedule, plans: np.ndarray
) -> Dataset:
    many = network.individuals
    start = network.trial_duration * np.arange(table.trials)
    onset = table.onset[..., 0]
    each = {
        "reward_ul": plans[..., 0],
        "expected": plans[..., 1].astype(int),
        "t_cue": np.where(onset < NEVER, start + onset, np.nan),
        "t_outcome": start + table.reward_time,
        "start_time": np.tile(start, (many, 1)),
        "stop_time": np.tile(start + network.trial_duration, (many, 1)),
    }
    sizes = {"dopamine": network.dopamine.neurons, "critic": network.critics_in_all}
    times, units = [], []
    for first, kind in zip((0, many * sizes["dopamine"]), TYPES, strict=True):
        times.append(recorded.arrays[f"{kind}_spike_time"])
        units.append(first + recorded.arrays[f"{kind}_spike_neuron"].astype(int))
    order = np.argsort(np.concatenate(times), kind="stable")
    traces = {name: recorded.recorded[variable].reshape(many, -1) for variable, name in SERIES.items()}
    result = labelled(
        {
            "spike_time": ("spike", np.concatenate(times)[order]),
            "spike_unit": ("spike", np.concatenate(units)[order]),
            "unit_individual": (
                "unit",
                np.concatenate([np.repeat(np.arange(many), sizes[kind]) for kind in TYPES]),
            ),
            **{name: (("individual", "trial"), values) for name, values in each.items()},
            **{name: (("individual", "time"), values) for name, values in traces.items()},
            "w_before": (("individual", "cell", "critic"), taught.w),
            "w_after": (("individual", "cell", "critic"), recorded.w),
        },
        coords={
            "cell_type": ("unit", np.repeat(TYPES, [many * sizes[kind] for kind in TYPES])),
            "time": ("time", network.bin * np.arange(traces["value"].shape[1]), {"units": "s"}),
        },
        reward_ul="µl",
        dopamine="Hz",
        **dict.fromkeys(("spike_time", "t_cue", "t_outcome", "start_time", "stop_time"), "s"),
    )
    return result.assign_attrs(spike_resolution=network.dt)
