"""Numbers that functions of the analysis take where they are given none.

Results that are quoted were found with them: a default that is changed makes other numbers of the same call.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

DEFAULTS = """
behaviour.choice_fits
    _climb(near=0.0001)
    fit(starts=24, climbs=2, near=0.0001, seed=0)
    scored(folds=4, block=10, seed=0, near=0.0001)
    standard_errors(step=0.0001)
behaviour.duals
    follow(start=0.5)
behaviour.kernels
    kernels(back=5, ridge=0.1)
behaviour.recorded_choices
    of_two_step(seed=0)
    predicted(copies=10, seed=0)
behaviour.stay
    Stay.interval(seed=0)
behaviour.two_step_regression
    TwoStepRegression.interval(resamples=300, level=0.95, seed=0)
players.bernoulli
    bayes_mirrored(seed=0)
    draw_chances(arms=2)
    gittins_discounted(seed=0, gamma=0.99)
    gittins_finite(seed=0)
    greedy(seed=0)
    optimal(seed=0)
    play(seed=0)
    q_softmax(seed=0, first_value=0.5)
    random(seed=0)
    thompson(seed=0)
    tuned_q(seed=0)
    ucb1(seed=0, c=2.0)
players.chains
    ideal_player(tolerance=1e-10, sweeps=100000)
players.change_point
    bayes(low=0.0, high=1.0)
    constant_rate(first=0.5)
players.matching
    local(memory=20.0, seed=0)
    stochastic(seed=0)
players.q_learning
    simulate(alpha=0.3, beta=5.0, perseveration=0.0, arms=2, bounds=(0.2, 0.8), drift=0.05,
        first_value=0.5, seed=0)
players.reversal
    best_constant_rate(forgetting=0.0, beta=inf)
    constant_rate(forgetting=0.0, beta=inf, seed=0)
players.two_step
    simulate(alpha1=0.5, lam=0.6, beta1=5.0, w=0.5, perseveration=0.0, common=0.7, bounds=(0.25,
        0.75), drift=0.025, first_value=0.5, missed=0.0, seed=0)
players.two_step_swap
    Lived.behaviour(subjects=20)
    all_knowing(seed=0)
    bayes(seed=0)
    episodes(trials=100, seed=0, common=0.8, high=0.9, low=0.1, swap=0.025)
    model_based(alpha=0.6, beta=20.0, seed=0)
    model_free(lam=1.0, alpha=0.3, beta=30.0, seed=0)
    random(seed=0)
responses.dopamine_population
    Population.rate(floor=0.25)
    cross_validate(folds=5, seed=0)
responses.dopamine_responses
    trace_responses(window=(0.2, 0.6))
    trial_responses(window=(0.2, 0.6))
    variable_reward(rows=(0, 1))
responses.peri_event
    dip(sought=(0.1, 0.8))
    mean_dip(seed=0)
    smoothed(step=0.005, deviation=0.015)
responses.reversal_points
    alike(splits=20, seed=0)
    halves(splits=200, seed=0)
responses.unit_coding
    UnitCoding.null_share(level=0.05)
    UnitCoding.share(level=0.05)
    unit_coding(turns=400, draws=200, seed=0)
statistics.comparison
    Measured.ceiling(seed=0)
    Measured.distance_ceiling(seed=0)
    Measured.distance_interval(seed=0)
    Measured.halves(seed=0)
    Measured.nearer(seed=0)
    Measured.null_interval(seed=0)
statistics.discriminant
    Discriminant.right(sessions=1)
    share_right(sessions=1)
statistics.empirical_bayes
    _climb(steps=60)
    fit(starts=8, climbs=2, seed=0)
    held_out(seed=0)
    held_out_parts(seed=0)
statistics.intervals
    bootstrap_interval(level=0.95, resamples=2000, seed=0)
    cosine(axis=-1)
    crossed_interval(level=0.95, resamples=2000, seed=0)
    mean_and_error(axis=0)
statistics.logistic
    logistic(n=1.0, mean=0.0, precision=0.0)
statistics.mixed
    population(steps=60, near=0.001)
statistics.two_samples
    told_apart(seed=0)
theory.agents
    Committees.efficiency(group=1, p=0.5)
    Committees.learning_efficiency(group=1, criterion=0.1)
    signal_to_noise(kurtosis=3.0)
theory.cosine
    expected_cosine(samples=1)
    expected_square_cosine(samples=1)
theory.discounts
    times(smoothing=1.0)
    values_of_delays(worths=(1.0,))
theory.dopamine_synapse
    dopamine_synapse(baseline=0.0, eta=1.0, release=1.0, delay=0.0)
theory.expectiles
    distribution(smoothing=0.0)
theory.firing
    leaky_rate(refractory=0.0)
theory.hidden_layer
    update_second_moment(label_noise=0.0, sigma=0.0)
theory.learning_teams
    lag(trial=inf)
theory.linear_online
    correlated_curve(sigma=0.0, label_noise=0.0)
    correlated_step(sigma=0.0, label_noise=0.0)
theory.online
    critic_shot_noise(gain=1.0)
    critic_slope_bias(gain=1.0)
    delayed_eligibility(correlation=0.0)
    reward_stdp_change(tau_s=1.0)
theory.precision
    best_sigma(outputs=1, error=1.0, activity=1.0)
    relative_error(outputs=1, error=1.0, activity=1.0)
    rounding_error(outputs=1, error=1.0, activity=1.0)
    smallest_sigma(outputs=1, error=1.0, activity=1.0, tolerance=0.002)
theory.smoothing
    sine_neuron_gradient(sigma=0.0)
    two_layer_np(sigma=0.0)
    two_layer_wp(sigma=0.0)
theory.weighed_values
    resting_values(d=0.0, u=0.0)
"""
LISTED: dict[str, list[str]] = {}
for line in DEFAULTS.strip().splitlines():
    if line.startswith(8 * " "):  # the line before goes on
        LISTED[list(LISTED)[-1]][-1] += " " + line.strip()
    elif line.startswith(" "):
        LISTED[list(LISTED)[-1]].append(line.strip())
    else:
        LISTED[line] = []


def with_numbers(module: ModuleType) -> Iterator[str]:
    """Functions and methods of a module with those of their parameters whose defaults are numbers."""
    for owner in (module, *(one for one in vars(module).values() if inspect.isclass(one))):
        prefix = "" if owner is module else f"{owner.__name__}."
        for name, function in vars(owner).items():
            if not inspect.isfunction(function) or function.__module__ != module.__name__:
                continue
            if function.__qualname__ != prefix + name:
                continue
            usual = {key: one.default for key, one in inspect.signature(function).parameters.items()}
            numbers = [f"{key}={value!r}" for key, value in usual.items() if _is_number(value)]
            if numbers:
                yield f"{prefix}{name}({', '.join(numbers)})"


def _is_number(value: Any) -> bool:
    some = value if isinstance(value, tuple) else (value,)
    return len(some) > 0 and all(type(one) in (int, float) for one in some)


@pytest.mark.parametrize("name", LISTED)
def test_defaults_are_those_that_are_listed(name: str) -> None:
    module = importlib.import_module(f"hedon.analysis.{name}")
    made = {"__init__", "__replace__"}  # of dataclasses: written by Python, not in the file
    found = [line for line in with_numbers(module) if line.partition("(")[0].rpartition(".")[2] not in made]
    assert sorted(found) == sorted(LISTED[name])
