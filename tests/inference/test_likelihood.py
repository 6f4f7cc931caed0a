"""The likelihood of the family: its gradient, its named points, and the compiled network's own policies."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.choices import NONE, Choices
from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.choice.network import ChoiceNetwork
from hedon.models.tasks.reversal_bandit import ReversalBandit
from hedon.plasticity.family import Family
from hedon.plasticity.inference.coefficients import LIKELY, POINTS, Chart
from hedon.plasticity.inference.likelihood import Likelihood

EVERY = tuple(name for name in LIKELY if name not in ("own", "coactivity", "losses"))
CHARTS = {
    **POINTS,
    "every": Chart(EVERY),
    "own": Chart(("eta", "losses", "own", "policy", "coactivity", "baseline", "critic_rate", "lapse")),
}


def played(subjects: int, trials: int, arms: int, seed: int = 0) -> Choices:
    """Choices at random in two sessions, one of twenty missed."""
    generator = np.random.default_rng(seed)
    action = generator.integers(0, arms, (subjects, trials))
    action[generator.random(action.shape) < 0.05] = NONE
    reward = np.where(action == NONE, 0.0, generator.random(action.shape) < 0.5)
    begins = np.zeros(action.shape, bool)
    begins[:, [0, trials // 3]] = True
    return Choices(tuple(map(str, range(subjects))), action, reward, begins, arms)


def drawn(likelihood: Likelihood, rows: int, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.array([p.mean + 0.5 * p.sd * generator.standard_normal(rows) for p in likelihood.parameters]).T


@pytest.mark.parametrize("arms", (2, 3))
@pytest.mark.parametrize("name", CHARTS)
def test_gradient_is_that_of_central_differences(name: str, arms: int) -> None:
    likelihood = Likelihood(CHARTS[name], played(4, 50, arms))
    who, x = np.arange(4), drawn(likelihood, 4)
    value, slope, _ = likelihood.evaluate(x, who)
    np.testing.assert_array_equal(value, likelihood.value(x, who))
    h = 1e-6
    for place in range(x.shape[1]):
        step = h * np.eye(x.shape[1])[place]
        central = (likelihood.value(x + step, who) - likelihood.value(x - step, who)) / (2 * h)
        # rounding of a log likelihood of about 50, over 2 h; curvature adds h^2
        np.testing.assert_allclose(slope[:, place], central, rtol=1e-6, atol=50 * 2.2e-16 / h * 100)


def test_information_is_the_variance_of_the_gradient() -> None:
    """Fisher's information of a choice is the expectation of the square of its gradient over the options."""
    chart = Chart(("eta", "beta", "bias", "lapse"))
    action = np.array([[0, 1, 1, NONE]])
    reward, begins = np.array([[1.0, 0, 1, 0]]), np.array([[True, False, False, False]])
    expected = np.zeros((4, 4))
    x = np.array([[0.3, 0.9, 0.2, -1.0]])
    for last in (0, 1):
        one = action.copy()
        one[0, 3] = last
        likelihood = Likelihood(chart, Choices(("a",), one, reward, begins, 2))
        counted = np.array([[False, False, False, True]])
        value, slope, information = likelihood.evaluate(x, np.array([0]), counted)
        expected += np.exp(value[0]) * np.outer(slope[0], slope[0])
    np.testing.assert_allclose(information[0], expected, rtol=1e-10)


def theta_of(likelihood: Likelihood, x: np.ndarray) -> dict[str, float]:
    return {p.name: float(p.value(x[k])) for k, p in enumerate(likelihood.parameters)}


def by_hand(name: str, choices: Choices, row: int, t: dict[str, float]) -> float:
    """log L of one subject as the named point's own literature writes it."""
    arms = choices.options
    bias = np.array([0.0] + [t[f"bias{arm}"] for arm in range(1, arms)])
    total = 0.0
    q = last = h = mean = None
    for action, reward, begins in zip(
        choices.action[row], choices.reward[row], choices.begins[row], strict=True
    ):
        if begins:
            first = t.get("rest", 0.0 if name in ("REINFORCE", "RFLR") else 0.5)
            q, last, h, mean = np.full(arms, first), np.zeros(arms), np.zeros(arms), 0.0
            before, paid, left, trial = None, 0.0, 0.0, 0
        if action == NONE:
            continue
        steep = t.get("beta", 1.0)
        logit = steep * q + t["repeat"] * last + bias
        if name == "family":
            logit = logit + t["habit"] * h
            logit = logit * (1 - t["naive"] * np.exp(-0.07 * trial)) * (1 - t["stray"] * left)
            if before is not None:
                logit[before] -= t["restless"] * left
        p = np.exp(logit) / np.exp(logit).sum()
        lapse = t.get("lapse", 0.0)
        total += np.log((1 - lapse) * p[action] + lapse / arms)
        y = np.eye(arms)[action]
        if name == "REINFORCE":
            q = q + t["eta"] * (reward - mean) * (y - p)
            mean += t["critic_rate"] * (reward - mean)
        elif name == "RFLR":  # evidence fades for both, and a reward adds to the side that was chosen
            q = (1 - t["eta"]) * q + t["eta"] * reward * y
        else:
            error = reward - q[action]
            rate = t.get("eta_losses", t["eta"]) if error < 0 else t["eta"]
            rest = t.get("rest", 0.5)
            q = q + y * rate * error + (1 - y) * t.get("forgetting", 0.0) * (rest - q)
            if name == "family":
                q = q - (1 - y) * rate * error * t["opposite"]
        if name == "family":
            h = h + t["habit_rate"] * (y - h)
            left = paid if before not in (None, action) else 0.0
            before, paid, trial = action, reward, trial + 1
        last = last + t.get("repeat_rate", 1.0) * (y - last)
    return total


