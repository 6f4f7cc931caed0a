"""Dopamine neurons as agents: a population each of which learns from its own spikes to predict.

Every neuron has a baseline, asymmetry and discount of its own, hears nobody but itself, and changes its
synapses until its firing tells it of no error (`models.predictors`). (a) Discounts, as read from how
neurons fire at cues that announce a reward after each of several delays, against their own; where all share
one discount (open, in the order of asymmetries), what is read rises with asymmetry: between cue and reward
a neuron hears nothing but its own noise, and an asymmetry makes good or bad news of it, spell by spell. (b)
Values of a reward of one of seven sizes, against the ideal expectile of each neuron's asymmetry. (c)
Distribution of rewards, read out of the values: true (grey), with values (full), with the ideal ones
(dashed), with asymmetries dealt out anew (dotted). (d) Distribution of times of a reward that comes soon or
late, read out of the mean answers to its cue, with little (dashed) and much smoothing (full): what
discounts leave untold is the choice of who reads. Grey: true. Bars: 2 s.e. over populations. (e)
Asymmetries that neurons learn from what becomes of their own chance spikes (`models.predictors.slants`), in
rising order, against those that would forecast best together (grey): rewarded for their own forecast, their
own part of the population's, the population's, or another population's. (f) Such populations analysed as
recordings are, and others whose asymmetries are given, or even but dips end at zero: correlations over
neurons between random halves of a session, and the cells of Eshel et al. 2016 (doi:10.1038/nn.4239) where
the recordings are at hand (black, 95 %). (g) Discounts that neurons learn, all from .8 on, from what the work
that they make their targets do is paid (`models.predictors.horizons`), against the part of a reward that is
left to the target a spell later; open: paid as another population is. (h) Where asymmetries differ, discounts
come to undo them: learned discount (full; thin: the target's) and value at the cue over what the target has
(open; crosses: where the target's discount is given and stays).
"""

import numpy as np
from numpy.typing import NDArray

from ..analysis.foundation.arrays import Array
from ..analysis.statistics.intervals import jackknife, mean_and_error
from ..analysis.theory.discounts import fit_discount, times
from ..analysis.theory.expectiles import distribution
from ..models.experiments.dopamine_population import (
    ASYMMETRIES,
    BOTH,
    DISCOUNTS,
    YOKED,
    worths,
)
from .claims import Claim
from .dopamine_horizons import draw_horizons, draw_undone, horizon_claims
from .dopamine_slants import draw_recorded, draw_slants, slant_claims
from .look import BLUE, GREEN, ORANGE, Axes, Dataset, Figure, Results, config_of, mosaic, ticks

EXPERIMENTS = ("dopamine_population", "learned_asymmetries", "learned_discounts", "reversal_points")

REWARDS = np.linspace(0.0, 1.1, 45)
"""Utilities on which the distribution of rewards is read out."""
ROUGH = 1e-3
"""Smoothing of that distribution."""
FINE = 41
"""Times on which the distribution of times is read out, equally spaced in their logarithm."""
LITTLE, MUCH = 1.0, 1e3
"""Smoothing of the distribution of times; much is what claims are made of."""
SHUFFLES = 20


def check(data: Results) -> list[Claim]:
    result = data["dopamine_population"]
    claims = [*_discount_claims(result), *_value_claims(result)]
    claims += [*_reward_claims(result), *_time_claims(result)]
    claims += horizon_claims(data["learned_discounts"])
    return [*claims, *slant_claims(data["learned_asymmetries"], data["reversal_points"])]


def _discount_claims(result: Dataset) -> list[Claim]:
    true = result["discount"].sel(arm=DISCOUNTS).values
    found, error = _discounts(result, DISCOUNTS)
    alike = true.mean() / true
    claims = [
        Claim.follows(
            "discount read from answers to cues",
            found,
            error,
            true,
            0.1,
            "asked for: 10 %; the null is one discount for all",
            null=float(alike[np.argmax(np.abs(alike - 1))]),
            headline=True,
        )
    ]
    yoked, _ = _discounts(result, YOKED)
    claims.append(
        Claim.at_least(
            "discounts read with those put in (r)",
            float(np.corrcoef(found, true)[0, 1]),
            0.9,
            "chosen; the null is neurons that learn from the spikes of others",
            null=float(np.nan_to_num(np.corrcoef(yoked, true)[0, 1])),
        )
    )
    claims.append(
        Claim.at_least(
            "asymmetry passes for discount: slope of the discount read on asymmetry, one discount for all",
            _leak(result),
            0.05,
            "chosen: five hundredths from one end of asymmetries to the other",
            null=0.0,
        )
    )
    return claims


