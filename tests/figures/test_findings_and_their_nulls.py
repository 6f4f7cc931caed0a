"""A finding that holds is red on the data of its null: on results that the figures already made.

For each figure, edits of its data, each of which takes the effect out of some of its findings: every finding
must fail under one of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import xarray as xr

from hedon.figures import load, report

Edit = Callable[[dict[str, xr.Dataset]], None]


def no_cost_of_length(data: dict[str, xr.Dataset]) -> None:
    grid = data["temporal"]["grid"]
    grid[:] = grid.isel(ends=[0, 0]).values


def no_error_that_must_remain(data: dict[str, xr.Dataset]) -> None:
    grid = data["temporal"]["grid"]
    grid[:] = grid.sel(unreachable=[0.0] * grid.sizes["unreachable"]).values


def hears_another(data: dict[str, xr.Dataset]) -> None:
    lost, steps = data["bandit_players"]["lost"], data["two_step_players"]
    for rule in ("ChosenValue", "BothValues", "Reinforce"):
        lost.loc[{"player": rule}] = lost.sel(player="shuffled").values
    for name in ("reward", "reward_error"):
        steps[name].loc[{"player": "ChosenValue"}] = float(steps[name].sel(player="shuffled"))


def knows_the_transition(data: dict[str, xr.Dataset]) -> None:
    steps = data["two_step_players"]
    steps["index"].loc[{"player": "ChosenValue"}] = float(steps["index"].sel(player="model-based"))


def all_rules_cost_the_same(data: dict[str, xr.Dataset]) -> None:
    trials = data["learning_curves"]["trials_to_criterion"]
    trials[:] = trials.values[0]


def lengths_change_nothing(data: dict[str, xr.Dataset]) -> None:
    loss = data["learning_curves"]["loss"]
    loss.loc[{"rule": "projection"}] = loss.sel(rule="np").values


def another_broadcast_teaches(data: dict[str, xr.Dataset]) -> None:
    result = data["learning_curves"]
    result["null"].loc[{"control": "shuffled"}] = result["loss"].sel(rule="np").values


def every_learner_is_its_control(data: dict[str, xr.Dataset]) -> None:
    """Learners live as those do who hear another's dopamine."""
    for result in data.values():
        for name in ("outcome", "latency", "steps"):
            if name in result:
                result[name].loc[{"condition": "learning"}] = result[name].sel(condition="shuffled").values


def learned_is(known: str) -> Edit:
    """All searches end at a known rule."""

    def edit(data: dict[str, xr.Dataset]) -> None:
        result = data["meta_rule"]
        for name in ("log_samples", "log_samples_fine", "end", "beyond_samples", "beyond_solved"):
            (dim,) = {"rule", "listener"} & set(result[name].dims)
            if known in result[dim].values:
                result[name].loc[{dim: result["search"].values}] = result[name].sel({dim: known}).values

    return edit


def searches_find_nothing(data: dict[str, xr.Dataset]) -> None:
    """Coefficients stay where they begin, and it matters as little to move one as another."""
    result = data["meta_rule"]
    result["place"][:] = 0.5
    result["matters"][:] = 0.01
    result["coefficient"][:] = 1.0


def learned_rule_hears_no_one_and_learns(data: dict[str, xr.Dataset]) -> None:
    null = data["meta_rule"]["null"]
    null[:] = null.isel(moment=0) - 3.0 * (null["moment"] > 0)


def lives_never_reach(data: dict[str, xr.Dataset]) -> None:
    for name in ("log_samples", "log_samples_fine"):
        data["meta_rule"][name][:] = 20.0


def rules_are_alike(data: dict[str, xr.Dataset]) -> None:
    result = data["rules_compared"]
    for name in ("samples", "reached", "end"):
        result[name][:] = result[name].sel(rule="np").values[None]
    result["end"][:] = result["end"].isel(criterion=[0]).values


def no_network_gets_there(data: dict[str, xr.Dataset]) -> None:
    data["rules_compared"]["reached"][:] = False


def searches_go_by_lot(data: dict[str, xr.Dataset]) -> None:
    result = data["biological_outer_loop"]
    result["cma"][:] = result["random"].values


