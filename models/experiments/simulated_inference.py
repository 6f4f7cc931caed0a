"""Inference without a likelihood, first where there is one, then where there is none.

Choices of Q-learners that forget: their posterior is known exactly (importance sampling) and laid beside that
learned from simulations (neural posterior estimation): from the *summaries* of what is chosen after what
(stay probabilities by history, products of choices and outcomes at lags), from what simple rules other than
their own are fitted to be (*auxiliary*: Q-learning, and recursively formulated logistic regression), and from
what their own rule is fitted to be (*own*), which leaves out next to nothing: this last one says how well
the machine works, the others how much their summaries leave out. A classifier that tells draws of the two
apart is right on half of them where they agree.

Dopamine neurons, spiking, that learn from what they fire themselves to predict (`models.predictors`), each
with a baseline, gain, asymmetry and discount of its own, which are to be told from the spikes of a session at
cues and rewards. Whether 90 % intervals hold what they promise is counted in cells that nothing was learned
from.

In the nulls, the exact posterior is laid beside that of another session, and a cell's beside another cell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ...analysis.behaviour.choices import Choices
from ...analysis.foundation import Array, Mistake, Reporter, kept_parts, stream
from ...analysis.statistics.empirical_bayes import Normal, fit
from ...analysis.statistics.two_samples import told_apart
from ...plasticity.inference import exact_posterior, without_likelihood
from ...plasticity.inference.coefficients import POINTS, Chart
from ...plasticity.inference.likelihood import Likelihood
from ...plasticity.inference.populations import drawn, people_like, weak
from ...plasticity.inference.simulate import World, play
from ..predictors.network import PredictingNeurons, live
from . import dopamine_population
from .labelling import Dataset, labelled

LEARNER = Chart(("eta", "forgetting", "beta"), {}, "Q, forgetting")
AUXILIARY = ("Q", "RFLR")
LAGS, HISTORY = 10, 3
DRAWS, TOLD_APART = 1000, 500
"""Draws by which coverage is counted, and of each sample that is to be told apart."""
CELL = ("baseline", "gain", "asymmetry", "discount")
CELLS = Normal(np.array([np.log(6.0), np.log(12.0), 0.0, 2.0]), np.array([0.35, 0.4, 1.0, 0.8]) ** 2)
"""Prior of cells: log of the baseline and the gain (Hz), log odds of asymmetry and discount."""
FURTHEST = 2.5
"""Of a cell's coefficients from the prior's middle, in its standard deviations."""


@dataclass(frozen=True)
class Config:
    sessions: int = 10000
    """sessions of Q-learners from which is learned"""
    trials: int = 400
    """of each session"""
    compared: int = 12
    """sessions whose posterior is laid beside the exact one"""
    fresh: int = 300
    """sessions in which coverage is counted"""
    populations: int = 50
    """of dopamine neurons, from which is learned"""
    fresh_populations: int = 3
    """in which coverage is counted"""
    neurons: int = 200
    """of each population"""
    training: int = 300
    """trials at each of the first two learning rates"""
    cell_trials: int = 300
    """trials of the session that is recorded"""
    eta: tuple[float, float, float] = (0.1, 0.03, 0.03)
    """learning rates, the last while recorded"""

    def __post_init__(self) -> None:
        if self.sessions < without_likelihood.FEWEST or min(self.compared, self.fresh) < 2:
            raise Mistake(
                "simulated_inference: 100 sessions to learn from, and 2 of each other kind, or more"
            )


PRESETS = {"quick": Config(), "paper": Config(sessions=50000, populations=250, fresh=1000, compared=50)}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Simulate, learn the posteriors, and judge them.

    Returns:
        ``apart`` (kind, session), ``apart_null`` (session,): share of draws that are assigned rightly;
        ``covered`` (kind, coefficient) and ``r``: coverage of 90 % intervals and correlation of the middle
        with the truth in fresh sessions; ``cell_covered``, ``cell_r``, ``cell_covered_null`` (number,) in
        fresh cells.

    Raises:
        Mistake: without the library.
    """
    without_likelihood.check_installed()
    work = (
        ("choices", 0.6, partial(_choices, config, stream(seed, "choices"))),
        ("cells", 0.4, partial(_cells, config, stream(seed, "cells"))),
    )
    found = kept_parts.all_made(folder, work, progress)
    dims = {
        "apart": ("kind", "session"),
        "apart_null": ("session",),
        "covered": ("kind", "coefficient"),
        "r": ("kind", "coefficient"),
        **dict.fromkeys(("cell_covered", "cell_covered_null", "cell_r"), ("number",)),
    }
    return labelled(
        {name: (axes, found[name]) for name, axes in dims.items()},
        coords={"kind": list(KINDS), "coefficient": list(LEARNER.free), "number": list(CELL)},
    )


