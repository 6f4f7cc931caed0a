"""The learned rule: what its searches score, and the point of the family that theory says is best."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.experiments import tunable
from hedon.models.experiments.meta_rule import (
    BASELINES,
    Config,
    Lifetimes,
    coefficients,
    live,
    searches,
    space,
)
from hedon.models.rate.network import RateNetwork
from hedon.models.rate.one_trial import one_trial
from hedon.models.tasks import LinearTeacher
from hedon.plasticity import TrialFamily
from hedon.plasticity.outer_loop import run_search

SMALL = Config(
    inputs=(2, 4), outputs=(2,), tasks=8, trials=80, generations=4, population=4, held_out=8, beyond=8
)
PROJECTION = {"eta": 1.0, "sigma": 1e-3, "input_exponent": 1.0, "noise_exponent": 1.0}


def test_both_exponents_one_is_a_projection() -> None:
    """E |V'|**2 = (1 - (2 eta - eta**2)/(N M)) |V|**2 for x ~ N(0, 1), normal and +-1 perturbations alike:
    the update takes a part eta of V's component along xi x^T, whose directions are isotropic."""
    many, inputs, outputs = 8000, 6, 3
    net = RateNetwork(
        LinearTeacher(inputs, outputs), TrialFamily(), individuals=many, block=1, initial_scale=0.0
    )
    eta, binary = np.resize([1.0, 0.4], many), np.repeat([0.0, 1.0], many // 2)
    given = coefficients("learned", PROJECTION) | {"eta": eta, "binary": binary, "sigma": 1e-5}
    trial = one_trial(net, 3, given)
    teacher = trial.arrays["w_teacher"]
    left = ((trial.after[0] - teacher) ** 2).sum(axis=(1, 2)) / (teacher**2).sum(axis=(1, 2))
    for rate in (1.0, 0.4):
        for law in (0.0, 1.0):
            expected = 1 - (2 * rate - rate**2) / (inputs * outputs)
            assert abs(z_score(left[(eta == rate) & (binary == law)], expected)) < 5


def alone(values: dict[str, float], seed: int, rule: str = "learned") -> float:
    return float(Lifetimes(SMALL, rule)({name: np.array([value]) for name, value in values.items()}, seed)[0])


@pytest.mark.whole
def test_scores_tell_learning_from_unlearning() -> None:
    middle = space("learned").decode(np.full(space("learned").dimensions, 0.5))
    tried = [
        PROJECTION,
        PROJECTION | {"eta": 0.01},
        PROJECTION | {"node": -1.0},
        PROJECTION | {"eta": 3.0, "noise_exponent": 0.0},
    ]
    full = [coefficients("learned", values) for values in tried]
    right, slow, wrong, fast = Lifetimes(SMALL, "learned")(
        {name: np.array([one[name] for one in full]) for name in full[0]}, 1
    )
    assert right > slow + 0.5
    assert right > wrong + 3
    assert np.isfinite(fast)
    assert alone(PROJECTION, 1) == alone(PROJECTION, 1) != alone(PROJECTION, 2)
    assert alone(middle, 0) < alone(PROJECTION, 0) - 1


def test_candidates_side_by_side_meet_the_same_tasks() -> None:
    """With perturbations too small to matter, copies of a candidate have the same life, whoever is beside."""
    drawn = SMALL.distribution.draw("train", 8, 0)[0]
    lives = [coefficients("sgd", {"eta": eta, "decay": 0.0}) for eta in (0.1, 0.02, 0.1)]
    levels = live(SMALL, "sgd", lives, drawn, 0, 80)
    np.testing.assert_array_equal(levels[0], levels[2])
    assert not np.array_equal(levels[0], levels[1])
    np.testing.assert_array_equal(levels[1], live(SMALL, "sgd", lives[1:2], drawn, 0, 80)[0])


def test_a_known_rule_lives_as_its_point_of_the_family() -> None:
    drawn = SMALL.distribution.draw("train", 8, 0)[0]

    def lived(rule: str, values: dict[str, float]) -> np.ndarray:
        return live(SMALL, rule, [coefficients(rule, values)], drawn, 0, 80)[0]

    hand = lived("hand", {"eta": 0.3})
    np.testing.assert_array_equal(hand, lived("learned", {"eta": 0.3, "binary": 1.0, "input_exponent": 1.0}))
    assert not np.array_equal(hand, lived("np", {"eta": 0.3}))
    frozen = live(SMALL, "learned", [coefficients("learned", PROJECTION) | {"learning": 0.0}], drawn, 0, 80)
    assert frozen[..., -4:].mean() > 5 * lived("learned", PROJECTION)[..., -4:].mean()


def test_searches_have_equal_budgets_and_their_own_seeds() -> None:
    planned = searches(SMALL, 0)
    assert "meta_rule" in tunable()
    assert {name.partition("-")[0] for name in planned} == {"learned", *BASELINES}
    assert len({(one.generations, one.optimiser.population) for one in planned.values()}) == 1  # type: ignore[attr-defined]
    assert len({one.seed for one in planned.values()}) == len(planned)
    assert searches(SMALL, 1)["np-1"].seed != planned["np-1"].seed


def test_a_search_of_gradient_descent_can_be_run_again() -> None:
    search = searches(SMALL, 3)["sgd-1"]
    one, other = run_search(search), run_search(search)
    np.testing.assert_array_equal(one.scores, other.scores)
    assert not one.failures and set(one.names) == {"eta", "decay"}


@pytest.mark.parametrize(
    "wrong",
    [{"tasks": 7, "outputs": (1, 2)}, {"held_out": 20}, {"beyond": 9}, {"trials": 81}, {"searches": 0}],
)
def test_refusals(wrong) -> None:
    with pytest.raises(Mistake):
        Config(**wrong)
