"""Most probable coefficients where all is normal: every fit, prior and foresight has a closed form there."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from hedon.analysis.behaviour.choice_models import Free
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics import empirical_bayes
from hedon.analysis.statistics.empirical_bayes import (
    Fitted,
    Normal,
    Together,
    fit,
    held_out,
    held_out_parts,
    weak,
)

SUBJECTS, TRIALS = 5, 6
CLIMB = empirical_bayes._climb
KNOWN = np.array([[3.0, 1.2], [1.2, 2.0]])
"""information of a trial"""
Y = np.random.default_rng(0).normal([1.0, -0.5], 0.8, (SUBJECTS, TRIALS, 2))


@dataclass
class Seen:
    """log L = -(y - x) H (y - x)/2 over trials; remembers where it was asked."""

    y: np.ndarray = field(default_factory=lambda: Y)
    free: tuple[Free, ...] = (Free("a", "real", 0.2, 1.5, 9.0), Free("b", "real", -0.1, 0.5, 9.0))
    asked: list[np.ndarray] = field(default_factory=list)
    valued: list[np.ndarray] = field(default_factory=list)

    @property
    def parameters(self) -> tuple[Free, ...]:
        return self.free

    @property
    def subjects(self) -> int:
        return len(self.y)

    def value(self, x: np.ndarray, who: np.ndarray, counted: np.ndarray | None = None) -> np.ndarray:
        self.valued.append(x.copy())
        off = self.y[who] - x[:, None]
        weight = np.ones(self.y.shape[:2]) if counted is None else counted
        return -0.5 * (np.einsum("sti,ij,stj->st", off, KNOWN, off) * weight[who]).sum(axis=1)

    def evaluate(
        self, x: np.ndarray, who: np.ndarray, counted: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        self.asked.append(x.copy())
        weight = (np.ones(self.y.shape[:2]) if counted is None else counted)[who].astype(float)
        slope = np.einsum("sti,ij,st->sj", self.y[who] - x[:, None], KNOWN, weight)
        return self.value(x, who, counted), slope, weight.sum(axis=1)[:, None, None] * KNOWN


def exact(prior: Normal, counted: np.ndarray, y: np.ndarray = Y) -> tuple[np.ndarray, np.ndarray]:
    """Top and information of each subject's posterior."""
    information = counted.sum(axis=1)[:, None, None] * KNOWN + np.diag(1 / prior.variance)
    pull = np.einsum("sti,ij,st->sj", y, KNOWN, counted.astype(float)) + prior.mean / prior.variance
    return np.linalg.solve(information, pull[:, :, None])[:, :, 0], information


def test_a_fit_under_a_given_prior_is_the_posterior() -> None:
    counted = np.random.default_rng(1).random(Y.shape[:2]) < 0.6
    prior = Normal(np.array([2.0, 1.0]), np.array([0.3, 0.1]))
    objective = Seen()
    found = fit(objective, prior=prior, counted=counted)
    top, information = exact(prior, counted)
    # a climb ends where a step would gain less than NEAR = push . step: this far from the top at most
    off = np.einsum("si,sij,sj->s", found.x - top, information, found.x - top)
    assert (off < empirical_bayes.NEAR).all() and found.converged.all() and found.rounds == 0
    np.testing.assert_allclose(found.information, information)
    np.testing.assert_allclose(found.value, objective.value(found.x, np.arange(SUBJECTS), counted))
    np.testing.assert_allclose(found.covariance, np.linalg.inv(information))
    np.testing.assert_allclose(found.errors, [np.sqrt(np.diag(np.linalg.inv(one))) for one in information])
    np.testing.assert_allclose(found.root @ found.root.transpose(0, 2, 1), found.covariance, rtol=1e-9)
    assert found.prior is prior