def loops_hear_another(data: dict[str, xr.Dataset]) -> None:
    result = data["biological_outer_loop"]
    result["biological"][:] = result["null"].values
    result["bare"][:] = result["null"].values


def one_rate(data: dict[str, xr.Dataset]) -> None:
    result = data["volatile_bandit"]
    result["above"][:] = 0
    result["alpha"][:] = float(result["fixed_alpha"])


def scored_with_the_other_discount(data: dict[str, xr.Dataset]) -> None:
    result = data["dopamine_agent"]
    result["weights"][:] = result["weights"].values[::-1]
    result["error"][:] = 1
    result["error_of_other"][:] = 1
    result["error_shuffled"][:] = 0.05


def only_the_discount_of_the_predictors(data: dict[str, xr.Dataset]) -> None:
    result = data["dopamine_agent"]
    td = {"a": 1.0, "b": float(result["gamma"][0]), "c": -1.0, "d": 0.0}
    for weight, value in td.items():
        result["return_weights"].loc[{"weight": weight}] = value
    result["gain"][:] = result["gain"].values - result["gain"].values.mean() - 1e-9
    data["dopamine_agent"] = result.assign(td_gain=0.0)


def rewards_are_not_heard(data: dict[str, xr.Dataset]) -> None:
    reward = data["dopamine_rivals"]["reward"]
    reward.loc[{"rival": "reward error"}] = reward.sel(rival="action error").values


CONTROL = (every_learner_is_its_control,)


def width_costs_what_nodes_do(data: dict[str, xr.Dataset]) -> None:
    eps = data["hidden_layers"]["width_eps"]
    slow = eps.isel(width=-1) / eps.isel(width=-1, moment=0)
    eps[-1] = eps.isel(width=-1, moment=0) * slow ** (eps["width"][0] / eps["width"][-1])
    eps[2] = eps.isel(width=0).values


def mean_field_holds_at_any_width(data: dict[str, xr.Dataset]) -> None:
    result = data["hidden_layers"]
    config = json.loads(result.attrs["config"])
    trial = result["width_trial"].values - 1
    for place, width in enumerate(result["width"].values):
        fields = load("hidden_layers")._width_fields(result, config, int(width), "eps")
        result["width_eps"][place] = fields[:, trial]


def rules_change_places_under_noise(data: dict[str, xr.Dataset]) -> None:
    result = data["hidden_layers"]
    for name in ("noise_alpha", "noise_eps"):
        result[name][:] = result[name].sel(rule=["sgd", "np"]).values


def images_are_guessed(data: dict[str, xr.Dataset]) -> None:
    data["digits"]["accuracy"][:] = 0.1


def spikes_hear_another(data: dict[str, xr.Dataset]) -> None:
    """Updates at random to the gradient, and gains of another's broadcast."""
    result = data["spiking_alignment"]
    result["cosine"][:] = 0.05
    result["cosine_untrivial"][:] = 0.0
    result["gain"].loc[{"broadcast": "own"}] = result["gain"].sel(broadcast="other").values


def another_broadcast_teaches_spikes(data: dict[str, xr.Dataset]) -> None:
    gain = data["spiking_alignment"]["gain"]
    gain.loc[{"broadcast": "other"}] = gain.sel(broadcast="own").values


def nothing_but_controls(data: dict[str, xr.Dataset]) -> None:
    """Networks that were shaped do what those do that heard another's broadcast, readouts as well."""
    for result in data.values():
        for name in ("correct", "regret", "reward"):
            if name in result:
                other = result[name].sel(condition="shuffled").values
                result[name].loc[{"condition": "all"}] = other
                if name == "regret":
                    result["readout"][:] = other
        if "index" in result:
            result["readout"][:] = other
            result["index"][:] = result["readout_index"][:] = 0.0


def controls_are_as_good(data: dict[str, xr.Dataset]) -> None:
    for result in data.values():
        for name in ("correct", "regret", "reward"):
            if name in result:
                good = result[name].sel(condition="all").values
                for condition in ("shuffled", "untrained", "reset"):
                    result[name].loc[{"condition": condition}] = good
                if name == "correct":
                    result["readout"][:] = good


