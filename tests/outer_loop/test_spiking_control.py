"""`hedon tune spiking_control`: equal numbers whoever evaluates and after a stop; what is found is lived."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hedon.__main__ import main
from hedon.analysis.foundation import results
from hedon.analysis.foundation.mistakes import Mistake
from hedon.models import experiments
from hedon.models.actor_critic.own_numbers import RATES, with_numbers
from hedon.models.experiments import linear_track, spiking_control, water_maze
from hedon.models.experiments.spiking_control import WORLDS, Config, Lifetimes
from hedon.plasticity.outer_loop import run_search

SMALL = (
    "searches=1 rate_searches=1 null_searches=1 generations=2 population=4 lives=12 seconds=8 step=.002 "
    "individuals=2 others=3 trials=6 held_seconds=12"
).split()
"""Twelve individuals in every call, so that there is one program."""
SETTINGS = experiments.configure("spiking_control", overrides=SMALL)


def tuned(root: Path, *options: str) -> results.Result:
    assert main(["tune", "spiking_control", "--results", str(root), *options, "--set", *SMALL]) == 0
    (folder,) = (root / "experiments").glob("spiking_control*")
    return results.read(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> results.Result:
    return tuned(tmp_path_factory.mktemp("whole"), "--workers", "1")


@pytest.mark.whole
def test_two_workers_find_the_same(tmp_path: Path, whole: results.Result) -> None:
    assert tuned(tmp_path, "--workers", "2").dataset.equals(whole.dataset)


@pytest.mark.whole
def test_an_interrupted_search_goes_on_with_the_same_numbers(tmp_path: Path, whole: results.Result) -> None:
    """Every search but the first has lived one generation when it is stopped."""
    for number, (name, search) in enumerate(spiking_control.searches(SETTINGS, 0).items()):
        run_search(replace(search, generations=1 + (number == 0)), tmp_path / name)
    again = spiking_control.simulate(SETTINGS, 0, folder=tmp_path)
    for name in again.data_vars:
        np.testing.assert_array_equal(again[name].values, whole.dataset[name].values, err_msg=name)


@pytest.mark.whole
def test_half_of_each_generation_is_stopped_early(whole: results.Result) -> None:
    lived = whole.dataset["lived"].values
    assert lived.shape == (3, 2, 4) and np.all(np.sort(lived, axis=2) == [1, 1, 2, 2])
    assert np.isfinite(whole.dataset["score"].values).all()
    assert whole.dataset["lifetimes"] == 2 * 2 * 2 * 12


@pytest.mark.whole
def test_rates_alone_leave_all_else_as_it_was_made(whole: results.Result) -> None:
    data = whole.dataset
    hand = WORLDS["tracks"].by_hand()
    for name in data["parameter"].values:
        found = float(data["coefficient"].sel(search="rates-1", parameter=name))
        assert (found == hand[name]) == (name not in RATES)
        assert float(data["free"].sel(search="rates-1", parameter=name)) == (name in RATES)


@pytest.mark.whole
@pytest.mark.parametrize("module", [linear_track, water_maze])
def test_what_is_found_is_a_configuration(module, whole: results.Result) -> None:
    name = module.__name__.rpartition(".")[2]
    config = experiments.configure(name, config_file=whole.folder / "found.toml")
    row = whole.dataset["coefficient"].sel(search="all-1")
    found = dict(zip(row["parameter"].values.tolist(), row.values.tolist(), strict=True))
    net = module.network(config)
    assert net == with_numbers(module.network(module.Config()), found)
    assert (net.dopamine.tau_fast, net.dopamine.tau_slow) == tuple(
        sorted((found["tau_fast"], found["tau_slow"]))
    )
    assert net.dopamine.clearance == found["clearance"] and net.noise == found["noise"]
    assert net.actor_rule.tau_e == net.critic_rule.tau_e == found["tau_e"]


@pytest.mark.whole
def test_frozen_lives_earn_less_and_shuffled_scores_are_the_same_set() -> None:
    made = WORLDS["tracks"].by_hand()
    still = made | {"eta_actor": 1e-4, "eta_critic": 1e-4}
    quick = made | {"eta_actor": 4e-2, "eta_critic": 4e-3}
    both = {name: np.array([still[name], quick[name]]) for name in made}
    settings = replace(SETTINGS, seconds=60.0)
    scores = Lifetimes(settings)(both, 3)
    assert scores[1] > scores[0] + 0.05
    shuffled = [Lifetimes(settings, shuffled=True)(both, seed).tolist() for seed in range(6)]
    ordered = [Lifetimes(settings)(both, seed).tolist() for seed in range(6)]
    assert [sorted(row) for row in shuffled] == [sorted(row) for row in ordered] and shuffled != ordered


def test_any_subset_can_be_held() -> None:
    worlds = WORLDS["poles"]
    space = worlds.space(fixed=("tau_r", "noise"))
    assert space.fixed == {"tau_r": 0.63, "noise": 0.0} and space.dimensions == 12
    assert worlds.space(free=("gain",)).names == ("gain",)
    for settings, said in ((("gian",), "did you mean 'gain'"), (tuple(worlds.by_hand()), "leave one free")):
        with pytest.raises(Mistake, match=said):
            Config(fixed=settings)
    with pytest.raises(Mistake, match="3 lives cannot be shared by 12 candidates in 2 calls"):
        Config(lives=3)


def test_the_values_made_by_hand_lie_in_the_space() -> None:
    for worlds in WORLDS.values():
        space = worlds.space()
        point = space.encode({})
        assert np.all((point >= 0) & (point <= 1))
        for name, value in space.decode(point).items():
            assert np.isclose(value, worlds.by_hand()[name], rtol=1e-9)


def test_a_mistake_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["tune", "spiking_control", "--results", str(tmp_path), "--set", "world=bandits"]) == 2
    assert "\n" not in capsys.readouterr().err.strip()
    shutil.rmtree(tmp_path)
