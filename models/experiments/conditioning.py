"""Dopamine neurons in conditioning: what they fire, and what their signal teaches.

Individuals of every protocol and control live side by side in one program, which is called twice: they learn,
then probes that teach nothing are run with the weights that they have learned.

* acquisition (cue A, reward after 1.5 s); probes: omission, a reward that comes early, a reward without cue;
* its controls: plasticity frozen; *yoked*: the same trials, but dopamine of another individual, which does
  not learn and gets its rewards at random times, less the mean of that dopamine; *truly random*: its own
  dopamine, cue and reward at times independent of each other (Rescorla 1967, doi:10.1037/h0024109);
* reward with probability .25, .5, .75;
* magnitude x expectation: the seven sizes of the recordings with and without cue, for several shares of the
  expectation that dopamine neurons subtract;
* blocking and second-order conditioning, each with its control; extinction and reacquisition.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...analysis.foundation import Reporter, stream, tell, within
from ...analysis.responses.dopamine_responses import LATE, WHOLE, aligned, windowed
from ...plasticity.td_lambda import TDLambda
from ..conditioning.network import Conditioning, Lives, live
from ..conditioning.own_numbers import own_numbers, with_numbers
from ..dopamine.system import Dopamine
from ..tasks import conditioning as protocols
from ..tasks.conditioning import CUED, EMPTY, OMISSION, SIZES, SOONER, UNCUED, Schedule, Trial
from .labelling import Dataset, with_units

SHOWN = (-0.5, 3.0)
"""What is kept of a trial about its reference time (s)."""
KINDS = {"rewarded": CUED, "omission": OMISSION, "early": SOONER, "uncued": UNCUED}
"""Probes after acquisition."""


YOKED, RANDOM, DONORS = "yoked", "truly random", "donors"
AT_RANDOM = (RANDOM, DONORS)
HEARD = 0.75
"""Time in a trial (s) from which rewards that come at random from .5 s on are heard as dopamine."""


@dataclass(frozen=True)
class Config:
    individuals: int = 16
    """individuals in acquisition"""
    controls: int = 8
    """individuals of each control: frozen plasticity, truly random, yoked, and those they are yoked to"""
    compared: int = 12
    """individuals in each group of blocking and second-order conditioning, and in extinction"""
    chances: tuple[float, ...] = (0.25, 0.5, 0.75)
    """probabilities of reward"""
    gamblers: int = 8
    """individuals for each probability"""
    shares: tuple[float, ...] = (0.0, 0.2, 0.375, 0.6, 1.0)
    """shares of the expectation that dopamine neurons subtract, in the magnitude probes"""
    weighers: int = 12
    """individuals that learn with rewards of all sizes"""
    acquisition: int = 80
    """trials of acquisition"""
    resting: int = 10
    """trials in which the mean dopamine of the individuals that others are yoked to is measured"""
    magnitudes: int = 84
    """trials with rewards of all sizes"""
    probability: int = 100
    """trials with uncertain reward"""
    blocking: tuple[int, int] = (60, 40)
    """trials with A, trials with A and B"""
    second_order: tuple[int, int] = (60, 20)
    """trials with A, trials with B before A"""
    extinction: tuple[int, int, int] = (40, 50, 25)
    """trials of acquisition, extinction, reacquisition"""
    repeats: int = 6
    """probes of each kind (magnitudes: 14 kinds; others in proportion)"""
    eta: float = 1.5e-3
    """learning rate (1/s)"""
    tau_e: float = TDLambda.tau_e
    """time constant of the trace (s)"""
    tau_lag: float = TDLambda.tau_lag
    """lag of each of the two stages of the eligibility (s)"""
    tau_slow: float = Dopamine.tau_slow
    """slow time constant of kappa (s)"""
    tau_fast: float = Dopamine.tau_fast
    """fast time constant of kappa (s)"""
    baseline: float = 6.5
    """tonic rate of a dopamine neuron (Hz)"""
    gain: float = 4.0
    """change of its rate for one unit of delta (Hz)"""
    asymmetry: float = Dopamine.asymmetry
    """of burst and dip"""
    clearance: float = Dopamine.clearance
    """time constant with which dopamine is cleared (s)"""


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=64, controls=24, compared=48, gamblers=32, weighers=48, repeats=12),
}


def circuit(config: Config) -> Conditioning:
    """The network of the learners."""
    made = Conditioning()
    return with_numbers(made, {one.name: getattr(config, one.name) for one in own_numbers(made)})


@dataclass(frozen=True)
class Group:
    """Individuals of one protocol: their lives, and what they are probed with afterwards."""

    name: str
    lives: Sequence[Sequence[Trial]]
    probes: Sequence[Trial] = ()


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Let all groups learn, then probe them.

    Returns:
        Learning: ``cue_response``, ``reward_response``, ``second_cue_response`` (individual, trial) above the
        baseline, in 0 to 600 ms; ``paid`` (individual, trial); coordinate ``protocol``.
        Probes: ``probe_cue`` (0 to 600 ms after the reference time), ``probe_reward`` and ``probe_late`` (0
        to 600, 200 to 600 ms after the reward, or where it would have been), each (tested, probe);
        coordinates ``tested_protocol``, ``share``; ``kind`` (tested, probe), the number of the probe's kind,
        -1 none.
        ``psth``, ``value``, ``psth_error`` (condition, time).
    """
    import xarray as xr

    rng = np.random.default_rng(stream(seed, "schedule"))
    groups = _groups(config, rng)
    learners = [(group.name, life) for group in groups for life in group.lives]
    tests = _tests(config, groups)
    many = max(len(learners), len(tests))
    order = [*learners, *[("none", [])] * (many - len(learners))]
    length = max(len(life) for _, life in order)
    probes = max(len(kinds) * repeats for _, _, _, kinds, repeats in tests)
    network = replace(circuit(config), individuals=many, trials=max(length, probes))

    tell(progress, 0.0, "compiling")
    network.program()
    # what comes at a random time in the trial does so about a fixed reference
    jitter = [0.0 if name in AT_RANDOM else 1.0 for name, _ in order]
    timetable = protocols.schedule(
        [life for _, life in order], rng, duration=network.trial_duration, jitter=jitter
    )
    learned = live(
        network,
        timetable,
        seed,
        parameters=_yoke(config, network, order, rng, seed),
        place=0,
        progress=within(progress, 0.1, 0.65, "learning"),
    )
    place = {id(life): row for row, (_, life) in enumerate(order)}

    sources, plans, shares = [], [], []
    for _, life, share, kinds, repeats in tests:
        sources.append(place[id(life)])
        plans.append(protocols.probes(kinds, repeats))
        shares.append(share)
    idle = many - len(tests)
    asked = protocols.schedule([*plans, *[[EMPTY]] * idle], rng, duration=network.trial_duration)
    w = learned.w[[*sources, *[0] * idle]]
    given = {"expectation": np.array([*shares, *[1.0] * idle])}
    answered = live(
        network, asked, seed, w=w, parameters=given, place=1, progress=within(progress, 0.65, 1.0, "probes")
    )
    result = xr.Dataset(
        _learning(network, learned, timetable, order) | _probing(network, answered, asked, tests)
    )
    result = result.assign_coords(
        protocol=("individual", [name for name, _ in order]),
        tested_protocol=("tested", [name for name, *_ in tests]),
        share=("tested", [share for _, _, share, *_ in tests]),
    )
    result = result.merge(_histograms(network, learned, timetable, order, answered, asked, tests))
    hertz = [str(name) for name in result.data_vars if str(name) not in ("paid", "kind", "value")]
    return with_units(result, **dict.fromkeys(hertz, "Hz"))


