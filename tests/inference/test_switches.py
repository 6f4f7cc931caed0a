"""Model over data: the switches of subjects, foretold and lived."""

from __future__ import annotations

import numpy as np

from hedon.analysis.behaviour.choices import NONE, Choices
from hedon.analysis.behaviour.switching import switch_probabilities
from hedon.plasticity.inference.coefficients import Chart
from hedon.plasticity.inference.likelihood import Likelihood
from hedon.plasticity.inference.simulate import World, play
from hedon.plasticity.inference.switches import block_length, places, switches

CHART = Chart(("eta", "beta"))
WORLD = World(2, 0.9, 0.1, 0.0, 120, 2, 20)


def learners(number: int, beta: float) -> tuple[np.ndarray, Choices]:
    row = [float(p.free(np.array(value))) for p, value in zip(CHART.parameters(2), (0.5, beta), strict=True)]
    x = np.tile(row, (number, 1))
    return x, play(CHART, x, WORLD, 20)


def test_what_is_foretold_is_the_mean_of_policies_trial_by_trial() -> None:
    x, choices = learners(2, 4.0)
    choices.action[0, 7] = NONE
    blocks = np.tile(np.arange(240) // 20, (2, 1))
    found = switches(CHART, x, choices, blocks)
    log_p, own = Likelihood(CHART, choices).log_policies(x), []
    for row, trial in np.ndindex(choices.action.shape):
        if trial % 20 == 3 and choices.made[row, trial - 1 : trial + 1].all():
            own.append(1 - np.exp(log_p[row, trial, choices.action[row, trial - 1]]))
    assert len(own) == 24
    np.testing.assert_allclose(found.course[1, 3], np.mean(own))


def test_those_who_live_at_the_coefficients_of_learners_switch_as_they_do() -> None:
    """80 learners: P(switch) of each history within five standard errors of its own counts; at another
    inverse temperature it is not."""
    x, choices = learners(80, 4.0)
    blocks = np.tile(np.arange(240) // 20, (80, 1))
    found = switches(CHART, x, choices, blocks)
    own, foretold, lived = found.history
    error = np.sqrt(own * (1 - own) / found.count)
    assert (np.abs(foretold - own) < 5 * error).all() and (np.abs(lived - own) < 6 * error).all()
    assert np.abs(found.course[2] - found.course[0])[1:].max() < 0.06
    assert found.course[0, 3] > 2 * found.course[0, 18], "after a reversal they switch more"
    null = switches(CHART, learners(80, 1.0)[0], choices, blocks)
    assert null.apart.min() > 0.05 > 0.02 > found.apart.max()


def test_without_blocks_there_is_no_course() -> None:
    x, choices = learners(3, 4.0)
    found = switches(CHART, x, choices)
    assert found.course.shape == (3, 0)
    np.testing.assert_array_equal(found.history[0], switch_probabilities(choices)[0])


def test_places_in_blocks_begin_anew_with_blocks_and_sessions() -> None:
    begins = np.array([[True, False, False, False, True, False]])
    choices = Choices(("a",), np.zeros((1, 6), int), np.zeros((1, 6)), begins, 2)
    blocks = np.array([[1, 1, 2, 2, 2, 2]])
    np.testing.assert_array_equal(places(choices, blocks), [[0, 1, 0, 1, 0, 1]])
    assert (block_length(choices, blocks), block_length(choices, None)) == (2, 3)
