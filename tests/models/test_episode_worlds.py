"""Worlds of episodes, their code lived in numpy: baited_episodes, cue_memory, episodic_bandit, learning_set,
two_step_episodes and volatile_episodes (in the frame of episode_task) pay and show what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.program.keyed import uniform
from hedon.models.tasks.baited_episodes import BaitedEpisodes
from hedon.models.tasks.cue_memory import CueMemory
from hedon.models.tasks.episode_task import EpisodeTask, TrialsTask
from hedon.models.tasks.episodic_bandit import EpisodicBandit
from hedon.models.tasks.learning_set import LearningSet
from hedon.models.tasks.streams import EPISODE
from hedon.models.tasks.two_step_episodes import TwoStepEpisodes
from hedon.models.tasks.volatile_episodes import VolatileEpisodes

SEED, EPISODE_NUMBER, MANY = 11, 3, 4000
Choose = Callable[[int, dict[str, Any]], Any]
NUMPY = {
    **{name: getattr(np, name) for name in ("abs", "clip", "floor")},
    "int": lambda value: np.asarray(value).astype(int),
    "keyed_uniform": uniform,
    "task_seed": SEED,
}


def lived(task: EpisodeTask, choose: Choose, many: int = MANY) -> dict[str, np.ndarray]:
    """Every variable of the world after each step (step, individual) of one episode, as circuits run it."""
    world: dict[str, Any] = {"who": np.arange(many), "episode": EPISODE_NUMBER, "did": -1.0, "paid": 0.0}
    world |= {f"stream_{name}": number for name, number in EPISODE.items()} | dict(task.streams)
    world |= {"earned": np.zeros(many), "reached": np.zeros(many)}

    def run(code: str) -> None:
        exec(code.replace("@", ""), dict(NUMPY), world)  # noqa: S102

    run(task.begin)
    steps = []
    for step in range(task.steps):
        world |= {"step": step, "fresh": int(step == 0)}
        run(task.show)
        world["action"] = np.zeros(many, int) + choose(step, world)
        run(task.pay)
        world["earned"] = world["earned"] + world["reward"]
        world["did"] = world["asked"] * world["action"] + (1 - world["asked"]) * world["did"]
        world["paid"] = world["reward"]
        steps.append({name: np.zeros(many) + value for name, value in world.items()})
    return {name: np.array([one[name] for one in steps]) for name in steps[-1]}


def measured(task: EpisodeTask, end: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the task records of an episode."""
    last = {name: values[-1] for name, values in end.items()}
    return {name: eval(code.replace("@", ""), {}, last) for name, code in task.measures.items()}


def by_turns(step: int, world: dict[str, Any]) -> np.ndarray:
    """Half of the individuals begin with the other action, and all change in every step."""
    return (step + world["who"]) % 2


def test_bait_stays_until_it_is_taken() -> None:
    """Arm 0 in all trials but the sixth: there arm 1 pays with 1 - (1 - p)**6, then arm 0 1 - (1 - p)**2."""
    task = BaitedEpisodes(8)
    run = lived(task, lambda step, _: int(step == 5))
    p0, p1 = task.chances(SEED, np.arange(MANY), np.array([EPISODE_NUMBER]))[:, 0].T
    np.testing.assert_array_equal(run["first"][0], p0)
    chance = np.array([p0] * 5 + [1 - (1 - p1) ** 6, 1 - (1 - p0) ** 2, p0])
    for paid, odds in zip(run["reward"], chance, strict=True):
        assert abs(z_score(paid - odds, 0.0)) < 5
    np.testing.assert_allclose(p0 + p1, 0.5)
    baits = lived(task, lambda *_: 0)  # arm 1 is never taken: whether it is baited shows
    assert abs(z_score((baits["reward"][0] - p0) * (baits["waits1"][0] - p1), 0.0)) < 5
    # evenly between .05 and .45: the variance is .4**2/12
    assert abs(z_score(p0, 0.25)) < 5 and abs(z_score((p0 - 0.25) ** 2, 0.4**2 / 12)) < 5
    assert p0.min() >= 0.05 and p0.max() <= 0.45
    assert (run["seen"] == -1).all() and (run["asked"] == 1).all() and task.codes == 0
    np.testing.assert_allclose(measured(task, run)["reward_rate"], run["reward"].mean(axis=0))