def _value_claims(result: Dataset) -> list[Claim]:
    claims = []
    for arm in (ASYMMETRIES, BOTH):
        row = result.sel(arm=arm)
        mean, error = mean_and_error(row["value"].transpose("individual", "neuron").values)
        ideal = row["ideal"].values
        worst = int(np.argmax(np.abs(mean - ideal) + 2 * error))
        one = ideal.mean() - ideal
        claims.append(
            Claim.equivalent(
                f"value less the ideal expectile of the neuron's own asymmetry, {arm}, worst of {ideal.size}",
                float(mean[worst] - ideal[worst]),
                0.0,
                float(error[worst]),
                0.06,
                "chosen: an eighth of the range of the ideals; the null is one value for all",
                null=float(one[np.argmax(np.abs(one))]),
                headline=arm == ASYMMETRIES,
            )
        )
    return claims


def _reward_claims(result: Dataset) -> list[Claim]:
    sizes = worths()
    point = np.abs((sizes.mean() <= REWARDS) - _true_rewards()).sum() * (REWARDS[1] - REWARDS[0])
    return [
        Claim.at_most(
            "distribution of rewards read out of values: distance to the true one (Wasserstein)",
            jackknife(lambda kept: _reward_distance(result, kept), result.sizes["individual"]),
            0.1,
            "chosen: less than half of the null's; the null has asymmetries dealt out anew",
            null=_shuffled_distance(result),
            rival=float(point),
        )
    ]


def _time_claims(result: Dataset) -> list[Claim]:
    near = []
    for one in range(result.sizes["individual"]):
        shuffled = [_time_distance(result, one, seed) for seed in range(SHUFFLES)]
        near.append(np.mean(shuffled) - _time_distance(result, one))
    return [
        Claim.at_least(
            "soon or late, read out of a population's answers to the cue: nearer to the true times "
            "(Wasserstein, log time) than with discounts dealt out anew",
            mean_and_error(near),
            0.1,
            "chosen: a ninth of what one time in the middle is away; the statistic after seeds 0 to 3",
            null=0.0,
        )
    ]


# -- what is read out --------------------------------------------------------------------------------------


def _spells(result: Dataset) -> tuple[Array, Array]:
    """Delays of the cues with one, and of the uncertain one, in spells."""
    config = config_of(result)
    return np.array(config["delays"], float), np.array(config["uncertain"], float)


def _discounts(result: Dataset, arm: str) -> tuple[Array, Array]:
    """Of every neuron, from mean answers, and its error over populations: (neuron,) each."""
    answers = result["answer"].sel(arm=arm).transpose("individual", "delay", "neuron").values
    delays, _ = _spells(result)
    return jackknife(lambda kept: fit_discount(delays, answers[kept].mean(axis=0))[0], len(answers))


def _leak(result: Dataset) -> tuple[float, float]:
    """Slope of the discount that is read on the asymmetry where all discount alike, and its error."""
    row = result.sel(arm=ASYMMETRIES)
    answers = row["answer"].transpose("individual", "delay", "neuron").values
    delays, _ = _spells(result)
    slant = row["asymmetry"].values

    def slope(kept: NDArray[np.bool_]) -> float:
        found = fit_discount(delays, answers[kept].mean(axis=0))[0]
        return float(np.polyfit(slant, found, 1)[0])

    value, error = jackknife(slope, len(answers))
    return float(value), float(error)


def _true_rewards() -> Array:
    """Cumulative probabilities on `REWARDS`."""
    return np.asarray((worths() <= REWARDS[:, None] + 1e-9).mean(axis=1))


def _rewards(result: Dataset, values: Array, slants: Array | None = None) -> Array:
    """Cumulative probabilities on `REWARDS`, read out of values."""
    own = result["asymmetry"].sel(arm=ASYMMETRIES).values if slants is None else slants
    return np.asarray(np.cumsum(distribution(own, values, REWARDS, ROUGH)))


def _values(result: Dataset, kept: NDArray[np.bool_] | None = None) -> Array:
    values = result["value"].sel(arm=ASYMMETRIES).transpose("individual", "neuron").values
    return np.asarray((values if kept is None else values[kept]).mean(axis=0))


def _distance(one: Array) -> float:
    return float(np.abs(one - _true_rewards()).sum() * (REWARDS[1] - REWARDS[0]))


def _reward_distance(result: Dataset, kept: NDArray[np.bool_]) -> float:
    return _distance(_rewards(result, _values(result, kept)))


def _shuffled_distance(result: Dataset) -> float:
    return float(np.mean([_distance(_shuffled(result, seed)) for seed in range(SHUFFLES)]))


def _shuffled(result: Dataset, seed: int) -> Array:
    slants = np.random.default_rng(seed).permutation(result["asymmetry"].sel(arm=ASYMMETRIES).values)
    return _rewards(result, _values(result), slants)