def _choices(config: Config, seed: int) -> kept_parts.Parts:
    world = World(trials=config.trials)
    parameters = LEARNER.parameters(world.arms)
    prior = people_like(parameters)
    made = {}
    for name, number in (
        ("learned", config.sessions),
        ("compared", config.compared),
        ("fresh", config.fresh),
    ):
        x = drawn(parameters, prior, number, stream(seed, name))
        made[name] = (x, play(LEARNER, x, world, stream(seed, f"{name} play")))
    exact = exact_posterior.draws(Likelihood(LEARNER, made["compared"][1]), prior, TOLD_APART, seed)
    found: dict[str, list[Array]] = {"apart": [], "covered": [], "r": []}
    for summarise in KINDS.values():
        x, choices = made["learned"]
        posterior = without_likelihood.learn(x, summarise(choices), prior, seed)
        found["apart"].append(
            _apart(exact, posterior.sample(summarise(made["compared"][1]), TOLD_APART, seed))
        )
        x, choices = made["fresh"]
        draws = posterior.sample(summarise(choices), DRAWS, seed)
        found["covered"].append(covered(x, draws))
        found["r"].append(_correlation(x, draws))
    null = {"apart_null": _apart(exact, np.roll(exact, 1, axis=0))}
    return {name: np.array(rows) for name, rows in found.items()} | null


def _apart(exact: Array, draws: Array) -> Array:
    return np.array([told_apart(*pair, seed=k) for k, pair in enumerate(zip(exact, draws, strict=True))])


def summaries(choices: Choices) -> Array:
    """What each session shows (session, summary): shares, products at lags, stay probabilities by history.

    Two arms; sessions of one length, one for each subject.
    """
    side, paid = 2.0 * choices.action - 1, choices.reward
    columns = [side.mean(axis=1), paid.mean(axis=1)]
    for lag in range(1, LAGS + 1):
        product = side[:, lag:] * side[:, :-lag]
        columns += [(product * paid[:, :-lag]).mean(axis=1), (product * (1 - paid[:, :-lag])).mean(axis=1)]
    stayed = side[:, 1:] == side[:, :-1]
    trials = stayed.shape[1] - HISTORY + 1
    history = np.zeros((len(side), trials), int)
    for back in range(HISTORY):
        begin = HISTORY - 1 - back
        history = 2 * history + paid[:, begin : begin + trials].astype(int)
        if back:
            history = 2 * history + stayed[:, begin : begin + trials]
    for code in range(2 ** (2 * HISTORY - 1)):
        there = history == code
        count = (there & stayed[:, HISTORY - 1 :]).sum(axis=1)
        columns.append((count + 0.5) / (there.sum(axis=1) + 1))
    return np.stack(columns, axis=1)


def auxiliary(choices: Choices) -> Array:
    """What other rules are fitted to be in each session: `fitted` of each."""
    return np.hstack([fitted(POINTS[name], choices) for name in AUXILIARY])


def fitted(chart: Chart, choices: Choices) -> Array:
    """Coefficients, their log errors and correlations, and log likelihood of a rule (session, summary)."""
    prior = weak(chart.parameters(choices.options))
    found = fit(Likelihood(chart, choices), prior=prior, starts=1, climbs=1)
    above = np.triu_indices(found.x.shape[1], 1)
    scaled = found.covariance / (found.errors[:, :, None] * found.errors[:, None, :])
    return np.hstack([found.x, np.log(found.errors), scaled[:, above[0], above[1]], found.value[:, None]])