@pytest.mark.parametrize(
    ("total", "lowest", "well"),
    [(0.5, 0.25, True), (0.5, 0.26, False), (0.5, -0.01, False), (1.2, 0.2, True), (1.21, 0.2, False)],
)
def test_chances_of_baits_lie_between_nothing_and_certainty(total: float, lowest: float, well: bool) -> None:
    if not well:
        with pytest.raises(Mistake, match="must lie in"):
            BaitedEpisodes(5, total, lowest)
        return
    chance = BaitedEpisodes(5, total, lowest).chances(1, np.arange(500), np.arange(3))
    assert chance.shape == (500, 3, 2) and chance.min() >= lowest - 1e-12 and chance.max() <= 1 + 1e-12


def test_a_cue_is_seen_once_and_asked_for_at_the_end() -> None:
    task = CueMemory(3)
    run = lived(task, lambda step, world: world["who"] % 2)
    cue, seen = run["cue"][0], run["seen"]
    assert task.steps == 5 and seen.shape[0] == 5
    np.testing.assert_array_equal(seen[0], cue)
    assert set(np.unique(seen[1:4])) == {2, 3} and (seen[4] == 4).all() and task.codes == 5
    assert run["asked"].sum(axis=0).tolist() == [1] * MANY and (run["asked"][-1] == 1).all()
    np.testing.assert_array_equal(run["reward"][-1], cue == np.arange(MANY) % 2)
    assert not run["reward"][:-1].any()
    for drawn in (cue, *(seen[1:4] - 2)):
        assert abs(z_score(drawn, 0.5)) < 5
    # the draws of the five steps have nothing to do with each other
    assert np.abs(np.corrcoef(np.array([cue, *seen[1:4]]))[np.triu_indices(4, 1)]).max() < 5 / MANY**0.5
    assert CueMemory(0).steps == 2
    with pytest.raises(Mistake, match="-1 distractors"):
        CueMemory(-1)


@pytest.mark.parametrize("arms", ["mirrored", "independent"])
@pytest.mark.parametrize("outcome", ["joint", "separate"])
def test_an_episodic_bandit_pays_by_its_chances(arms: Any, outcome: Any) -> None:
    task = EpisodicBandit(6, arms, outcome)
    run = lived(task, by_turns)
    chance = task.chances(SEED, np.arange(MANY), np.array([1, EPISODE_NUMBER]))[:, 1]
    np.testing.assert_array_equal(np.stack([run["first"][0], run["second"][0]], axis=1), chance)
    correlation = np.corrcoef(chance.T)[0, 1]
    assert correlation < -0.999 if arms == "mirrored" else abs(correlation) < 5 / MANY**0.5
    taken = np.take_along_axis(chance.T, run["action"].astype(int), axis=0)
    for paid, odds in zip(run["reward"], taken, strict=True):
        assert abs(z_score(paid - odds, 0.0)) < 5
    np.testing.assert_allclose(measured(task, run)["regret"], (chance.max(axis=1) - taken).sum(axis=0))
    if outcome == "separate":
        assert (run["seen"] == -1).all() and task.codes == 0
        return
    assert (run["seen"][0] == -1).all() and task.codes == 4
    np.testing.assert_array_equal(run["seen"][1:], 2 * run["action"][:-1] + run["reward"][:-1])


def test_the_object_that_pays_in_a_learning_set_does_so_on_either_side() -> None:
    task = LearningSet(4)
    right = lived(task, lambda step, world: (world["left"] != world["good"]).astype(int))
    wrong = lived(task, lambda step, world: (world["left"] == world["good"]).astype(int))
    assert (right["reward"] == 1).all() and not wrong["reward"].any()
    np.testing.assert_array_equal(right["seen"], right["left"])
    assert task.codes == 2 and set(np.unique(right["seen"])) == {0, 1}
    for drawn in (right["good"][0], *right["left"]):
        assert abs(z_score(drawn, 0.5)) < 5
    assert len(np.unique(right["good"], axis=0)) == 1
    once = lived(task, lambda step, world: ((world["left"] != world["good"]) ^ (step == 0)).astype(int))
    for run, correct, guessed in ((right, 1, 1), (wrong, 0, 0), (once, 1, 0)):
        found = measured(task, run)
        assert (found["correct"] == correct).all() and (found["guessed"] == guessed).all()


