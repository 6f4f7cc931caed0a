"""The protocols that tell models of dopamine apart show and give what their names say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.experiments import contingency
from hedon.models.experiments.contingency import Config

SMALL = Config(individuals=2, paired=4, degraded=6, single=3, together=4, block=2)


def test_contingency_is_degraded_by_rewards_between_and_by_nothing_else() -> None:
    rng = np.random.default_rng(0)
    paired, degraded = (contingency._contingency(SMALL, which, rng) for which in (False, True))
    assert paired[::2] == degraded[::2] and all(trial.reward is not None for trial in paired[::2])
    assert all(trial.a is None and trial.reward is None for trial in paired[1::2])
    assert [trial.reward is None for trial in degraded[1::2]] == [True] * 4 + [False] * 6
    assert len(paired) == len(degraded) == 2 * (4 + 6)


def test_overexpectation_and_its_control_have_as_many_rewards() -> None:
    together, apart = (contingency._overexpectation(SMALL, which) for which in (True, False))
    assert together[:6] == apart[:6] and len(together) == len(apart)
    assert all(trial.a == trial.b == 0 for trial in together[6:])
    assert all((trial.a is None) != (trial.b is None) for trial in apart)
    assert all(trial.reward is not None for trial in together + apart)


def test_an_inhibitor_announces_that_the_reward_stays_out() -> None:
    inhibition, control = (contingency._inhibition(SMALL, which) for which in (True, False))
    for life, with_a in ((inhibition, True), (control, False)):
        unpaid = [trial for trial in life if trial.b is not None]
        assert len(unpaid) == 4
        assert all(trial.reward is None and (trial.a is not None) == with_a for trial in unpaid)


def test_blocks_that_do_not_divide_the_trials_are_refused() -> None:
    with pytest.raises(Mistake, match="multiple of block"):
        replace(SMALL, block=3)
