"""What is drawn and what code of a world makes of it, in numpy: bandits, bernoulli_bandit, chains,
conditioning, digits, distribution, reversal_bandit, reversal_lives, samples, spike_patterns, task,
teacher_student and two_step_bandit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.program.keyed import uniform
from hedon.models.tasks import conditioning as protocols
from hedon.models.tasks.bandits import Arms, StaticBandits
from hedon.models.tasks.bernoulli_bandit import BernoulliBandit
from hedon.models.tasks.chains import Chains, softmax
from hedon.models.tasks.digits import N_TEST, digits
from hedon.models.tasks.distribution import PLACES, SPLITS, Drawn, between, world_seed
from hedon.models.tasks.linear_teacher import LinearTeacher
from hedon.models.tasks.reversal_bandit import ReversalBandit
from hedon.models.tasks.reversal_lives import ReversalLives
from hedon.models.tasks.samples import Samples
from hedon.models.tasks.spike_patterns import SpikePatterns
from hedon.models.tasks.teacher_student import Teachers, TeacherStudent
from hedon.models.tasks.temporal_teacher import TemporalTeacher
from hedon.models.tasks.two_step_bandit import TwoStepBandit

SEED, MANY = 7, 50
NUMPY = {
    "abs": np.abs,
    "floor": np.floor,
    "int": lambda value: np.asarray(value).astype(int),
    "keyed_uniform": uniform,
    "task_seed": SEED,
}


def run(code: str, **world: Any) -> dict[str, Any]:
    """The variables of a world after a piece of its code."""
    exec(code, dict(NUMPY), world)  # noqa: S102
    return world


def paid(task: Any, hazard: Any, trials: int) -> tuple[np.ndarray, np.ndarray]:
    """What arms would pay (individual, trial, arm) and which is good, by the code that circuits run."""
    who = np.arange(MANY)
    good, pays, goods = np.zeros(MANY), [], []
    for trial in range(trials):
        world = run(task.move, individual=who, trial=trial, hazard=hazard, good=good, **task.streams)
        good = world.get("good", good)
        arms = [run(task.pay, individual=who, trial=trial, good=good, index=arm, **task.streams)["pay"]
                for arm in range(task.arms)]  # fmt: skip
        pays.append(np.stack(arms, axis=-1))
        goods.append(good)
    return np.stack(pays, axis=1), np.stack(goods, axis=1)


@pytest.mark.parametrize("arms", [2, 3])
def test_code_of_a_reversal_bandit_gives_the_episodes_of_players(arms: int) -> None:
    task, hazard = ReversalBandit(arms, 0.9, 0.3), np.full(MANY, 0.2)
    pay, good = task.episodes(SEED, hazard, 30)
    code_pay, code_good = paid(task, hazard, 30)
    np.testing.assert_array_equal(code_pay, pay)
    np.testing.assert_array_equal(code_good, good)
    assert set(np.unique(good)) == set(range(arms)) and pay.shape == (MANY, 30, arms)
    right = np.take_along_axis(pay, good[..., None].astype(int), axis=2)
    assert abs(right.mean() - 0.9) < 5 * (0.09 / right.size) ** 0.5
    still = task.episodes(SEED, np.zeros(MANY), 30)[1]
    assert (still == still[:, :1]).all()


def test_code_of_lives_gives_the_lives_of_players() -> None:
    task = ReversalLives(3, 0.8, 0.1, (0.0, 0.3, 0.9), 6)
    pay, good, hazard = task.lives(SEED, MANY, 4)
    code_pay, code_good = paid(task, None, 24)
    np.testing.assert_array_equal(code_pay, pay)
    np.testing.assert_array_equal(code_good, good)
    assert set(np.unique(hazard)) == {0.0, 0.3, 0.9} and hazard.shape == (MANY, 4)


def test_code_of_the_two_step_bandit_gives_the_episodes_of_players() -> None:
    task, swap = TwoStepBandit(high=0.8, low=0.3, common=0.7), np.full(MANY, 0.1)
    pay, good = task.episodes(SEED, swap, 40)
    code_pay, code_good = paid(task, swap, 40)
    np.testing.assert_array_equal(code_pay, pay)
    np.testing.assert_array_equal(code_good, good)
    world = task.states(SEED, swap, 40)
    assert abs(world.is_common.mean() - 0.7) < 5 * (0.21 / world.is_common.size) ** 0.5
    # chosen well: .7 of .8 and .3 of .3
    right = run(task.pay, individual=np.arange(2), trial=0, good=1, index=1, **task.streams)
    assert right["chance"] == pytest.approx(0.7 * 0.8 + 0.3 * 0.3) and right["is_good"] == 1
    left = run(task.pay, individual=np.arange(2), trial=0, good=1, index=0, **task.streams)
    assert left["chance"] == pytest.approx(0.3 * 0.8 + 0.7 * 0.3)


def test_code_of_static_arms_gives_the_episodes_of_players() -> None:
    task, chance = BernoulliBandit(3), Arms(3).chances(SEED, MANY)
    pay = task.episodes(SEED, chance, 20)
    for trial in range(20):
        for arm in range(3):
            given = {"individual": np.arange(MANY), "trial": trial, "index": arm, "chance": chance[:, arm]}
            found = run(task.pay, betters=(chance > chance[:, [arm]]).sum(axis=1), **given, **task.streams)
            np.testing.assert_array_equal(found["pay"], pay[:, trial, arm])
            np.testing.assert_array_equal(found["is_good"], chance.argmax(axis=1) == arm)
    for wrong in ([[0.5, 0.5, 1.01]], [[-0.01, 0.5, 0.5]]):
        with pytest.raises(Mistake, match="must lie in"):
            task.episodes(0, wrong, 3)
    assert task.episodes(0, [[0.0, 1.0, 1.0]], 5)[0].tolist() == [[0, 1, 1]] * 5
    for shape in ([0.5, 0.5, 0.5], [[0.5, 0.5]]):
        with pytest.raises(Mistake, match="chance has shape"):
            task.episodes(0, shape, 3)
    assert BernoulliBandit(2).arms == 2
    with pytest.raises(Mistake, match="1 arms, at least 2"):
        BernoulliBandit(1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ReversalBandit(1), "1 arms, at least 2"),
        (lambda: ReversalBandit(high=1.01), "must be in"),
        (lambda: ReversalBandit(low=-0.01), "must be in"),
        (lambda: ReversalBandit(high=-0.01), "must be in"),
        (lambda: ReversalLives(hazards=()), "hazards in"),
        (lambda: ReversalLives(hazards=(0.1, 1.01)), "hazards in"),
        (lambda: ReversalLives(hazards=(-0.01,)), "hazards in"),
        (lambda: ReversalLives(episode=0), "at least one trial"),
        (lambda: TwoStepBandit(arms=3), "3 arms"),
        (lambda: TwoStepBandit(common=1.01), "common 1.01"),
        (lambda: TwoStepBandit(common=-0.01), "common -0.01"),
        (lambda: Arms(2, "some"), "family is 'some'"),  # type: ignore[arg-type]
        (lambda: Arms(3, "mirrored"), "3 arms cannot mirror"),
        (lambda: Arms(2, "fixed", (0.1,)), "are not the probabilities"),
        (lambda: Arms(2, "independent", (0.1, 0.2)), "are not the probabilities"),
        (lambda: Arms(2, "fixed", (0.1, 1.01)), "must lie in"),
        (lambda: Arms(2, "fixed", (-0.01, 1.0)), "must lie in"),
        (lambda: StaticBandits().draw("train", 0, 1), "0 tasks cannot be drawn"),
        (lambda: Chains(1, 4), "at least 2"),
        (lambda: Chains(5, 4), "the fewest first"),
        (lambda: Chains(actions=0), "0 actions, at least 1"),
        (lambda: Chains(onward=-0.01), "onward is -0.01"),
        (lambda: Chains(onward=1.0), "onward is 1"),
        (lambda: Samples(np.ones(3), np.ones((3, 1))), "equal numbers of rows"),
        (lambda: Samples(np.ones((3, 1)), np.ones((2, 1))), "equal numbers of rows"),
        (lambda: Samples(np.ones((3, 1)), np.ones(3)), "equal numbers of rows"),
        (lambda: Samples(np.ones((3, 0)), np.ones((3, 1))), "equal numbers of rows"),
        (lambda: Samples(np.ones((3, 1)), np.ones((3, 0))), "equal numbers of rows"),
        (lambda: Samples(np.full((3, 1), np.nan), np.ones((3, 1))), "must be finite"),
        (lambda: Samples(np.ones((3, 1)), np.full((3, 1), np.inf)), "must be finite"),
        (lambda: SpikePatterns(np.ones(3), np.ones((3, 1))), "a row for each pattern"),
        (lambda: SpikePatterns(np.ones((3, 1)), np.ones(3)), "a row for each pattern"),
        (lambda: SpikePatterns(np.ones((3, 1)), np.ones((2, 1))), "a row for each pattern"),
        (lambda: SpikePatterns(np.ones((0, 1)), np.ones((0, 1))), "a row for each pattern"),
        (lambda: SpikePatterns(-np.ones((1, 1)), np.ones((1, 1))), "not negative"),
        (lambda: SpikePatterns(np.full((1, 1), np.inf), np.ones((1, 1))), "not negative"),
        (lambda: SpikePatterns(np.ones((1, 1)), np.full((1, 1), np.nan)), "targets finite"),
        (lambda: SpikePatterns(np.ones((1, 1)), np.ones((1, 1)), duration=0.0), "duration is 0"),
        (lambda: SpikePatterns(np.ones((1, 1)), np.ones((1, 1)), scale=math.inf), "scale is inf"),
        (lambda: LinearTeacher(0, 1), "n_inputs|inputs is 0"),
        (lambda: LinearTeacher(-1, 1), "n_inputs is -1, must not be negative"),
        (lambda: LinearTeacher(1, 0), "outputs is 0, must be >= 1"),
        (lambda: LinearTeacher(label_noise=-0.1), "label_noise is -0.1, must not be negative"),
        (lambda: LinearTeacher(label_noise=math.inf), "label_noise is inf, must be finite"),
        (lambda: TemporalTeacher(5, 6), "n_effective is 6, must be in 1..5"),
        (lambda: TemporalTeacher(5, 0), "n_effective is 0, must be in 1..5"),
        (lambda: TemporalTeacher(12, 10, 1, 10), "10 bins hold at most 8"),
        (lambda: TemporalTeacher(12, 4, 1, 10, per_trial=5), "per_trial is 5, must be <= 4"),
        (lambda: protocols.Trial(a=-0.1), "a is -0.1, must not be negative"),
        (lambda: protocols.Trial(value=math.inf), "value is inf"),
        (lambda: protocols.probability(3, 1.01, np.random.default_rng(0)), "a probability of reward of 1.01"),
        (lambda: protocols.probability(3, -0.01, np.random.default_rng(0)), "is none"),
        (lambda: world_seed(1, "test"), "no split of tasks is called 'test'"),  # type: ignore[arg-type]
    ],
)
def test_worlds_that_cannot_be_are_refused(make: Any, words: str) -> None:
    with pytest.raises(Mistake, match=words):
        make()


def test_the_least_and_the_most_that_can_be_are_not() -> None:
    ReversalBandit(2, 1.0, 0.0), ReversalBandit(high=0.0, low=1.0)
    ReversalLives(hazards=(0.0, 1.0), episode=1), TwoStepBandit(common=0.0), TwoStepBandit(common=1.0)
    Arms(2, "fixed", (0.0, 1.0)), Chains(2, 2, 1, 0.0)
    SpikePatterns(np.zeros((1, 1)), np.zeros((1, 1))), LinearTeacher(1, 1, 0.0)
    TemporalTeacher(12, 10, 1, 11), TemporalTeacher(5, 5, 1, 12), TemporalTeacher(5, 4, 1, 9, per_trial=4)
    protocols.Trial(a=0.0, reward=0.0, value=0.0)
    assert protocols.probability(3, 1.0, np.random.default_rng(0)) == [protocols.CUED] * 3
    assert protocols.probability(3, 0.0, np.random.default_rng(0)) == [protocols.OMISSION] * 3


def test_code_of_a_chain_walks_where_players_are_told() -> None:
    """Policies by lot, action by action: the code's reward, state and end are those of `drawn` and `walk`."""
    task = Chains(3, 6, 3, 0.3)
    worlds = task.drawn(SEED, MANY)
    policy = softmax(task.habits(SEED, MANY))
    walk = task.walk(SEED, policy, 25)
    who = np.arange(MANY)
    here = run(f"here = {task.begin}", individual=who, states=worlds.states, **task.streams)["here"]
    states = run(f"states = {task.size}", individual=who, **task.streams)["states"]
    np.testing.assert_array_equal(states, worlds.states)
    assert set(states) == {3, 4, 5, 6}
    for step in range(25):
        np.testing.assert_array_equal(here, walk.here[:, step])
        action = walk.action[:, step]
        after = run(
            task.move, individual=who, trial=step, here=here, action=action, states=states, **task.streams
        )
        np.testing.assert_allclose(after["reward"], walk.reward[:, step])
        np.testing.assert_array_equal(after["there"], walk.there[:, step])
        np.testing.assert_array_equal(after["ended"] == 1, walk.there[:, step] == 6)
        here = after["then"]
    # rewards are even with variance 1; ways on at least .3
    exists = worlds.exists[..., None] > 0
    pay = worlds.pay[np.broadcast_to(exists, worlds.pay.shape)]
    assert abs(z_score(pay, 0.0)) < 5 and abs(z_score(pay**2, 1.0)) < 5 and np.abs(pay).max() <= 3**0.5
    assert worlds.onward.min() >= 0.3 and abs(z_score(worlds.onward.ravel(), 0.65)) < 5
    assert abs(z_score(task.habits(SEED, 400).ravel(), 0.0)) < 5
    np.testing.assert_allclose(policy.sum(axis=-1), 1)
    np.testing.assert_allclose(softmax([[0.0, math.log(3.0)]]), [[0.25, 0.75]])


