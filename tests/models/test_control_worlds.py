"""How a life in drawn worlds is scored: what is earned, and the last quarter as much as the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hedon.models.actor_critic.trial_series import Series
from hedon.models.conditioning.network import Lives
from hedon.models.dopamine.system import ordered
from hedon.models.experiments import conditioning, conditioning_worlds
from hedon.models.experiments.spiking_control import WORLDS
from hedon.models.tasks.distribution import Drawn

LATENCY, REST = 1.2, 0.8
"""A trial takes 2 s."""


def life(reached: np.ndarray) -> Series:
    """One individual for each row, whose trials end well or not."""
    shape = reached.shape
    return Series(np.full(shape, LATENCY), reached.astype(float), np.ones(shape, bool), {})


@pytest.mark.parametrize("kind", ["tracks", "mazes"])
def test_who_gets_stuck_scores_less_than_who_learns_late(kind):
    worlds = WORLDS[kind]
    drawn = worlds.distribution.draw("train", 3, 1)[0]
    early = np.arange(20) < 10
    rest = drawn.task.rest
    seconds = 20 * (LATENCY + rest)
    series = life(np.array([early, ~early, np.ones(20, bool)]))
    each = worlds.distribution.best(drawn) + rest
    earned = worlds.earned(series, drawn, seconds)
    np.testing.assert_allclose(earned, each * [10, 10, 20] / seconds)
    late = each * [0, 5, 5] / (0.25 * seconds)
    np.testing.assert_allclose(worlds.scored(series, drawn, seconds), (earned + late) / 2)
    np.testing.assert_allclose(
        np.nanmean(worlds.level(series, drawn)[2]), worlds.distribution.best(drawn)[2] / LATENCY
    )


def test_poles_earn_the_time_for_which_they_stand():
    worlds = WORLDS["poles"]
    drawn = worlds.distribution.draw("train", 2, 1)[0]
    latency = np.array([[4.0, 4.0], [0.5, 4.0]])
    series = Series(latency, np.zeros((2, 2)), np.array([[True, True], [True, False]]), {})
    np.testing.assert_allclose(worlds.earned(series, drawn, 9.0), [8 / 9, 0.5 / 9])
    good = worlds.good(series, drawn)
    assert good[0].tolist() == [1, 1] and good[1, 0] == 0 and np.isnan(good[1, 1])


def conditioned(a: list[float], b: list[float]) -> tuple[np.ndarray, Drawn]:
    """Lives in one world, in which A is worth .8 exp(-1.125/5) and B half of it: V in units of A's worth."""
    own = {"interval": [1.0], "magnitude": [1.0], "chance": [0.8], "contingency": [0.4]}
    drawn = WORLDS["conditioning"].distribution.draw("train", 1, 1)[0]
    drawn = replace(drawn, parameters={name: np.array(one) for name, one in own.items()})
    return 0.8 * np.exp(-1.125 / 5) * np.stack([a, b], axis=-1)[None], drawn


def test_an_episode_is_as_good_as_the_worse_of_its_two_predictions():
    life, drawn = conditioned([1.0, 0.0, 1.0, 0.75, 1.2, 3.0], [0.5, 0.5, 0.9, 0.5, 0.5, 0.5])
    worlds = WORLDS["conditioning"]
    np.testing.assert_allclose(worlds.level(life, drawn), [[1, 0, 0.6, 0.75, 0.8, 0]], atol=1e-9)
    assert worlds.good(life, drawn).tolist() == [[1, 0, 0, 1, 1, 0]]
    np.testing.assert_allclose(worlds.earned(life, drawn), 3.15 / 6)


def test_who_unlearns_predictions_scores_less_than_who_learns_late():
    early, late = conditioned([1.0] * 4 + [0.0] * 4, [0.5] * 8), conditioned([0.0] * 4 + [1.0] * 4, [0.5] * 8)
    scores = [WORLDS["conditioning"].scored(*one, 48.0)[0] for one in (early, late)]
    np.testing.assert_allclose(scores, [0.25, 0.75])


