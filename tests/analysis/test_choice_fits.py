"""Models of choice: likelihoods in plain Python, exact derivatives, recovery, held-out ranks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from hedon.analysis.behaviour import choice_fits
from hedon.analysis.behaviour.choice_fits import fit, held_out, log_likelihood, standard_errors, weak_prior
from hedon.analysis.behaviour.choice_models import (
    BANDIT_MODELS,
    Chance,
    ChoiceModel,
    Perseveration,
    QLearning,
    TwoRates,
    WinStay,
)
from hedon.analysis.behaviour.choices import NONE, Choices, bandit_choices, two_step_choices
from hedon.analysis.behaviour.two_step_models import TWO_STEP_MODELS, Mixture, ModelBased, ModelFree
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import q_learning, two_step
from hedon.analysis.recordings.behaviour import Behaviour

TRUE = {"alpha1": 0.4, "lam": 0.7, "beta1": 4.0, "beta2": 3.0, "w": 0.6, "perseveration": 0.5}
FITTED = {
    "alpha1": "alpha", "lam": "lambda", "beta1": "beta1", "beta2": "beta2", "w": "w", "perseveration": "p",
}  # fmt: skip


def at(model: ChoiceModel, values: dict[str, object], subjects: int) -> np.ndarray:
    """x (subject, parameter) of parameters' values."""
    columns = [
        np.broadcast_to(parameter.free(np.asarray(values[parameter.name], float)), (subjects,))
        for parameter in model.parameters
    ]
    return np.stack(columns, axis=1)


@pytest.fixture(scope="module")
def people() -> Behaviour:
    return two_step.simulate(12, 300, **TRUE, first_value=0.5, missed=0.05, seed=3)


def plain_likelihood(people: Behaviour, p: dict[str, float], common: float) -> list[float]:
    """Log likelihood of the mixture, trial by trial in plain Python."""
    found = []
    for _, own in people.subjects():
        q1, q2, last, total = [0.5, 0.5], [[0.5, 0.5], [0.5, 0.5]], None, 0.0
        columns = (own[name].tolist() for name in ("action", "state2", "action2", "reward", "missed"))
        for a, s, b, r, missed in zip(*columns, strict=True):
            if missed:
                continue
            a, s, b = int(a) - 1, int(s) - 1, int(b) - 1
            planned = (2 * common - 1) * (max(q2[1]) - max(q2[0]))
            again = 0.0 if last is None else 2.0 * last - 1.0
            logit = (
                p["beta1"] * (p["w"] * planned + (1 - p["w"]) * (q1[1] - q1[0])) + p["perseveration"] * again
            )
            total -= np.log1p(np.exp(-logit if a else logit))
            logit = p["beta2"] * (q2[s][1] - q2[s][0])
            total -= np.log1p(np.exp(-logit if b else logit))
            old = q2[s][b]
            q1[a] += p["alpha1"] * (old - q1[a] + p["lam"] * (r - old))
            q2[s][b] += p["alpha1"] * (r - old)
            last = a
        found.append(float(total))
    return found


def test_the_mixtures_likelihood_is_that_of_plain_python(people: Behaviour) -> None:
    choices = two_step_choices(people)
    x = at(Mixture(), {FITTED[name]: value for name, value in TRUE.items()}, 12)
    exact = plain_likelihood(people, TRUE, choices.p_common)
    np.testing.assert_allclose(log_likelihood(Mixture(), x, choices), exact, rtol=1e-12)


def test_the_mixture_contains_both_learners(people: Behaviour) -> None:
    choices = two_step_choices(people)
    for model, w in ((ModelFree(), 1e-13), (ModelBased(), 1 - 1e-13)):
        values = {"alpha": 0.3, "lambda": 0.6, "beta1": 4.0, "beta2": 3.0, "p": 0.2, "w": w}
        pure = log_likelihood(model, at(model, values, 12), choices)
        mixed = log_likelihood(Mixture(), at(Mixture(), values, 12), choices)
        np.testing.assert_allclose(pure, mixed, rtol=1e-9)