def test_arrivals_are_how_often_walks_arrive() -> None:
    """One chain walked by many: shares of next states against probabilities, the rest ends the episode."""
    task = Chains(4, 4, 2, 0.5)
    worlds = task.drawn(SEED, 1)
    arrivals = worlds.arrivals()[0]
    onward, elsewhere = worlds.onward[0], worlds.elsewhere[0]
    for state in range(4):
        for action in range(2):
            expected = np.zeros(5)
            expected[state + 1] += onward[state, action]
            expected[elsewhere[state, action]] += 1 - onward[state, action]
            np.testing.assert_allclose(arrivals[state, action], expected[:4])
    np.testing.assert_allclose(worlds.begins(), [[0.25] * 4])
    small = Chains(2, 5).drawn(SEED, 40)
    beyond = small.exists == 0
    assert beyond.any() and not small.arrivals()[beyond].any() and not small.begins()[beyond].any()
    np.testing.assert_allclose(small.begins().sum(axis=1), 1)


def test_patterns_are_balanced_over_their_halves() -> None:
    task = SpikePatterns.balanced(3, 6, 9, 4, rates=(2.0, 40.0), targets=(5.0, 30.0))
    assert (task.patterns, task.inputs, task.outputs) == (6, 9, 4)
    for table, low, high in ((task.rates, 2.0, 40.0), (task.targets, 5.0, 30.0)):
        assert set(np.unique(table)) == {low, high} and (np.sum(table == high, axis=0) == 3).all()
        assert len(np.unique(table, axis=1).T) > 1