KINDS: Mapping[str, Callable[[Choices], Array]] = {
    "summaries": summaries,
    "auxiliary": auxiliary,
    "own": partial(fitted, LEARNER),
}
"""What a session's posterior is learned from."""


def covered(x: Array, draws: Array) -> Array:
    """Share of ``x`` (row, coefficient) in the middle 90 % of ``draws`` (row, draw, coefficient)."""
    low, high = np.quantile(draws, [0.05, 0.95], axis=1)
    return np.asarray(((low <= x) & (x <= high)).mean(axis=0))


def _correlation(x: Array, draws: Array) -> Array:
    middle = np.median(draws, axis=1)
    return np.array([np.corrcoef(x[:, k], middle[:, k])[0, 1] for k in range(x.shape[1])])


def _cells(config: Config, seed: int) -> kept_parts.Parts:
    x, seen = recorded_cells(config, seed)
    fresh = config.fresh_populations * config.neurons
    posterior = without_likelihood.learn(x[fresh:], seen[fresh:], CELLS, seed)
    draws = posterior.sample(seen[:fresh], DRAWS, seed)
    return {
        "cell_covered": covered(x[:fresh], draws),
        "cell_covered_null": covered(np.roll(x[:fresh], 1, axis=0), draws),
        "cell_r": _correlation(x[:fresh], draws),
    }


def recorded_cells(config: Config, seed: int) -> tuple[Array, Array]:
    """Coefficients (cell, number) and summaries (cell, summary) of cells that lived and were recorded."""
    populations = config.fresh_populations + config.populations
    shape = (populations, config.neurons)
    generator = np.random.default_rng(stream(seed, "coefficients"))
    off = generator.standard_normal((*shape, len(CELL))).clip(-FURTHEST, FURTHEST)
    x = CELLS.mean + np.sqrt(CELLS.variance) * off
    baseline, gain = np.exp(x[..., 0]), np.exp(x[..., 1])
    asymmetry, discount = (1 / (1 + np.exp(-x[..., k])) for k in (2, 3))
    study = dopamine_population.Config()
    network = PredictingNeurons(
        individuals=populations,
        neurons=config.neurons,
        cues=len(study.delays) + 2,
        longest=max(*study.delays, *study.uncertain),
        trials=max(config.training, config.cell_trials) + 1,
    )
    cells = {
        **{"baseline": baseline, "gain": gain, "asymmetry": asymmetry, "discount": discount},
        "trace": study.trace,
    }
    values = None
    for place, eta in enumerate(config.eta):
        trials = config.training if place < 2 else config.cell_trials
        rng = np.random.default_rng(stream(seed, "world", place))
        world = dopamine_population.drawn_world(study, trials, populations, rng)
        lived = live(network, world, {**cells, "eta": eta}, seed, values=values, place=place)
        values = lived.values
    kinds = [world.cue == cue for cue in range(network.cues)]
    single = len(study.delays)
    rewarded = [kind for kind in kinds[:single]]
    rewarded += [kinds[single] & (world.worth == worth) for worth in dopamine_population.worths()]
    rewarded += [kinds[single + 1] & (world.delay == delay) for delay in study.uncertain]
    seen = [_mean(lived.at_cue, kind) for kind in kinds] + [_mean(lived.at_reward, kind) for kind in rewarded]
    seen += [np.log1p(counts.var(axis=0)) for counts in (lived.at_cue, lived.at_reward)]
    return x.reshape(-1, len(CELL)), np.stack(seen, axis=-1).reshape(x[..., 0].size, -1)


def _mean(counts: Array, there: Array) -> Array:
    """Mean spikes (population, cell) of ``counts`` (trial, population, cell) where ``there`` (trial,
    population)."""
    total = np.einsum("tpc,tp->pc", counts, there.astype(float))
    return np.asarray(total / np.maximum(there.sum(axis=0), 1)[:, None])
