"""Conditioning protocols that tell models of dopamine apart: what temporal differences over time cells pass.

One program, two states of the world. In ``cue alone`` nothing is active before a cue. With ``interval cells``
cue B begins with every trial and its chain of time cells lasts for all of it: cells of the interval between
cues, in which nothing tells when cue A will come. Protocols:

* contingency degradation: cue A is paired with reward in every other trial; then, for half of the
  individuals, the trials between bring rewards that nothing announces, at random times (Qian et al. 2025,
  doi:10.1038/s41593-025-01915-4: the response to the cue falls although its reward is as sure as before);
* backward shift: rates between cue and reward while A is paired with reward (Amo et al. 2022,
  doi:10.1038/s41593-022-01109-2: the burst moves gradually from the reward to the cue);
* overexpectation: A and B are each paired with reward, then both together with one reward, for the control
  each apart as before (Rescorla 1970, from memory: each cue alone predicts less afterwards);
* conditioned inhibition: A is paired with reward, A and B together with none; for the control B comes alone
  with none (Pavlov 1927, from memory; in dopamine neurons Tobler et al. 2003,
  doi:10.1523/JNEUROSCI.23-32-10402.2003: the inhibitor's response is nil or a dip).

Each cue is probed alone at the end without teaching. What cannot be asked of this network: how long a cue
stays on (trace or delay conditioning), for time cells know its onset only; and, with two cues, rewards
between trials that are announced by a third, the control of Qian et al.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, stream, tell, within
from ...analysis.responses.dopamine_responses import WHOLE, aligned, windowed
from ..conditioning.network import Conditioning, live
from ..tasks import conditioning as protocols
from ..tasks.conditioning import CUED, OMISSION, RANGE, Schedule, Trial
from .labelling import Dataset, labelled

CUE_ALONE, INTERVAL = STATES = ("cue alone", "interval cells")
PAIRED, DEGRADED = "paired", "degraded"
OVER, APART, INHIBITION, ALONE = "together", "apart", "inhibition", "inhibition control"
B_REWARDED = Trial(a=None, b=0.0)
B_ALONE = Trial(a=None, b=0.0, reward=None)
PROBES = {"A": OMISSION, "B": B_ALONE}
WIDE = 2.0
"""Range of the time at which cue A comes, where interval cells must not foretell it (s)."""
SHOWN = (-0.5, 2.5)
"""What is kept of a trial about its reference time (s)."""


@dataclass(frozen=True)
class Config:
    individuals: int = 8
    """individuals of each group"""
    paired: int = 30
    """rewarded trials before contingency is degraded; as many without cue between them"""
    degraded: int = 50
    """rewarded trials after that"""
    single: int = 40
    """trials with each cue alone before overexpectation; rewarded trials of conditioned inhibition"""
    together: int = 40
    """trials with both cues"""
    block: int = 5
    """rewarded trials over which the shift of the burst is averaged"""
    repeats: int = 12
    """probes of each cue"""
    eta: float = 2.5e-3
    """learning rate (1/s)"""

    def __post_init__(self) -> None:
        if self.individuals < 2 or self.paired % self.block:
            raise Mistake("contingency: 2 individuals or more, and paired a multiple of block, are needed")


PRESETS = {"quick": Config(), "paper": Config(individuals=32, repeats=24)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let all groups learn, then probe both cues.

    Returns:
        ``cue`` (state, schedule, individual, pair): response to A (Hz, 0 to 600 ms, above the baseline) in
        each rewarded trial; ``reward`` likewise to its reward; ``shift`` (individual, block, time): rate (Hz)
        above the baseline about the cue, in blocks of rewarded trials of ``cue alone``, before contingency
        is degraded; ``answer`` (group, probe, individual): response to each cue alone (Hz) after
        overexpectation and conditioned inhibition.
    """
    rng = np.random.default_rng(stream(seed, "schedule"))
    network = Conditioning(fields=55, copies=1, individuals=8 * config.individuals, trials=1)
    lives: list[list[Trial]] = []
    jitter: list[float] = []
    for _ in STATES:
        for degraded in (False, True):
            lives += [_contingency(config, degraded, rng) for _ in range(config.individuals)]
            jitter += [WIDE] * config.individuals
    groups = {
        OVER: _overexpectation(config, together=True),
        APART: _overexpectation(config, together=False),
        INHIBITION: _inhibition(config, together=True),
        ALONE: _inhibition(config, together=False),
    }
    for life in groups.values():
        lives += [life] * config.individuals
        jitter += [1.0] * config.individuals
    tests = protocols.probes(PROBES.values(), config.repeats)
    network = replace(
        network,
        trials=max(len(tests), *(len(life) for life in lives)),
        rule=replace(network.rule, eta=config.eta),
    )
    tell(progress, 0.0, "compiling")
    network.program()
    table = protocols.schedule(lives, rng, duration=network.trial_duration, jitter=jitter)
    half = 2 * config.individuals
    # the chain of the interval begins with the trial, whatever comes in it
    table.onset[half : 2 * half, : 2 * (config.paired + config.degraded), 1] = 0.0
    learned = live(network, table, seed, record=(), progress=within(progress, 0.05, 0.85, "learning"))

    asked = protocols.schedule([tests] * len(lives), rng, duration=network.trial_duration)
    answered = live(
        network,
        asked,
        seed,
        w=learned.w,
        record=(),
        place=1,
        progress=within(progress, 0.85, 1.0, "probes"),
    )
    shape = (len(STATES), 2, config.individuals)
    rewarded = slice(0, 2 * (config.paired + config.degraded), 2)
    before, cue, reward = (
        windowed(learned.rate[: 2 * half, rewarded], at[: 2 * half, rewarded], network.bin, window)
        for at, window in (
            (table.reference, (-0.5, 0.0)),
            (table.reference, WHOLE),
            (table.reward_time, WHOLE),
        )
    )
    # interval cells may raise or lower the rate itself: each response is above what was just before
    level = before.mean(axis=1, keepdims=True)
    base = windowed(answered.rate, asked.reference, network.bin, (-0.5, 0.0)).mean(axis=1, keepdims=True)
    seen = windowed(answered.rate, asked.reference, network.bin, WHOLE) - base
    kinds = seen[2 * half :].reshape(len(groups), config.individuals, config.repeats, len(PROBES))
    shift = _shift(config, network, learned.rate[: config.individuals], table)
    pair = ("state", "schedule", "individual", "pair")
    return labelled(
        {
            "cue": (pair, (cue - level).reshape(*shape, -1)),
            "reward": (pair, (reward - level).reshape(*shape, -1)),
            "shift": (("individual", "block", "time"), shift - level[: config.individuals, :, None]),
            "answer": (("group", "probe", "individual"), kinds.mean(axis=2).transpose(0, 2, 1)),
        },
        coords={
            "state": list(STATES),
            "schedule": [PAIRED, DEGRADED],
            "group": list(groups),
            "probe": list(PROBES),
            "time": ("time", SHOWN[0] + network.bin * (np.arange(shift.shape[-1]) + 0.5), {"units": "s"}),
        },
        cue="Hz",
        reward="Hz",
        shift="Hz",
        answer="Hz",
    )


