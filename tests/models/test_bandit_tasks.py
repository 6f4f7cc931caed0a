"""Bandits drawn from a distribution: the network lives the very tasks that the players are given."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import bernoulli, dynamic_programming
from hedon.analysis.statistics.intervals import mean_and_error
from hedon.models.choice.network import ChoiceNetwork
from hedon.models.program.keyed import uniform
from hedon.models.tasks.bandits import Arms, StaticBandits
from hedon.models.tasks.bernoulli_bandit import BernoulliBandit
from hedon.models.tasks.distribution import Drawn
from hedon.models.tasks.reversal_bandit import CHOICE
from hedon.plasticity.family import Family

TASKS, TRIALS = 1500, 100
NETWORK = ChoiceNetwork(BernoulliBandit(), Family(), TASKS, block=TRIALS)
CHOSEN = {"eta": 0.12, "eta_high": 0.12, "beta": 36.0}
REINFORCE = {
    **{"eta": 0.2, "eta_high": 0.2, "beta": 5.0, "critic_rate": 0.2},
    **{"coactivity": 0.0, "policy": 1.0, "own": 0.0, "baseline": 1.0},
}
KINDS = {drawn.kind: drawn for drawn in StaticBandits().draw("out_of_distribution", TASKS, 2)}


@pytest.fixture(scope="module")
def usual() -> Drawn:
    return StaticBandits().draw("held_out", TASKS, 1)[0]


def regret(net: ChoiceNetwork, drawn: Drawn, values: dict[str, float]) -> np.ndarray:
    """Pseudo-regret of each individual (individual,)."""
    lived = net.program()(
        {**values, **drawn.arguments}, seed=3, duration=TRIALS, outputs=["worth_mean", "best_mean"]
    )
    best = drawn.parameters["chance"].max(axis=1)
    return TRIALS * (best - np.asarray(lived["worth_mean"])[-1])


def test_the_network_lives_the_episodes_of_the_players(usual: Drawn) -> None:
    """Choice by choice: the episodes, the choices' own keyed noise and the rule, written out."""
    chance, seed = usual.parameters["chance"], usual.task_seed
    pay = usual.task.episodes(seed, chance, TRIALS)
    values, worth, who = np.full((TASKS, 2), 0.5), np.zeros(TASKS), np.arange(TASKS)
    best = np.zeros(TASKS)
    for trial in range(TRIALS):
        noise = -np.log(-np.log(uniform(seed, CHOICE, who[:, None], trial, np.arange(2))))
        choice = (36 * values + noise).argmax(axis=1)
        worth += chance[who, choice] / TRIALS
        best += (choice == chance.argmax(axis=1)) / TRIALS
        values[who, choice] += 0.12 * (pay[who, trial, choice] - values[who, choice])
    lived = NETWORK.program()(
        {**CHOSEN, **usual.arguments},
        seed=0,
        duration=TRIALS,
        outputs=["w", "worth_mean", "best_mean"],
    )
    np.testing.assert_allclose(np.asarray(lived["w"])[:, 0], values, rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.asarray(lived["worth_mean"])[-1], worth, atol=1e-12)
    np.testing.assert_allclose(np.asarray(lived["best_mean"])[-1], best, atol=1e-12)


@pytest.mark.parametrize("rule", [CHOSEN, REINFORCE], ids=["ChosenValue", "Reinforce"])
def test_a_rule_lies_between_random_and_ideal(usual: Drawn, rule: dict[str, float]) -> None:
    chance = usual.parameters["chance"]
    pay = usual.task.episodes(usual.task_seed, chance, TRIALS)
    learner = regret(NETWORK, usual, rule)
    solution = dynamic_programming.independent(TRIALS)
    ideal = bernoulli.regret(chance, bernoulli.optimal(pay, solution)).sum(axis=1)
    nobody = TRIALS * (chance.max(axis=1) - chance.mean(axis=1))
    for better, worse in ((ideal, learner), (learner, nobody)):
        mean, error = mean_and_error(worse - better)
        assert mean > 5 * error