def test_values_are_told_cue_by_cue_and_frozen_lives_teach_nothing(monkeypatch: pytest.MonkeyPatch):
    """The value is 1 after cue A, 2 after cue B, and only in the window in which it is read."""
    asked: dict[str, Any] = {}
    worlds = WORLDS["conditioning"]

    def live(net, table, seed, *, parameters):
        asked.update(parameters, net=net, table=table)
        cue = 1 + table.onset.argmin(axis=-1)
        since = net.bin * np.arange(net.bins) - table.reference[..., None]
        read = (since > 0.2 - 1e-9) & (since < 0.6 - 1e-9)
        return Lives(read, {"V": np.where(read, cue[..., None], 9.0)}, np.zeros(1), None)

    monkeypatch.setattr(conditioning_worlds, "live", live)
    drawn = worlds.distribution.draw("held_out", 2, 1)[0]
    given = {name: np.tile(one, 2) for name, one in drawn.parameters.items()}
    given |= {"task_seed": 5, "individual": np.array([0, 1, 0, 1]), "learning": np.array([1, 1, 0, 1.0])}
    life = worlds.live(7, 1, given | {"eta": np.ones(4), "yoked": np.arange(4)}, seconds=32.1, step=0.001)
    share = conditioning_worlds.passed(worlds.learner, {})
    five_pairs = np.broadcast_to([1.0, 2.0], (4, 5, 2))  # of 3.2 s each
    np.testing.assert_allclose(life * share, five_pairs)
    assert asked["table"].plastic.mean(axis=1).tolist() == [1, 1, 0, 1]
    assert set(asked) == {"eta", "yoked", "net", "table"}
    assert (asked["net"].trials, asked["net"].dt) == (10, 0.001)
    np.testing.assert_array_equal(asked["table"].onset[:2], asked["table"].onset[2:])
    assert worlds.live(2, 1, given, seconds=1e9, step=0.002).shape == (4, 2, 2)


def test_a_critic_that_is_right_is_as_good_as_can_be_whatever_its_filter(monkeypatch: pytest.MonkeyPatch):
    """V is the closed form from the cue on, behind tau_psp and both filters of kappa, step by step."""
    worlds, step = WORLDS["conditioning"], 1e-3
    drawn = worlds.distribution.draw("train", 3, 1)[0]
    filters = {"tau_slow": np.array([0.2, 0.1, 0.06]), "tau_fast": np.array([0.05, 0.03, 0.025])}

    def live(net, table, seed, *, parameters):
        since = np.arange(0, 0.7, step)
        signal = np.broadcast_to(np.exp(since / net.dopamine.tau_r), (3, len(since)))
        for tau in (np.full(3, net.tau_psp), *filters.values()):
            kept, state = np.exp(-step / tau), np.zeros(3)
            behind = np.empty_like(signal)
            for at in range(len(since)):
                state = behind[:, at] = kept * state + (1 - kept) * signal[:, at]
            signal = behind
        start = np.rint(table.reference / net.bin).astype(int)[..., None]
        bins = np.arange(net.bins) - start
        place = np.clip(np.rint(bins * net.bin / step).astype(int), 0, len(since) - 1)
        here = np.take_along_axis(signal[:, None], place, axis=-1)
        closed = drawn.task.value(drawn, net.dopamine.tau_r)
        each = np.take_along_axis(closed, table.onset.argmin(axis=-1), axis=1)[..., None]
        return Lives(bins, {"V": here * each}, np.zeros(1), None)

    monkeypatch.setattr(conditioning_worlds, "live", live)
    given = {**drawn.parameters, **filters, "task_seed": 5, "individual": np.arange(3)}
    life = worlds.live(2, 1, given, seconds=1e9, step=0.002)
    np.testing.assert_allclose(worlds.level(life, drawn), 1.0, atol=0.03)


def test_what_is_found_in_conditioning_worlds_is_a_configuration_of_conditioning():
    found = WORLDS["conditioning"].by_hand() | {"eta": 0.01, "tau_slow": 0.02, "gain": 9.0}
    net = conditioning.circuit(conditioning.Config(**ordered(found)))
    assert (net.rule.eta, net.dopamine.gain) == (0.01, 9.0)
    assert (net.dopamine.tau_fast, net.dopamine.tau_slow) == (0.02, 0.05)
    assert replace(WORLDS["conditioning"].learner, individuals=1) == replace(
        conditioning.circuit(conditioning.Config()), own=True, trial_duration=3.2, bin=0.1, individuals=1
    )