@pytest.mark.parametrize("arms", (2, 3))
@pytest.mark.parametrize("name", POINTS)
def test_a_named_point_is_its_own_likelihood(name: str, arms: int) -> None:
    choices = played(3, 60, arms)
    likelihood = Likelihood(POINTS[name], choices)
    x = drawn(likelihood, 3)
    if "rest" in POINTS[name].free:
        x[:, [p.name for p in likelihood.parameters].index("rest")] = [0.5, 0.2, 0.8]
    own = [by_hand(name, choices, row, theta_of(likelihood, x[row])) for row in range(3)]
    np.testing.assert_allclose(likelihood.value(x, np.arange(3)), own, rtol=1e-10)


def test_recursive_and_lagged_logistic_regression_are_one() -> None:
    """RFLR of two arms is a logistic regression on all lags whose weights fall exponentially."""
    choices = played(2, 40, 2)
    likelihood = Likelihood(POINTS["RFLR"], choices)
    x = drawn(likelihood, 2)
    policies = np.exp(likelihood.log_policies(x))
    for row in range(2):
        t = theta_of(likelihood, x[row])
        signs = np.where(choices.action[row] == NONE, 0.0, 2.0 * choices.action[row] - 1)
        start = int(np.flatnonzero(choices.begins[row])[-1])
        made = np.flatnonzero(choices.action[row, start:39] != NONE) + start
        age = np.arange(len(made))[::-1]
        evidence = (signs[made] * choices.reward[row, made] * (1 - t["eta"]) ** age).sum()
        logit = t["beta"] * t["eta"] * evidence + t["repeat"] * signs[made[-1]] + t["bias1"]
        assert policies[row, 39, 1] == pytest.approx(1 / (1 + np.exp(-logit)), rel=1e-10)


def test_the_compiled_network_has_these_policies() -> None:
    """Every coefficient of the rule at once, and the readout: the network's choices, replayed.

    The tolerance is 1e-9: the network sums in another order.
    """
    rule = {"eta": 0.1, "eta_high": 0.5, "threshold": 0.4, "width": 0.1, "slow": 0.2, "losses": 0.6}
    rule |= {
        "coactivity": 0.8,
        "opposite": 0.3,
        "policy": 0.4,
        "forgetting": 0.2,
        "own": 0.9,
        "baseline": 0.2,
    }
    rule |= {"critic_rate": 0.1, "agreement": 0.7, "memory": 0.4, "share": 0.3, "fading": 0.2}
    readout = {"beta": 3.0, "repeat": 0.6, "repeat_rate": 0.9, "habit": -0.4, "habit_rate": 0.2, "lapse": 0.1}
    readout |= {"naive": 0.6, "naive_rate": 0.1, "stray": 0.5, "restless": 0.8}
    bias = {"bias1": 0.3, "bias2": -0.2}
    individuals, trials, arms = 5, 30, 3
    task = ReversalBandit(arms, 0.8, 0.3)
    network = ChoiceNetwork(task, Family(), individuals, block=1, first_value=0.4, habits=True)
    given = {**rule, **readout, "bias": np.array([[0.0, *bias.values()]] * individuals), "hazard": 0.1}
    program, state = network.program(), {}
    chosen, reward, policy = [], [], []
    for trial in range(trials):
        lived = program(
            {**given, **state, "task_seed": 7, "first_trial": trial},
            seed=0,
            duration=1,
            outputs=["chosen", "policy", "reward_mean", *network.states],
        )
        state = {name: np.asarray(lived[name]) for name in network.states} | {
            "good": lived_good(task, trial, individuals)
        }
        chosen.append(np.asarray(lived["chosen"]))
        policy.append(np.asarray(lived["policy"]))
        reward.append(np.asarray(lived["reward_mean"]).reshape(individuals))
    action = np.argmax(chosen, axis=2).T
    begins = np.zeros(action.shape, bool)
    begins[:, 0] = True
    names = tuple(map(str, range(individuals)))
    choices = Choices(names, action, np.array(reward).T, begins, arms)
    fixed = {**rule, **readout, "rest": 0.4}
    likelihood = Likelihood(Chart(("bias",), fixed), choices)
    found = np.exp(likelihood.log_policies(np.array([list(bias.values())] * individuals)))
    np.testing.assert_allclose(np.array(policy).transpose(1, 0, 2), found, atol=1e-9)
    assert len(np.unique(action)) == arms and np.ptp(found) > 0.3


def lived_good(task: ReversalBandit, trial: int, individuals: int) -> np.ndarray:
    return task.episodes(7, np.full(individuals, 0.1), trial + 1)[1][:, trial].astype(float)


@pytest.mark.parametrize(
    ("free", "fixed", "said"),
    [
        (("eta", "etta"), {}, "did you mean"),
        (("eta", "eta"), {}, "twice"),
        (("eta", "beta"), {"eta": 0.1}, "two of"),
        (("eta", "own", "beta"), {}, "one too many"),
        (("eta", "coactivity"), {}, "say the same"),
        (("eta", "losses", "eta_losses"), {}, "say the same"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(free: tuple, fixed: dict, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        Chart(free, fixed)