def _groups(config: Config, rng: np.random.Generator) -> list[Group]:
    """All that learn, and those that others are yoked to."""

    def learners(many: int) -> list[list[Trial]]:
        return [protocols.acquisition(config.acquisition) for _ in range(many)]

    after = list(KINDS.values())
    cue_a, cue_b = OMISSION, Trial(a=None, b=0.0, reward=None)
    groups = [
        Group("acquisition", learners(config.individuals), after),
        Group("frozen", [protocols.frozen(life) for life in learners(config.controls)], after),
    ]
    for chance in config.chances:
        lives = [protocols.probability(config.probability, chance, rng) for _ in range(config.gamblers)]
        groups.append(Group(f"chance {chance:g}", lives))
    lives = [protocols.magnitudes(config.magnitudes, rng) for _ in range(config.weighers)]
    groups.append(Group("magnitude", lives, protocols.magnitude_probes()))
    for name, make, trials in (
        ("blocking", protocols.blocking, config.blocking),
        ("second order", protocols.second_order, config.second_order),
    ):
        for control in (False, True):
            lives = [make(*trials, control=control) for _ in range(config.compared)]
            groups.append(Group(name + (" control" if control else ""), lives, [cue_a, cue_b]))
    lives = [protocols.extinction(*config.extinction) for _ in range(config.compared)]
    groups.append(Group("extinction", lives))
    groups.append(Group(YOKED, learners(config.controls)))
    for name, at_random in ((RANDOM, protocols.truly_random), (DONORS, protocols.unpaired)):
        lives = [at_random(config.acquisition, rng) for _ in range(config.controls)]
        groups.append(Group(name, lives))
    return groups


def _yoke(
    config: Config,
    network: Conditioning,
    order: Sequence[tuple[str, Sequence[Trial]]],
    rng: np.random.Generator,
    seed: int,
) -> dict[str, np.ndarray]:
    """Arguments with which yoked individuals hear the donors' dopamine, less its mean in the time in which
    donors' rewards reach it (`HEARD`): before that no time cell is active."""
    many = network.individuals
    resting = [protocols.unpaired(config.resting, rng) for _ in range(many)]
    table = protocols.schedule(resting, rng, duration=network.trial_duration, jitter=0.0)
    quiet = live(network, table, seed, record=("n",), place=2)
    level = quiet.recorded["n"][:, 1:, round(HEARD / network.bin) :].mean()
    yoked = np.zeros(many, int)
    tonic = np.full((many, 1), network.dopamine.baseline)
    rows = {name: [row for row, (own, _) in enumerate(order) if own == name] for name in (YOKED, DONORS)}
    for row, donor in zip(rows[YOKED], rows[DONORS], strict=True):
        yoked[row] = (row - donor) % many
        # the volume is the donor's: its level at rest is what both hear less
        tonic[donor] = level
    return {"yoked": yoked, "tonic": tonic}


