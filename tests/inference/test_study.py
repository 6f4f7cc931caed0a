"""What an inference holds out, recovers and tells, part by part (study)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hedon.analysis.behaviour.choice_models import Free
from hedon.analysis.behaviour.choices import NONE, Choices
from hedon.analysis.foundation import kept_parts
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.empirical_bayes import Fitted, Normal
from hedon.figures.infer import tables
from hedon.plasticity.inference import study
from hedon.plasticity.inference.coefficients import POINTS, Chart
from hedon.plasticity.inference.study import Inferred, Recovery, agreement, calibrated, parts
from hedon.plasticity.inference.tasks import Bandit


def choices(action: list[list[int]], begins: list[list[int]] | None = None) -> Choices:
    table = np.array(action)
    first = np.eye(*table.shape) * 0
    first[:, 0] = 1
    names = tuple(f"s{row}" for row in range(len(table)))
    reward = np.where(table == NONE, 0.0, np.arange(table.shape[1]) % 2)
    return Choices(names, table, reward, (first if begins is None else np.array(begins)) > 0, 2)


def test_whole_sessions_are_held_out_where_all_have_two() -> None:
    begins = [[1, 0, 1, 0, 1, 0, 1, 1, 1], [1, 0, 0, 1, 0, 1, 0, 0, 0]]
    fold, dealt = parts(choices([[0] * 9] * 2, begins))
    assert dealt == "session" and fold[0].tolist() == [0, 0, 1, 1, 2, 2, 0, 1, 2]
    assert fold[1].tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 2]
    many = choices([[0] * 9], [[1] * 9])
    assert parts(many)[0].tolist() == [[0, 1, 2, 3, 0, 1, 2, 3, 0]]  # at most `FOLDS`
    late = choices([[0, 0, 0, NONE]], [[1, 0, 0, 1]])  # a session in which nothing was made is none
    assert parts(late)[1] == "block"
    assert parts(choices([[0, 0]], [[1, 1]]))[1] == "session"


def test_blocks_are_held_out_where_there_is_one_session() -> None:
    one = choices([[0] * 8])
    blocks = np.array([[3, 3, 5, 5, 7, 7, 9, 9]])
    assert parts(one, blocks) == (pytest.approx(np.array([[0, 0, 1, 1, 2, 2, 3, 3]])), "block")
    assert parts(one, np.arange(8)[None])[0].tolist() == [[0, 1, 2, 3, 4, 5, 0, 1]]
    assert parts(one, np.full((1, 8), 3))[0].tolist() == [[0, 0, 1, 1, 2, 2, 3, 3]]  # one block is none
    two = parts(choices([[0] * 4] * 2), np.array([[1, 1, 2, 2], [1, 2, 3, 4]]))[0]
    assert two.tolist() == [[0, 0, 1, 1], [0, 1, 0, 1]]


def test_runs_of_trials_are_held_out_where_nothing_says_what_a_block_is() -> None:
    missed = choices([[0, NONE, 0, 0, NONE, 0, 0, 0, 0, 0]])
    assert parts(missed)[0].tolist() == [[0, 0, 0, 1, 1, 1, 2, 2, 3, 3]]
    assert parts(choices([[0, 0]]))[0].tolist() == [[0, 1]]
    long = parts(choices([[0] * 100]))[0][0]
    assert np.flatnonzero(np.diff(long)).tolist() == [14, 29, 44, 59, 74, 89] and long.max() == 3
    with pytest.raises(Mistake, match="subject s1 made 1 trial: none can be held out"):
        parts(choices([[0, 0], [0, NONE]]))


def fitted(x: np.ndarray, errors: np.ndarray, prior: Normal) -> Fitted:
    information = np.array([np.diag(row**-2.0) for row in errors])
    return Fitted(x, information, np.zeros(len(x)), prior, np.ones(len(x), bool))


PRIOR = Normal(np.zeros(2), np.array([1.0, 4.0]))


def test_one_who_made_no_choice_is_named() -> None:
    with pytest.raises(Mistake, match="^subject s1 made no choice$"):
        parts(choices([[0, 1, 0, 1], [NONE] * 4]))


def test_agreement_is_a_correlation_and_the_share_that_intervals_hold() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 30, 2))
    found = fitted(x + noise, np.full((30, 2), 0.7), PRIOR)
    r, held = agreement(x, found)
    np.testing.assert_allclose(r, [np.corrcoef(x[:, k], found.x[:, k])[0, 1] for k in (0, 1)])
    np.testing.assert_allclose(held, (np.abs(noise) <= 1.6448536 * 0.7).mean(axis=0))
    flat = fitted(np.zeros((30, 2)), np.ones((30, 2)), PRIOR)
    assert agreement(x, flat)[0].tolist() == [0, 0]


def test_intervals_are_as_wide_as_nine_of_ten_need() -> None:
    """Errors of 1 to 20 in units of a posterior's: the width is their 90 % quantile."""
    off = np.arange(1.0, 21.0)[:, None] * [1, 2]
    wide, held = calibrated(np.zeros((20, 2)), fitted(off * 0.5, np.full((20, 2), 0.5), PRIOR))
    np.testing.assert_allclose(wide, [18.1, 36.2])
    # odd ones with the width of even ones, 18.2: nine of ten; even ones with that of odd ones, 17.2: eight
    np.testing.assert_allclose(held, [0.85, 0.85])