@pytest.mark.parametrize("model", [*TWO_STEP_MODELS, *BANDIT_MODELS], ids=lambda m: m.__name__)
def test_derivatives_are_exact(model: type[ChoiceModel], people: Behaviour) -> None:
    two = model in TWO_STEP_MODELS
    choices = (
        two_step_choices(people) if two else bandit_choices(q_learning.simulate(12, 200, arms=3, seed=1))
    )
    one, generator = model(), np.random.default_rng(4)
    size = len(one.parameters)
    x = 0.7 * generator.standard_normal((12, size))
    none = np.zeros(size), np.zeros((size, size))
    value, slope, information = choice_fits._value_and_slope(
        one, x, np.arange(12), choice_fits._Seen.of(choices, None), *none
    )
    np.testing.assert_allclose(value, log_likelihood(one, x, choices), rtol=1e-12)
    for place, step in enumerate(1e-5 * np.eye(size)):
        up, down = (log_likelihood(one, x + sign * step, choices) for sign in (1, -1))
        np.testing.assert_allclose(slope[:, place], (up - down) / 2e-5, atol=1e-4)
    assert (np.linalg.eigvalsh(information) > -1e-9).all()


@pytest.mark.parametrize("model", [ModelFree, Mixture, TwoRates])
def test_fits_end_where_the_slope_is_nought(model: type[ChoiceModel], people: Behaviour) -> None:
    """Or at the end of a parameter's reach: slope^2/(2 curvature), which is left to gain, is below a
    thousandth of a nat, also for rewards without meaning."""
    two = model is not TwoRates
    choices = two_step_choices(people) if two else bandit_choices(q_learning.simulate(30, 200, seed=6))
    one = model()
    centre, precision = weak_prior(one)
    reach = np.array([parameter.reach for parameter in one.parameters])
    for seen in (choices, choices.shuffled(3)):
        found = fit(one, seen)
        _, slope, information = choice_fits._value_and_slope(
            one,
            found.x,
            np.arange(len(found.x)),
            choice_fits._Seen.of(seen, None),
            centre,
            np.diag(precision),
        )
        slope[np.abs(found.x - centre) >= reach] = 0
        left = np.einsum("ri,rij,rj->r", slope, np.linalg.inv(information), slope) / 2
        assert found.converged.all() and left.max() < 1e-3


def test_at_the_truth_the_score_is_nought_within_its_own_information(people: Behaviour) -> None:
    """E[d log L] = 0 with covariance F at the parameters that made the choices, and not at others."""
    many = two_step.simulate(100, 300, **TRUE, first_value=0.5, seed=5)
    choices = two_step_choices(many)
    model, none = Mixture(), (np.zeros(6), np.zeros((6, 6)))
    for wrong in ({}, {"w": 0.3}, {"alpha": 0.6}, {"beta2": 4.0}, {"p": 0.2}):
        values = {FITTED[name]: value for name, value in TRUE.items()} | wrong
        x = at(model, values, 100)
        _, slope, information = choice_fits._value_and_slope(
            model, x, np.arange(100), choice_fits._Seen.of(choices, None), *none
        )
        z = slope.sum(axis=0) / np.sqrt(np.einsum("rii->i", information))
        assert (np.abs(z).max() < 5) == (not wrong), (wrong, z)