Variables = dict[str, tuple[tuple[str, ...], np.ndarray]]
"""Variables of a data set, by name: dimensions and values."""
Test = tuple[str, Sequence[Trial], float, Sequence[Trial], int]
"""Protocol, the life whose weights are probed, share of the expectation, kinds of probes, repeats of each."""


def _tests(config: Config, groups: Sequence[Group]) -> list[Test]:
    tests: list[Test] = []
    for group in groups:
        if not group.probes:
            continue
        shares = config.shares if group.name == "magnitude" else (1.0,)
        repeats = max(1, config.repeats * 2 * len(SIZES) // len(group.probes))
        tests += [
            (group.name, life, share, group.probes, repeats) for share in shares for life in group.lives
        ]
    return tests


def _baseline(network: Conditioning, lives: Lives, table: Schedule) -> np.ndarray:
    """The baseline of each individual, (individual, 1), before the first event of its trials."""
    before = windowed(lives.rate, table.reference, network.bin, (SHOWN[0], 0.0))
    return before.mean(axis=1, keepdims=True)


def _learning(
    network: Conditioning, lives: Lives, table: Schedule, order: Sequence[tuple[str, Sequence[Trial]]]
) -> Variables:
    base = _baseline(network, lives, table)
    dims = ("individual", "trial")
    seen = {
        "cue_response": table.onset[..., 0],
        "second_cue_response": table.onset[..., 1],
        "reward_response": np.where(
            table.reward_value > 0, table.reward_time, table.reference + protocols.DELAY
        ),
    }
    lived = np.array([[m < len(life) for m in range(table.trials)] for _, life in order])
    found: Variables = {}
    for name, start in seen.items():
        response = windowed(lives.rate, start, network.bin, WHOLE) - base
        found[name] = (dims, np.where(lived, response, np.nan))
    found["baseline"] = (dims[:1], base[:, 0])
    found["paid"] = (dims, (table.reward_value > 0).astype(float))
    return found


def _probing(network: Conditioning, lives: Lives, table: Schedule, tests: Sequence[Test]) -> Variables:
    base = _baseline(network, lives, table)
    dims = ("tested", "probe")
    outcome = np.where(table.reward_value > 0, table.reward_time, table.reference + protocols.DELAY)
    kind = np.full((table.individuals, table.trials), -1.0)
    for row, (_, _, _, kinds, repeats) in enumerate(tests):
        kind[row, : len(kinds) * repeats] = np.tile(np.arange(len(kinds)), repeats)
    windows = {
        "probe_cue": (table.reference, WHOLE),
        "probe_reward": (outcome, WHOLE),
        "probe_late": (outcome, LATE),
    }
    found: Variables = {}
    for name, (start, window) in windows.items():
        response = windowed(lives.rate, start, network.bin, window) - base
        found[name] = (dims, np.where(kind >= 0, response, np.nan)[: len(tests)])
    return found | {"kind": (dims, kind[: len(tests)])}


def _histograms(
    network: Conditioning,
    learned: Lives,
    timetable: Schedule,
    order: Sequence[tuple[str, Sequence[Trial]]],
    answered: Lives,
    asked: Schedule,
    tests: Sequence[Test],
) -> Dataset:
    """Mean rate and value about the reference time, in the first trials and in each kind of probe."""
    import xarray as xr

    def about(lives: Lives, table: Schedule, rows: list[int], trials: slice) -> list[np.ndarray]:
        return [
            aligned(v[rows, trials], table.reference[rows, trials], network.bin, -SHOWN[0], SHOWN[1])
            for v in (lives.rate, lives.recorded["V"])
        ]

    first = [row for row, (name, _) in enumerate(order) if name == "acquisition"]
    tried = [row for row, (name, *_) in enumerate(tests) if name == "acquisition"]
    end = len(tests[tried[0]][3]) * tests[tried[0]][4]
    taken = {"first trials": about(learned, timetable, first, slice(0, 5))}
    for number, name in enumerate(KINDS):
        taken[name] = about(answered, asked, tried, slice(number, end, len(KINDS)))
    time = SHOWN[0] + network.bin * (np.arange(next(iter(taken.values()))[0].shape[-1]) + 0.5)
    mean = [[values.mean(axis=(0, 1)) for values in pair] for pair in taken.values()]
    error = [pair[0].mean(axis=1).std(axis=0, ddof=1) / len(first) ** 0.5 for pair in taken.values()]
    return xr.Dataset(
        {
            "psth": (("condition", "time"), np.array([pair[0] for pair in mean])),
            "psth_error": (("condition", "time"), np.array(error)),
            "value": (("condition", "time"), np.array([pair[1] for pair in mean])),
        },
        coords={"condition": list(taken), "time": ("time", time, {"units": "s"})},
    )
