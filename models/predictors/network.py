"""Dopamine neurons as agents: each changes its own firing until it no longer errs.

    delta_k = r + gamma_k V_k(s') - V_k(s)                                                       (1)
    rho_k   = [b_k + 2 g_k (a_k [delta_k]+ - (1 - a_k) [-delta_k]+)]+                            (2)
    heard_k = (n_k - b_k T)/(g_k T)                                                              (3)
    z_ks   <- lambda gamma_k z_ks + [s was the last state],   V_ks += eta_k heard_k z_ks         (4)

Nobody broadcasts: a neuron k has synapses V_ks of its own from all states (a cue and the time since it, in
spells of length T), discounts what they tell of the new state by gamma_k, the ratio of the way that excites
it to the way that inhibits it, fires in the spell at the rate (2), and its synapses learn from the spikes
n_k that it has fired itself, less those that it fires at rest. What its world is: a cue announces a reward of
utility ``worth`` so many spells later.

The mean of (3) is that of the rectified error (2) as long as the rate is not cut off at zero; learning rests
where it is nothing: each state at the a_k-expectile of what follows it (`analysis.theory.discounts`).

Sources: (1), (4) Sutton & Barto 2018; (2) Dabney et al. 2020, doi:10.1038/s41586-019-1924-6; a discount of
each neuron's own Masset et al. 2025, doi:10.1038/s41586-025-08929-9. Free of Brian2; `circuit` builds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from ..neurons import Parameters, check_fastest, quantity
from ..program import Program, compile_program

MOST = 4.0
"""Largest logit of an asymmetry that is learned: asymmetries from .018 to .982."""
SCORES = ("rate", "alpha", "own", "one", "difference")
"""Numbers of a population that learns its asymmetries, or discounts (the first two)."""
LOGITS = {"asymmetry": "theta", "discount": "phi"}
"""What can be learned, and as what."""
REST = 1
"""Spells before the cue, and after the last in which a reward can come."""


@dataclass(frozen=True)
class PredictingNeurons(Parameters):
    """Populations side by side, and how many trials a call has at most.

    Raises:
        Mistake: a wrong unit, a number out of bounds, a spell that is no whole number of steps.
    """

    individuals: int = 1
    """populations side by side, each with a world of its own"""
    neurons: int = 20
    """neurons of a population"""
    cues: int = 1
    """cues of the world"""
    longest: int = 8
    """longest delay from cue to reward (spells)"""
    trials: int = 100
    """trials of a call at most"""
    spell: float = quantity(0.5, "second", above=0)
    """T, time between two states (s)"""
    learned: Literal["", "asymmetry", "discount"] = ""
    """what neurons learn of themselves: asymmetries (`slants`), discounts (`horizons`) or nothing"""
    dt: float = quantity(0.01, "second", above=0)
    """time step (s)"""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("individuals", "neurons", "cues", "longest", "trials"):
            if getattr(self, name) < 1:
                raise Mistake(f"PredictingNeurons: {name} is {getattr(self, name)}, must be at least 1")
        if self.learned and self.learned not in LOGITS:
            raise Mistake(f"neurons learn {' or '.join(LOGITS)}, not '{self.learned}'")
        if self.learned == "discount" and self.cues > 1:
            raise Mistake("discounts are learned from one cue: a neuron keeps one mean forecast")
        steps = self.spell / self.dt
        if abs(steps - round(steps)) > 1e-6:
            raise Mistake("PredictingNeurons: spell must be a whole number of dt")

    @property
    def steps(self) -> int:
        """Time steps of a spell."""
        return round(self.spell / self.dt)

    @property
    def spells(self) -> int:
        """Of a trial: rest, cue and delay, reward, rest."""
        return 2 * REST + 1 + self.longest

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        return compile_program("hedon.models.predictors.circuit:build", self)


@dataclass(frozen=True)
class World:
    """What each population meets: each array (trial, individual).

    Raises:
        Mistake: arrays of unequal shape.
    """

    cue: np.ndarray
    """number of the cue"""
    delay: np.ndarray
    """from cue to reward (spells)"""
    worth: np.ndarray
    """utility of the reward"""

    def __post_init__(self) -> None:
        if not np.shape(self.cue) == np.shape(self.delay) == np.shape(self.worth) or np.ndim(self.cue) != 2:
            raise Mistake("World: cue, delay and worth need one shape, (trial, individual)")


@dataclass(frozen=True)
class Lived:
    """What `live` returns."""

    values: np.ndarray
    """V at the end: (individual, cue, spells since the cue, neuron)"""
    mean_values: np.ndarray
    """V, mean over trials: as before"""
    at_cue: np.ndarray
    """spikes in the spell of the cue: (trial, individual, neuron)"""
    at_reward: np.ndarray
    """spikes in that of the reward: as before"""
    asymmetry: np.ndarray
    """at the end: (individual, neuron)"""
    discount: np.ndarray
    """as before"""


def live(
    network: PredictingNeurons,
    world: World,
    neurons: Mapping[str, ArrayLike],
    seed: int,
    *,
    values: np.ndarray | None = None,
    yoked: ArrayLike = 0,
    place: int = 0,
) -> Lived:
    """Let every population live through its trials.

    Args:
        neurons: ``baseline``, ``gain`` (Hz), ``asymmetry``, ``discount``, ``eta`` (1), ``trace`` (lambda),
            each broadcast to (individual, neuron); where asymmetries are learned also ``rate``, ``alpha``,
            ``own``, ``one``, ``difference`` (individual,) of `slants`; where discounts are,
            ``rate``, ``alpha`` (individual,) and ``kept`` of `horizons`.
        values: V to begin with, as in `Lived`; by default 0.
        yoked: learns from the spikes of the population so many places before, one for each individual; where
            asymmetries or discounts are learned, these alone, from its scores or payoffs.
        place: tells the calls of one study apart.

    Raises:
        Mistake: a world or neurons that do not fit the network, a rate that the time step cannot resolve.
    """
    trials, individuals = np.shape(world.cue)
    if individuals != network.individuals or not 0 < trials < network.trials:
        raise Mistake(
            f"a world of {trials} trials of {individuals} populations does not fit a network of "
            f"{network.individuals} populations and {network.trials} trials, of which the last is not read"
        )
    if np.max(world.delay) > network.longest or np.min(world.delay) < 1 or np.max(world.cue) >= network.cues:
        raise Mistake(f"delays must be 1 to {network.longest} spells, cues 0 to {network.cues - 1}")
    each = (individuals, network.neurons)
    own = {
        name: np.broadcast_to(np.asarray(value, float), each[:1] if name in SCORES else each)
        for name, value in neurons.items()
    }
    cells = {name: np.array(own[name]) for name in LOGITS}
    logit = LOGITS.get(network.learned)
    if logit:
        a = np.clip(own.pop(network.learned), 1e-9, 1 - 1e-9)
        own[logit] = np.clip(np.log(a / (1 - a)), -MOST, MOST)
    check_fastest(network.dt, "the baseline", float(np.max(own["baseline"])))
    tables = {}
    for name in ("cue", "delay", "worth"):
        table = np.zeros((network.trials, individuals))
        table[:trials] = getattr(world, name)
        table[trials:] = table[trials - 1]
        tables[name] = table
    states = network.cues * network.longest
    shape = (individuals, network.cues, network.longest, network.neurons)
    begin = np.zeros(shape) if values is None else np.asarray(values, float)
    if begin.shape != shape:
        raise Mistake(f"values must be {shape}, not {begin.shape}")
    arrays = network.program()(
        {**tables, **own, "V": begin.reshape(individuals, states, -1), "yoked": np.asarray(yoked)},
        seed=stream(seed, "predicting neurons", place),
        duration=trials + 1,
        outputs=["V", "V_total", "at_cue", "at_reward", *([logit] if logit else [])],
    )
    at_cue, at_reward = (
        arrays[name][1 : trials + 1].reshape(trials, *each) for name in ("at_cue", "at_reward")
    )
    if logit:
        cells[network.learned] = 1 / (1 + np.exp(-arrays[logit].reshape(each)))
    return Lived(
        arrays["V"].reshape(shape),
        arrays["V_total"].reshape(shape) / (trials + 1),
        at_cue,
        at_reward,
        **cells,
    )
