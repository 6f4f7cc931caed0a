"""Spiking neurons that learn from what they fire themselves come to rest where theory says."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import mean_and_error
from hedon.analysis.theory.discounts import values_of_delays
from hedon.models.predictors.network import PredictingNeurons, World, live

MANY, TRIALS = 8, 300
GAMMA = np.array([0.6, 0.8, 0.95])
NETWORK = PredictingNeurons(individuals=MANY, neurons=3, cues=2, longest=3, trials=TRIALS + 1)
CELLS = {"baseline": 20.0, "gain": 20.0, "asymmetry": 0.5, "discount": GAMMA, "trace": 0.5}


def world(seed, trials=TRIALS):
    rng = np.random.default_rng(seed)
    cue = rng.integers(2, size=(trials, MANY))
    late = np.where(rng.random((trials, MANY)) < 0.5, 1, 3)
    return World(cue, np.where(cue == 0, 3, late), np.ones((trials, MANY)))


def test_values_and_answers_are_those_of_the_neurons_own_discounts():
    trained = live(NETWORK, world(0), {**CELLS, "eta": 0.1}, 0)
    found = live(NETWORK, world(1), {**CELLS, "eta": 0.03}, 0, values=trained.values, place=1)
    ideal = np.array(
        [[values_of_delays(g, 0.5, *when) for g in GAMMA] for when in (([3], [1.0]), ([1, 3], [0.5, 0.5]))]
    )
    mean, error = mean_and_error(found.mean_values)
    np.testing.assert_array_less(np.abs(mean - ideal.transpose(0, 2, 1)), 5 * error + 0.01)
    assert error.max() < 0.03
    shown = world(1).cue == 0
    answers = found.at_cue[shown].mean(axis=0) - 10
    noise = found.at_cue[shown].std(axis=0) / shown.sum() ** 0.5
    np.testing.assert_array_less(np.abs(answers - 10 * GAMMA * ideal[0, :, 0]), 5 * noise)
    # a certain reward that is foreseen is answered with the baseline
    np.testing.assert_array_less(np.abs(found.at_reward[shown].mean(axis=0) - 10), 5 * noise)


def test_frozen_neurons_fire_as_the_equation_says():
    given = np.zeros((MANY, 2, 3, 3))
    given[:, 0, 2] = 0.4
    given[:, 1, 0] = 1.5
    slant = np.array([0.2, 0.5, 0.8])
    found = live(NETWORK, world(2), {**CELLS, "asymmetry": slant, "eta": 0.0}, 0, values=given)
    np.testing.assert_array_equal(found.values, given)
    first = world(2)
    soon = (first.cue == 1) & (first.delay == 1)
    for chosen, delta in ((first.cue == 0, 0.6), (soon, -0.5)):
        spikes = found.at_reward[chosen]
        rate = 20 + 40 * (slant if delta > 0 else 1 - slant) * delta
        z = (spikes.mean(axis=0) - 0.5 * rate) / (spikes.std(axis=0) / len(spikes) ** 0.5)
        assert np.abs(z).max() < 5


def test_who_hears_a_population_that_has_learned_learns_nothing():
    half = MANY // 2
    trained = live(NETWORK, world(0), {**CELLS, "eta": 0.1}, 0).values
    begin = np.where(np.arange(MANY)[:, None, None, None] < half, trained, 0.0)
    yoked = np.where(np.arange(MANY) < half, 0, half)
    found = live(NETWORK, world(3), {**CELLS, "eta": 0.05}, 0, values=begin, yoked=yoked, place=1)
    last = found.values[:, 0, 2]
    assert abs(last[:half].mean() - 1) < 0.1
    assert abs(last[half:].mean()) < 0.4  # a walk of its own: what is heard is noise
    alone = live(NETWORK, world(3), {**CELLS, "eta": 0.05}, 0, values=begin, place=1).values[:, 0, 2]
    assert abs(alone[half:].mean() - 1) < 0.1


def test_the_same_seed_gives_the_same_spikes():
    one, same, other = (live(NETWORK, world(4, 20), {**CELLS, "eta": 0.1}, s).at_cue for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_mistakes():
    with pytest.raises(Mistake, match="does not fit"):
        live(NETWORK, world(0, TRIALS + 1), {**CELLS, "eta": 0.1}, 0)
    late = world(0, 20)
    with pytest.raises(Mistake, match="delays must be"):
        live(NETWORK, World(late.cue, late.delay + 3, late.worth), {**CELLS, "eta": 0.1}, 0)
    with pytest.raises(Mistake, match="too coarse"):
        live(NETWORK, world(0, 20), {**CELLS, "baseline": 150.0, "eta": 0.1}, 0)
    with pytest.raises(Mistake, match="whole number"):
        PredictingNeurons(spell=0.505)
    with pytest.raises(Mistake, match="asymmetry or discount, not 'slope'"):
        PredictingNeurons(learned="slope")
    with pytest.raises(Mistake, match="from one cue"):
        PredictingNeurons(learned="discount", cues=2)
    with pytest.raises(Mistake, match="one shape"):
        World(late.cue, late.delay[1:], late.worth)


SPREAD = PredictingNeurons(
    individuals=12, neurons=8, cues=1, longest=1, trials=2001, spell=0.4, learned="asymmetry"
)
WEIGHTS = {
    "own": np.repeat([1.0, 0.0, 0.0], 4),
    "difference": np.repeat([0.0, 1.0, 1.0], 4),
    "one": np.zeros(12),
}
LEARNERS = {"baseline": 20.0, "gain": 20.0, "discount": 0.9, "trace": 0.0, "eta": 0.1, "alpha": 0.01}


def even(seed):
    rng = np.random.default_rng(seed)
    return World(np.zeros((2000, 12), int), np.ones((2000, 12), int), rng.random((2000, 12)))


@pytest.mark.whole
def test_neurons_spread_where_they_are_rewarded_for_their_part_and_only_there():
    """To the quantiles of the reward, (k - 1/2)/8; those that care for themselves stay at its mean."""
    yoked, slant, values = np.repeat([0, 0, 4], 4), np.full((12, 8), 0.5), None
    for place in range(3):
        given = {**LEARNERS, **WEIGHTS, "rate": 0.6, "asymmetry": slant}
        found = live(SPREAD, even(place), given, 0, values=values, yoked=yoked, place=place)
        slant, values = found.asymmetry, found.values
    forecast = np.sort(found.mean_values[:, 0, 0], axis=1)
    alone, part, other = forecast.reshape(3, 4, 8)
    rest = (np.arange(8) + 0.5) / 8
    assert np.abs(part.mean(axis=0) - rest).max() < 0.1
    assert np.abs(alone - 0.5).max() < 0.15
    assert np.ptp(other, axis=1).mean() < 0.75 * np.ptp(part, axis=1).mean()


def test_frozen_asymmetries_stay():
    """Without a rate none moves, and values rest at the mean reward."""
    given = {**LEARNERS, **WEIGHTS, "rate": 0.0, "asymmetry": 0.5}
    found = live(SPREAD, even(5), given, 0)
    np.testing.assert_allclose(found.asymmetry, 0.5)
    assert abs(found.mean_values[:, 0, 0].mean() - 0.5) < 0.02


LOOKING = PredictingNeurons(individuals=4, neurons=3, cues=1, longest=3, trials=1501, learned="discount")
LEFT = np.array([0.6, 0.8, 0.95])


def late(trials):
    shape = (trials, 4)
    return World(np.zeros(shape, int), np.full(shape, 3), np.ones(shape))


@pytest.mark.whole
def test_neurons_learn_to_look_as_far_ahead_as_pays_them_and_not_others():
    """Their targets have .36, .64 and .9 of the reward; who is paid as another is wanders."""
    cells = {"baseline": 20.0, "gain": 20.0, "asymmetry": 0.5, "trace": 0.5, "eta": 0.1, "alpha": 0.02}
    first = live(LOOKING, late(300), {**cells, "kept": LEFT, "discount": 0.8, "rate": 0.0}, 0)
    np.testing.assert_allclose(first.discount, 0.8)
    assert abs(first.values[:, 0, 0].mean() - 0.64) < 0.1
    given = {**cells, "kept": LEFT, "discount": 0.8, "rate": 12.0}
    own = live(LOOKING, late(1500), given, 0, values=first.values, place=1)
    mean, error = mean_and_error(own.discount)
    np.testing.assert_array_less(np.abs(mean - LEFT), 5 * error + 0.03)
    assert error.max() < 0.03
    other = live(LOOKING, late(1500), given, 0, values=first.values, yoked=1, place=1)
    assert np.abs(other.discount - LEFT).mean() > 2 * np.abs(own.discount - LEFT).mean()


def test_one_trial_of_learning_a_discount_is_the_equation():
    """The first trial of a call moves nothing; the second by rate (f - <f>)(payoff - <payoff>)."""
    start = np.random.default_rng(1).normal(0.6, 0.2, (4, 3, 3))
    given = {
        "alpha": 0.02,
        "rate": 1.0,
        "kept": np.tile(LEFT, (4, 1)),
        "phi": np.full((4, 3), np.log(4.0)),
        "V": start,
        "cue": np.zeros((1501, 4)),
        "delay": np.full((1501, 4), 3),
        "worth": np.ones((1501, 4)),
    }
    cells = {"baseline": 20.0, "gain": 20.0, "asymmetry": 0.5, "trace": 0.0}
    each = {name: np.full((4, 3), value) for name, value in cells.items()}

    def lived(trials, eta):
        run = {"seed": 3, "duration": trials, "outputs": ["V", "phi"]}
        return LOOKING.program()({**given, **each, "eta": np.full((4, 3), eta)}, **run)

    np.testing.assert_allclose(lived(4, 0.0)["phi"], given["phi"])  # a forecast that stays is its own mean
    after = lived(1, 0.1)["V"]
    f = np.stack([start[:, 0], np.asarray(after)[:, 0]])
    paid = f * LEFT**2 - f**2 / 2
    # running means are those of both trials: each is half of the way from the first
    step = (f[1] - f[0]) / 2 * (paid[1] - paid[0]) / 2
    np.testing.assert_allclose(lived(2, 0.1)["phi"], given["phi"], atol=1e-12)
    assert np.abs(step).max() > 1e-5
    np.testing.assert_allclose(lived(3, 0.1)["phi"] - given["phi"], step, atol=1e-9)
