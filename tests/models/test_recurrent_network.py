"""Recurrent networks in episodes: weight for weight a loop by hand, the gradient, frozen weights, parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.program.keyed import normal, uniform
from hedon.models.recurrent.network import STATES, RecurrentNetwork
from hedon.models.tasks import (
    BaitedEpisodes,
    CueMemory,
    EpisodicBandit,
    LearningSet,
    TwoStepEpisodes,
    VolatileEpisodes,
)
from hedon.models.tasks.episode_task import EpisodeTask
from hedon.models.tasks.streams import EPISODE
from hedon.plasticity.recurrent_eligibility import RecurrentEligibility
from hedon.plasticity.recurrent_perturbation import RecurrentPerturbation
from hedon.plasticity.recurrent_projection import RecurrentProjection
from hedon.plasticity.recurrent_weight_perturbation import RecurrentWeightPerturbation

WEIGHTS = STATES[:-1]
SEED, EPISODES, UNITS, APART = 5, 30, 6, 65536
RATES = {
    "eta": 0.05,
    "eta_value": 0.01,
    "eta_recurrent": 0.02,
    "eta_input": 0.03,
    "sigma": 0.3,
    "gamma": 0.9,
    "trace": 0.8,
    "decay": 0.02,
    "entropy": 0.1,
}


class ByHand:
    """The same network as a textbook has it: one individual, one episode, one step after another."""

    def __init__(self, net: RecurrentNetwork, one: int, seed: int, **settings: float) -> None:
        self.net, self.one, self.seed = net, one, seed
        self.numbers = {p.name: getattr(net.rule, p.name) for p in net.rule.parameters} | settings
        low, high = net.leaks
        n = np.arange(net.units)
        self.leak = low * (high / low) ** uniform(seed, EPISODE["leak"], one, 0, n)
        grid = np.arange(net.inputs)[:, None], np.arange(net.units)[:, None]
        self.w = {
            "w_input": net.input_gain * normal(seed, EPISODE["weights"], one, 0, grid[0] * net.units + n),
            "w_recurrent": net.gain
            / net.units**0.5
            * normal(seed, EPISODE["weights"], one, 1, grid[1] * net.units + n),
            "w_policy": np.zeros((net.units, 2)),
            "w_value": np.zeros((net.units, 1)),
            "base": np.zeros(1),
        }
        self.own = normal(seed, EPISODE["weights"], one, 2, n)
        self.back = normal(seed, EPISODE["weights"], one, 2, np.arange(2)[:, None] * net.units + n)

    def tried(self, who: int, episode: int) -> dict[str, np.ndarray]:
        """What synapses try in an episode."""
        n = self.net.units
        found = {}
        for name, first, before in (("w_recurrent", 0, n), ("w_input", n * n, self.net.inputs)):
            number = first + np.arange(before)[:, None] * n + np.arange(n)
            draw = uniform(self.seed, EPISODE["noise"], who, episode, number)
            found[name] = np.where(draw < 0.5, -1.0, 1.0)
        return found

    def perturbation(self, who: int, episode: int, step: int) -> np.ndarray:
        place = step if self.net.rule.hold == "step" else 0
        index = place * self.net.units + np.arange(self.net.units)
        if self.net.rule.noise == "gaussian":
            return normal(self.seed, EPISODE["noise"], who, episode, index)
        return np.where(uniform(self.seed, EPISODE["noise"], who, episode, index) < 0.5, -1.0, 1.0)

    def world(self, who: int, episode: int) -> tuple[Any, Any]:
        """What is seen and whether an action is asked, and what an action is paid, by step."""
        task = self.net.task
        if isinstance(task, CueMemory):
            draws = uniform(self.seed, EPISODE["world"], who, episode, np.arange(task.steps)) < 0.5
            cue, last = int(draws[0]), task.steps - 1

            def show(step: int) -> tuple[int, int]:
                return (cue if step == 0 else 4 if step == last else 2 + int(draws[step])), int(step == last)

            return show, lambda step, action: float(step == last and action == cue)
        if isinstance(task, VolatileEpisodes):
            return self.moving(task, who, episode)
        if isinstance(task, BaitedEpisodes):
            return self.baited(task, who, episode)
        if isinstance(task, LearningSet):
            left = uniform(self.seed, EPISODE["world"], who, episode, np.arange(task.steps)) < 0.5
            good = int(uniform(self.seed, EPISODE["pay"], who, episode, 0) < 0.5)
            return (
                lambda step: (int(left[step]), 1),
                lambda step, action: float((int(left[step]) if action == 0 else 1 - int(left[step])) == good),
            )
        if isinstance(task, TwoStepEpisodes):
            return self.two_step(task, who, episode)
        assert isinstance(task, EpisodicBandit)
        chance = task.chances(self.seed, np.array([who]), np.array([episode]))[0, 0]

        outcome = -1

        def pay(step: int, action: int) -> float:
            nonlocal outcome
            paid = uniform(self.seed, EPISODE["pay"], who, episode, 2 * step + action) < chance[action]
            if task.outcome == "joint":
                outcome = 2 * action + int(paid)
            return float(paid)

        return lambda step: (outcome, 1), pay

    def baited(self, task: BaitedEpisodes, who: int, episode: int) -> tuple[Any, Any]:
        chance = task.chances(self.seed, np.array([who]), np.array([episode]))[0, 0]
        waits = [False, False]

        def show(step: int) -> tuple[int, int]:
            for arm in (0, 1):
                draw = uniform(self.seed, EPISODE["pay"], who, episode, 2 * step + arm)
                waits[arm] = waits[arm] or bool(draw < chance[arm])
            return -1, 1

        def pay(step: int, action: int) -> float:
            paid, waits[action] = waits[action], False
            return float(paid)

        return show, pay

    def moving(self, task: VolatileEpisodes, who: int, episode: int) -> tuple[Any, Any]:
        def draw(stream: str, step: int) -> float:
            return float(uniform(self.seed, EPISODE[stream], who, episode, step))

        hazard = task.hazard if task.volatile(self.seed, np.array([who]), np.array([episode]))[0, 0] else 0.0
        now = {"good": int(draw("world", 1) < 0.5), "seen": -1}

        def show(step: int) -> tuple[int, int]:
            if step and draw("transition", step) < hazard:
                now["good"] = 1 - now["good"]
            return now["seen"], 1

        def pay(step: int, action: int) -> float:
            paid = draw("pay", 2 * step + action) < (task.high if action == now["good"] else task.low)
            now["seen"] = 2 * action + int(paid)
            return float(paid)

        return show, pay

    def two_step(self, task: TwoStepEpisodes, who: int, episode: int) -> tuple[Any, Any]:
        def draw(stream: str, step: int) -> float:
            return float(uniform(self.seed, EPISODE[stream], who, episode, step))

        now = {"good": int(draw("world", 0) < 0.5), "reached": 0}

        def show(step: int) -> tuple[int, int]:
            if step % 2:
                return 1 + now["reached"], 0
            if step and draw("world", step) < task.swap:
                now["good"] = 1 - now["good"]
            return 0, 1

        def pay(step: int, action: int) -> float:
            if step % 2 == 0:
                now["reached"] = action if draw("transition", step) < task.common else 1 - action
                return 0.0
            chance = task.high if now["reached"] == now["good"] else task.low
            return float(draw("pay", step) < chance)

        return show, pay

    def live(self, first: int, episodes: int, reset: float = 0.0, learning: float = 1.0) -> list[float]:
        """Live episodes, all lanes in step with each other; rewards by episode."""
        return [self.episode(first + number, reset, learning) for number in range(episodes)]

    def episode(self, episode: int, reset: float, learning: float) -> float:
        net, c = self.net, self.numbers
        codes, lanes = net.task.codes, range(net.lanes)
        u, z = np.zeros((net.lanes, net.units)), np.zeros((net.lanes, net.units))
        e = [{name: np.zeros_like(w) for name, w in self.w.items()} for _ in lanes]
        f: list[dict[str, np.ndarray]] = [{} for _ in lanes]
        if isinstance(net.rule, RecurrentEligibility):
            f = [{name: np.zeros_like(self.w[name]) for name in ("w_input", "w_recurrent")} for _ in lanes]
        did, paid, total = [-1] * net.lanes, [0.0] * net.lanes, 0.0
        before = [(float(self.w["base"][0]), 0.0)] * net.lanes  # value and reward of the step before
        who = [self.one + APART * (lane // 2 if net.antithetic else lane) for lane in lanes]
        worlds = [self.world(key, episode) for key in who]
        for step in range(net.task.steps):
            change = {name: np.zeros_like(w) for name, w in self.w.items()}
            for lane in lanes:
                show, pay = worlds[lane]
                seen, asked = show(step)
                x = np.zeros(net.inputs)
                if seen >= 0:
                    x[seen] = 1
                if did[lane] >= 0:
                    x[codes + did[lane]] = 1
                x[codes + 2], x[codes + 3] = paid[lane], 1
                if reset and step % net.task.trial_steps == 0:
                    u[lane], z[lane] = 0, 0
                s = self.perturbation(who[lane], episode, step)
                if net.antithetic and lane % 2:
                    s = -s
                arrived = z[lane].copy()
                tried = {"w_input": 0.0, "w_recurrent": 0.0}
                if isinstance(net.rule, RecurrentWeightPerturbation):
                    tried, s = self.tried(who[lane], episode), np.zeros(net.units)
                drive = c["sigma"] * s
                for name, before_it in (("w_input", x), ("w_recurrent", arrived)):
                    drive = drive + before_it @ (self.w[name] + c["sigma"] * tried[name])
                u[lane] += self.leak * (drive - u[lane])
                z[lane] = np.tanh(u[lane])
                value = float(z[lane] @ self.w["w_value"][:, 0])
                logits = z[lane] @ self.w["w_policy"]
                p = np.exp(logits - logits.max())
                p /= p.sum()
                action = int(uniform(self.seed, EPISODE["action"], who[lane], episode, step) >= p[0])
                reward = pay(step, action)
                old_value, old_reward = before[lane]
                delta = old_reward + c["gamma"] * value - old_value
                last = reward - value if step == net.task.steps - 1 else 0.0
                before[lane] = value, reward
                score = asked * (np.eye(2)[action] - p)
                gathered = {"w_policy": np.outer(z[lane], score), "w_value": z[lane][:, None]}
                change["base"] += delta * (step == 0)
                if isinstance(net.rule, RecurrentProjection):
                    s = s / (x @ x + arrived @ arrived + 1e-9)
                if isinstance(net.rule, RecurrentEligibility):
                    s = (1 - z[lane] ** 2) * (
                        score @ self.back if net.rule.feedback == "actions" else self.own
                    )
                for name, pre in (("w_input", x), ("w_recurrent", arrived)):
                    if isinstance(net.rule, RecurrentEligibility):
                        f[lane][name] = (1 - self.leak) * f[lane][name] + self.leak * pre[:, None]
                    gathered[name] = (f[lane][name] if name in f[lane] else pre[:, None]) * s
                keep = c["gamma"] * c["trace"]
                own = () if isinstance(net.rule, RecurrentEligibility) else ("w_input", "w_recurrent")
                for name, now in gathered.items():
                    old = e[lane][name]
                    e[lane][name] = keep * old + now
                    if isinstance(tried.get(name), np.ndarray):
                        change[name] += (delta + last) * tried[name]
                    elif name in own:
                        change[name] += (delta + keep * last) * e[lane][name]
                    else:
                        change[name] += delta * old + last * e[lane][name]
                doubt = -(p * np.log(p)).sum()
                opened = -asked * c["entropy"] * p * (np.log(p) + doubt)
                change["w_policy"] += np.outer(z[lane], opened)
                if asked:
                    did[lane] = action
                paid[lane] = reward
                total += reward / net.lanes
            fade = learning / (1 + c["decay"] * episode) / net.lanes
            scale = 1.0 if isinstance(net.rule, RecurrentEligibility) else c["sigma"]
            for name, rate in (
                ("w_input", c["eta_input"] / scale),
                ("w_recurrent", c["eta_recurrent"] / scale),
                ("w_policy", c["eta"]),
                ("w_value", c["eta_value"]),
                ("base", c["eta_value"]),
            ):
                self.w[name] = self.w[name] + fade * rate * change[name]
        return total


def small(
    task: EpisodeTask, rule: RecurrentPerturbation, lanes: int = 1, pairs: bool = False
) -> RecurrentNetwork:
    return RecurrentNetwork(task, rule, individuals=2, units=UNITS, block=1, lanes=lanes, antithetic=pairs)


CASES = {
    "cue, held": small(CueMemory(3), RecurrentPerturbation()),
    "bandit, drawn anew": small(
        EpisodicBandit(7, outcome="joint"), RecurrentPerturbation(noise="gaussian", hold="step")
    ),
    "bandit, weights": small(EpisodicBandit(5), RecurrentWeightPerturbation(), lanes=2),
    "bandit, pairs of lanes": small(
        EpisodicBandit(5, "independent"), RecurrentPerturbation(hold="step"), lanes=4, pairs=True
    ),
    "two-step, projection": small(
        TwoStepEpisodes(6, swap=0.3), RecurrentProjection(noise="gaussian", hold="step"), lanes=2
    ),
    "volatile, projection": small(VolatileEpisodes(9, hazard=0.4), RecurrentProjection(), lanes=2),
    "matching, eligibilities, scalar": small(BaitedEpisodes(9), RecurrentEligibility(), lanes=2),
    "learning set, eligibilities, actions": small(
        LearningSet(4), RecurrentEligibility(feedback="actions"), lanes=2
    ),
}
"""Every task, every rule and each of its options once; with one lane and with several."""
WHOLE = {
    "bandit, drawn anew",
    "bandit, weights",
    "volatile, projection",
    "bandit, pairs of lanes",
    "two-step, projection",
    "learning set, eligibilities, actions",
}
"""The unit tests have the others: one with one lane, one with several."""


@pytest.mark.parametrize("reset", (0.0, 1.0))
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.whole] if name in WHOLE else []) for name in CASES]
)
def test_every_weight_is_the_textbooks(name: str, reset: float) -> None:
    net = CASES[name]
    lived = net.program()(
        RATES | {"task_seed": SEED, "reset": reset, "first_episode": 3},
        seed=0,
        duration=EPISODES,
        outputs=["reward_mean", *WEIGHTS],
    )
    for one in range(2):
        hand = ByHand(net, one, SEED, **RATES)
        first = {name: w.copy() for name, w in hand.w.items()}
        rewards = hand.live(3, EPISODES, reset)
        np.testing.assert_allclose(np.asarray(lived["reward_mean"])[:, one], rewards, atol=1e-12)
        for weights in WEIGHTS:
            silent = reset and weights == "w_recurrent"  # nothing arrives from a state that is empty
            assert silent or np.abs(hand.w[weights] - first[weights]).max() > 1e-3, weights
            np.testing.assert_allclose(np.asarray(lived[weights])[one], hand.w[weights], atol=1e-11)


Draws = tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]


def perturbed_return(
    w: dict[str, np.ndarray], leak: np.ndarray, draws: Draws, push: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Chance of the right answer in cue memory with one distractor, in given episodes with given
    perturbations of drives and weights; and what arrived at units in each step, inputs first."""
    cue, other, noise, tried = draws
    u = np.zeros((len(cue), len(leak)))
    z, arrived = u, []
    for step, seen in enumerate((cue, 2 + other, np.full(len(cue), 4))):
        x = np.zeros((len(cue), 9))
        x[np.arange(len(cue)), seen] = 1
        x[:, 8] = 1
        arrived.append(np.concatenate((x, z), axis=1))
        drive = noise[:, step] + push[step]
        for name, before in (("w_input", x), ("w_recurrent", z)):
            drive = drive + (before[:, None] @ (w[name] + tried[name]))[:, 0]
        u = u + leak * (drive - u)
        z = np.tanh(u)
    advantage = z @ (w["w_policy"][:, 1] - w["w_policy"][:, 0])
    return 1 / (1 + np.exp(-np.where(cue == 1, 1, -1) * advantage)), np.moveaxis(np.array(arrived), 0, 1)


