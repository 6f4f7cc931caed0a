"""Inference without a likelihood against closed forms; its library is an extra."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, multivariate_t  # type: ignore[import-untyped]

from hedon.analysis.behaviour.choices import Choices
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.empirical_bayes import Normal
from hedon.analysis.statistics.two_samples import told_apart
from hedon.models.experiments import simulated_inference
from hedon.plasticity.inference import exact_posterior, without_likelihood
from hedon.plasticity.inference.coefficients import Chart
from hedon.plasticity.inference.likelihood import Likelihood
from hedon.plasticity.inference.simulate import World, play

PRIOR = Normal(np.array([1.0, -2.0]), np.array([4.0, 0.25]))
NOISE = np.array([1.0, 0.5])


def test_without_the_library_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(without_likelihood.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Mistake, match=r"pip install 'hedon\[simulated\]'"):
        simulated_inference.simulate(simulated_inference.Config(), 0)


def test_a_linear_model_with_normal_noise_has_its_closed_posterior(tmp_path, monkeypatch):
    """s = x + noise: the posterior is normal, its precision the sum of the prior's and the noise's."""
    pytest.importorskip("sbi")
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(1)
    x = PRIOR.mean + np.sqrt(PRIOR.variance) * generator.standard_normal((3000, 2))
    seen = x + NOISE * generator.standard_normal(x.shape)
    learned = without_likelihood.learn(x, seen, PRIOR, 0)
    given = np.array([[2.0, -1.8], [0.0, -2.5]])
    draws = learned.sample(given, 2000, 1)
    variance = 1 / (1 / PRIOR.variance + 1 / NOISE**2)
    mean = variance * (PRIOR.mean / PRIOR.variance + given / NOISE**2)
    assert draws.shape == (2, 2000, 2)
    assert np.abs(draws.mean(axis=1) - mean).max() < 0.2 * np.sqrt(variance).max()
    assert np.abs(draws.std(axis=1) / np.sqrt(variance) - 1).max() < 0.15
    assert np.array_equal(draws, learned.sample(given, 2000, 1))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Mistake, match="2 finite summaries"):
        learned.sample(given[:, :1], 10, 0)


def test_what_cannot_be_learned_from_is_refused(monkeypatch):
    monkeypatch.setattr(without_likelihood, "check_installed", lambda: None)
    x = np.zeros((200, 2))
    with pytest.raises(Mistake, match="100 simulations or more"):
        without_likelihood.learn(x[:50], x[:50], PRIOR, 0)
    x[3, 1] = np.nan
    with pytest.raises(Mistake, match="not finite"):
        without_likelihood.learn(x, np.zeros((200, 3)), PRIOR, 0)


@pytest.mark.parametrize(("shift", "right"), [(0.0, 0.5), (1.0, 0.6915), (3.0, 0.9332)])
def test_two_normals_are_told_apart_as_well_as_can_be(shift, right):
    """At best Phi(shift/2) of the draws are assigned rightly."""
    generator = np.random.default_rng(2)
    first, second = generator.standard_normal((2, 800, 2)) * [1.0, 20.0]
    assert told_apart(first, second + [shift, 0.0]) == pytest.approx(right, abs=0.04)


def test_samples_that_cannot_be_told_apart_are_refused():
    some = np.zeros((60, 2))
    with pytest.raises(Mistake, match="two samples of one shape"):
        told_apart(some, some[:, :1])
    with pytest.raises(Mistake, match="not finite"):
        told_apart(some, some + np.inf)


class Linear:
    """log L = -(x - seen)^T P (x - seen)/2 of each subject: with a normal prior, a normal posterior."""

    precision = np.array([[3.0, 1.0], [1.0, 2.0]])
    seen = np.array([[0.5, -1.0], [2.0, 0.0]])
    subjects = 2
    parameters = Chart(("eta", "beta"), {}).parameters(2)

    def value(self, x, who, counted=None):
        off = x - self.seen[who]
        return -0.5 * np.einsum("ri,ij,rj->r", off, self.precision, off)

    def evaluate(self, x, who, counted=None):
        off = x - self.seen[who]
        return self.value(x, who), -off @ self.precision, np.tile(self.precision, (len(x), 1, 1))


def test_importance_sampling_draws_from_a_posterior_in_closed_form():
    prior = Normal(np.array([0.0, 1.0]), np.array([1.0, 0.5]))
    draws = exact_posterior.draws(Linear(), prior, 4000, 3)
    precision = Linear.precision + np.diag(1 / prior.variance)
    covariance = np.linalg.inv(precision)
    for subject in range(2):
        mean = covariance @ (Linear.precision @ Linear.seen[subject] + prior.mean / prior.variance)
        assert draws[subject].mean(axis=0) == pytest.approx(mean, abs=0.05)
        assert np.cov(draws[subject].T) == pytest.approx(covariance, abs=0.03)


def test_summaries_by_hand():
    """a a b b b a with rewards 1 0 0 1 1 0, and its mirror, which shows the same but for the side."""
    action = np.array([[0, 0, 1, 1, 1, 0], [1, 1, 0, 0, 0, 1]])
    reward = np.array([[1.0, 0, 0, 1, 1, 0]] * 2)
    begins = np.zeros_like(action, bool)
    begins[:, 0] = True
    padded = Choices(("s1", "s2"), np.tile(action, 3), np.tile(reward, 3), np.tile(begins, 3), 2)
    one, mirror = simulated_inference.summaries(padded)
    assert np.array_equal(one[1:], mirror[1:]) and one[0] == -mirror[0] == 0.0
    assert one[1] == 0.5
    sides = np.where(np.tile(action[0], 3), 1, -1)
    after = sides[1:] * sides[:-1] * np.tile(reward[0], 3)[:-1]
    assert one[2] == pytest.approx(after.mean())
    histories = one[2 + 2 * simulated_inference.LAGS :]
    # stays after (unpaid; stay, unpaid; switch, paid or so): aab bba aab ...: each history leads to one end
    assert len(histories) == 32 and set(np.round(histories * 12) % 1) == {0.0}


def test_auxiliary_fits_rise_with_the_rate_that_made_the_choices():
    chart = simulated_inference.LEARNER
    x = np.repeat([[-1.5, -1.0, 1.5], [1.0, -1.0, 1.5]], 6, axis=0)
    choices = play(chart, x, World(trials=300), 4)
    eta = simulated_inference.auxiliary(choices)[:, 0]
    assert eta[6:].min() > eta[:6].mean() and Likelihood(chart, choices).subjects == 12


def test_covered_counts_the_middle_nine_tenths():
    draws = np.tile(np.arange(101.0)[None, :, None], (4, 1, 1))
    x = np.array([[4.9], [5.1], [94.9], [95.1]])
    assert simulated_inference.covered(x, draws) == pytest.approx([0.5])


def test_weights_that_rest_on_few_points_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A normal posterior of covariance C about t_4 of 1.5 C: the points are worth (mean w)^2 / mean w^2."""
    place = np.random.default_rng(0).multivariate_normal(np.zeros(2), np.eye(2), 20_000)
    w = multivariate_normal(np.zeros(2)).pdf(place) / multivariate_t(np.zeros(2), 1.5 * np.eye(2), 4).pdf(
        place
    )
    share = 1 / w.mean()  # means over the posterior are weighed already
    prior = Normal(np.array([0.0, 1.0]), np.array([1.0, 0.5]))
    monkeypatch.setattr(exact_posterior, "LEAST", 0.97 * share)
    assert exact_posterior.draws(Linear(), prior, 5, 3).shape == (2, 5, 2)
    monkeypatch.setattr(exact_posterior, "LEAST", 1.03 * share)
    with pytest.raises(Mistake, match="rests on too few points"):
        exact_posterior.draws(Linear(), prior, 5, 3)