def test_the_weak_prior_is_that_of_the_coefficients() -> None:
    prior = weak(Seen())
    assert prior.mean.tolist() == [0.2, -0.1] and prior.variance.tolist() == [2.25, 0.25]
    found = fit(Seen(), prior="weak")
    np.testing.assert_allclose(found.x, exact(prior, np.ones(Y.shape[:2]))[0], atol=0.02)
    # one subject alone has no population
    alone = fit(Seen(Y[:1]))
    assert alone.rounds == 0 and alone.prior.mean.tolist() == [0.2, -0.1]


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_round_of_the_population_is_equation_2(rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two subjects of the weak prior's mean and variance counted among them."""
    monkeypatch.setattr(empirical_bayes, "ROUNDS", rounds)
    monkeypatch.setattr(empirical_bayes, "NEAR", 1e-12)
    told: list[float] = []
    found = fit(Seen(), progress=told.append)
    every, base = np.ones(Y.shape[:2]), weak(Seen())
    now = base
    for _ in range(rounds):
        top, information = exact(now, every)
        spread = np.array([np.diag(np.linalg.inv(one)) for one in information])
        mean = (top.sum(axis=0) + 2 * base.mean) / (SUBJECTS + 2)
        square = ((top - mean) ** 2 + spread).sum(axis=0) + 2 * ((base.mean - mean) ** 2 + base.variance)
        now = Normal(mean, square / (SUBJECTS + 2))
    np.testing.assert_allclose(found.prior.mean, now.mean, rtol=1e-5)
    np.testing.assert_allclose(found.prior.variance, now.variance, rtol=1e-5)
    np.testing.assert_allclose(found.x, exact(now, every)[0], rtol=1e-5)
    assert found.rounds == rounds and told == [round_ / rounds for round_ in range(1, rounds + 1)]


def test_the_population_stands_at_the_end() -> None:
    found = fit(Seen())
    assert 1 < found.rounds < empirical_bayes.ROUNDS
    x, base = found.x, weak(Seen())
    again = empirical_bayes._population(x, found.information, base)
    assert (np.abs(again.mean - found.prior.mean) < 0.05 * np.sqrt(found.prior.variance)).all()
    assert (np.abs(np.log(again.variance / found.prior.variance)) < 0.05).all()
    # the round before moved more: it did not end late
    seen = [Normal(base.mean, base.variance)]
    for _ in range(found.rounds):
        top, information = exact(seen[-1], np.ones(Y.shape[:2]))
        seen.append(empirical_bayes._population(top, information, base))
    moved = [
        max(
            (np.abs(b.mean - a.mean) / np.sqrt(b.variance)).max(),
            np.abs(np.log(b.variance / a.variance)).max(),
        )
        for a, b in zip(seen, seen[1:], strict=False)
    ]
    assert moved[-1] < 0.05 <= moved[-2]


def test_what_is_held_out_is_foretold_by_the_whole_posterior(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean of exp(-(y-x)H(y-x)/2) over N(x_s, C_s) has a closed form; five errors of the draws."""
    monkeypatch.setattr(empirical_bayes, "DRAWS", 4000)
    monkeypatch.setattr(empirical_bayes, "NEAR", 1e-12)
    fold = np.where(np.arange(TRIALS) < 5, 0, 1) * np.ones((SUBJECTS, 1), int)
    prior = Normal(np.array([0.5, 0.0]), np.array([1.0, 0.5]))
    told: list[float] = []
    parts = held_out_parts(Seen(), fold, 2, prior=prior, progress=told.append)
    assert parts.shape == (2, SUBJECTS) and told == [0.5, 1.0]
    for part in range(2):
        top, information = exact(prior, fold != part)
        for s in range(SUBJECTS):
            own = Y[s, fold[s] == part]
            many, mean = len(own), own.mean(axis=0)
            within = -0.5 * np.einsum("ti,ij,tj->", own - mean, KNOWN, own - mean)
            data, spread = np.linalg.inv(many * KNOWN), np.linalg.inv(information[s])
            off = mean - top[s]
            nats = within - 0.5 * off @ np.linalg.solve(data + spread, off)
            nats += 0.5 * np.log(np.linalg.det(data) / np.linalg.det(data + spread))
            # variance of one draw's likelihood over its squared mean, from the same integral of the square
            twice = 2 * within - 0.5 * off @ np.linalg.solve(data / 2 + spread, off)
            twice += 0.5 * np.log(np.linalg.det(data / 2) / np.linalg.det(data / 2 + spread))
            error = np.sqrt((np.exp(twice - 2 * nats) - 1) / 4000)
            assert abs(parts[part, s] - nats) < 5 * error < 0.5
    np.testing.assert_allclose(held_out(Seen(), fold, 2, prior=prior), parts.sum(axis=0))


@pytest.mark.parametrize("fold, folds", [([0, 0, 0], 1), ([0, 1, 1], 3)])
def test_what_cannot_be_held_out(fold: list[int], folds: int) -> None:
    with pytest.raises(Mistake, match=f"{folds} parts cannot be held out of {len(set(fold))}"):
        held_out(Seen(Y[:, :3]), np.tile(fold, (SUBJECTS, 1)), folds)


def test_no_subject_and_no_such_prior() -> None:
    with pytest.raises(Mistake, match="no subject"):
        fit(Seen(Y[:0]))
    with pytest.raises(Mistake, match="not 'flat'"):
        fit(Seen(), prior="flat")  # type: ignore[arg-type]


@pytest.mark.parametrize("starts, climbs", [(8, 3), (2, 2), (3, 1), (1, 2)])
def test_climbs_begin_at_the_priors_mean_and_at_the_best_that_were_drawn(starts: int, climbs: int) -> None:
    objective = Seen()
    fit(objective, prior="weak", starts=starts, climbs=climbs)
    base, begun = weak(objective), objective.asked[0]
    np.testing.assert_array_equal(begun[:SUBJECTS], np.tile(base.mean, (SUBJECTS, 1)))
    if climbs == 1 or starts < climbs:
        assert len(begun) == SUBJECTS
        return
    drawn = np.array(objective.valued[:starts])
    assert drawn.shape == (starts, SUBJECTS, 2)
    posterior = np.array([Seen().value(x, np.arange(SUBJECTS)) for x in drawn])
    posterior += -0.5 * ((drawn - base.mean) ** 2 / base.variance).sum(axis=2)
    order = np.argsort(posterior, axis=0)[::-1]
    for s in range(SUBJECTS):
        np.testing.assert_array_equal(
            begun.reshape(climbs, SUBJECTS, 2)[1:, s], drawn[order[: climbs - 1, s], s]
        )


def test_points_are_drawn_from_the_prior() -> None:
    objective = Seen(np.tile(Y, (80, 1, 1)))
    fit(objective, prior="weak", starts=2)
    z = (np.array(objective.valued[:2]) - [0.2, -0.1]) / [1.5, 0.5]
    assert (np.abs(z.mean(axis=(0, 1))) < 5 / np.sqrt(800)).all()
    assert (np.abs(z.var(axis=(0, 1)) - 1) < 5 * np.sqrt(2 / 800)).all()


@dataclass
class Hills(Seen):
    """Two hills for each subject: a broad one at the prior's mean, a higher one beyond a valley."""

    def value(self, x: np.ndarray, who: np.ndarray, counted: np.ndarray | None = None) -> np.ndarray:
        return np.log(np.exp(-0.5 * x[:, 0] ** 2) + 1e6 * np.exp(-2 * (x[:, 0] - 6) ** 2))

    def evaluate(
        self, x: np.ndarray, who: np.ndarray, counted: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        near, far = np.exp(-0.5 * x[:, 0] ** 2), 1e6 * np.exp(-2 * (x[:, 0] - 6) ** 2)
        slope = (-x[:, 0] * near - 4 * (x[:, 0] - 6) * far) / (near + far)
        bent = np.where(near > far, 1.0, 4.0)
        return self.value(x, who), slope[:, None], bent[:, None, None]


@pytest.mark.parametrize("climbs, top", [(1, 0.0), (2, 6.0)])
def test_the_best_climb_is_kept_for_each_subject(climbs: int, top: float) -> None:
    wide = (Free("a", "real", 0.0, 10.0, 30.0),)
    found = fit(Hills(free=wide), prior="weak", starts=40, climbs=climbs)
    np.testing.assert_allclose(found.x[:, 0], top, atol=0.05)


def test_no_step_is_longer_than_three() -> None:
    objective = Seen(Y + 40.0, tuple(Free(name, "real", 0.0, 1e3, 1e3) for name in "ab"))
    found = fit(objective, prior="weak", climbs=1)
    np.testing.assert_allclose(found.x, (Y + 40).mean(axis=1), rtol=1e-3)
    pairs = zip(objective.asked, objective.asked[1:], strict=False)
    steps = [np.abs(b - a).max() for a, b in pairs if len(a) == len(b)]
    assert steps[0] == pytest.approx(3) and max(steps) < 3 + 1e-9 and len(steps) < 25


@pytest.mark.parametrize("side", [-1, 1])
def test_a_coefficient_at_the_end_of_its_reach_leaves_the_other_free(side: int) -> None:
    """The best along the edge, where what is seen lies beyond it; also from a start beyond."""
    free = Free("a", "real", 0.2, 1.5, 1.0), Free("b", "real", -0.1, 0.5, 9.0)
    y = Y + np.array([6.0 * side, 0])
    prior, edge = weak(Seen(free=free)), 0.2 + side
    pull = np.einsum("sti,ij->sj", y, KNOWN)[:, 1] + prior.mean[1] / prior.variance[1]
    best = (pull - TRIALS * KNOWN[0, 1] * edge) / (TRIALS * KNOWN[1, 1] + 1 / prior.variance[1])
    for first in (None, np.full((SUBJECTS, 2), 8.0 * side)):
        found = fit(Seen(y, free), prior="weak", first=first)
        np.testing.assert_array_equal(found.x[:, 0], edge)
        np.testing.assert_allclose(found.x[:, 1], best, atol=0.02)
        assert found.converged.all()


def test_a_fit_begins_where_it_is_told() -> None:
    objective, first = Seen(), np.full((SUBJECTS, 2), 1.5)
    fit(objective, prior="weak", first=first)
    np.testing.assert_array_equal(objective.asked[0], first)


def test_a_climb_that_has_too_few_steps_has_not_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    objective = Seen(Y + 40.0, tuple(Free(name, "real", 0.0, 1e3, 1e3) for name in "ab"))
    monkeypatch.setattr(empirical_bayes, "_climb", lambda found, prior, steps=2: CLIMB(found, prior, steps))
    found = fit(objective, prior="weak", climbs=1)
    assert not found.converged.any() and len(objective.asked) == 3


def test_populations_that_may_as_well_have_been_scatter_as_what_few_subjects_leave_open() -> None:
    """Six subjects who tell all of `a` and nothing of `b`: 8 and 2 squares, means of as many values."""
    prior = Normal(np.array([1.0, -1.0]), np.array([4.0, 0.25]))
    information = np.tile(np.diag([1e9, 1 / 0.25]), (6, 1, 1))
    found = Fitted(np.zeros((6, 2)), information, np.zeros(6), prior, np.ones(6, bool))
    np.testing.assert_allclose(found.told, [[1, 0]] * 6, atol=1e-6)
    generator = np.random.default_rng(0)
    drawn, many = [found.redrawn(generator) for _ in range(4000)], 4000
    squares = np.array([8, 2]) * prior.variance / [one.variance for one in drawn]
    off = np.array([(one.mean - prior.mean) ** 2 / one.variance for one in drawn]) * [8, 2]
    error = np.sqrt(2 * np.array([8, 2]) / many)
    assert (np.abs(squares.mean(axis=0) - [8, 2]) < 5 * error).all()
    assert (np.abs(off.mean(axis=0) - 1) < 5 * np.sqrt(2 / many)).all()


def test_a_root_is_no_wider_than_the_widest_prior() -> None:
    """Where rounding has made the information of a direction nought or less."""
    prior = Normal(np.zeros(2), np.array([4.0, 0.5]))
    turned = np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    for least in (-1e-9, 0.0, 0.1):
        information = turned @ np.diag([least, 2.0]) @ turned.T
        found = Fitted(np.zeros((1, 2)), information[None], np.zeros(1), prior, np.ones(1, bool))
        root = found.root[0]
        np.testing.assert_allclose(root @ root.T, turned @ np.diag([4.0, 0.5]) @ turned.T, atol=1e-9)


def test_objectives_together_and_fits_one_after_another() -> None:
    """The information of two objectives that share nothing is block by block."""
    other = Seen(Y[:, ::-1] * 2, (Free("c", "real", 0.0, 1.0), Free("d", "real", 0.0, 1.0)))
    both, who = Together((Seen(), other)), np.arange(SUBJECTS)
    assert [p.name for p in both.parameters] == ["a", "b", "c", "d"] and both.subjects == SUBJECTS
    x = np.random.default_rng(3).standard_normal((SUBJECTS, 4))
    counted = np.random.default_rng(4).random(Y.shape[:2]) < 0.5
    one, two = Seen().evaluate(x[:, :2], who, counted), other.evaluate(x[:, 2:], who, counted)
    value, slope, information = both.evaluate(x, who, counted)
    np.testing.assert_allclose(value, one[0] + two[0])
    np.testing.assert_allclose(both.value(x, who, counted), value)
    np.testing.assert_allclose(slope, np.concatenate([one[1], two[1]], axis=1))
    zero = np.zeros((SUBJECTS, 2, 2))
    np.testing.assert_allclose(information, np.block([[one[2], zero], [zero, two[2]]]))
    first, second = fit(Seen(), prior="weak"), fit(other, prior="weak")
    chained = Fitted.together([first, second])
    np.testing.assert_array_equal(chained.x, np.concatenate([first.x, second.x]))
    assert chained.prior is first.prior and len(chained.converged) == len(chained.value) == 2 * SUBJECTS


@pytest.mark.parametrize("side", [-1, 1])
def test_a_fit_that_begins_at_the_end_of_its_reach_leaves_it(side: int) -> None:
    """Where it is better inside, by however little: here by a slope of one half."""
    free = Free("a", "real", 0.0, 1e3, 1.0), Free("b", "real", 0.0, 1e3, 9.0)
    inside = side * (1 - 0.5 / (TRIALS * KNOWN[0, 0]))
    y = np.tile([inside, 0.0], (SUBJECTS, TRIALS, 1))
    found = fit(Seen(y, free), prior="weak", first=np.tile([float(side), 0.0], (SUBJECTS, 1)))
    np.testing.assert_allclose(found.x, np.tile([inside, 0.0], (SUBJECTS, 1)), atol=0.011)
