"""Arithmetic about networks without any: candidates, controls, levels, probes, the tables that predictors and
values (each a network) are called with, and what rate's training makes of who diverged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models import levels
from hedon.models.conditioning import probes
from hedon.models.experiments import candidates
from hedon.models.predictors.network import PredictingNeurons, World
from hedon.models.predictors.network import live as live_predictors
from hedon.models.rate import training
from hedon.models.rate.network import RateNetwork
from hedon.models.recurrent.controls import beside
from hedon.models.recurrent.network import RecurrentNetwork
from hedon.models.tasks import CueMemory, LinearTeacher
from hedon.models.tasks.conditioning import SIZES
from hedon.models.values.network import Cells, Session, ValuePopulation
from hedon.models.values.network import live as live_values
from hedon.plasticity.node_perturbation import NodePerturbation


def test_units_of_a_level_hold_those_below() -> None:
    assert levels.sizes_of((3, 2, 4), 24) == (1, 3, 6, 24) and levels.sizes_of((2,), 2) == (1, 2)
    for fans, neurons in (((3, 2), 5), ((1, 6), 6), ((6,), 5)):
        with pytest.raises(Mistake, match=f"2 or more each and multiply to {neurons} neurons"):
            levels.sizes_of(fans, neurons)
    names = {"g0": 5.0, "g1": 7.0, "g2": 9.0}
    for level in range(3):
        assert eval(levels.choice("g", "a", 3), {}, {"a": level, **names}) == 5 + 2 * level  # noqa: S307
        assert eval(levels.size_at("a", (1, 3, 6)), {}, {"a": level}) == (1, 3, 6)[level]  # noqa: S307
    lines = levels.linked(2, "delta", "vote").splitlines()
    assert lines == [f"{name}{level} : 1 (linked)" for name in ("delta", "vote") for level in (0, 1)]


def test_candidates_live_in_copies_of_the_same_worlds() -> None:
    count, given = candidates.side_by_side({"eta": np.array([1.0, 2.0]), "beta": 5.0}, 3)
    assert count == 2 and given["eta"].tolist() == [1, 1, 1, 2, 2, 2] and given["beta"] == 5
    assert given["individual"].tolist() == [0, 1, 2, 0, 1, 2]
    assert candidates.side_by_side({"eta": 1.0}, 3) == (1, {"eta": 1.0})
    lives = np.arange(6.0)
    assert candidates.score(lives, {"eta": np.array([1.0, 2.0])}).tolist() == [1, 4]
    assert candidates.score(lives, {"eta": 1.0}) == 2.5


def test_who_is_shuffled_hears_one_of_its_own_kind() -> None:
    net = RecurrentNetwork(CueMemory(1), individuals=3)
    side, given = beside(net, ["all", "shuffled", 0.2])
    assert side.individuals == 9
    heard = (np.arange(9) - given["yoked"]) % 9
    assert heard.tolist() == [0, 1, 2, 5, 3, 4, 6, 7, 8]
    assert given["eta"].tolist() == [net.rule.eta] * 6 + [0.2] * 3
    for name in ("eta_recurrent", "eta_input", "sigma"):
        assert given[name].tolist() == [getattr(net.rule, name)] * 6 + [0] * 3


def test_a_probe_is_a_mean_over_its_repeats() -> None:
    """Two protocols of one individual each; the response is the number of the probe, 100 of the other."""
    kind = np.array([[0, 1, 0, 1, -1], [0, 1, 0, 1, -1], [1, 0, 0, 0, -1]])
    response = np.arange(5.0) + np.array([[0], [10], [100]])
    data = xr.Dataset(
        {
            "answer": (("tested", "probe"), np.where(kind < 0, np.nan, response)),
            "kind": (("tested", "probe"), kind),
        },
        coords={"tested_protocol": ("tested", ["a", "a", "b"]), "share": ("tested", [1.0, 0.5, 1.0])},
    )
    assert probes.mean_of_probe(data, "answer", "a", 0).tolist() == [1]
    assert probes.mean_of_probe(data, "answer", "a", 1, share=0.5).tolist() == [12]
    assert probes.mean_of_probe(data, "answer", "b", 0).tolist() == [102]
    kinds = np.tile(np.arange(14), (2, 3))
    late = xr.Dataset(
        {
            "probe_late": (("tested", "probe"), kinds + np.array([[0.0], [100.0]])),
            "kind": (("tested", "probe"), kinds),
        },
        coords={"tested_protocol": ("tested", ["magnitude"] * 2), "share": ("tested", [0.6] * 2)},
    )
    found = probes.of_each_size(late, 0.6)
    np.testing.assert_array_equal(found, np.arange(14).reshape(2, 7, 1) + [0, 100])


def test_predictions_go_on_from_where_they_were(told) -> None:
    net = PredictingNeurons(
        individuals=2, neurons=3, cues=2, longest=2, trials=5, spell=0.5, learned="asymmetry"
    )
    assert (net.steps, net.spells) == (50, 5)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        spikes = np.arange(5)[:, None] * 10 + np.arange(6)
        return {"V": given["V"] + 1, "V_total": duration * (given["V"] + 0.5), "at_cue": spikes,
                "at_reward": 100 + spikes, "theta": given.get("theta")}  # fmt: skip

    network = told(answer, PredictingNeurons)
    trials = np.array([[0, 1], [1, 0], [0, 0]])
    world = World(trials, trials + 1, trials + 0.5)
    values = np.arange(24.0).reshape(2, 2, 2, 3)
    slants = np.array([[0.5, 0.9, 1.0], [0.2, 0.0, 0.5]])
    each = dict.fromkeys(("baseline", "gain", "discount", "eta", "trace"), 1.0)
    lived = live_predictors(net, world, {**each, "asymmetry": slants, "rate": [0.1, 0.2]}, 1, values=values)
    ((_, given, _, duration),) = network.calls
    assert duration == 4 and given["cue"].tolist() == [[0, 1], [1, 0], [0, 0], [0, 0], [0, 0]]
    assert given["worth"][3:].tolist() == [[0.5, 0.5]] * 2 and given["delay"][1].tolist() == [2, 1]
    np.testing.assert_array_equal(lived.values, values + 1)
    np.testing.assert_array_equal(lived.mean_values, values + 0.5)
    # the first row is of the trial before: nothing was read yet
    assert lived.at_cue[0].tolist() == [[10, 11, 12], [13, 14, 15]] and lived.at_reward.shape == (3, 2, 3)
    # logits are kept within 4 of nothing
    end = 1 / (1 + np.exp(-4))
    np.testing.assert_allclose(lived.asymmetry, [[0.5, 0.9, end], [0.2, 1 - end, 0.5]])
    assert given["rate"].tolist() == [0.1, 0.2] and given["baseline"].shape == (2, 3)
    fixed = live_predictors(replace(net, learned=""), world, {**each, "asymmetry": slants}, 1)
    np.testing.assert_array_equal(fixed.asymmetry, slants)
    np.testing.assert_array_equal(fixed.values, 1)
    for wrong in (
        World(trials, trials, trials),
        World(trials, trials + 2, trials),
        World(trials + 1, trials + 1, trials),
    ):
        with pytest.raises(Mistake, match="delays must be 1 to 2 spells, cues 0 to 1"):
            live_predictors(net, wrong, {**each, "asymmetry": slants}, 1)
    for many in (
        World(*[trials[:, :1] + 1] * 3),
        World(*[np.ones((5, 2))] * 3),
        World(*[np.ones((0, 2))] * 3),
    ):
        with pytest.raises(Mistake, match="does not fit a network of 2 populations and 5 trials"):
            live_predictors(net, many, {**each, "asymmetry": slants}, 1)
    live_predictors(net, World(*[np.ones((4, 2), int)] * 3), {**each, "asymmetry": slants}, 1)
    with pytest.raises(Mistake, match="values must be"):
        live_predictors(net, world, {**each, "asymmetry": slants}, 1, values=values[:1])
    with pytest.raises(Mistake, match="one shape"):
        World(trials, trials[:2], trials)
    for name in ("individuals", "neurons", "cues", "longest", "trials"):
        with pytest.raises(Mistake, match=f"{name} is 0"):
            replace(net, **{name: 0})


def test_spikes_of_a_population_go_to_their_cells(told) -> None:
    """Neuron k of a cell fires k + 1 times, cell by cell; tables hold the trials of a session alone."""
    net = ValuePopulation(cells=2, recorded=2, trials=4)

    def answer(net: Any, given: dict[str, Any], duration: int, outputs: list[str]) -> dict[str, np.ndarray]:
        who = np.repeat(np.arange(4), [1, 2, 1, 2])
        time = np.array([0.5, 0.9, 0.4, 0.3, 0.8, 0.7])
        mixed = np.array([5, 0, 3, 1, 4, 2])
        return {
            "spike_time": time[mixed],
            "spike_neuron": who[mixed],
            "values": np.tile(given["value"], (duration, 1)),
        }

    network = told(answer, ValuePopulation)
    cells = Cells(np.array([5.0, 6.0]), np.array([12.0, 11.0]), np.array([0.4, 0.6]), np.ones(2), np.ones(2))
    sessions = [
        Session(np.array(SIZES[:3]), np.array([1, 0, 1])),
        Session(np.array(SIZES[:2]), np.array([0, 1])),
    ]
    lived = live_values(
        net, cells, sessions, np.array([0.3, 0.4]), 1, utility=lambda size, k: size + 10 * k,
        share=np.array([0.5, 0.7]), eta=0.1,
    )  # fmt: skip
    ((_, given, _, duration),) = network.calls
    assert duration == 3 and lived.value.tolist() == [[0.3, 0.4]] * 3
    trains = [[one.spike_times[0].tolist() for one in row] for row in lived.recordings]
    assert trains == [[[0.5], [0.3]], [[0.4, 0.9], [0.7, 0.8]]]
    np.testing.assert_allclose(given["worth"], [[0.1, 10.1], [0.3, 10.3], [1.2, 0], [0, 0]])
    np.testing.assert_allclose(given["held"], [[1, 0.7], [0.5, 1], [1, 0], [0, 0]])
    table = lived.recordings[1][0].trials
    assert table["start_time"].tolist() == [0, 3.2, 6.4] and table["expected"].tolist() == [1, 0, 1]
    np.testing.assert_allclose(table["t_outcome"], [2.5, 5.7, 8.9])
    np.testing.assert_allclose(table["t_cue"], [1, np.nan, 7.4])
    np.testing.assert_allclose(table["stop_time"], [3.2, 6.4, 9.6])
    assert given["eta"].tolist() == [0.1, 0.1] and given["baseline"].shape == (2, 1, net.dopamine.neurons)
    with pytest.raises(Mistake, match="of up to 0 trials do not fit"):
        empty = [Session(np.zeros(0), np.zeros(0))] * 2
        live_values(net, cells, empty, np.zeros(2), 1, utility=lambda size, k: size, share=1.0, eta=0.0)


def test_who_diverged_is_put_to_rest_and_named() -> None:
    part = {"loss": np.array([[1.0, 1e13, np.nan], [1.0, 1.0, 1.0]]), "w1": np.ones((3, 2, 2))}
    assert training._finite(part, ["loss"], ["w1"]).tolist() == [True, False, False]
    part = {"loss": np.array([[1e12, -1e12, 0.0]]), "w1": np.ones((3, 2))}
    part["w1"][2, 1] = np.inf
    alive = training._finite(part, ["loss"], ["w1"])
    assert alive.tolist() == [True, True, False]
    assert training._rest(part["w1"], alive).tolist() == [[1, 1], [1, 1], [0, 0]]
    lost = training._without(np.ones((2, 3)), alive, 1)
    assert np.isnan(lost[:, 2]).all() and (lost[:, :2] == 1).all()
    whole = np.ones((2, 3))
    assert training._without(whole, np.ones(3, bool), 1) is whole
    net = RateNetwork(LinearTeacher(2, 1), NodePerturbation(eta=0.1, sigma=0.2), individuals=3)
    said = training._obituary(2, {"eta": np.array([1.0, 2.0, 3.0]), "sigma": 0.5}, net)
    assert "individual 2 diverged" in said and "eta = 3" in said and "sigma = 0.5" in said
    for ends in ([], [0], [10, 10], [20, 10]):
        with pytest.raises(Mistake, match="positive and increasing"):
            training._check_ends(ends, 10)
    with pytest.raises(Mistake, match="multiples of the block of 10"):
        training._check_ends([10, 25], 10)
    training._check_ends([10, 30], 10)
    seen: list[float] = []
    tell = training._share(seen.append, 10, 30, 50)
    assert tell is not None
    tell(0.0), tell(0.5), tell(1.0)
    assert seen == [0.2, 0.4, 0.6] and training._share(None, 0, 1, 1) is None
