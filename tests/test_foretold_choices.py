"""The figure of held-out choices: sets that are absent, what is read of those at hand, and its claims."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures import foretold_choices as figure
from hedon.models.experiments import foretold_choices as experiment

ABSENT = experiment.Config(reversals="", pennies="", two_step="")


def test_absent_recordings_are_said_and_drawn() -> None:
    data = {"foretold_choices": experiment.simulate(ABSENT, 0)}
    claims = figure.check(data)
    assert len(claims) == 3 and all(claim.waits for claim in claims)
    (panel,) = figure.draw(data).axes
    (text,) = panel.texts
    assert all(f"needs {needs}" in text.get_text() for needs in figure.NEEDS.values())


def test_another_recording_than_named_is_refused() -> None:
    with pytest.raises(Mistake, match="0123 is not at hand"):
        experiment.simulate(experiment.Config(reversals="0123"), 0)
    with pytest.raises(Mistake, match="did you mean 'RFLR'"):
        experiment.Config(points=("RFLRR",))


def test_what_is_held_out_covers_every_trial_once() -> None:
    config = experiment.Config(planners=12)
    for name in experiment.SETS:
        if not getattr(config, name):
            pytest.skip("the recordings are not at hand")
        choices, fold = experiment.read(name, config)
        counted = sum((choices.made & (fold == part)).sum() for part in range(fold.max() + 1))
        assert counted == choices.made.sum()
    assert len(experiment.read("reversals", config)[0].subjects) == 34


def test_nats_per_trial_of_subjects_and_of_one_subjects_parts() -> None:
    choices, fold = _two_subjects()
    nats = np.array([[-1.0, -2.0], [-3.0, -4.0]])
    np.testing.assert_allclose(experiment.per_trial(nats, choices, fold), [-1.0, -2.0])
    one = choices.take(np.array([0]))
    np.testing.assert_allclose(experiment.per_trial(nats[:, :1], one, fold[:1]), [-1.0, -1.0])


def _two_subjects() -> tuple:
    from hedon.analysis.behaviour.choices import NONE, Choices

    action = np.array([[0, 1, 1, 0], [0, NONE, 1, 1]])
    begins = np.zeros(action.shape, bool)
    begins[:, 0] = True
    choices = Choices(("a", "b"), action, np.zeros(action.shape), begins, 2)
    return choices, np.array([[0, 1, 1, 1], [0, 0, 1, 1]])


@pytest.mark.parametrize("gain, holds", [(0.02, True), (-0.02, False)])
def test_claims_hold_where_the_family_is_best_and_fail_where_it_is_not(gain: float, holds: bool) -> None:
    generator = np.random.default_rng(0)
    result = xr.Dataset()
    for name in experiment.SETS:
        models = ["family", experiment.FIRMLY, figure.TEN, figure.FIVE]
        models += (
            ["mixture", "model-based", "model-free"] if name == "two_step" else ["Q, forgetting", "RFLR", "Q"]
        )
        less = 2 * gain * np.arange(len(models))
        noise = 0.002 * generator.standard_normal((len(models), 30))
        result[name] = ((f"model_of_{name}", f"unit_of_{name}"), -0.5 - less[:, None] + noise)
        result = result.assign_coords({f"model_of_{name}": models})
    claims = figure.check({"foretold_choices": result})
    assert claims[0].passed == holds
    assert all(claim.passed for claim in claims) == holds
