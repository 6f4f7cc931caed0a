"""A search, its execution and the biological loop, step by step: who goes on, what is told and kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from loop_tasks import SPACE, Hill

from hedon.analysis.foundation.mistakes import Mistake
from hedon.plasticity.outer_loop import search as searching
from hedon.plasticity.outer_loop.biological import NARROWEST, WIDEST, Biological, Loops
from hedon.plasticity.outer_loop.checkpoint import Generation
from hedon.plasticity.outer_loop.execution import Execution, cores
from hedon.plasticity.outer_loop.optimiser import Asking, Optimiser
from hedon.plasticity.outer_loop.random_search import RandomSearch
from hedon.plasticity.outer_loop.search import Search, _going_on, _means, _scores, _standing, run_search
from hedon.plasticity.outer_loop.search_space import SearchSpace
from hedon.plasticity.outer_loop.units import Outcome


def search(generations: int = 2, population: int = 4, **settings: object) -> Search:
    return Search(Hill(), SPACE, RandomSearch(population), generations, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"generations": 0}, "0 generations with 1 seeds is none"),
        ({"seeds": 0}, "with 0 seeds is none"),
        ({"keep": 0.0}, "keeps 0 of its candidates"),
        ({"keep": 1.01}, "keeps 1.01 of its candidates"),
        ({"together": -1}, "-1 candidates cannot be evaluated together"),
        ({"timeout": 0.0}, "the timeout of a unit is 0 s"),
        ({"timeout": math.nan}, "the timeout of a unit is nan s"),
    ],
)
def test_searches_that_are_none(settings: dict, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        search(**settings)


def test_what_a_checkpoint_must_agree_in() -> None:
    plain = search().describe()
    assert "together" not in plain and "keep" not in plain and plain["seeds"] == 1
    assert search(together=1, keep=0.5).describe() == plain | {"together": 1, "keep": 0.5}
    assert search(9).describe() == plain and search(seed=1).describe() != plain


def test_seeds_are_of_a_generation_and_no_other() -> None:
    drawn = [
        seed
        for one in (search(seeds=5), search(seeds=5, seed=1))
        for g in range(4)
        for seed in one.seeds_of(g)
    ]
    assert len(set(drawn)) == 40 and search(seeds=5).seeds_of(3) == drawn[15:20]


def outcomes(*rows: Sequence[float | None]) -> list[list[Outcome]]:
    return [[Outcome(-math.inf, "fell") if one is None else Outcome(one) for one in row] for row in rows]


def test_the_best_of_those_that_live_go_on() -> None:
    """Half of them, rounded up, of equal ones the first; whoever failed does not."""
    rows = outcomes([1.0], [3.0], [None], [3.0], [2.0], [0.0])
    assert _going_on(search(keep=0.5), rows, list(range(6))) == [1, 3, 4]
    assert _going_on(search(keep=0.2), rows, list(range(6))) == [1]
    assert _going_on(search(keep=0.21), rows, list(range(6))) == [1, 3]
    assert _going_on(search(keep=0.5), rows, [0, 4, 5]) == [0, 4]
    assert _going_on(search(keep=0.5), outcomes([None]), [0]) == []


def test_means_over_what_was_lived() -> None:
    rows: list[list[float | None]] = [[1.0, 4.0], [2.0], [3.0, None], [0.0, 2.0]]
    assert _means(search(keep=0.5), rows).tolist() == [2.5, 2, -np.inf, 1]
    # side by side a seed weighs by how few shared it: a quarter, and a third
    weighed = _means(search(keep=0.5, together=4), rows)
    np.testing.assert_allclose(weighed, [(1 / 4 + 4 / 3) / (7 / 12), 2, -np.inf, (2 / 3) / (7 / 12)])
    assert _means(search(together=4), rows).tolist() == [2.5, 2, -np.inf, 1]


def test_who_was_stopped_stands_below_who_was_not() -> None:
    told = _standing(
        search(seeds=3, keep=0.5), Generation([], [[1.0, 1.0, 1.0], [5.0, 3.0], [9.0], [8.0], [None]], [])
    )
    gap = 1e-9
    np.testing.assert_allclose(told[:2], [1, 1 - 2 * gap], rtol=1e-12)
    np.testing.assert_allclose(told[2] - told[3], 1)
    assert told[0] > told[1] > told[2] > told[3] > told[4] == -np.inf
    already = _standing(search(keep=0.5), Generation([], [[1.0, 1.0], [0.2]], []))
    assert already.tolist() == [1, 0.2]  # it lies below as it is
    whole = _standing(search(seeds=2), Generation([], [[1.0, 3.0], [None, 9.0]], []))
    assert whole.tolist() == [2, -np.inf]
    np.testing.assert_array_equal(
        _scores(Generation([], [[1.0, None], [2.0]], [])), [[1, -np.inf], [2, np.nan]]
    )


class Told(Asking):
    """Asks what it was given, and remembers what it was told."""

    def __init__(self, points: list[np.ndarray], centred: bool) -> None:
        self.points, self.told, self.centred = points, [], centred  # type: ignore[var-annotated]

    def ask(self) -> np.ndarray:
        return self.points[len(self.told)]

    def tell(self, points: np.ndarray, scores: np.ndarray) -> None:
        self.told.append(scores)

    @property
    def centre(self) -> np.ndarray | None:
        return np.array([0.25 * len(self.told), 0.5]) if self.centred else None

    @property
    def spread(self) -> float:
        return 0.125


class Fixed(Optimiser):
    def __init__(self, asking: Told) -> None:
        self.asking = asking

    def begin(self, space: SearchSpace, seed: int) -> Asking:
        return self.asking


def by_shift(values: dict[str, float], seed: int) -> float:
    if values["shift"] > 2.9:
        raise ValueError("too far")
    return -abs(values["shift"])


POINTS = [np.array([[0.5, 0.5], [0.5, 1.0]]), np.array([[0.0, 0.25], [1.0, 0.5]])]


@pytest.mark.parametrize("centred", [True, False])
def test_what_a_search_finds_and_tells(centred: bool, tmp_path: Path) -> None:
    asking, words = Told(POINTS, centred), []
    made = Search(by_shift, SPACE, Fixed(asking), 2, seeds=2)
    found = run_search(made, progress=lambda done, what: words.append((round(done, 6), what)))
    assert [one.tolist() for one in asking.told] == [[-1, -np.inf], [0, -1]]
    assert found.best_score == 0 and found.failures == ("generation 1, candidate 2: ValueError: too far",) * 2
    assert found.best == pytest.approx(
        {"eta": 10**-1.5, "shift": 1.0} if centred else {"eta": 1e-3, "shift": 0.0}
    )
    assert found.lived.tolist() == [[2, 2], [2, 2]] and found.names == ("eta", "shift")
    np.testing.assert_allclose(found.values[..., 1], [[1, 3], [0, 1]])
    np.testing.assert_allclose(found.scores[..., 0], [[-1, -np.inf], [0, -1]])
    if centred:
        np.testing.assert_allclose(np.log10(found.centres[:, 0]), [-2.25, -1.5])
        assert found.averaged(0.5)["eta"] == pytest.approx(10**-1.5)
        assert found.averaged(1.0)["eta"] == pytest.approx((10**-2.25 + 10**-1.5) / 2)
        assert found.averaged(0.0) == pytest.approx(found.averaged(0.5))
    else:
        np.testing.assert_allclose(found.centres, [[10**-1.5, 1], [1e-3, 0]])
    at = [done for done, _ in words]
    assert at == [0, 0.125, 0.25, 0.375, 0.5, 0.5, 0.625, 0.75, 0.875, 1.0, 1.0]
    assert words[0][1] == "generation 1/2"
    assert words[5][1] == "generation 2/2, best -1, mean -1, σ 0.12, 2 failed"
    assert words[-1][1] == "generation 2/2, best 0, mean -0.5, σ 0.12, 2 failed"


def test_a_first_generation_that_fails_is_the_end() -> None:
    asking = Told([np.array([[0.5, 1.0]])] * 2, True)
    with pytest.raises(
        Mistake, match="every candidate of the first generation failed; generation 1, candidate 1: V"
    ):
        run_search(Search(by_shift, SPACE, Fixed(asking), 2))


def test_a_search_goes_on_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "EVERY", 0.0)
    whole = run_search(search(5))
    lived: list[int] = []

    def counted(values: dict[str, float], seed: int) -> float:
        lived.append(seed)
        return Hill()(values, seed)

    for generations, new in ((2, 8), (5, 12), (5, 0), (3, 0)):
        lived.clear()
        found = run_search(Search(counted, SPACE, RandomSearch(4), generations), tmp_path)
        assert len(lived) == new
        np.testing.assert_array_equal(found.scores, whole.scores[:generations])


# execution


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"workers": 0}, "workers: 0, at least 1"),
        ({"workers": 1, "scheduler": "a"}, "not both"),
        ({"scheduler": "none.json"}, "there is no scheduler file none.json"),
    ],
)
def test_executions_that_are_none(settings: dict, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        Execution(**settings)


def test_one_worker_is_this_process_and_more_are_processes() -> None:
    assert type(Execution(1).begin()).__name__ == "Here" and cores() >= 1
    two = Execution(2).begin()
    assert type(two).__name__ == "Processes" and two.count == 2  # type: ignore[attr-defined]
    two.close()
    told: list[int] = []
    from hedon.plasticity.outer_loop.units import Unit

    units = [Unit({"eta": 0.02, "shift": 0.1 * k}, 0) for k in range(3)]
    done: Callable[[int], None] = told.append
    here = Execution(1).begin().evaluate(Hill(), units, None, done)
    assert told == [1, 2, 3] and [one.score for one in here] == [Hill()(unit.values, 0) for unit in units]


# the biological loop


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"gain": 0.0}, "gain is 0, must be above 0"),
        ({"clip": 0.0}, "clip is 0, must be above 0"),
        ({"sigma": 0.0099}, "sigma is 0.0099, must be in"),
        ({"sigma": 0.51}, "sigma is 0.51"),
        ({"spread": -0.1}, "spread is -0.1, must be at least 0"),
        ({"alpha": 0.0}, "alpha is 0, must be in"),
        ({"alpha": 1.1}, "alpha is 1.1"),
    ],
)
def test_loops_that_are_none(settings: dict, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        Biological(**settings)
    assert Biological(sigma=NARROWEST, spread=0.0, alpha=1.0) and Biological(sigma=WIDEST)


def test_a_loop_step_by_step() -> None:
    """Its equations in scalars: advantage, mean, sigma, slow average and variance, of one dimension."""
    space = SearchSpace(SPACE.free[1:])
    settings = Biological(sigma=0.3, gain=0.5, spread=0.4, alpha=0.3, clip=1.5)
    loops = Loops(settings, space, 1, 1)
    mean, sigma, slow, variance = 0.5, 0.3, 0.0, 0.0
    for told, reward in enumerate([2.0, 1.0, 4.0, -9.0, math.nan, 1.0, 2.0, 0.0]):
        before = loops.xi[0, 0]
        lived = float(loops.ask()[0, 0])
        xi = loops.xi[0, 0]
        assert xi == -before if told % 2 else xi != before
        assert lived == pytest.approx(min(max(mean + sigma * xi, 0.0), 1.0))
        loops.tell(np.array([reward]))
        deviation = math.sqrt(variance)
        reward = slow - 1.5 * deviation if math.isnan(reward) else reward
        if told == 0:
            slow = reward
        error = reward - slow
        advantage = 0.0 if deviation == 0 else min(max(error / deviation, -1.5), 1.5)
        z = (lived - mean) / sigma
        mean = min(max(mean + 0.5 * sigma * advantage * z, 0.0), 1.0)
        sigma = min(max(sigma * math.exp(0.4 * 0.5 * advantage * (z**2 - 1) / 2), 0.01), 0.5)
        slow += max(0.3, 1 / (told + 1)) * error
        if told:
            variance += max(0.3, 1 / told) * (error**2 - variance)
        assert loops.mean[0, 0] == pytest.approx(mean) and loops.sigma[0, 0] == pytest.approx(sigma)
        assert loops.slow[0] == pytest.approx(slow) and loops.variance[0] == pytest.approx(variance)
    asking = settings.begin(SPACE, 3)
    assert asking.centre is not None and asking.centre.tolist() == [0.5, 0.5]
    assert asking.spread == pytest.approx(0.3) and asking.ask().shape == (1, 2)
    drawn = [Loops(Biological(pairs=False), space, seed, 3) for seed in (0, 0, 1)]
    asked = [(loop.ask(), loop.tell(np.zeros(3)), loop.ask()) for loop in drawn]
    np.testing.assert_array_equal(asked[0][2], asked[1][2])
    assert (asked[0][0] != asked[2][0]).all() and (asked[0][2] - 0.5 != 0.5 - asked[0][0]).all()
