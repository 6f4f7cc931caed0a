"""The likelihood of the family of rules, and fits with it: CPU seconds on one core.

Beside it, where JAX is installed, the same in JAX (`infer_jax`). Asked for: 100 sessions of 500 trials and 8
coefficients in under 2 s on one core, a population prior over 100 subjects of 800 trials and 13 coefficients
in under 60 s.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
from timing import one_core

from hedon.analysis.statistics.empirical_bayes import Fitted, fit
from hedon.plasticity.inference.coefficients import FREE, Chart
from hedon.plasticity.inference.likelihood import Likelihood
from hedon.plasticity.inference.populations import drawn, people_like
from hedon.plasticity.inference.simulate import World, play

EIGHT = ("eta", "eta_losses", "opposite", "forgetting", "rest", "beta", "bias", "repeat")
ROUNDS = 3


def subjects(chart: Chart, world: World, number: int) -> Likelihood:
    parameters = chart.parameters(world.arms)
    known = tuple(p for p in parameters if p.name != "policy")
    x = np.zeros((number, len(parameters)))
    x[:, [p in known for p in parameters]] = drawn(known, people_like(known), number, 0)
    return Likelihood(chart, play(chart, x, world, 1))


def seconds(objective: Likelihood, prior: str) -> tuple[float, Fitted]:
    began = time.process_time()
    found = fit(objective, prior=prior, starts=1, climbs=1)  # type: ignore[arg-type]
    return time.process_time() - began, found


def main() -> dict[str, str]:
    one_core()
    eight = subjects(Chart(EIGHT), World(trials=500), 100)
    x, who = np.zeros((100, len(eight.parameters))), np.arange(100)
    gradient = []
    for _ in range(ROUNDS):
        began = time.process_time()
        eight.evaluate(x, who)
        gradient.append(time.process_time() - began)
    alone = [seconds(eight, "weak")[0] for _ in range(ROUNDS)]
    beside = in_jax(eight, statistics.median(gradient))
    many = subjects(Chart((*FREE, "policy")), World(trials=200, sessions=4), 100)
    spent, found = seconds(many, "population")
    return {
        "100 sessions x 500 trials x 8: likelihood, gradient, information": _s(gradient),
        **beside,
        "... the fit of each session": f"{_s(alone)}  (asked: 2 s)",
        f"population prior, 100 subjects x 800 trials x {found.x.shape[1]}": f"{spent:.1f} s  (asked: 60 s)",
        "... rounds of it, share of subjects whose fit converged": (
            f"{found.rounds}, {found.converged.mean():.2f}"
        ),
    }


def in_jax(objective: Likelihood, ours: float) -> dict[str, str]:
    """The same in JAX, which must give the same numbers."""
    name = "... the same in JAX"
    try:
        import infer_jax

        began = time.process_time()
        evaluate = infer_jax.compiled(objective.choices.action, objective.choices.reward)
        x = np.tile([0.1, -0.2, 0.3, -1.0, 0.4, 1.0, 0.1, 0.5], (100, 1))
        theirs = evaluate(x)
    except ImportError:
        return {name: "not installed"}
    compiling = time.process_time() - began
    for one, other in zip(theirs, objective.evaluate(x, np.arange(100)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-8)
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        evaluate(x)
        times.append(time.process_time() - began)
    ratio = statistics.median(times) / ours
    return {name: f"{_s(times)}  {ratio:.2f} of ours; {compiling:.1f} s to compile"}


def _s(times: list[float]) -> str:
    return f"{statistics.median(times):.2f} s  ({min(times):.2f} to {max(times):.2f})"
