"""The figure of reversal points on generic cells, where no recordings are at hand, and on few cells."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from hedon.analysis.foundation import configuration
from hedon.analysis.foundation.mistakes import Mistake
from hedon.figures.claims import Claim
from hedon.figures.reversal_points import check, draw
from hedon.models.experiments import recorded_cells
from hedon.models.experiments.reversal_points import PRESETS, chance, simulate

SMALL = replace(PRESETS["quick"], draws=20, splits=4, cell_splits=10, folds=2, trials=70)


def made(cells: int, recordings: str = "") -> xr.Dataset:
    config = replace(SMALL, recordings=recordings, cells=cells)
    result = simulate(config, 0)
    result.attrs["config"] = json.dumps(configuration.to_table(config))
    return result


def of_own_values(cells: int, monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
    """As recorded from cells whose values are their own and have nothing to do with their asymmetries."""
    rng = np.random.default_rng(3)
    lived, populations = recorded_cells.generic(cells, 210, rng)
    free = replace(populations["value"], value=rng.permutation(populations["value"].value))
    drawn = free.simulate(lived, rng)
    monkeypatch.setattr(recorded_cells, "cells_of", lambda recordings: drawn)
    return made(cells, "these")


def on_cells(claims: list[Claim]) -> list[Claim]:
    return [claim for claim in claims if claim.name.startswith(("cells", "held-out"))]


def test_without_recordings_claims_on_cells_wait() -> None:
    data = {"reversal_points": made(6)}
    claims = check(data)
    assert len(on_cells(claims)) == 5 and all(claim.waits for claim in on_cells(claims))
    assert len(claims) == 8
    figure = draw(data)
    assert any("generic" in text.get_text() for axes in figure.axes for text in axes.texts)


@pytest.mark.whole
@pytest.mark.parametrize("many", [4, 16])
def test_of_good_cells_no_claim_fails(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = on_cells(check({"reversal_points": of_own_values(many, monkeypatch)}))
    assert len(claims) == 5 and not any(claim.failed for claim in claims)
    if many == 4:
        assert any(claim.waits and "more cells than 4" in claim.reason for claim in claims)
    if many == 16:
        assert any(claim.passed and claim.name.startswith("cells, by means") for claim in claims)


def test_recordings_that_are_not_at_hand_are_refused() -> None:
    with pytest.raises(Mistake, match="not at hand"):
        simulate(replace(SMALL, recordings="another"), 0)


def test_two_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lived, populations = recorded_cells.generic(2, 70, np.random.default_rng(0))
    cells = populations["distributional"].simulate(lived, np.random.default_rng(0))
    monkeypatch.setattr(recorded_cells, "cells_of", lambda recordings: cells)
    with pytest.raises(Mistake, match="3 cells or more"):
        simulate(replace(SMALL, recordings="these"), 0)


def test_p_of_a_correlation_is_that_of_scipy() -> None:
    from scipy.stats import pearsonr

    x, y = np.random.default_rng(0).normal(size=(2, 12))
    found = pearsonr(x, y)
    np.testing.assert_allclose(chance(found.statistic, 12), found.pvalue)
    assert np.isnan(chance(0.5, 2))
