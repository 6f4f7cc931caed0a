"""What the rules' strings say, read as code, and the edges of what they accept; no network is built."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.plasticity.critic import Fixed, LinearCritic, RunningMean
from hedon.plasticity.escape_noise import EscapeNoise
from hedon.plasticity.family import Family
from hedon.plasticity.gradient_descent import GradientDescent
from hedon.plasticity.injected_noise import InjectedNoise
from hedon.plasticity.node_perturbation import NodePerturbation
from hedon.plasticity.parameter import Parameter
from hedon.plasticity.perturbation import SIGN, Perturbation
from hedon.plasticity.recurrent_perturbation import RecurrentPerturbation
from hedon.plasticity.recurrent_weight_perturbation import RecurrentWeightPerturbation
from hedon.plasticity.reward_modulated_stdp import RewardModulatedSTDP
from hedon.plasticity.rule import Rule
from hedon.plasticity.rule_family import RuleFamily
from hedon.plasticity.spike_perturbation import SpikePerturbation
from hedon.plasticity.spiking_rule import SpikingRule
from hedon.plasticity.stochastic_release import StochasticRelease
from hedon.plasticity.td_hebbian import TDHebbian
from hedon.plasticity.team_signal import TeamSignal
from hedon.plasticity.trial_family import TrialFamily
from hedon.plasticity.trial_rule import TrialRule
from hedon.plasticity.weighed_broadcast import WEIGHTS, WeighedBroadcast, ratios
from hedon.plasticity.weight_fluctuation import WeightFluctuation
from hedon.plasticity.weight_perturbation import WeightPerturbation

DT, MS = 2e-4, 1e-3


def run(code: str, state: dict[str, Any], draw: Callable[[], Any] = lambda: 0.7) -> dict[str, Any]:
    """The variables after ``code``, read as Python."""
    known = {name: getattr(np, name) for name in ("exp", "expm1", "sqrt", "clip", "inf")}
    exec(code, {**known, "int": lambda x: np.asarray(x, int), "randn": draw, "rand": draw}, state)
    return state


# numbers


@pytest.mark.parametrize(
    "open_low, low, opening", [(True, 0.0, "("), (False, 0.0, "["), (False, -math.inf, "(")]
)
@pytest.mark.parametrize("high, closing", [(2.0, "]"), (math.inf, ")")])
def test_bounds_of_a_number(open_low: bool, low: float, opening: str, high: float, closing: str) -> None:
    number = Parameter("x", 1.0, "1", low, high, "linear", "", open_low)
    assert number.range == f"{opening}{low:g}, {high:g}{closing}"
    assert number.accepts(1.0) and not number.accepts(math.nan)
    assert number.accepts(0.0) is not open_low and number.accepts(-1e-9) is (low < 0)
    assert number.accepts(2.0) and number.accepts(2.0 + 1e-9) is (high > 2)
    assert not number.accepts(math.inf) and not number.accepts(-math.inf)


def test_an_infinite_default_is_accepted() -> None:
    assert Parameter("x", math.inf, "1", 0.0, math.inf, "log", "").accepts(math.inf)


def test_units_stand_in_the_line_of_a_number() -> None:
    assert Parameter("tau", 1.0, "s", 0, 1, "log", "a time").line() == "tau : second (constant)  # a time"
    assert Parameter("a", 1.0, "1/trial", 0, 1, "log", "a rate").line("shared") == "a : 1 (shared)  # a rate"


def test_numbers_that_only_fill_a_constant_are_taken_apart() -> None:
    """A default stays, as do what no one holds as a constant and what changes the equations."""
    rule, numbers = WeighedBroadcast(eta=0.2, trace=0.5).apart()
    assert rule == WeighedBroadcast() and numbers == {"eta": 0.2, "trace": 0.5}
    assert WeighedBroadcast(eta=0.2, trace=0.5).apart("trace") == (WeighedBroadcast(eta=0.2), {"trace": 0.5})
    kept = InjectedNoise(tau=0.01, sigma=5e-3)
    assert kept.apart() == (InjectedNoise(tau=0.01), {"sigma": 5e-3})
    assert kept.apart("tau") == (kept, {})  # with another tau it is another law


@pytest.mark.parametrize("kind", [Rule, TrialRule, SpikingRule, SpikePerturbation, Perturbation, RuleFamily])
def test_a_rate_below_nought_is_refused(kind: type[Rule]) -> None:
    assert kind(eta=0.0).eta == 0
    with pytest.raises(Mistake, match=rf"{kind.__name__}: eta is -1, must be in \[0, inf\) \(learning rate"):
        kind(eta=-1.0)


# rules of a trial


def test_layers_are_counted_from_one() -> None:
    assert NodePerturbation(layers=(1,)).layers == (1,)
    for layers in ((), (0,), (2, 0)):
        with pytest.raises(Mistake, match="layers are counted from 1"):
            GradientDescent(layers=layers)
    plain = TrialRule()
    assert plain.passes == ("clean",) and plain.critic is None
    assert plain.drive("plus") == "" and plain.weight("plus") == "w"


@pytest.mark.parametrize("kind", [NodePerturbation, WeightPerturbation])
def test_what_a_perturbed_loss_is_compared_with(kind: type[Perturbation]) -> None:
    state = {"E_clean": 5.0, "E_plus": 2.0, "E_minus": 10.0, "expectation": 3.5}
    for comparison, passes, delta in (
        ("two-pass", ("clean", "plus"), 3.0),
        ("antithetic", ("clean", "plus", "minus"), 4.0),
        ("one-pass", ("plus",), 1.5),
    ):
        rule = kind(comparison=comparison)  # type: ignore[arg-type]
        assert rule.passes == passes and eval(rule.broadcast, dict(state)) == delta
        assert rule.critic == (RunningMean() if comparison == "one-pass" else None)
        if comparison != "one-pass":
            with pytest.raises(Mistake, match=f"a critic needs comparison 'one-pass', not '{comparison}'"):
                kind(comparison=comparison, baseline=RunningMean())  # type: ignore[arg-type]
    assert kind(comparison="one-pass", baseline=LinearCritic()).critic == LinearCritic()
    with pytest.raises(Mistake, match="comparison is 'both', must be one of two-pass, antithetic, one-pass"):
        kind(comparison="both")  # type: ignore[arg-type]


@pytest.mark.parametrize("noise, values", [("gaussian", (0.21, 0.06)), ("rademacher", (0.3, -0.3))])
def test_perturbations_as_they_are_drawn(noise: str, values: tuple[float, float]) -> None:
    """From .7 and from .2: normal ones times sigma, or a sign, minus below one half."""
    for draw, value in zip((0.7, 0.2), values, strict=True):
        rule = NodePerturbation(noise=noise)  # type: ignore[arg-type]
        state = run(rule.neuron_code, {"sigma": 0.3}, lambda draw=draw: draw)
        assert state["perturbation"] == pytest.approx(value) and state["score"] == pytest.approx(value / 0.09)
        other = WeightPerturbation(noise=noise)  # type: ignore[arg-type]
        state = run(other.synapse_code, {"sigma_post": 0.3}, lambda draw=draw: draw)
        assert state["weight_perturbation"] == pytest.approx(value)


def test_perturbations_that_are_given_are_kept() -> None:
    assert run(NodePerturbation(noise="given").neuron_code, {"sigma": 2.0, "perturbation": 8.0})["score"] == 2
    assert WeightPerturbation(noise="given").synapse_code == ""
    assert TrialFamily(noise="given").synapse_code == ""
    assert run(TrialFamily(noise="given").neuron_code, {"sigma": 2.0, "perturbation": 8.0})["score"] == 2


@pytest.mark.parametrize("kind", [NodePerturbation, WeightPerturbation, TrialFamily])
def test_each_pass_is_perturbed_by_its_sign(kind: type[Perturbation]) -> None:
    rule, weights = kind(), kind is not NodePerturbation
    for forward, sign in SIGN.items():
        times = {"": 0, "+": 1, "-": -1}[sign]
        drive, weight = rule.drive(forward), rule.weight(forward)
        assert eval(f"2 {drive}", {"perturbation": 0.5}) == 2 + 0.5 * times
        assert eval(weight, {"w": 2, "weight_perturbation": 0.25}) == 2 + 0.25 * times * weights


def test_presynaptic_activity_of_node_perturbation() -> None:
    """Clean with a clean pass unless told otherwise; a one-pass rule knows the perturbed alone."""
    state = {"score_post": 2.0, "x_clean_pre": 3.0, "x_plus_pre": 5.0}
    for settings, value in (
        ({}, 6),
        ({"presynaptic": "clean"}, 6),
        ({"presynaptic": "perturbed"}, 10),
        ({"comparison": "one-pass"}, 10),
    ):
        assert eval(NodePerturbation(**settings).eligibility, dict(state)) == value  # type: ignore[arg-type]
    with pytest.raises(Mistake, match="one-pass rule has no clean presynaptic activity"):
        NodePerturbation(comparison="one-pass", presynaptic="clean")
    state = {"E_clean": 5.0, "E_plus": 2.0, "nodes": 4, "noise_length": 8.0}
    assert eval(NodePerturbation(normalise=True).broadcast, state) == 1.5
    assert NodePerturbation(normalise=True).needs == ("noise_length",) and NodePerturbation().needs == ()


def test_gradient_descent_reads_what_it_needs() -> None:
    assert GradientDescent().needs == ("gradient",)
    state = {"g_post": 2.0, "x_clean_pre": 3.0, "input_length_post": 4.0}
    assert eval(GradientDescent().eligibility, dict(state)) == -6
    rule = GradientDescent(normalise=True)
    assert rule.needs == ("gradient", "input_length")
    assert eval(rule.eligibility, {**state, "clip": np.clip, "inf": np.inf}) == -1.5


def test_a_mixed_perturbation_has_variance_one() -> None:
    """Between normal and binary; five standard errors of 10^5 draws."""
    generator = np.random.default_rng(0)
    for binary in (0.0, 0.4, 1.0):
        state = {"binary": binary, "node_noise": 0.5, "sigma": 0.2, "pi": np.pi}
        xi = (
            run(TrialFamily().neuron_code, state, lambda: generator.standard_normal(100_000))["perturbation"]
            / 0.1
        )
        assert abs(np.mean(xi**2) - 1) < 5 * np.std(xi**2) / np.sqrt(1e5) + 1e-9
        given = {
            "binary_post": binary,
            "synapse_noise_post": 0.5,
            "sigma_post": 0.2,
            "blend_post": state["blend"],
        }
        big = run(TrialFamily().synapse_code, given, lambda: generator.standard_normal(100_000))
        big = big["weight_perturbation"] / 0.1
        assert abs(np.mean(big**2) - 1) < 5 * np.std(big**2) / np.sqrt(1e5) + 1e-9
    assert TrialFamily(alpha=0.2).critic == RunningMean(0.2) and TrialFamily().passes == ("clean", "plus")


def test_named_points_are_made_at_a_rate() -> None:
    assert TrialFamily.point("HandMade") == TrialFamily(binary=1.0, input_exponent=1.0)
    assert TrialFamily.point("HandMade", 0.0, sigma=0.3).eta == 0.0
    for kind in (TrialFamily, Family):
        with pytest.raises(Mistake, match="the family has no point 'HandMad'"):
            kind.point("HandMad")


def test_critics_and_what_they_refuse() -> None:
    assert Fixed(expectation=-3.0).alpha == 0
    for make, said in (
        (lambda: Fixed(0.1), "a fixed expectation has alpha 0"),
        (lambda: Fixed(expectation=math.inf), "expectation is inf, must be finite"),
        (lambda: RunningMean(1.5), r"alpha is 1.5, must be in \[0, 1\]"),
        (lambda: RunningMean(order="now"), "order is 'now', must be after or before"),  # type: ignore[arg-type]
    ):
        with pytest.raises(Mistake, match=said):
            make()
    assert RunningMean(1.0, "before").order == "before"


# rules in time


def test_white_noise_is_its_own_innovation() -> None:
    rule, n = InjectedNoise(sigma=0.3), 0.7
    state = run(rule.neuron_code, {"sigma": 0.3, "ms": MS, "dt": DT})
    assert state["perturbation"] == pytest.approx(0.3 * math.sqrt(MS / DT) * n)
    assert state["score"] == pytest.approx(n / (0.3 * math.sqrt(MS / DT)))
    assert not rule.whitened and rule.pre_code == "" == rule.pre_equations
    assert rule.constants == {} == rule.initial_neuron == rule.resets and rule.time_constants == ()
    assert eligibility(rule) == 0.5 * 2 + 3 * 4


def eligibility(rule: SpikePerturbation) -> float:
    state = {"kept_post": 0.5, "eligibility": 2.0, "score_post": 3.0, "gate_pre": 4.0, "whitened_pre": 10.0}
    return float(run(rule.synapse_code, state)["eligibility"])


def test_coloured_noise_is_an_autoregression_and_its_score_is_of_the_innovation() -> None:
    """Equation (2); and the naive score x/sigma^2 of equation (1)."""
    a, n = math.exp(-DT / 0.01), 0.7
    fresh = 0.3 * math.sqrt(1 - a**2)
    for form, score in (("innovation", n / fresh), ("naive", (a * 0.2 + fresh * n) / 0.3**2)):
        rule = InjectedNoise(sigma=0.3, tau=0.01, form=form)  # type: ignore[arg-type]
        state = run(rule.neuron_code, {"sigma": 0.3, "tau_noise": 0.01, "dt": DT, "perturbation": 0.2})
        assert state["perturbation"] == pytest.approx(a * 0.2 + fresh * n)
        assert state["score"] == pytest.approx(score)
        assert rule.whitened is (form == "innovation") and bool(rule.resets) is rule.whitened
        assert eligibility(rule) == 1 + 3 * (10 if rule.whitened else 4)
        assert rule.constants == {"tau_noise": (0.01, "second")} and rule.time_constants == ("tau",)
        first = run(f"x = {rule.initial_neuron['perturbation']}", {"sigma": 0.3})["x"]
        assert first == pytest.approx(0.3 * n)
    told = run(InjectedNoise(tau=0.01).pre_code, {"gate": 2.0, "before": 1.0, "dt": DT, "tau_noise": 0.01})
    assert told["whitened"] == pytest.approx(2 - a) and told["before"] == 2.0
    assert "whitened" in InjectedNoise(tau=0.01).pre_equations


def test_the_score_of_escape_noise_has_mean_nought_where_it_is_exact() -> None:
    lam, slope = 0.3, 50.0  # the expected number of a step, and its derivative in u
    p = 1 - math.exp(-lam)
    hit, miss = slope * math.exp(-lam) / p, -slope  # d ln p/du and d ln(1 - p)/du
    for score, mean in (("exact", 0.0), ("usual", (p - lam) * slope / lam)):
        code = EscapeNoise(score=score).neuron_code  # type: ignore[arg-type]
        state = {"hit": hit, "miss": miss, "slope": slope, "expected": lam}
        scores = [run(code, {**state, "spiked": spiked})["score"] for spiked in (0, 1)]
        assert (1 - p) * scores[0] + p * scores[1] == pytest.approx(mean, abs=1e-12)
        assert scores[1] > 0 > scores[0]


@pytest.mark.parametrize("kind", [EscapeNoise, InjectedNoise, StochasticRelease, WeightFluctuation])
def test_draws_are_ones_own_or_those_of_every_copy(kind: type[SpikePerturbation]) -> None:
    own, shared = kind(), kind(noise="shared")
    assert own.synapse_draw("randn") == "randn()" and own.synapse_draw("rand", first=True) == "rand()"
    assert shared.synapse_draw("randn").startswith("keyed_normal(noise_seed_post, step_draw, ")
    assert shared.synapse_draw("rand", first=True).startswith(
        "keyed_uniform(noise_seed_post, first_draw, individual_post, 0,"
    )
    assert shared.neuron_draw == "draw" and own.neuron_draw == f"{kind.draws}()"


def test_units_are_put_into_the_strings() -> None:
    """A weight is what arrives; of a drive without unit the inverse has none."""
    rule = InjectedNoise()
    lines = rule.piece("neuron_equations", "volt")
    assert "perturbation : volt " in lines and "score : 1/volt" in lines
    assert "sigma : volt (constant)" in lines and "eta : volt**2 (constant)" in lines
    plain = rule.piece("neuron_equations", "1")
    assert "perturbation : 1 " in plain and "score : 1\n" in plain and "eta : 1 (constant)" in plain
    assert rule.piece("start_code", "volt") == "eligibility = 0/volt"


def test_two_filters_need_two_time_constants() -> None:
    with pytest.raises(Mistake, match="tau_e and tau_lag are both 0.2 s"):
        TDHebbian(tau_e=0.2, tau_lag=0.2)
    assert TDHebbian().constants == {
        "tau_e": (0.3, "second"),
        "tau_lag": (0.2, "second"),
        "bound": (1e30, "1"),
    }
    assert TDHebbian(bound=4.0).constants["bound"] == (4.0, "1")


@pytest.mark.parametrize("low, high", [(-math.inf, math.inf), (0.0, math.inf), (-math.inf, 1.0), (0.0, 1.0)])
def test_bounds_of_weights_under_dopamine(low: float, high: float) -> None:
    rule = RewardModulatedSTDP(w_min=low, w_max=high)
    assert rule.bounded is (math.isfinite(low) or math.isfinite(high))
    assert rule.bounds == (max(low, -1e30), min(high, 1e30))
    assert ("w_min : 1" in rule.synapse_equations) is rule.bounded is ("clip" in rule.read_code)
    with pytest.raises(Mistake, match="w_min is 1, must be below w_max, 1"):
        RewardModulatedSTDP(w_min=1.0, w_max=1.0)


def test_each_way_to_integrate_moves_the_weight_by_the_integral_of_a_step() -> None:
    """Where one step is all: c and n decay from 1 and 3, the modulator is n less the baseline."""
    tau_c, tau_n, base, eta, dt = 1.0, 0.2, 0.5, 2.0, 0.05
    both = tau_c * tau_n / (tau_c + tau_n)
    exact = 3 * both * (1 - math.exp(-dt / both)) - base * tau_c * (1 - math.exp(-dt / tau_c))
    post = {"tau_c_post": tau_c, "tau_n_post": tau_n, "baseline_post": base, "n_post": 3.0, "eta_post": eta}
    for integration, moved in (("clocked", exact), ("euler", (3 - base) * dt)):
        rule = RewardModulatedSTDP(integration=integration)  # type: ignore[arg-type]
        state = run(rule.step_code, {**post, "dt": dt, "w": 0.1, "c": 1.0})
        assert state["w"] == pytest.approx(0.1 + eta * moved)
        assert state["c"] == pytest.approx(math.exp(-dt / tau_c))
        assert rule.read_code == "" == rule.shared_code == rule.new_origin_shared and rule.new_origin == (
            "",
            "",
        )
        assert rule.initial_weight == "w" and "growth" not in rule.neuron_equations
        assert run(rule.on_pre, {"c": 0.0, "A_minus": 2.0, "y_post": 3.0})["c"] == -6
        assert run(rule.on_post, {"c": 0.0, "A_plus": 2.0, "x_pre": 3.0})["c"] == 6
        four = {"c": 0.0, "A_plus": 2.0, "x_pre": 3.0, "count": 4}
        assert run(rule.on_spikes("post", "count"), four)["c"] == 24
        assert "integral" not in rule.neuron_code and "held" not in rule.synapse_equations
    rule = RewardModulatedSTDP()
    assert all(f"{name} : 1" in rule.synapse_equations for name in ("held", "tag", "w", "c"))
    for side, trace in (("pre", "x"), ("post", "y")):
        assert run(rule.carried(side, "3"), {f"{trace}_post": 1.0})[f"{trace}_post"] == 4  # type: ignore[arg-type]
    neuron = {"n": 3.0, "y": 1.0, "integral": 0.0, "growth": 1.0, "eta": eta, "dt": dt, "tau_minus": 0.02}
    state = run(rule.neuron_code, {**neuron, "tau_c": tau_c, "tau_n": tau_n, "baseline": base})
    assert state["integral"] == pytest.approx(eta * exact)
    assert state["n"] == pytest.approx(3 * math.exp(-dt / tau_n)) and state["y"] == pytest.approx(
        math.exp(-2.5)
    )
    grown = run(rule.shared_code, {"growth": 1.0, "dt": dt, "tau_c": tau_c})["growth"]
    read = run(rule.read_code, {"held": 0.1, "tag": 1.0, "integral_post": eta * exact, "growth_post": grown})
    assert read["w"] == pytest.approx(0.1 + eta * exact) and read["c"] == pytest.approx(math.exp(-dt / tau_c))
    assert rule.step_code == "" and rule.initial_weight == "held" and rule.new_origin[1] == "integral = 0"
    assert rule.new_origin_shared == "growth = 1"
    # a spike leaves the weight of now as it is, and a new origin both weight and eligibility
    paired = run(rule.on_post, {**read, "A_plus": 0.5, "x_pre": 2.0})
    assert paired["held"] + paired["tag"] * eta * exact == pytest.approx(read["w"])
    assert paired["tag"] / grown == pytest.approx(read["c"] + 1)
    moved_on = run(rule.new_origin[0], dict(read))
    assert moved_on["held"] == pytest.approx(read["w"]) and moved_on["tag"] == pytest.approx(read["c"])
    assert rule.carried("pre") == "x_post += 1" and rule.carried("post", "count") == "y_post += count"


# rules that choose


@pytest.mark.parametrize("gamma", [0.0, 0.4, 1.0])
def test_temporal_difference_learners_and_back(gamma: float) -> None:
    rule = WeighedBroadcast.td(gamma, eta=0.3, eta_actor=0.1)
    assert rule.as_td() == pytest.approx({"gamma": gamma, "eta": 0.3, "eta_actor": 0.1})
    told = {"reward": 2.0, "next_value": 3.0, "value": 5.0, "chosen_p": 0.3}
    weights = {name: getattr(rule, name) for name in WEIGHTS}
    assert eval(rule.broadcast, {**told, **weights}) == pytest.approx(2 + 3 * gamma - 5)
    scaled = WeighedBroadcast(
        eta=0.3, eta_actor=0.1, reward_weight=2.0, next_weight=2 * gamma, present_weight=-4.0
    )
    assert scaled.as_td() == pytest.approx({"gamma": gamma / 2, "eta": 1.2, "eta_actor": 0.2})
    weights = {"present_weight": -4.0, "next_weight": 2 * gamma, "reward_weight": 2.0}
    assert ratios(weights) == (gamma / 2, 0.5)


def test_what_is_no_temporal_difference_learner() -> None:
    for gamma in (-0.01, 1.01):
        with pytest.raises(Mistake, match="the discount is"):
            WeighedBroadcast.td(gamma)
    for wrong in (
        {"reward_weight": 0.0},
        {"present_weight": 0.0},
        {"action_weight": 0.1},
        {"reward_weight": -1.0},
    ):
        with pytest.raises(Mistake, match="temporal difference error"):
            WeighedBroadcast(**wrong).as_td()
    for c in (0.0, 1.0):
        assert np.isnan(ratios({"present_weight": c, "next_weight": 1.0, "reward_weight": 1.0})).all()
    assert WEIGHTS == ("reward_weight", "next_weight", "present_weight", "action_weight")
    weights = [p for p in WeighedBroadcast.parameters if p.name in WEIGHTS]
    assert {(p.search, p.low, p.scale) for p in weights} == {((-2.0, 2.0), -math.inf, "linear")}


def test_shares_of_a_teams_signal() -> None:
    assert TeamSignal.point("groups", one=1.0, grouped=0.0) == TeamSignal()
    shares = [p for p in TeamSignal.parameters if p.name in ("one", "grouped", "difference", "agreement")]
    assert [(p.low, p.high, p.search) for p in shares] == [(0.0, 1.0, (0.0, 1.0))] * 4
    with pytest.raises(Mistake, match=r"grouped is 1.01, must be in \[0, 1\]"):
        TeamSignal(grouped=1.01)
    with pytest.raises(Mistake, match="no signal 'group'"):
        TeamSignal.point("group")


def test_draws_of_a_recurrent_network() -> None:
    key = "(task_seed, stream_noise, who, episode, number)"
    assert RecurrentPerturbation(noise="gaussian").draw == f"keyed_normal{key}"
    code = RecurrentPerturbation().draw.replace(f"keyed_uniform{key}", "u")
    assert [eval(code, {"u": u, "int": int}) for u in (0.2, 0.49, 0.5, 0.9)] == [-1, -1, 1, 1]


def test_weights_are_perturbed_for_an_episode() -> None:
    assert RecurrentWeightPerturbation().hold == "episode"
    with pytest.raises(Mistake, match="hold must be episode"):
        RecurrentWeightPerturbation(hold="step")