def test_samples_are_tables_that_nobody_can_change() -> None:
    task = Samples(np.arange(6).reshape(3, 2), np.eye(3), labelled_rows=True)
    assert (task.inputs, task.outputs, task.stimuli, task.labelled) == (2, 3, 3, True) and task.bins == 1
    for table in (task.x, task.y):
        with pytest.raises(ValueError, match="read-only"):
            table[0, 0] = 1.0


def test_digits_are_centred_on_those_for_training() -> None:
    task = digits(power=50.0)
    train = task.x[:-N_TEST]
    assert task.x.shape == (1797, 64) and N_TEST == 360 and task.y.shape == (1797, 10)
    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-12)
    assert (train**2).sum(axis=1).mean() == pytest.approx(50.0)
    assert (task.y.sum(axis=1) == 1).all() and task.labelled
    assert (np.abs(task.y[-N_TEST:].mean(axis=0) - 0.1) < 5 * (0.09 / N_TEST) ** 0.5).all()


def test_a_task_without_what_a_call_sets_and_that() -> None:
    task, given = LinearTeacher(4, 2, label_noise=0.3).apart()
    assert task == LinearTeacher(4, 2) and given == {"label_noise": 0.3}
    assert (
        LinearTeacher(4, 2).apart() == (LinearTeacher(4, 2), {})
        and task.stimuli is None
        and not task.labelled
    )


