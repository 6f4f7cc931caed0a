"""A learner among others that learn, against Monte Carlo that knows nothing of the mean field."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.theory.learning_teams import drift, lag, lagging_rate, mean_field


def lived(
    agents: int, eta: float, alpha: float, trials: int, others: bool, teams: int
) -> tuple[np.ndarray, np.ndarray]:
    """Probability of learners to be right at the end (team,), and what they hear then."""
    rng = np.random.default_rng(3)
    h, expected = np.zeros((teams, agents)), np.zeros(teams)
    learns = np.ones(agents) if others else np.eye(agents)[0]
    for _ in range(trials + 1):
        q = 1 / (1 + np.exp(-h))
        right = rng.random(h.shape) < q
        heard = (2.0 * right - 1).sum(axis=1) - expected
        h = h + eta * heard[:, None] * (right - q) * learns
        expected += alpha * heard
    return (q * learns).sum(axis=1) / learns.sum(), heard


@pytest.mark.parametrize("alpha", [0.02, 0.3])
@pytest.mark.parametrize("others", [True, False])
def test_what_a_learner_comes_to(alpha: float, others: bool) -> None:
    theory, _ = mean_field(40, 0.15, alpha, 80, others)
    right, _ = lived(40, 0.15, alpha, 80, others, 300 if others else 3000)
    error = right.std() / len(right) ** 0.5
    # the mean field is exact for large G alone: to a hundredth here
    assert abs(right.mean() - theory[-1]) < 5 * error + 0.01
    assert 0.6 < theory[-1] < 0.95 and theory[0] == pytest.approx(0.5)


def test_the_running_mean_lags_behind_a_team_that_learns() -> None:
    _, heard = mean_field(40, 0.02, 0.05, 12)
    _, found = lived(40, 0.02, 0.05, 12, True, 20_000)
    assert abs(found.mean() - heard[-1]) < 5 * found.std() / len(found) ** 0.5
    # near rest by the closed form: neurons have moved by less than a tenth
    np.testing.assert_allclose(heard, lag(40, 0.02, 0.05, np.arange(13)), rtol=0.1, atol=1e-9)
    assert found.mean() > 20 * found.std() / len(found) ** 0.5
    _, alone = mean_field(40, 0.02, 0.05, 12, False)
    assert alone[-1] == pytest.approx(lag(1, 0.02, 0.05, 12), rel=0.1)


def test_a_lag_is_noise_and_turns_nothing() -> None:
    """Mean and variance of an update at rest, with a lag: eta/2, and eta**2 (G - 1 + lag**2)/4."""
    rng = np.random.default_rng(0)
    votes = rng.choice([-1.0, 1.0], (400_000, 9))
    update = (votes.sum(axis=1) + 4.0) * votes[:, 0] / 2
    assert update.mean() == pytest.approx(0.5, abs=5 * update.std() / len(update) ** 0.5)
    assert update.var() == pytest.approx((8 + 16) / 4, rel=0.02)


def test_the_rate_at_which_the_lag_is_as_large_as_the_noise() -> None:
    assert lag(64, lagging_rate(64, 0.05), 0.05) == pytest.approx(8)
    assert drift(63, 0.1) == pytest.approx(63 / 40)


def test_slow_expectations_make_others_that_learn_harmful_and_quick_ones_useful() -> None:
    slow, quick = (
        [mean_field(81, 0.1, a, 200, other)[0][-1] for other in (True, False)] for a in (0.02, 0.2)
    )
    assert slow[0] < slow[1] - 0.05 and quick[0] > quick[1] + 0.05


def test_refusals() -> None:
    for wrong in ((0, 0.1, 0.1, 5), (3, 0.0, 0.1, 5), (3, 0.1, 0.0, 5), (3, 0.1, 1.5, 5), (3, 0.1, 0.1, 0)):
        with pytest.raises(Mistake, match="a team needs"):
            mean_field(*wrong)
