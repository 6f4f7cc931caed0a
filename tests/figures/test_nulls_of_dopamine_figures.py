"""Findings on dopamine, recorded and simulated, are red on the data of their nulls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xarray as xr

from hedon.figures import load, report

Edit = Callable[[dict[str, xr.Dataset]], None]


def signs_without_bias(data: dict[str, xr.Dataset]) -> None:
    r = data["reversal_points"]["drawn_r"].sel(population="one value")
    r.loc[{"estimator": "signs"}] = r.sel(estimator="means").values


def reversal_points_by_chance(data: dict[str, xr.Dataset]) -> None:
    result = data["reversal_points"]
    chance = result["drawn_r"].sel(population="one value").mean("draw")
    result["r"][:], result["low"][:], result["high"][:] = chance, chance - 0.1, chance + 0.1


def cells_as_if_of(population: str, model: str, other: str) -> Edit:
    """Held-out trials of the cells read what they read where the answer is known, in every cell alike."""

    def edit(data: dict[str, xr.Dataset]) -> None:
        result = data["reversal_points"]
        known = result["drawn_held_out"].sel(held_out_population=population).mean("sample")
        gain = float(known.sel(model=model) - known.sel(model=other))
        result["held_out"].loc[model] = result["held_out"].sel(model=other).values + gain

    return edit


def asymmetry_adds_as_much_as_values(data: dict[str, xr.Dataset]) -> None:
    scores = data["reversal_points"]["held_out"]
    gain = float(scores.sel(model="value").mean() - scores.sel(model="shared").mean())
    scores.loc["distributional"] = scores.sel(model="value").values + gain


def populations_read_what_cells_read(data: dict[str, xr.Dataset]) -> None:
    cells = data["reversal_points"]
    for name in ("low", "high"):
        cells[name][:] = cells["r"].values
    r = data["recorded_dopamine"]["r"]
    halves = float(cells["r"].sel(estimator="means", statistic="half with half"))
    r.loc[{"arm": r["arm"] != "own values", "statistic": "half with half"}] = halves


def ratio_changes_nothing(data: dict[str, xr.Dataset]) -> None:
    r = data["recorded_dopamine"]["r"]
    r.loc[{"arm": "own values"}] = r.sel(arm="dips like bursts").values


NULLS: dict[str, tuple[Edit, ...]] = {
    "recorded_dopamine": (populations_read_what_cells_read, ratio_changes_nothing),
    "reversal_points": (
        signs_without_bias,
        reversal_points_by_chance,
        cells_as_if_of("one value", "value", "shared"),
        cells_as_if_of("expectiles", "value", "expectile"),
        asymmetry_adds_as_much_as_values,
    ),
}


@pytest.mark.figure
@pytest.mark.parametrize("name", NULLS)
def test_findings_fail_under_their_nulls(name: str) -> None:
    data, _, claims = report.check(name)
    left = {claim.name for claim in claims if claim.kind == "finding" and not claim.waits}
    assert left
    for edit in NULLS[name]:
        changed = {experiment: result.copy(deep=True) for experiment, result in data.items()}
        edit(changed)
        left -= {claim.name for claim in load(name).check(changed) if claim.failed}
    assert not left, "these hold under every null: " + "; ".join(sorted(left))