def slope_of(
    w: dict[str, np.ndarray], leak: np.ndarray, rule: RecurrentPerturbation, sigma: float
) -> np.ndarray:
    """Gradient of the mean return by finite differences: of inputs, recurrent weights and policy; a
    projection has each step's share over the squared length of what arrives in it."""
    draw, n, units, step = np.random.default_rng(4), 20_000, len(leak), 1e-4
    tried: dict[str, np.ndarray] = {"w_input": np.zeros(1), "w_recurrent": np.zeros(1)}
    noise = np.zeros((n, 3, units))
    if isinstance(rule, RecurrentWeightPerturbation):
        tried = {name: sigma * draw.normal(size=(n, *w[name].shape)) for name in tried}
    else:
        noise = sigma * draw.normal(size=noise.shape)
    draws = draw.integers(0, 2, n), draw.integers(0, 2, n), noise, tried
    push = np.zeros((3, units))
    arrived = perturbed_return(w, leak, draws, push)[1]
    if isinstance(rule, RecurrentProjection):
        arrived = arrived / (arrived**2).sum(axis=2, keepdims=True)
    found = np.zeros((arrived.shape[2], units))
    for place in np.ndindex(push.shape):
        ends = []
        for sign in (1, -1):
            push[place] = sign * step
            ends.append(perturbed_return(w, leak, draws, push)[0])
        push[place] = 0
        found[:, place[1]] += (ends[0] - ends[1]) / (2 * step) @ arrived[:, place[0]] / n
    policy = []
    for place in np.ndindex(w["w_policy"].shape):
        ends = []
        for sign in (1, -1):
            moved = w["w_policy"].copy()
            moved[place] += sign * step
            ends.append(perturbed_return(w | {"w_policy": moved}, leak, draws, push)[0])
        policy.append((ends[0] - ends[1]).mean() / (2 * step))
    return np.concatenate((found.ravel(), policy))