def _contingency(config: Config, degraded: bool, rng: np.random.Generator) -> list[Trial]:
    """Rewarded trials, each followed by one without a cue, in the end with a reward in it."""
    free = [Trial(a=None, reward=float(at)) for at in rng.uniform(0, RANGE - WIDE, config.degraded)]
    nothing = Trial(a=None, reward=None)
    between = [nothing] * config.paired + (free if degraded else [nothing] * config.degraded)
    return [trial for other in between for trial in (CUED, other)]


def _overexpectation(config: Config, together: bool) -> list[Trial]:
    apart = [CUED, B_REWARDED]
    last = [Trial(b=0.0)] * config.together if together else apart * (config.together // 2)
    return apart * config.single + last


def _inhibition(config: Config, together: bool) -> list[Trial]:
    unpaid = Trial(b=0.0, reward=None) if together else B_ALONE
    return [CUED] * config.single + [CUED, unpaid] * config.together


def _shift(config: Config, network: Conditioning, rate: np.ndarray, table: Schedule) -> np.ndarray:
    """Rates about the cue in blocks of rewarded trials: (individual, block, time)."""
    rewarded = slice(0, 2 * config.paired, 2)
    rows = aligned(
        rate[:, rewarded], table.reference[: len(rate), rewarded], network.bin, -SHOWN[0], SHOWN[1]
    )
    return np.asarray(rows.reshape(len(rows), -1, config.block, rows.shape[-1]).mean(axis=2))