def _times(
    result: Dataset, one: int | None = None, smoothing: float = MUCH, shuffle: int | None = None
) -> tuple[Array, Array]:
    """Times (spells) and their probabilities, read out of answers to the uncertain cue.

    ``one``: of that population; by default of the mean of all. Each neuron's discount and scale are read from
    the mean answers to the other cues.
    """
    row = result.sel(arm=DISCOUNTS)
    delays, _ = _spells(result)
    gamma, scale = fit_discount(delays, row["answer"].mean("individual").transpose("delay", "neuron").values)
    answers = row["answer_uncertain"].transpose("individual", "neuron").values
    mean, error = mean_and_error(answers)
    if one is not None:
        mean, error = answers[one], error * len(answers) ** 0.5
    if shuffle is not None:
        gamma = np.random.default_rng(shuffle).permutation(gamma)
    grid = np.geomspace(delays.min() / 2, 2 * delays.max(), FINE)
    return grid, times(gamma, mean / scale, grid, error / scale, smoothing)


def _time_distance(result: Dataset, one: int, shuffle: int | None = None) -> float:
    """Wasserstein distance of the times that are read out to the two true ones, in natural log of time."""
    grid, p = _times(result, one, shuffle=shuffle)
    where = np.log(grid)
    true = (np.log(_spells(result)[1]) <= where[:, None] + 1e-9).mean(axis=1)
    return float(np.abs(np.cumsum(p) - true)[:-1].sum() * (where[1] - where[0]))


# -- panels ------------------------------------------------------------------------------------------------


def draw(data: Results) -> Figure:
    result = data["dopamine_population"]
    rows = [["discounts", "values"], ["rewards", "times"], ["slants", "recorded"], ["horizons", "undone"]]
    figure, axes = mosaic(rows, 10.6)
    _draw_discounts(axes["discounts"], result)
    _draw_values(axes["values"], result)
    _draw_rewards(axes["rewards"], result)
    _draw_times(axes["times"], result)
    draw_slants(axes["slants"], data["learned_asymmetries"])
    draw_horizons(axes["horizons"], data["learned_discounts"])
    draw_undone(axes["undone"], data["learned_discounts"])
    draw_recorded(axes["recorded"], data["learned_asymmetries"], data["reversal_points"])
    return figure


def _draw_discounts(panel: Axes, result: Dataset) -> None:
    found, error = _discounts(result, DISCOUNTS)
    true = result["discount"].sel(arm=DISCOUNTS).values
    panel.errorbar(true, found, 2 * error, fmt="o", color=BLUE, label="own discounts")
    panel.axline((0.8, 0.8), slope=1, color="0.7", zorder=0)
    found, error = _discounts(result, ASYMMETRIES)
    slant = result["asymmetry"].sel(arm=ASYMMETRIES).values
    place = true.min() + (true.max() - true.min()) * (slant - slant.min()) / (slant.max() - slant.min())
    panel.errorbar(
        place, found, 2 * error, fmt="o", color=ORANGE, mfc="white", label="one discount, by asymmetry"
    )
    panel.axhline(float(result["discount"].sel(arm=ASYMMETRIES)[0]), color=ORANGE, linewidth=0.6, zorder=0)
    panel.set(xlabel="discount of a spell", ylabel="read from firing at cues", title="a  discounts")
    panel.legend()


def _draw_values(panel: Axes, result: Dataset) -> None:
    for arm, colour in ((ASYMMETRIES, ORANGE), (BOTH, GREEN)):
        row = result.sel(arm=arm)
        mean, error = mean_and_error(row["value"].transpose("individual", "neuron").values)
        label = "one discount" if arm == ASYMMETRIES else "own discounts"
        panel.errorbar(row["ideal"], mean, 2 * error, fmt="o", color=colour, label=label)
    panel.axline((0.4, 0.4), slope=1, color="0.7", zorder=0)
    panel.set(xlabel="ideal expectile", ylabel="value learned", title="b  values")
    panel.legend()


def _draw_rewards(panel: Axes, result: Dataset) -> None:
    panel.step(REWARDS, _true_rewards(), color="0.7", where="post", linewidth=3)
    panel.plot(REWARDS, _rewards(result, _values(result)), color=ORANGE, label="values learned")
    ideal = result["ideal"].sel(arm=ASYMMETRIES).values
    panel.plot(REWARDS, _rewards(result, ideal), "--", color="k", label="ideal")
    panel.plot(REWARDS, _shuffled(result, 0), ":", color="k", label="dealt out anew")
    panel.set(xlabel="utility of the reward", ylabel="cumulative probability", title="c  rewards read out")
    panel.legend(loc="lower right")


def _draw_times(panel: Axes, result: Dataset) -> None:
    spell = float(result["delay"][0]) / _spells(result)[0][0]
    _, soon_or_late = _spells(result)
    for smoothing, style, label in ((MUCH, "-", "much smoothing"), (LITTLE, "--", "little")):
        grid, p = _times(result, smoothing=smoothing)
        panel.plot(grid * spell, p, style, color=BLUE, label=label)
    for when in soon_or_late * spell:
        panel.axvline(when, color="0.7", linewidth=3, zorder=0)
    panel.set(
        xscale="log", xlabel="time from cue to reward (s)", ylabel="probability", title="d  times read out"
    )
    ticks(panel, [0.25, 0.5, 1, 2, 4, 8])
    panel.legend()