FOLLOWING = {
    "node": RecurrentPerturbation(noise="gaussian", hold="step"),
    "projection": RecurrentProjection(noise="gaussian", hold="step"),
    "weights": RecurrentWeightPerturbation(noise="gaussian"),
}


@pytest.mark.whole
@pytest.mark.parametrize("name", FOLLOWING)
def test_its_mean_change_is_the_gradient_of_the_perturbed_return(name: str) -> None:
    """Whatever the value is, that of the emptied state among it: along the gradient of the units' weights and
    along drawn directions of all weights, within 5 standard errors over individuals."""
    rule, many, episodes, units, sigma, eta = FOLLOWING[name], 400, 3000, 5, 0.4, 1e-8
    net = RecurrentNetwork(CueMemory(1), rule, units, many, block=episodes)
    draw = np.random.default_rng(3)
    w = {
        "w_input": draw.normal(size=(net.inputs, units)),
        "w_recurrent": draw.normal(size=(units, units)) / 2,
        "w_policy": draw.normal(size=(units, 2)),
    }
    leak = np.linspace(0.4, 0.9, units)
    given = {one: np.broadcast_to(values, (many, *values.shape)) for one, values in w.items()}
    given |= {"leak": np.broadcast_to(leak, (many, units)), "base": np.full((many, 1), 0.3)}
    given |= {"eta": eta, "eta_recurrent": eta, "eta_input": eta, "eta_value": 0}
    given |= {"sigma": sigma, "gamma": 1, "trace": 1, "task_seed": 8}
    slope = slope_of(w, leak, rule, sigma)
    inner = slice(0, slope.size - w["w_policy"].size)
    along = np.zeros(slope.size)
    along[inner] = slope[inner] / np.linalg.norm(slope[inner])
    aligned = 0.5 * (w["w_policy"][:, 1:] - w["w_policy"][:, :1])
    for sign in (1, -1):
        value = {"w_value": np.broadcast_to(sign * aligned, (many, units, 1))}
        lived = net.program()(given | value, seed=0, duration=episodes, outputs=WEIGHTS)
        change = [(np.asarray(lived[one]) - w[one]).reshape(many, -1) / (eta * episodes) for one in w]
        samples = np.concatenate(change, axis=1)
        assert z_score(samples @ along, 0.0) > 5
        for direction in (along, *draw.normal(size=(3, slope.size))):
            direction = direction / np.linalg.norm(direction)
            assert abs(z_score(samples @ direction, float(slope @ direction))) < 5


