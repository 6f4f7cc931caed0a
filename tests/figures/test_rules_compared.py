"""The comparison of known rules: what each needs, by the rule itself, and a grid that holds the best rate."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.theory.linear_online import LinearOnline
from hedon.figures.rules import LABELS, needs
from hedon.models.experiments.rules_compared import (
    CLOSED,
    RULES,
    Config,
    first_guess,
    in_theory,
    live,
    rates,
    to_criterion,
)

SMALL = Config(inputs=4, outputs=2, rates=2, networks=64, trials=60, label_noise=0.0)


def test_what_each_rule_needs() -> None:
    assert set(LABELS) == set(RULES)
    assert {rule for rule in RULES if needs(rule)[0] == "yes"} == {"sgd", "nsgd"}
    assert needs("np")[1:] == ("2", "1", "-", "neuron")
    assert needs("np, antithetic")[1] == "3" and needs("wp, one pass")[1] == "1"
    assert (
        needs("wp")[4] == "synapse" and needs("nsgd")[3] == "|x|²" and needs("projection")[3] == "|x|², |ξ|²"
    )


@pytest.mark.parametrize("rule", ["nsgd", "sgd", "projection", "np", "wp"])
def test_the_grid_holds_the_rate_of_theory(rule: str) -> None:
    config = Config()
    best = LinearOnline(CLOSED[rule], config.inputs, config.outputs).eta_opt
    grid = rates(config, rule)
    assert grid[2] < best < 1.01 * grid[-1]
    assert first_guess(config, rule) == pytest.approx(best)


def test_theory_orders_the_rules() -> None:
    config = Config(label_noise=0.0, sigmas=(1e-6,))
    assert in_theory(config, "sgd") == pytest.approx(np.log(0.1) / np.log(1 - 0.75 / 12))
    order = sorted(CLOSED, key=lambda rule: in_theory(config, rule))
    assert order[0] == "nsgd" and order[-1] == "wp"
    assert in_theory(config, "np") / in_theory(config, "sgd") == pytest.approx(5 + 2, rel=0.1)


def test_the_mean_loss_falls_as_the_closed_form() -> None:
    """Gradient descent at 1/(2(N + 2)): E_t = a**t E_0 where labels have no noise."""
    theory = LinearOnline("sgd", SMALL.inputs, SMALL.outputs)
    eta = np.full(SMALL.individuals, theory.eta_opt / 2)
    level = live(SMALL, "sgd", eta, 0.01, 3).mean(axis=0)
    trials = np.arange(SMALL.trials)
    expected = (theory.contraction(theory.eta_opt / 2) ** trials).reshape(-1, SMALL.block).mean(axis=1)
    np.testing.assert_allclose(level, expected, rtol=0.35)
    assert to_criterion(SMALL, level, 0.1) < to_criterion(SMALL, level, 0.01)


@pytest.mark.parametrize(
    "wrong", [{"trials": 61}, {"rates": 1}, {"criteria": (1.5,)}, {"networks": 1}, {"sigmas": ()}]
)
def test_refusals(wrong) -> None:
    with pytest.raises(Mistake):
        Config(**wrong)
