"""Pavlovian conditioning: time cells, a critic, dopamine neurons, and synapses that dopamine teaches.

Each cue starts a chain of time cells (Poisson neurons with Gaussian fields in the time since the cue, silent
before it; for such cells MacDonald et al. 2011, doi:10.1016/j.neuron.2011.07.012). They drive a population of
critic neurons; from there on everything is `dopamine`: value, error, dopamine neurons, volume. Dopamine comes
back to the critic neurons and teaches their synapses from the time cells (`TDLambda`).

What happens in each trial is given at the call (`tasks.conditioning`), so that every protocol, and the
controls beside it, are individuals of one program. The description here is free of Brian2;
`circuit` builds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from ...plasticity.td_lambda import TDLambda
from ..dopamine.system import Dopamine
from ..neurons import MOST, Parameters, check_step, quantity
from ..program import Arrays, Program, compile_alike
from ..tasks.conditioning import CUES, Schedule

BUILDER = "hedon.models.conditioning.circuit:build"


@dataclass(frozen=True)
class Conditioning(Parameters):
    """The network, and how many individuals live side by side for how many trials at most.

    Raises:
        Mistake: a wrong unit, a number out of bounds, a time step too coarse for a time constant.
    """

    dopamine: Dopamine = field(default_factory=lambda: Dopamine(baseline=6.5, gain=4.0))
    """the dopamine system"""
    rule: TDLambda = field(default_factory=TDLambda)
    """plasticity of the critic's synapses"""
    individuals: int = 32
    """learners side by side"""
    trials: int = 100
    """trials of a call at most"""
    own: bool = False
    """whether numbers of plasticity and dopamine are arguments, one value for each individual, for an outer
    loop"""
    precision: Literal["float64", "float32"] = "float64"
    spikes: bool = False
    """whether every spike of critic and dopamine neurons can be asked for"""
    fields: int = 25
    """time cells of a cue with different fields"""
    copies: int = 2
    """neurons with the same field"""
    spacing: float = quantity(0.1, "second", above=0)
    """between the centres of two fields (s)"""
    width: float = quantity(0.08, "second", above=0)
    """standard deviation of a field (s)"""
    highest: float = quantity(100.0, "hertz", above=0)
    """rate of a time cell in the centre of its field (Hz)"""
    critics: int = 20
    """critic neurons of a channel"""
    tau_psp: float = quantity(0.02, "second", above=0, resolved=True)
    """time constant of the potential that a time cell causes in a critic neuron (s)"""
    trial_duration: float = quantity(5.5, "second", above=0)
    """of a trial (s)"""
    reward_duration: float = quantity(0.25, "second", above=0)
    """of a reward (s)"""
    dt: float = quantity(0.002, "second", above=0)
    """time step (s)"""
    interval: float = quantity(0.02, "second", above=0)
    """between two updates of the weights and of the time cells' rates (s)"""
    bin: float = quantity(0.05, "second", above=0)
    """between two recordings (s)"""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("individuals", "trials", "fields", "copies", "critics"):
            if getattr(self, name) < 1:
                raise Mistake(f"Conditioning: {name} is {getattr(self, name)}, must be at least 1")
        self.check_step(self.dt)
        self.dopamine.check_step(self.dt)
        for name in ("tau_e", "tau_lag"):
            check_step(self.interval, name, getattr(self.rule, name))
        check_step(self.interval, "width", self.width)
        if self.highest * self.dt > 2 * MOST:
            raise Mistake(f"Conditioning: {self.highest:g} Hz is too much for a step of {self.dt:g} s")
        for whole, part in (("interval", "dt"), ("bin", "dt"), ("trial_duration", "bin")):
            ratio = getattr(self, whole) / getattr(self, part)
            if abs(ratio - round(ratio)) > 1e-6 or round(ratio) < 1:
                raise Mistake(f"Conditioning: {whole} must be a whole number of {part}")

    @property
    def cells(self) -> int:
        """Time cells of an individual."""
        return len(CUES) * self.fields * self.copies

    @property
    def critics_in_all(self) -> int:
        """Critic neurons of an individual."""
        return self.critics * self.dopamine.channels

    @property
    def bins(self) -> int:
        """Bins of a trial."""
        return round(self.trial_duration / self.bin)

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        rule, numbers = self.rule.apart("eta")
        return compile_alike(BUILDER, self, replace(self, rule=rule), numbers, self.precision)


@dataclass(frozen=True)
class Lives:
    """What `live` returns; bins of a trial are those of `Conditioning.bin`.

    ``rate`` (individual, trial, bin) mean rate of the dopamine neurons (Hz); ``recorded`` further recordings
    at the start of each bin, of the same shape; ``w`` (individual, cell, critic) weights at the end, cells in
    the order (cue, field, copy).
    """

    rate: np.ndarray
    recorded: Mapping[str, np.ndarray]
    w: np.ndarray
    arrays: Arrays


def live(
    network: Conditioning,
    schedule: Schedule,
    seed: int,
    *,
    w: np.ndarray | None = None,
    parameters: Mapping[str, Any] | None = None,
    record: tuple[str, ...] = ("V",),
    outputs: tuple[str, ...] = (),
    place: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Lives:
    """Let the individuals live through their schedules, from the weights ``w`` on.

    Args:
        network: the network; its ``trials`` must be those of the schedule at least.
        schedule: one row for each individual.
        seed: of the initial weights and of all spikes; ``place`` tells the calls of one study apart.
        w: (individual, cell, critic) or any shape of that order; small random weights by default.
        parameters: further arguments of the program (``expectation``, ``eta``, ...).
        record: what is kept beside the rate: V, delta, n.
        outputs: further outputs of the program, which are then among the ``arrays``.

    Raises:
        Mistake: a schedule that does not fit the network.
    """
    if schedule.individuals != network.individuals or schedule.trials > network.trials:
        raise Mistake(
            f"the schedule has {schedule.individuals} individuals and {schedule.trials} trials, "
            f"the network {network.individuals} and {network.trials}"
        )
    given = dict(parameters or {})
    for name, values in schedule.parameters().items():
        rest = [(0, 0)] * values.ndim
        rest[1] = (0, network.trials - schedule.trials)
        given[name] = np.pad(values, rest)
    if w is not None:
        given["w"] = np.reshape(w, (network.individuals, network.cells, network.critics_in_all))
    arrays = network.program()(
        given,
        seed=stream(seed, "conditioning", place),
        duration=schedule.trials,
        outputs=["fired", "fired_last", "w", *record, *outputs],
        progress=progress,
    )
    shape = (schedule.trials, network.bins, network.individuals)

    def by_trial(values: np.ndarray) -> np.ndarray:
        return np.moveaxis(values.mean(axis=-1).reshape(shape), 2, 0)

    fired = np.concatenate([arrays["fired"], arrays["fired_last"][None]])
    return Lives(
        by_trial(np.diff(fired, axis=0) / network.bin),
        {name: by_trial(arrays[name]) for name in record},
        arrays["w"],
        arrays,
    )