def test_frozen_weights_do_not_move_and_each_can_be_frozen_alone() -> None:
    net = CASES["cue, held"]
    begin = net.program()({"task_seed": SEED}, seed=0, duration=0, outputs=WEIGHTS)
    given = {"learning": np.array([0.0, 1.0]), "task_seed": SEED} | RATES
    lived = net.program()(given, seed=0, duration=EPISODES, outputs=WEIGHTS)
    for name in WEIGHTS:
        moved = np.abs(np.asarray(lived[name]) - np.asarray(begin[name])).reshape(2, -1).max(axis=1)
        assert moved[0] == 0 and moved[1] > 1e-3
    rates = {
        "w_input": "eta_input",
        "w_recurrent": "eta_recurrent",
        "w_policy": "eta",
        "w_value": "eta_value",
        "base": "eta_value",
    }
    for rate in rates.values():
        lived = net.program()(RATES | {"task_seed": SEED, rate: 0}, seed=0, duration=9, outputs=WEIGHTS)
        for other in WEIGHTS:
            moved = np.abs(np.asarray(lived[other]) - np.asarray(begin[other])).max()
            assert (moved == 0) == (rates[other] == rate)


@pytest.mark.whole
def test_segments_are_the_whole_bit_for_bit() -> None:
    net = CASES["bandit, drawn anew"]
    given = RATES | {"task_seed": SEED}
    whole = net.program()(given, seed=0, duration=EPISODES, outputs=WEIGHTS)
    first = net.program()(given, seed=0, duration=11, outputs=WEIGHTS)
    state = {name: np.asarray(first[name]) for name in WEIGHTS}
    second = net.program()(
        given | state | {"first_episode": 11}, seed=9, duration=EPISODES - 11, outputs=WEIGHTS
    )
    for name in WEIGHTS:
        np.testing.assert_array_equal(np.asarray(second[name]), np.asarray(whole[name]))


def test_the_broadcast_of_another_is_anothers() -> None:
    """With it the weights of policy and units change by the other's errors; the value learns by its own."""
    case = CASES["bandit, drawn anew"]
    program = RecurrentNetwork(case.task, case.rule, case.units, 2, block=1).program()
    still = {rate: 0 for rate in RATES if rate.startswith("eta") and rate != "eta_value"}
    for given, moving in ((RATES, WEIGHTS[:3]), (RATES | still, ())):
        given = given | {"task_seed": SEED}
        one, two = (
            program(given | {"yoked": yoked}, seed=0, duration=1, outputs=WEIGHTS) for yoked in (0, 1)
        )
        for name in moving:
            assert np.abs(np.asarray(one[name]) - np.asarray(two[name])).max() > 1e-4
    for name in ("w_value", "base"):
        np.testing.assert_array_equal(np.asarray(one[name]), np.asarray(two[name]))


@pytest.mark.parametrize("wrong", ({"units": 0}, {"lanes": 3, "antithetic": True}, {"leaks": (0.0, 1.0)}))
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Mistake, match="RecurrentNetwork"):
        RecurrentNetwork(CueMemory(3), **wrong)
