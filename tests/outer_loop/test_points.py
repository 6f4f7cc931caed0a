"""Points of the cube one generation at a time: cma_es, random_search, search_space, units, checkpoint."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from loop_tasks import SPACE
from scipy.stats import uniform

from hedon.analysis.foundation.mistakes import Mistake
from hedon.plasticity import WeighedBroadcast
from hedon.plasticity.outer_loop import checkpoint
from hedon.plasticity.outer_loop.cma_es import CMAES
from hedon.plasticity.outer_loop.optimiser import ranked, start_point
from hedon.plasticity.outer_loop.random_search import RandomSearch
from hedon.plasticity.outer_loop.search_space import SearchSpace
from hedon.plasticity.outer_loop.units import Outcome, Unit, outcome_of
from hedon.plasticity.parameter import Parameter

LINE = SearchSpace(SPACE.free[:1])


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: CMAES(1), "population is 1, must be at least 2"),
        (lambda: CMAES(sigma=0.0), r"sigma is 0, must be in \(0, 1\]"),
        (lambda: CMAES(sigma=1.01), r"sigma is 1.01, must be in \(0, 1\]"),
        (lambda: CMAES(scouts=-1), "-1 generations of scouts"),
        (
            lambda: CMAES(scouts=1, start={"eta": 0.1}),
            "1 generations of scouts and a start do not go together",
        ),
        (lambda: RandomSearch(0), "population is 0, must be at least 1"),
    ],
)
def test_settings_that_are_none(make, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        make()


def test_settings_at_their_edges() -> None:
    assert CMAES(2, 1.0).scouts == 0 and CMAES(start={"eta": 0.1}).start and CMAES(scouts=1).start is None
    assert RandomSearch(1).begin(SPACE, 0).ask().shape == (1, 2)


def test_random_points_are_those_of_their_seed() -> None:
    first, again, other = (RandomSearch(500).begin(SPACE, seed) for seed in (1, 1, 2))
    points = first.ask()
    np.testing.assert_array_equal(points, again.ask())
    assert (points != other.ask()).all() and (first.ask() != points).all() and first.centre is None
    assert ((points >= 0) & (points < 1)).all()
    assert first.spread == pytest.approx(uniform.std())


def test_evolution_begins_where_it_is_told_and_says_how_wide_it_is() -> None:
    """The spread is that of the points, also where one direction has become narrow."""
    asking = CMAES(400, 0.05, {"eta": 0.01, "shift": 2.0}).begin(SPACE, 3)
    start = SPACE.encode({"eta": 0.01, "shift": 2.0})
    np.testing.assert_allclose(asking.centre, start)
    assert asking.spread == pytest.approx(0.05, rel=1e-4)
    for _ in range(6):
        points = asking.ask()
        assert points.shape == (400, 2) and ((points >= 0) & (points <= 1)).all()
        asking.tell(points, -((points - start) ** 2 @ [1.0, 100.0]))
    points = asking.ask()
    width = points.std(axis=0)
    assert asking.spread == pytest.approx(width.mean(), rel=0.1) and width[0] > 2 * width[1]
    assert abs(asking.centre - start).max() < 0.02


def test_evolution_is_that_of_its_seed_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    first, again, other = (CMAES(6).begin(SPACE, seed) for seed in (1, 1, 2))
    for _ in range(3):
        points = first.ask()
        np.testing.assert_array_equal(points, again.ask())
        assert (points != other.ask()).any()
        for asking in (first, again, other):
            asking.tell(points, points.sum(axis=1))
    assert list(tmp_path.iterdir()) == [] and capfd.readouterr() == ("", "")


def test_one_dimension_is_one_dimension() -> None:
    asking = CMAES(5).begin(LINE, 0)
    assert asking.centre.tolist() == [0.5]
    for _ in range(20):
        points = asking.ask()
        assert points.shape == (5, 1)
        asking.tell(points, -abs(points[:, 0] - 0.8))
    assert asking.centre.shape == (1,) and asking.centre[0] == pytest.approx(0.8, abs=0.01)


def test_scouts_look_everywhere_and_evolution_begins_at_their_best() -> None:
    asking, draws = CMAES(4, 0.01, scouts=2).begin(SPACE, 5), RandomSearch(4).begin(SPACE, 5)
    assert asking.centre.tolist() == [0.5, 0.5] and asking.spread == draws.spread
    seen = []
    for scores in ([1.0, 4.0, -math.inf, 2.0], [3.0, 0.0, 1.0, 4.0]):
        points = asking.ask()
        np.testing.assert_array_equal(points, draws.ask())
        asking.tell(points, np.array(scores))
        seen.append(points)
    # the first of equal ones; then points lie about it
    np.testing.assert_allclose(asking.centre, seen[0][1])
    assert asking.spread == pytest.approx(0.01, rel=1e-4) and abs(asking.ask() - seen[0][1]).max() < 0.06
    asking.tell(asking.ask(), np.arange(4.0))
    lost = CMAES(2, 0.01, scouts=1).begin(SPACE, 0)
    lost.tell(lost.ask(), np.full(2, -math.inf))
    assert lost.centre.tolist() == [0.5, 0.5]


def test_costs_of_failures_lie_above_the_worst_by_the_span_of_the_others() -> None:
    assert ranked(np.array([1.0, -np.inf, -3.0, np.nan])).tolist() == [-1, 8, 3, 8]
    assert ranked(np.array([2.0, 2.0, np.inf])).tolist() == [-2, -2, -1]
    assert start_point(SPACE, None).tolist() == [0.5, 0.5]
    assert start_point(SPACE, {"eta": 1.0}).tolist() == [1.0, 0.25]


@pytest.mark.parametrize("low, high, scale", [(-1.0, 0.0, "linear"), (2.0**-9, 1.0, "log")])
def test_spaces_at_their_edges(low: float, high: float, scale: str) -> None:
    space = SearchSpace((Parameter("a", 0.5, "1", low, high, scale, ""),))  # type: ignore[arg-type]
    assert space.encode({"a": low}).tolist() == [0] and space.encode({"a": high}).tolist() == [1]
    assert space.encode({}).tolist() == [1.0] or low > 0  # a default beyond the bounds is at the nearest
    for beyond in (low - 1, high + 1):
        with pytest.raises(Mistake, match="must be in"):
            space.encode({"a": beyond})
    assert space.decode([0.0]) == {"a": low} and space.decode([2.0]) == {"a": high}


@pytest.mark.parametrize(
    "low, high, scale", [(1.0, 1.0, "linear"), (0.0, 1.0, "log"), (-math.inf, 1.0, "linear")]
)
def test_spaces_that_are_none(low: float, high: float, scale: str) -> None:
    with pytest.raises(Mistake, match="search space: a"):
        SearchSpace((Parameter("a", 0.5, "1", low, high, scale, ""),))  # type: ignore[arg-type]


def test_names_of_a_space() -> None:
    with pytest.raises(Mistake, match="'eta' is given twice"):
        SearchSpace(SPACE.free + SPACE.free[:1])
    space = SearchSpace.of(WeighedBroadcast, ("trace", "next_weight"), {"trace": (0.1, 0.5)}, {"eta": 0.3})
    assert [(p.name, p.low, p.high) for p in space.free] == [("trace", 0.1, 0.5), ("next_weight", -2.0, 2.0)]
    assert space.dimensions == 2 and space.encode({"eta": 0.9, "trace": 0.3}) == pytest.approx([0.5, 0.725])
    assert space.describe() == {
        "free": {"trace": [0.1, 0.5, "linear"], "next_weight": [-2.0, 2.0, "linear"]},
        "fixed": {"eta": 0.3},
    }


def test_units_alone_and_side_by_side() -> None:
    one, two = {"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}
    assert Unit.of([one], 7, False) == Unit(one, 7, 1)
    both = Unit.of([one, two], 7, True)
    assert both.candidates == 2 and both.values["b"].tolist() == [2, 4]
    assert Unit.of([one], 7, True).values["a"].tolist() == [1]
    alone = outcome_of(lambda values, seed: values["a"] + seed, Unit(one, 7))
    assert alone == Outcome(8.0) and alone.each(1) == [alone]
    found = outcome_of(lambda values, seed: values["a"] + seed, both)
    assert found.score == 9 and found.scores == (8.0, 10.0) and found.each(2) == [Outcome(8.0), Outcome(10.0)]
    lone = outcome_of(lambda values, seed: values["a"], Unit.of([one], 7, True))
    assert lone.each(1) == [Outcome(1.0)]


def test_what_goes_wrong_is_a_failure_with_one_line() -> None:
    def fails(values: object, seed: int) -> float:
        raise ValueError("a\nb" + "c" * 400)

    found = outcome_of(fails, Unit({}, 0))
    assert found.score == -math.inf and found.failure.startswith("ValueError: a bccc")
    assert len(found.failure) == 300 and found.each(2) == [found, found]
    assert outcome_of(lambda v, s: math.nan, Unit({}, 0)) == Outcome(-math.inf, "the score is nan")
    few = outcome_of(lambda v, s: np.ones(2), Unit({}, 0, 3))
    assert few.failure == "ValueError: 2 scores of 3 candidates"
    some = outcome_of(lambda v, s: np.array([1.0, np.inf]), Unit({}, 0, 2))
    assert some.each(2) == [Outcome(1.0), Outcome(-math.inf, "the score is inf")]


def test_generations_are_kept_and_read_back(tmp_path: Path) -> None:
    told = {"space": {"a": [0.0, 1.0]}, "seed": 3}
    kept = [checkpoint.Generation([[0.5]], [[1.0, None]], ["it fell"])]
    assert checkpoint.read(tmp_path, told) == ([], "")
    checkpoint.write(tmp_path, told, kept)
    assert checkpoint.read(tmp_path, told) == (kept, "")
    with pytest.raises(Mistake, match=r"is of another search \(seed differs\)"):
        checkpoint.read(tmp_path, told | {"seed": 4})
    checkpoint.write(tmp_path, told, kept * 2)
    assert checkpoint.read(tmp_path, told) == (kept * 2, "")
    last = tmp_path / checkpoint.NAME
    for damage in (last.read_text().replace("0.5", "0.6", 1), "{}", ""):
        last.write_text(damage)
        found, said = checkpoint.read(tmp_path, told)
        assert found == kept and said == f"{last} is damaged; going on from the one before it"
    (tmp_path / checkpoint.BEFORE).unlink()
    assert checkpoint.read(tmp_path, told) == ([], f"{last} is damaged; beginning anew")