def test_parameters_of_a_bandit_come_back_with_honest_errors() -> None:
    generator = np.random.default_rng(0)
    true = {
        "alpha": generator.uniform(0.1, 0.9, 60),
        "beta": generator.uniform(1, 8, 60),
        "perseveration": generator.normal(0, 0.5, 60),
    }
    choices = bandit_choices(q_learning.simulate(60, 500, **true, seed=7))
    found = fit(QLearning(), choices)
    errors = standard_errors(found, choices)
    assert found.converged.all()
    for place, (name, wanted) in enumerate(zip(found.names, true.values(), strict=True)):
        assert np.corrcoef(found[name], wanted)[0, 1] > 0.9
        z = (found[name] - wanted) / errors[:, place]
        assert 0.6 < np.nanstd(z) < 1.6 and np.isfinite(z).mean() > 0.9
    likely = fit(QLearning(), choices, prior=None)
    assert (likely.log_likelihood >= found.log_likelihood - 1e-6).all()
    assert (likely.aic < 2 * np.log(2) * 500).all()


def test_shuffled_rewards_have_no_value_to_learn_from() -> None:
    true = q_learning.simulate(20, 300, alpha=0.4, beta=5.0, seed=2)
    choices = bandit_choices(true)
    gain = [
        held_out(QLearning(), seen) - held_out(Perseveration(), seen)
        for seen in (choices, choices.shuffled(1))
    ]
    assert gain[0].mean() > 5 * gain[0].std(ddof=1) / 20**0.5
    assert gain[1].mean() < 0.1 * gain[0].mean()


def test_held_out_trials_were_not_fitted() -> None:
    """Of choices by lot a fit makes something, and pays for it on the trials held out."""
    choices = bandit_choices(q_learning.simulate(80, 60, beta=0.0, seed=5))
    fitted = fit(WinStay(), choices).log_likelihood / choices.made.sum(axis=1) + np.log(2)
    out = held_out(WinStay(), choices) + np.log(2)
    error = out.std(ddof=1) / 80**0.5
    assert fitted.mean() > 3 * error and out.mean() < -3 * error


@pytest.mark.parametrize(("w", "best"), [(0.0, "model-free"), (1.0, "model-based")])
def test_held_out_trials_name_who_chose(w: float, best: str) -> None:
    people = two_step.simulate(24, 200, **(TRUE | {"w": w, "lam": 1.0}), first_value=0.5, seed=8)
    choices = two_step_choices(people)
    scores = {model.name: held_out(model(), choices) for model in (ModelFree, ModelBased)}
    other = next(name for name in scores if name != best)
    ahead = scores[best] - scores[other]
    assert ahead.mean() > 5 * ahead.std(ddof=1) / 24**0.5


def test_chance_is_chance_and_sessions_begin_afresh() -> None:
    one = q_learning.simulate(3, 60, alpha=0.5, beta=3.0, seed=3)
    columns = dict(one.columns) | {"session": np.where(one["trial"] < 30, "a", "b")}
    halves = bandit_choices(Behaviour(columns))
    np.testing.assert_allclose(held_out(Chance(), halves), -np.log(2), rtol=1e-12)
    x = at(QLearning(), {"alpha": 0.5, "beta": 3.0, "p": 0.3}, 3)
    apart = sum(
        log_likelihood(QLearning(), x, bandit_choices(one.where(part)))
        for part in (one["trial"] < 30, one["trial"] >= 30)
    )
    np.testing.assert_allclose(log_likelihood(QLearning(), x, halves), apart, rtol=1e-12)