def test_seeds_of_worlds_are_numbers_that_tell_their_split() -> None:
    seeds = [world_seed(3, split, *place) for split in SPLITS for place in ((), (1,), (1, 2))]
    assert all(isinstance(one, int) and 0 <= one < 2**31 for one in seeds) and len({*seeds}) == len(seeds)
    assert [one % PLACES for one in seeds] == np.repeat(np.arange(len(SPLITS)), 3).tolist()


def test_even_draws_have_their_bounds_and_are_apart() -> None:
    one, two = (between((2.0, 5.0), SEED, which, 4000) for which in (0, 1))
    assert abs(z_score(one, 3.5)) < 5 and abs(z_score((one - 3.5) ** 2, 9 / 12)) < 5
    assert one.min() >= 2 and one.max() <= 5 and abs(np.corrcoef(one, two)[0, 1]) < 5 / 4000**0.5
    table = between((0.0, 1.0), SEED, 2, 300, 8)
    assert table.shape == (300, 8) and abs(z_score(table.ravel(), 0.5)) < 5
    np.testing.assert_array_equal(table[:, 0], between((0.0, 1.0), SEED, 2, 300))
    drawn = Drawn("usual", None, 2, 11, {"eta": np.ones(2)})
    assert set(drawn.arguments) == {"eta", "task_seed"} and drawn.arguments["task_seed"] == 11


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_teachers_answers_have_variance_one(alike: bool, activation: Any) -> None:
    """scale**2 (1 + m**2) sum of variances is 1: N equal shares if alike, half if rectified."""
    kind = Teachers(((8, 12, 2),), (3, 8), (0.1, 0.3), (2.0, 9.0), (0.5, 1.5), alike, activation, wider=3)
    (drawn,) = kind.draw("odd", "train", 500, 4, 2)
    scale, mean = drawn.parameters["input_scale"], drawn.parameters["input_mean"]
    shown = (scale > 0).sum(axis=1)
    assert set(shown) == set(range(3, 9)) and (np.sort(scale > 0, axis=1)[:, ::-1] == (scale > 0)).all()
    assert (mean == mean[:, :1]).all() and 0.5 <= mean.min() and mean.max() <= 1.5 and np.ptp(mean) > 0.9
    noise = drawn.parameters["label_noise"]
    assert 0.1 <= noise.min() < 0.11 and 0.29 < noise.max() <= 0.3
    apart = np.corrcoef([noise, mean[:, 0], shown, scale[:, 0]])[np.triu_indices(4, 1)]
    assert np.abs(apart).max() < 5 / 500**0.5  # no two numbers of a teacher are one draw
    share = shown if alike and activation == "linear" else (scale**2).sum(axis=1)
    power = (1 + mean[:, 0] ** 2) * share / (1 if activation == "linear" else 2)
    np.testing.assert_allclose(drawn.parameters["teacher_scale"] ** -2.0, power)
    # largest over smallest variance: at most 9, and of 8 inputs nearly the bound that was drawn
    full = np.log(scale[shown == 8] ** 2)
    assert np.ptp(full, axis=1).max() <= math.log(9) + 1e-9 and np.ptp(full, axis=1).max() > 0.7 * math.log(9)
    assert np.abs(full).max() <= math.log(9) / 2 + 1e-9
    task = drawn.task
    if activation == "linear":
        assert task == LinearTeacher(8, 2, alike=alike)
    else:
        assert (task.n_inputs, task.n_hidden, task.n_outputs, task.function) == (8, 4, 2, "relu")
    assert drawn.network == {"hidden": (12,), "activations": (activation, "linear")}
    assert (drawn.kind, drawn.number) == ("odd", 500)