@pytest.mark.parametrize("kind", ["usual", "mirrored", ".1/.9"])
def test_anothers_broadcast_teaches_nothing(usual: Drawn, kind: str) -> None:
    """Chance, z within 5, where the learner with its own broadcast is far from it."""
    drawn = usual if kind == "usual" else KINDS[kind]
    chance = drawn.parameters["chance"]
    nobody = TRIALS * (chance.max(axis=1) - chance.mean(axis=1))
    shuffled = regret(NETWORK, drawn, {**CHOSEN, "yoked": 1}) - nobody
    mean, error = mean_and_error(shuffled)
    assert abs(mean) < 5 * error
    mean, error = mean_and_error(regret(NETWORK, drawn, CHOSEN) - nobody)
    assert mean < -20 * error


def test_who_presumes_that_arms_mirror_each_other() -> None:
    """BothValues does better than who does not, where that is so, even than an index; never than Bayes."""
    both = {"eta": 0.03, "eta_high": 0.03, "opposite": 1.0, "beta": 200.0}
    for kind, other in (("mirrored", None), (".25/.75", bernoulli.gittins_finite)):
        drawn = KINDS[kind]
        chance = drawn.parameters["chance"]
        pay = drawn.task.episodes(drawn.task_seed, chance, TRIALS)
        learner = regret(NETWORK, drawn, both)
        rival = bernoulli.regret(chance, other(pay)).sum(axis=1) if other else regret(NETWORK, drawn, CHOSEN)
        mean, error = mean_and_error(rival - learner)
        assert mean > 5 * error
        ideal = bernoulli.regret(chance, bernoulli.bayes_mirrored(pay)).sum(axis=1)
        mean, error = mean_and_error(learner - ideal)
        assert mean > -5 * error


def test_splits_share_no_task() -> None:
    distribution = StaticBandits()
    draws = [distribution.draw(split, 50, 7)[0] for split in ("train", "held_out", "out_of_distribution")]
    assert len({drawn.task_seed for drawn in draws}) == 3
    few = distribution.draw("train", 20, 7)[0]
    np.testing.assert_array_equal(few.parameters["chance"], draws[0].parameters["chance"][:20])


def test_the_families_of_arms() -> None:
    independent = Arms(3).chances(1, 4000)
    assert independent.shape == (4000, 3)
    assert (np.abs(independent.mean(axis=0) - 0.5) < 5 * (1 / 12 / 4000) ** 0.5).all()
    assert np.abs(np.corrcoef(independent.T)[np.triu_indices(3, 1)]).max() < 5 / 4000**0.5
    np.testing.assert_allclose(Arms(2, "mirrored").chances(1, 100).sum(axis=1), 1)
    fixed = Arms(3, "fixed", (0.1, 0.5, 0.9)).chances(1, 3000)
    np.testing.assert_array_equal(np.sort(fixed, axis=1), np.tile([0.1, 0.5, 0.9], (3000, 1)))
    assert (np.abs((fixed == 0.9).mean(axis=0) - 1 / 3) < 5 * (2 / 9 / 3000) ** 0.5).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: BernoulliBandit(1),
        lambda: BernoulliBandit().episodes(0, [[0.5, 1.5]], 5),
        lambda: BernoulliBandit().episodes(0, [0.5, 0.5], 5),
        lambda: Arms(3, "mirrored"),
        lambda: Arms(2, "fixed", (0.1,)),
        lambda: Arms(2, "drifting"),  # type: ignore[arg-type]
        lambda: StaticBandits().draw("train", 0, 0),
        lambda: StaticBandits().draw("test", 4, 0),  # type: ignore[arg-type]
    ],
)
def test_refusals(make) -> None:
    with pytest.raises(Mistake):
        make()