def inferred(r: list[float], errors: list[list[float]]) -> Inferred:
    parameters = (Free("a", "share", 0.0, 1.0), Free("b", "real", 0.0, 2.0))
    many = np.array(errors)
    recovery = Recovery(("a", "b"), np.array(r), np.ones(2), np.array([2.0, 3.0]), np.ones(2), 9)
    made = fitted(np.zeros(many.shape), many, PRIOR)
    return Inferred(("s",), Chart(), parameters, made, recovery, {}, np.ones(1, int), "block", "")


def test_a_coefficient_is_identified_where_both_say_so() -> None:
    """r of one half at least, and posterior variance three quarters of the prior's at most."""
    edge = 0.75**0.5
    found = inferred([0.5, 0.49], [[edge - 1e-9, 0.1], [edge + 1e-6, 0.1]])
    assert found.identified.tolist() == [[True, False], [False, False]]
    assert inferred([0.6, 0.5], [[0.1, 2 * edge - 1e-9]]).identified.tolist() == [[True, True]]
    value, low, high = inferred([1, 1], [[0.5, 0.2]]).values()
    assert value.tolist() == [[0.5, 0.0]]
    np.testing.assert_allclose(low, [[1 / (1 + np.e), -0.6]])
    np.testing.assert_allclose(high, [[np.e / (1 + np.e), 0.6]])
    assert found.names == ("a", "b")
    ends = replace(found, fitted=replace(found.fitted, x=np.array([[6.0, -6.0]])))
    assert not ends.identified.any(), "both at the end of their reach"