def test_kinds_of_teachers_beyond_the_training() -> None:
    drawn = TeacherStudent().draw("out_of_distribution", 6, 1)
    assert [one.kind for one in drawn] == ["larger", "deeper", "noisier", "relu"]
    usual = TeacherStudent().draw("train", 6, 1)
    assert [(one.task.n_outputs, one.number) for one in usual] == [(1, 2), (3, 2), (6, 2)]
    assert len({one.task_seed for one in (*usual, *drawn)}) == 7
    assert drawn[3].task.n_hidden == 5 and drawn[1].network["hidden"] == (10,)
    for number in (0, 7, -3):
        with pytest.raises(Mistake, match="cannot be shared out over 3 shapes"):
            TeacherStudent().draw("train", number, 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"shapes": ()},
        {"shapes": ((20,),)},
        {"shapes": ((20, 0),)},
        {"inputs": (0, 4)},
        {"inputs": (5, 4)},
        {"inputs": (4, 21)},
        {"label_noise": (-0.1, 0.1)},
        {"label_noise": (0.2, 0.1)},
        {"condition": (0.9, 2.0)},
        {"condition": (1.0, math.inf)},
        {"mean": (-0.1, 1.0)},
        {"wider": 0},
        {"activation": "tanh"},
    ],
    ids=str,
)
def test_teachers_that_cannot_be_are_refused(settings: Any) -> None:
    with pytest.raises(Mistake, match="Teachers"):
        Teachers(**settings)
    Teachers(shapes=((20, 1),), inputs=(1, 20), label_noise=(0.0, 0.0), condition=(1.0, 1.0))
    assert replace(Teachers(), wider=1).wider == 1