def test_large_fits_are_done_in_parts(people: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    choices = two_step_choices(people).take(np.arange(4))
    whole = fit(ModelBased(), choices)
    monkeypatch.setattr(choice_fits, "LARGEST", 5_000)
    np.testing.assert_allclose(fit(ModelBased(), choices).x, whole.x, rtol=1e-9)


def test_the_wang_task_has_no_second_choice(people: Behaviour) -> None:
    columns = {name: values for name, values in people.columns.items() if name != "action2"}
    choices = two_step_choices(Behaviour(columns))
    assert choices.options2 == 1
    found = fit(ModelBased(), choices)
    assert found.converged.all() and (found.count == choices.made.sum(axis=1)).all()


def test_trials_as_tables(people: Behaviour) -> None:
    choices = two_step_choices(people)
    assert (
        choices.made.sum(axis=1) == [int((own["missed"] == 0).sum()) for _, own in people.subjects()]
    ).all()
    assert choices.state2 is not None and (choices.state2[~choices.made] == NONE).all()
    bad = dict(people.columns) | {"common": 1 - people["common"] * (people["trial"] % 2)}
    with pytest.raises(Mistake, match="disagree"):
        two_step_choices(Behaviour(bad))
    with pytest.raises(Mistake, match="two first actions, not 1"):
        two_step_choices(Behaviour(dict(people.columns) | {"action": np.ones(len(people))}))
    with pytest.raises(Mistake, match="all actions are the same"):
        bandit_choices(Behaviour(dict(people.columns) | {"action": np.ones(len(people))}))
    with pytest.raises(Mistake, match="trials, 4 are needed"):
        held_out(QLearning(), bandit_choices(people.where(people["trial"] < 2)))


def stayer(stays: list[int], arms: int = 2) -> Choices:
    """One who took the same option again where ``stays`` is 1, else the next one."""
    action = np.cumsum([0, *(1 - np.array(stays))]) % arms
    shape = (1, len(action))
    return Choices(("a",), action[None], np.zeros(shape), np.eye(*shape) > 0, arms)


STAYS = [1] * 17 + [0, 0, 1, 1, 0, 0, 1, 1, 0, 1]


def most_probable(stays: int, many: int, mean: float = 0.0, precision: float = 1.0) -> float:
    """p where the slope of stays log s(p) + (many - stays) log s(-p) - precision (p - mean)^2/2 is nought."""
    return float(
        brentq(lambda p: stays - many / (1 + np.exp(-p)) - precision * (p - mean), -8, 8, xtol=1e-12)
    )


@pytest.mark.parametrize(
    "prior", ["weak", None, (np.array([1.0]), np.array([4.0])), (np.array([1.0]), np.eye(1) / 2)]
)
def test_perseveration_alone_has_a_closed_form(prior: object) -> None:
    """Its fit, information, error and criterion are those of counted stays; the first tells nothing."""
    choices, many, stays = stayer(STAYS), len(STAYS), sum(STAYS)
    mean, precision = {"weak": (0.0, 1.0), "None": (0.0, 0.0)}.get(str(prior), (1.0, 4.0))
    if isinstance(prior, tuple) and prior[1].ndim == 2:
        precision = 0.5
    p = most_probable(stays, many, mean, precision)
    found = fit(Perseveration(), choices, prior=prior, near=1e-12)  # type: ignore[arg-type]
    share = 1 / (1 + np.exp(-p))
    log_l = -np.log(2) + stays * np.log(share) + (many - stays) * np.log(1 - share)
    curvature = many * share * (1 - share) + precision
    assert found["p"][0] == pytest.approx(p, abs=1e-5) and found.count.tolist() == [many + 1]
    assert found.log_likelihood[0] == pytest.approx(log_l) and found.converged.all()
    assert found.information[0, 0, 0] == pytest.approx(curvature, rel=1e-4)
    assert standard_errors(found, choices)[0, 0] == pytest.approx(curvature**-0.5, rel=1e-4)
    assert found.aic[0] == pytest.approx(2 - 2 * log_l)


def test_trials_that_do_not_count_are_no_part_of_a_fit() -> None:
    choices, counted = stayer(STAYS), np.arange(len(STAYS) + 1)[None] < 18
    found = fit(Perseveration(), choices, counted=counted, near=1e-12)
    assert found["p"][0] == pytest.approx(most_probable(17, 17), abs=1e-5) and found.count.tolist() == [18]
    with pytest.raises(Mistake, match="subject a made no choice"):
        fit(Perseveration(), choices, counted=counted & False)


def test_who_always_stays_is_at_the_end_of_the_reach() -> None:
    """Without a prior, where there is no top and so no error."""
    choices = stayer([1] * 30)
    found = fit(Perseveration(), choices, prior=None)
    assert found["p"].tolist() == [8.0] and found.converged.all()
    assert np.isnan(standard_errors(found, choices)).all()
    away = fit(Perseveration(), stayer([0] * 30), prior=None)
    assert away["p"].tolist() == [-8.0]


def test_three_options_are_chosen_by_softmax() -> None:
    """Values, choices and log likelihood in plain Python; staying with one of three by counting."""
    choices = bandit_choices(q_learning.simulate(2, 50, arms=3, seed=1))
    values = {"alpha": 0.3, "beta": 2.5, "p": 0.6}
    exact = []
    for action, reward in zip(choices.action, choices.reward, strict=True):
        q, last, total = np.full(3, 0.5), np.zeros(3), 0.0
        for a, r in zip(action, reward, strict=True):
            logit = 2.5 * q + 0.6 * last
            total += logit[a] - np.log(np.exp(logit).sum())
            q[a] += 0.3 * (r - q[a])
            last = np.eye(3)[a]
        exact.append(total)
    found = log_likelihood(QLearning(), at(QLearning(), values, 2), choices)
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    p = fit(Perseveration(), stayer(STAYS, 3), prior=None, near=1e-12)["p"][0]
    assert p == pytest.approx(np.log(2 * sum(STAYS) / (len(STAYS) - sum(STAYS))), abs=1e-5)
    with pytest.raises(Mistake, match="decision values are of two options, not 3"):
        choice_fits.decision_values(fit(Perseveration(), choices), choices)


def test_trials_are_dealt_to_folds_in_blocks() -> None:
    """Of so many that were made, whoever missed some between them; as evenly as blocks allow."""
    for made, block in ((120, 10), (117, 10), (30, 10), (4, 10)):
        choices = stayer([1] * (made - 1))
        gone = np.insert(choices.action[0], made // 2, [NONE] * 5)[None]
        missed = Choices(("a",), gone, np.zeros(gone.shape), np.eye(*gone.shape) > 0, 2)
        dealt = choice_fits._dealt(missed, 4, block, 0)[missed.made]
        length = min(block, made // 4)
        starts = dealt[::length]
        np.testing.assert_array_equal(dealt, np.repeat(starts, length)[:made])
        counts = np.bincount(starts, minlength=4)
        assert counts.max() - counts.min() <= 1 and counts.min() > 0
    other = choice_fits._dealt(stayer(STAYS * 5), 4, 10, 1)
    assert (choice_fits._dealt(stayer(STAYS * 5), 4, 10, 2) != other).any()
    with pytest.raises(Mistake, match="subject a made 3 trials, 4 are needed"):
        choice_fits._dealt(stayer([1, 1]), 4, 10, 0)
    assert sorted(choice_fits._dealt(stayer([1, 1, 1]), 4, 10, 0)[0]) == [0, 1, 2, 3]


def test_a_score_is_the_mean_over_trials_that_were_not_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fold by its own closed form, from the stays of the other folds."""
    choices, told = stayer(STAYS * 3), []
    fold = choice_fits._dealt(choices, 4, 10, 5)[0][1:]
    stays, total = np.array(STAYS * 3), -np.log(2)
    for part in range(4):
        p = most_probable(int(stays[fold != part].sum()), int((fold != part).sum()))
        again, away = int(stays[fold == part].sum()), int((1 - stays)[fold == part].sum())
        total -= again * np.log1p(np.exp(-p)) + away * np.log1p(np.exp(p))
    found = choice_fits.scored(Perseveration(), choices, seed=5, near=1e-12, progress=told.append)
    assert found.score[0] == pytest.approx(total / len(choices.action[0]), rel=1e-8)
    assert told == [0.5] and not found.early.any()
    monkeypatch.setattr(choice_fits, "STEPS", 1)
    assert choice_fits.scored(Perseveration(), choices, near=1e-12).early.all()