def test_a_coefficient_that_no_subject_tells_is_not_called_identified() -> None:
    """Though learners who have it would tell it: r is high."""
    rows = tables(inferred([0.6, 0.6], [[0.1, 1.99]]))["summary"]
    assert [row[-2:] for row in rows[1:]] == [["yes", "1 of 1"], ["not identified", "0 of 1"]]


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda c: replace(c, action=np.full_like(c.action, NONE)), "no trial was made"),
        (lambda c: replace(c, reward=np.where(c.made, 0.25, 0)), "all rewards are 0.25: nothing"),
        (lambda c: replace(c, reward=c.reward * 1.001), "rewards must lie in"),
        (lambda c: replace(c, reward=c.reward - 0.001 * (c.reward == 0)), "rewards must lie in"),
        (lambda c: replace(c, action=np.array([[0, 1] * 4, [NONE] * 8])), "subject s1 made no choice"),
    ],
)
def test_choices_from_which_nothing_can_be_inferred(change, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        study.infer(change(choices([[0, 1] * 4] * 2)))


def test_every_model_is_told_held_out_per_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With fits in their stead: what is asked of them, and where progress stands at each."""
    asked: list[Any] = []

    def held(model: Any, fold: np.ndarray, count: int, **how: Any) -> np.ndarray:
        asked.append(count)
        how["progress"](0.5)
        return np.array([-8.0, -6.0])

    def recover(*given: Any) -> dict[str, np.ndarray]:
        return {name: np.ones(4) for name in ("r", "coverage", "width", "laplace")} | {
            "subjects": np.array(7)
        }

    prior, stood = Normal(np.zeros(4), np.ones(4)), np.array([True, False])
    top = Fitted(np.zeros((2, 4)), np.tile(np.eye(4), (2, 1, 1)), np.zeros(2), prior, stood, 3)
    monkeypatch.setattr(study, "held_out", held)
    monkeypatch.setattr(study, "_recover", recover)
    monkeypatch.setattr(study, "fit", lambda objective, **how: top)
    told: list[tuple[float, str]] = []
    made = choices([[0, 1] * 4, [0, 1, 0, 1, NONE, 1, NONE, 1]])
    models = {k: v for k, v in Bandit(POINTS["Q"]).models(made).items() if "lags" not in k}
    task: Any = SimpleNamespace(
        chart=POINTS["Q"], check=lambda c: None, world=lambda c: "here", models=lambda c: models
    )
    for _ in range(2):  # the second time all of it is found in the folder
        told.clear()
        found = study.infer(made, task=task, folder=tmp_path, progress=lambda *what: told.append(what))
        for name in ("family", "Q", "Q, forgetting", "Bayes observer"):
            np.testing.assert_allclose(found.foresight[name], [-1, -1])
        assert found.fitted.rounds == 3 and found.fitted.converged.tolist() == [True, False]
        assert found.recovery.subjects == 7 and found.held_by == "block" and found.world == "here"
        assert found.trials.tolist() == [8, 6] and asked == [4] * 4
        begun = [(round(at, 9), what) for at, what in told if at in (0.0, 0.15) or "held out" in what]
        assert begun[:2] == [(0.0, "fit"), (0.15, "recovery at this many trials")]
        at = [place for place, what in begun if "held out" in what]
        expected = (
            [0.32, 0.405, 0.49, 0.575, 0.66, 0.745, 0.83, 0.915] if len(at) == 8 else [0.32, 0.49, 0.66, 0.83]
        )
        np.testing.assert_allclose(at, expected)
    assert kept_parts.read(tmp_path / "recovery.npz") is not None


def test_recovery_is_of_as_many_trials_and_subjects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions and trials of the median subject; few subjects as several populations of their number."""
    lived: list[tuple[tuple[int, ...], int, int, int]] = []
    kinds: list[Any] = []
    spreads: list[float] = []

    class Task:
        def models(self, choices: Choices) -> dict[str, Any]:
            return {"family": SimpleNamespace(parameters=PARAMETERS)}

        def lived(self, choices: Choices, x: np.ndarray, sessions: int, trials: int, seed: int) -> np.ndarray:
            lived.append((x.shape, sessions, trials, seed))
            assert (np.abs(x - [0.5, 0.0]) <= [0.25, 6]).all()
            return x

    PARAMETERS = (Free("a", "real", 0.5, 1.0, 0.25), Free("b", "real", 0.0, 1.0))

    def fit(x: np.ndarray, *, prior: Any, seed: int) -> Fitted:
        kinds.append(prior)
        spreads.append(x[:, 1].std())
        return fitted(x + 0.01, np.full(x.shape, 0.1), PRIOR)

    monkeypatch.setattr(study, "fit", fit)
    begins = [[1, 0, 0, 1, 0, 0, 1, 0, 0]] * 3
    made = choices([[0] * 9, [0] * 9, [0] * 6 + [NONE] * 3], begins)
    known = fitted(np.zeros((3, 2)), np.full((3, 2), 1e-3), PRIOR)
    found = study._recover(Task(), made, known, "population", 5)  # type: ignore[arg-type]
    assert [one[:3] for one in lived] == [((3, 2), 3, 3)] * 14 and len({one[3] for one in lived}) == 14
    assert found["subjects"] == 42 and set(kinds) == {"population"}
    np.testing.assert_allclose(found["r"], 1)
    np.testing.assert_allclose(found["width"], 0.1)
    drawn = [known.redrawn(np.random.default_rng([5, number])) for number in range(14)]
    assert np.corrcoef(spreads, [one.variance[1] ** 0.5 for one in drawn])[0, 1] > 0.5
    lived.clear(), kinds.clear()
    study._recover(Task(), made, known, "weak", 5)  # type: ignore[arg-type]
    assert [one[0] for one in lived] == [(40, 2)] and kinds == ["weak"]
    lived.clear(), kinds.clear()
    study._recover(Task(), made.take(np.array([2])), known, "population", 5)  # type: ignore[arg-type]
    assert [one[:3] for one in lived] == [((40, 2), 2, 3)] and kinds == [PRIOR]
    lived.clear()
    study._recover(Task(), made.take(np.arange(200) % 3), known, "population", 5)  # type: ignore[arg-type]
    assert [one[0] for one in lived] == [(120, 2)]