def test_a_state_of_the_two_step_task_is_led_to_and_pays() -> None:
    task = TwoStepEpisodes(30)
    run = lived(task, by_turns)
    first, second = (slice(k, None, 2) for k in (0, 1))
    assert task.steps == 60 and task.codes == 3
    assert (run["asked"][first] == 1).all() and not run["asked"][second].any()
    assert not run["seen"][first].any() and not run["reward"][first].any()
    reached, good = run["seen"][second] - 1, run["good"][first]
    assert set(np.unique(reached)) == {0, 1}
    np.testing.assert_array_equal(good, run["good"][second])
    assert abs(z_score((reached == run["action"][first]).ravel(), 0.8)) < 5
    for state, odds in ((True, 0.9), (False, 0.1)):
        assert abs(z_score(run["reward"][second][(reached == good) == state], odds)) < 5
    assert abs(z_score((np.diff(good, axis=0) != 0).ravel(), 0.025)) < 5
    assert abs(z_score(good[0], 0.5)) < 5
    np.testing.assert_allclose(measured(task, run)["reward_rate"], run["reward"][second].mean(axis=0))


def test_the_good_arm_moves_in_volatile_episodes_alone() -> None:
    task = VolatileEpisodes(20)
    run = lived(task, by_turns)
    volatile = task.volatile(SEED, np.arange(MANY), np.array([0, EPISODE_NUMBER]))
    assert volatile.shape == (MANY, 2) and abs(z_score(volatile[:, 1], 0.5)) < 5
    np.testing.assert_array_equal(run["moves"][0], 0.2 * volatile[:, 1])
    good = run["good"]
    moved = np.diff(good, axis=0) != 0
    assert not moved[:, ~volatile[:, 1]].any() and abs(z_score(moved[:, volatile[:, 1]].ravel(), 0.2)) < 5
    for kind in (False, True):
        assert abs(z_score(good[0, volatile[:, 1] == kind], 0.5)) < 5
    for right, odds in ((True, 0.8), (False, 0.2)):
        assert abs(z_score(run["reward"][(run["action"] == good) == right], odds)) < 5
    assert (run["seen"][0] == -1).all() and task.codes == 4 and (run["asked"] == 1).all()
    np.testing.assert_array_equal(run["seen"][1:], 2 * run["action"][:-1] + run["reward"][:-1])


@pytest.mark.parametrize("kind", [EpisodicBandit, TwoStepEpisodes, VolatileEpisodes, BaitedEpisodes])
def test_an_episode_has_at_least_one_trial(kind: type[TrialsTask]) -> None:
    assert kind(1).steps == kind.trial_steps and kind(7).steps == 7 * kind.trial_steps
    assert kind(1).actions == 2
    with pytest.raises(Mistake, match=f"{kind.__name__}: 0 trials, at least 1 is needed"):
        kind(0)


def test_a_problem_of_one_trial_cannot_be_learned_from() -> None:
    with pytest.raises(Mistake, match="LearningSet: 1 trials, at least 2 are needed"):
        LearningSet(1)
    assert LearningSet(2).steps == 2


@pytest.mark.parametrize("name", ["common", "high", "low", "swap"])
def test_what_is_no_probability_is_refused(name: str) -> None:
    for value in (0.0, 1.0):
        TwoStepEpisodes(**{name: value})  # type: ignore[arg-type]
    for value in (-0.01, 1.01):
        with pytest.raises(Mistake, match="TwoStepEpisodes: probabilities must lie in"):
            TwoStepEpisodes(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("settings", [{"arms": "alike"}, {"outcome": "both"}])
def test_a_bandit_of_a_kind_that_there_is_not_is_refused(settings: Any) -> None:
    with pytest.raises(Mistake, match="must be"):
        EpisodicBandit(**settings)
