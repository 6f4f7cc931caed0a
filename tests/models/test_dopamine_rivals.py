"""Rivals of the TD error: what each may choose, and that a short search leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.experiments import dopamine_rivals as experiment
from hedon.plasticity.weighed_broadcast import WEIGHTS

SMALL = experiment.Config(repeats=2, steps=60, chains=10, generations=2, population=3, held_out=200)


def test_every_rival_is_what_it_says() -> None:
    every = experiment.searches(SMALL, 0)
    assert len(every) == len(experiment.WORLDS) * len(experiment.SEARCHED) * SMALL.repeats
    middle = {
        name: search.space.decode(np.full(search.space.dimensions, 0.5)) for name, search in every.items()
    }
    for name, values in middle.items():
        a, b, c, d = (values[weight] for weight in WEIGHTS)
        kind = name.split("-")[1]
        if kind == "TD":
            assert (a, c, d) == (1, -1, 0) and 0 < b < 1
        elif kind.startswith("reward_error"):
            assert (a, b, c) == (1, 0, -1)
        elif kind == "action_error":
            assert (a, b, c) == (0, 0, 0)
        free = set(every[name].space.names)
        assert ("action_weight" in free) == (kind not in ("TD", "reward_error"))
        assert "eta_actor" in free and ("eta" in free) == (kind != "free")


@pytest.mark.whole
def test_all_rivals_live_the_same_chains(tmp_path) -> None:
    data = experiment.simulate(SMALL, 1, folder=tmp_path)
    assert np.isfinite(data["reward"]).all()
    ideal = data["others"].sel(other="ideal")
    np.testing.assert_array_equal(ideal.sel(world="alike"), ideal.sel(world="told apart"))
    assert float(ideal.mean()) > float(data["reward"].mean())
    again = experiment.simulate(SMALL, 1, folder=tmp_path)
    assert again.identical(data)


@pytest.mark.parametrize("wrong", [{"alike": 1}, {"repeats": 1}, {"held_out": 1}])
def test_refusals(wrong: dict[str, int]) -> None:
    with pytest.raises(Mistake):
        replace(SMALL, **wrong)
