"""Findings on dopamine and on recorded choices are red on the data of their nulls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
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


def _rows(data: dict[str, xr.Dataset], protocol: str, dimension: str) -> np.ndarray:
    name = {"individual": "protocol", "tested": "tested_protocol"}[dimension]
    return np.flatnonzero(data["conditioning"][name].values == protocol)


def like(protocol: str, other: str) -> Edit:
    """Individuals of one protocol respond as those of another do."""

    def edit(data: dict[str, xr.Dataset]) -> None:
        result = data["conditioning"]
        for dimension, names in (
            ("individual", ("cue_response", "reward_response", "second_cue_response")),
            ("tested", ("probe_cue", "probe_reward", "probe_late")),
        ):
            to, source = _rows(data, protocol, dimension), _rows(data, other, dimension)
            for name in names:
                if len(to) and len(source):
                    result[name][to] = result[name].values[np.resize(source, len(to))]

    return edit


def nothing_is_predicted(data: dict[str, xr.Dataset]) -> None:
    like("acquisition", "frozen")(data)
    result = data["conditioning"]
    for condition in ("rewarded", "omission", "uncued"):
        result["psth"].loc[condition] = result["psth"].sel(condition="first trials").values


def first_trials_are_like_the_last(data: dict[str, xr.Dataset]) -> None:
    cue = data["conditioning"]["cue_response"]
    rows = _rows(data, "acquisition", "individual")
    cue[rows, :4] = np.nanmean(cue.values[rows, 60:80], axis=1, keepdims=True)


def reward_is_left_out_whole(data: dict[str, xr.Dataset]) -> None:
    psth = data["conditioning"]["psth"]
    psth.loc["rewarded"] = psth.sel(condition="omission").values


def a_code_without_a_floor(data: dict[str, xr.Dataset]) -> None:
    result = data["conditioning"]
    base = float(result["baseline"].mean())
    result["psth"].loc["omission"] = 2 * base - result["psth"].sel(condition="uncued").values


def early_is_as_expected(data: dict[str, xr.Dataset]) -> None:
    _probed_alike(data, "acquisition", "probe_reward", {2: 0})


def _probed_alike(data: dict[str, xr.Dataset], protocol: str, name: str, kinds: dict[int, int]) -> None:
    """Probes of one kind read what those of another do, in each individual."""
    result = data["conditioning"]
    values, kind = result[name].values, result["kind"].values
    for row in _rows(data, protocol, "tested"):
        for to, source in kinds.items():
            values[row, kind[row] == to] = values[row, kind[row] == source].mean()
    result[name][:] = values


def expectation_changes_nothing(data: dict[str, xr.Dataset]) -> None:
    _probed_alike(data, "magnitude", "probe_late", {7 + k: k for k in range(7)})


def size_changes_nothing(data: dict[str, xr.Dataset]) -> None:
    _probed_alike(data, "magnitude", "probe_late", dict.fromkeys(range(7), 0))
    _probed_alike(data, "magnitude", "probe_late", dict.fromkeys(range(7, 14), 7))


def extinction_changes_nothing(data: dict[str, xr.Dataset]) -> None:
    cue = data["conditioning"]["cue_response"]
    rows = _rows(data, "extinction", "individual")
    cue[rows, 40:] = np.nanmean(cue.values[rows, 32:40], axis=1, keepdims=True)


def channels_in_no_order(data: dict[str, xr.Dataset]) -> None:
    value = data["value_distribution"]["value"]
    value[:] = value.values[:, [1, 3, 0, 4, 2]]


def hears_what_another_does(data: dict[str, xr.Dataset]) -> None:
    result = data["dopamine_synapse"]
    for name in ("rewarded", "others", "rank"):
        values = result[name].sel(dopamine=["another's", "own"]).values
        result[name][:] = values


def sides_are_one_rule(data: dict[str, xr.Dataset]) -> None:
    trace = data["dopamine_synapse"]["trace_exact"]
    trace.loc[{"side": "axonal"}] = trace.sel(side="dendritic").values


def contingency_changes_nothing(data: dict[str, xr.Dataset]) -> None:
    cue = data["contingency"]["cue"]
    cue.loc[{"schedule": "degraded"}] = cue.sel(schedule="paired").values


def contingency_takes_half(data: dict[str, xr.Dataset]) -> None:
    cue = data["contingency"]["cue"]
    cue.loc[{"schedule": "degraded", "state": "cue alone"}] = (
        0.5 * cue.sel(schedule="paired", state="cue alone").values
    )


def burst_passes(data: dict[str, xr.Dataset]) -> None:
    shift = data["contingency"]["shift"]
    middle = np.flatnonzero((shift["time"] > 0.7) & (shift["time"] < 1.1))
    shift[:, 2:-1, middle] = float(shift.isel(block=0).mean("individual").max())


def two_cues_promise_no_more(data: dict[str, xr.Dataset]) -> None:
    answer = data["contingency"]["answer"]
    answer.loc[{"group": "together"}] = answer.sel(group="apart").values


def inhibitor_is_a_cue_of_nothing(data: dict[str, xr.Dataset]) -> None:
    answer = data["contingency"]["answer"]
    answer.loc[{"group": "inhibition"}] = answer.sel(group="inhibition control").values


def values_foresee_nothing(data: dict[str, xr.Dataset]) -> None:
    result = data["choice_recovery"]
    result["gain"].loc[{"rewards": "true"}] = result["gain"].sel(rewards="shuffled").values
    names = list(result["population"].values)
    result["stay"][names.index("model-based")] = result["stay"].values[names.index("model-free")]
    result["slope"].loc[{"player": "Bayes"}] = result["slope"].sel(player="constant rate").values


def shuffled_rewards_teach(data: dict[str, xr.Dataset]) -> None:
    gain = data["choice_recovery"]["gain"]
    gain.loc[{"rewards": "shuffled"}] = gain.sel(rewards="true").values


def people_choose_without_a_model(data: dict[str, xr.Dataset]) -> None:
    people = data["recorded_choices"]
    for name in ("effects", "effects_low", "effects_high"):
        people[name][:] = people["null_effects"].values
    held, index = people["held_out"], people["predicted_index"]
    held.loc[{"model": "mixture"}] = held.sel(model="model-free").values
    index.loc[{"fitted": "mixture"}] = float(index.sel(fitted="model-free"))
    people["slopes"][:] = people["shuffled"].values
    slopes = people["player_slopes"]
    slopes.loc[{"player": "Bayes"}] = slopes.sel(player="constant rate").values


def people_mix_and_forget_nothing(data: dict[str, xr.Dataset]) -> None:
    held, simulated = data["recorded_choices"]["held_out"], data["choice_recovery"]["held_out"]
    gain = float((simulated.sel(model="mixture") - simulated.sel(model="model-based")).mean())
    held.loc[{"model": "mixture"}] = held.sel(model="model-based").values + gain
    held.loc[{"model": "mixture, forgetting"}] = held.sel(model="mixture").values


NULLS: dict[str, tuple[Edit, ...]] = {
    "conditioning": (
        nothing_is_predicted,
        first_trials_are_like_the_last,
        reward_is_left_out_whole,
        a_code_without_a_floor,
        early_is_as_expected,
        like("truly random", "frozen"),
        expectation_changes_nothing,
        size_changes_nothing,
        like("blocking", "blocking control"),
        like("second order", "second order control"),
        like("chance 0.25", "chance 0.75"),
        extinction_changes_nothing,
        channels_in_no_order,
    ),
    "contingency": (
        contingency_changes_nothing,
        contingency_takes_half,
        burst_passes,
        two_cues_promise_no_more,
        inhibitor_is_a_cue_of_nothing,
    ),
    "dopamine_synapse": (hears_what_another_does, sides_are_one_rule),
    "recorded_dopamine": (populations_read_what_cells_read, ratio_changes_nothing),
    "recorded_choices": (
        values_foresee_nothing,
        shuffled_rewards_teach,
        people_choose_without_a_model,
        people_mix_and_forget_nothing,
    ),
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