def test_a_schedule_holds_what_happens_and_when() -> None:
    """Times are multiples of .05 s from .5 on, over one second and its end; what is absent never comes."""
    lives = [[protocols.Trial(b=0.25, value=0.5), protocols.OMISSION], [protocols.UNCUED]]
    table = protocols.schedule(lives, np.random.default_rng(0), trials=3)
    assert (table.individuals, table.trials) == (2, 3)
    np.testing.assert_allclose(table.onset[0, 0] - table.reference[0, 0], [0, 0.25])
    assert (
        table.reward_time[0, 0] - table.reference[0, 0] == pytest.approx(1.5)
        and table.reward_value[0, 0] == 0.5
    )
    assert table.reward_value[0].tolist() == [0.5, 0, 0] and table.reward_value[1].tolist() == [1, 0, 0]
    assert (table.onset[1] == 1e6).all() and (table.reward_time[0, 1:] == 1e6).all()
    assert table.plastic.tolist() == [[1, 1, 0], [1, 0, 0]]
    many = protocols.schedule(
        [[protocols.CUED] * 400] * 2, np.random.default_rng(1), jitter=[0.0, 0.5]
    ).reference
    assert (many[0] == 0.5).all() and many[1].min() == 0.5 and many[1].max() == pytest.approx(1.0)
    np.testing.assert_allclose(many / 0.05, np.rint(many / 0.05), atol=1e-9)
    assert len(np.unique(np.rint(many[1] / 0.05))) == 11
    at_end = protocols.schedule([[protocols.CUED]], np.random.default_rng(0), jitter=0.0, duration=2.0)
    assert at_end.reward_time[0, 0] == 2.0
    with pytest.raises(Mistake, match="a trial of 1.9 s ends before its last event"):
        protocols.schedule([[protocols.CUED]], np.random.default_rng(0), jitter=0.0, duration=1.9)
    with pytest.raises(Mistake, match="a life of 2 trials does not fit into 1"):
        protocols.schedule(lives, np.random.default_rng(0), trials=1)
    assert protocols.schedule([[], []], np.random.default_rng(0)).trials == 0


def test_protocols_hold_their_trials() -> None:
    rng = np.random.default_rng(0)
    sizes = protocols.magnitudes(17, rng)
    values = protocols.utility(np.array(protocols.SIZES))
    assert len(sizes) == 17 and values[-1] == 1.3
    np.testing.assert_allclose(np.sort([trial.value for trial in sizes[7:14]]), values)
    asked = protocols.magnitude_probes()
    assert [trial.a for trial in asked] == [None] * 7 + [0.0] * 7
    np.testing.assert_allclose([trial.value for trial in asked], np.tile(values, 2))
    chained = protocols.second_order(2, 3)
    assert chained[:2] == [protocols.CUED] * 2 and len(chained) == 8
    assert all((one.b, one.a, one.reward) == (0.0, 1.0, None) for one in chained[2::2])
    assert all(one == protocols.EMPTY for one in chained[3::2])
    control = protocols.second_order(2, 3, control=True)
    assert [(one.a, one.b) for one in control[2:]] == [(None, 0.0), (1.0, None)] * 3
    assert protocols.blocking(2, 1, control=True) == [protocols.UNCUED] * 2 + [protocols.Trial(b=0.0)]
    assert protocols.extinction(1, 2, 1) == [protocols.CUED, *[protocols.OMISSION] * 2, protocols.CUED]
    kinds = protocols.probes([protocols.CUED, protocols.UNCUED], 2)
    assert [one.a for one in kinds] == [0.0, None] * 2 and not any(one.learn for one in kinds)
    random = protocols.truly_random(2000, rng)
    cue, reward = np.array([(one.a, one.reward) for one in random], float).T
    assert cue.max() <= 2.25 and reward.max() <= 4.5
    assert abs(z_score(cue, 1.125)) < 5 and abs(z_score(reward, 2.25)) < 5
    assert protocols.Trial(a=0.2, b=2.0).last == 2.0 and protocols.EMPTY.last == 0.0
