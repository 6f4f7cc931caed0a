"""Points of the unit cube and the values they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from loop_tasks import SPACE

from hedon.analysis.foundation.mistakes import Mistake
from hedon.plasticity import (
    InjectedNoise,
    NodePerturbation,
    RewardModulatedSTDP,
    TDHebbian,
    TrialFamily,
    WeightFluctuation,
)
from hedon.plasticity.outer_loop import SearchSpace
from hedon.plasticity.parameter import Parameter
from hedon.plasticity.rule import Rule


def test_corners_and_middle() -> None:
    assert SPACE.decode([0, 0]) == {"eta": 1e-3, "shift": -1.0}
    assert SPACE.decode([1, 1]) == {"eta": 1.0, "shift": 3.0}
    middle = SPACE.decode([0.5, 0.5])
    assert middle["eta"] == pytest.approx(1e-3**0.5, rel=1e-12) and middle["shift"] == pytest.approx(1.0)


def test_there_and_back() -> None:
    for point in np.random.default_rng(1).random((50, 2)):
        np.testing.assert_allclose(SPACE.encode(SPACE.decode(point)), point, atol=1e-12)


def test_outside_points_are_taken_to_the_edge() -> None:
    assert SPACE.decode([-1, 2]) == {"eta": 1e-3, "shift": 3.0}


def test_from_a_rule_with_some_held() -> None:
    space = SearchSpace.of(NodePerturbation, ("eta",), {"eta": (1e-4, 1e-1)}, {"sigma": 0.02})
    assert space.names == ("eta",)
    assert space.decode([1.0]) == {"eta": 1e-1, "sigma": 0.02}
    assert space.free[0].scale == "log"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SearchSpace(()), "at least one free"),
        (lambda: SearchSpace.of(TDHebbian, ("bound",)), "needs finite bounds"),
        (lambda: SearchSpace.of(NodePerturbation, ("etta",)), "no parameter 'etta'.*eta"),
        (lambda: SearchSpace.of(NodePerturbation, ("eta",), {"eta": (1.0, 0.1)}), "the first must be lower"),
        (lambda: SearchSpace.of(NodePerturbation, ("eta",), {"eta": (0.0, 0.1)}), "log scale"),
        (lambda: SearchSpace(SPACE.free, {"eta": 1.0}), "given twice"),
        (lambda: SearchSpace((Parameter("a", 0, "1", 0, np.inf, "linear", ""),)), "finite bounds"),
        (lambda: SPACE.encode({"eta": 5.0}), "eta is 5"),
        (lambda: SPACE.encode({"ota": 0.5}), "no parameter 'ota'"),
        (lambda: SPACE.decode([0.5]), "2 coordinates"),
    ],
)
def test_what_is_refused(make, said: str) -> None:
    with pytest.raises(Mistake, match=said) as told:
        make()
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("rule", "name", "between"),
    [
        (InjectedNoise, "tau", (1e-3, 1.0)),
        (WeightFluctuation, "tau", (0.5, 5.0)),
        (TDHebbian, "bound", (1.0, 10.0)),
        (RewardModulatedSTDP, "w_max", (1.0, 10.0)),
    ],
)
def test_a_number_that_shapes_the_equations_is_searched_like_any_other(
    rule: type[Rule], name: str, between: tuple[float, float]
) -> None:
    space = SearchSpace.of(rule, (name,), {name: between})
    assert getattr(rule(**space.decode([1.0])), name) == between[1]


def test_what_a_rule_declares_of_a_number_is_where_it_is_searched_and_how_it_stands_in_equations() -> None:
    (free,) = SearchSpace.of(TrialFamily, ("boost",)).free
    assert (free.low, free.high, free.default) == (1 / 3, 3.0, 1.0)
    assert "boost : 1 (constant)  # factor on the rate" in TrialFamily().equations("dopamine")
    assert "boost" not in TrialFamily().equations("neuron")
    with pytest.raises(Mistake, match=r"TrialFamily: boost is -1, must be in \[0, 100\]"):
        TrialFamily(boost=-1.0)