def spikes_hold_nothing(data: dict[str, xr.Dataset]) -> None:
    """Of the cue, shaped networks hold what they held before."""
    held = data["spiking_memory"]["held"]
    held.loc[{"state": "shaped"}] = held.sel(state="untrained").values


def signals_change_places(data: dict[str, xr.Dataset]) -> None:
    """Every signal does what another should."""
    for name, signals in (("right", "signal"), ("vote", "vote_signal")):
        result = data["team_votes"][name]
        result[:] = result.isel({signals: slice(None, None, -1)}).values


def difference_does_not_pay_for_numbers(data: dict[str, xr.Dataset]) -> None:
    vote = data["team_votes"]["vote"]
    vote.loc[{"vote_signal": "difference"}] = vote.sel(vote_signal="one").values


def winners_miss_by_much(data: dict[str, xr.Dataset]) -> None:
    """One vote is won by the difference reward, which theory gives little there."""
    result = data["team_votes"]
    large = result["members"].values.argmax()
    result["right"][large] = 0.5
    result["right"].loc[{"structure": large, "signal": "difference"}] = 1.0


def a_world_that_moves_is_as_one_that_stands(data: dict[str, xr.Dataset]) -> None:
    right = data["learning_teams"]["right"]
    right.loc[{"world": "learning"}] = right.sel(world="frozen").values


def every_broadcast_is_the_best_signal(data: dict[str, xr.Dataset]) -> None:
    result = data["learned_broadcast"]
    best = result["fixed"].isel(signal=int(result["fixed"].mean(["size", "kind", "life"]).values.argmax()))
    for name in ("learned", "ungated"):
        result[name][:] = best.values


def the_gate_does_nothing(data: dict[str, xr.Dataset]) -> None:
    result = data["learned_broadcast"]
    result["learned"][:] = result["ungated"].values - 0.001
    result["coefficient"].loc[{"name": "threshold"}] = 1e6
    result["yoked"][:] = result["learned"].isel(search=0).values


def _as(data: dict[str, xr.Dataset], of: str, kind: str) -> None:
    """All searches of a kind have found what ``of`` lives with."""
    result = data["spiking_control"]
    for name in ("needed", "learned", "earned", "level", "other_needed", "other_learned", "other_earned"):
        dim = "taught" if name.startswith("other") else "plasticity"
        for row in result[dim].values:
            if str(row).partition("-")[0] == kind:
                result[name].loc[{dim: row}] = result[name].sel({dim: of}).values


def found_is_made_by_hand(data: dict[str, xr.Dataset]) -> None:
    _as(data, "hand", "all")


def others_scores_serve_as_well(data: dict[str, xr.Dataset]) -> None:
    _as(data, "all-1", "shuffled")


def controls_earn_as_much(data: dict[str, xr.Dataset]) -> None:
    for kind in ("rates", "frozen", "yoked"):
        _as(data, "all-1", kind)


RECURRENT = (nothing_but_controls, controls_are_as_good)


def codes_nothing(data: dict[str, xr.Dataset]) -> None:
    result = data["matching_activity"]
    result["share"][:] = result["null_share"].values


def shaping_makes_the_product_commoner(data: dict[str, xr.Dataset]) -> None:
    share = data["matching_activity"]["share"]
    share.loc[{"condition": "all"}] = share.sel(condition="untrained").values + 0.2


def earns_as_it_does_untrained(data: dict[str, xr.Dataset]) -> None:
    reward = data["matching_activity"]["reward"]
    reward.loc[{"condition": "all"}] = reward.sel(condition="untrained").values


def earns_as_much_before_training(data: dict[str, xr.Dataset]) -> None:
    reward = data["matching_activity"]["reward"]
    reward.loc[{"condition": "untrained"}] = reward.sel(condition="all").values


def one_rate_in_activity(data: dict[str, xr.Dataset]) -> None:
    result = data["volatile_activity"]
    result["rate"][:] = result["fixed_rate"].values


def slow_rules_are_alike(data: dict[str, xr.Dataset]) -> None:
    result = data["slow_rules"]
    for name in ("episodes", "reached"):
        result[name][:] = result[name].sel(rule="node perturbation").values


def slow_rules_are_random_feedback(data: dict[str, xr.Dataset]) -> None:
    result = data["slow_rules"]
    result["episodes"].loc[{"rule": "weight perturbation"}] = (
        result["episodes"].sel(rule="random feedback").values
    )
    for rule in ("eligibility × scalar", "random feedback", "readouts alone"):
        result["reached"].loc[{"rule": rule}] = result["reached"].sel(rule="weight perturbation").values


def slow_rules_are_readouts_alone(data: dict[str, xr.Dataset]) -> None:
    result = data["slow_rules"]
    for name in ("episodes", "reached"):
        result[name][:] = result[name].sel(rule="readouts alone").values


def the_outer_loop_finds_the_grids(data: dict[str, xr.Dataset]) -> None:
    result = data["slow_rule_search"]
    for name in ("episodes", "end"):
        result[name][:] = result[name].sel(setting="grid").values
    rates = result["value"]
    rates.loc[{"number": "eta_recurrent"}] = rates.sel(number="eta_input").values


NULLS: dict[str, tuple[Edit, ...]] = {
    "acrobot": CONTROL,
    "agents_learned_broadcast": (every_broadcast_is_the_best_signal, the_gate_does_nothing),
    "agents": (
        signals_change_places,
        difference_does_not_pay_for_numbers,
        winners_miss_by_much,
        a_world_that_moves_is_as_one_that_stands,
    ),
    "actor_critic": CONTROL,
    "biological_outer_loop": (searches_go_by_lot, loops_hear_another),
    "cart_pole": CONTROL,
    "dopamine_agent": (
        scored_with_the_other_discount,
        only_the_discount_of_the_predictors,
        rewards_are_not_heard,
    ),
    "meta_spiking": (
        found_is_made_by_hand,
        others_scores_serve_as_well,
        controls_earn_as_much,
    ),
    "meta_volatility": (one_rate,),
    "players": (hears_another, knows_the_transition),
    "learning_curves": (all_rules_cost_the_same, lengths_change_nothing, another_broadcast_teaches),
    "hidden_layers": (
        width_costs_what_nodes_do,
        mean_field_holds_at_any_width,
        rules_change_places_under_noise,
        images_are_guessed,
    ),
    "spiking_alignment": (spikes_hear_another, another_broadcast_teaches_spikes),
    "meta_rule": (
        *(learned_is(known) for known in ("np", "hand", "projection", "sgd", "nsgd", "wp")),
        searches_find_nothing,
        learned_rule_hears_no_one_and_learns,
        lives_never_reach,
    ),
    "rules": (rules_are_alike, no_network_gets_there),
    "meta_rules": (
        slow_rules_are_alike,
        slow_rules_are_random_feedback,
        slow_rules_are_readouts_alone,
        the_outer_loop_finds_the_grids,
    ),
    "meta_bandit": RECURRENT,
    "meta_memory": RECURRENT,
    "meta_spikes": (*RECURRENT, spikes_hold_nothing),
    "meta_two_step": RECURRENT,
    "meta_adaptation": (one_rate_in_activity,),
    "meta_units": (
        codes_nothing,
        shaping_makes_the_product_commoner,
        earns_as_it_does_untrained,
        earns_as_much_before_training,
    ),
    "temporal": (no_cost_of_length, no_error_that_must_remain),
}


@pytest.mark.figure
@pytest.mark.parametrize("name", NULLS)
def test_findings_fail_under_their_nulls(name: str) -> None:
    data, _, claims = report.check(name)
    left = {claim.name for claim in claims if claim.kind == "finding"}
    assert left
    for edit in NULLS[name]:
        changed = {experiment: result.copy(deep=True) for experiment, result in data.items()}
        edit(changed)
        left -= {claim.name for claim in load(name).check(changed) if claim.failed}
    assert not left, "these hold under every null: " + "; ".join(sorted(left))
