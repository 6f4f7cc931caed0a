"""Single updates of node and weight perturbation point along the gradient, as far as theory allows.

(a) Cosine between one update and the negative gradient against the number of perturbed dimensions D,
with the exact mean Gamma(D/2)/(sqrt(pi) Gamma((D+1)/2)). (b) The mean of K updates. (c) In a deep linear
network, the clean presynaptic factor gives the gradient; the perturbed one adds sigma^2 W2, the gradient
of the smoothed loss. (d) A sine neuron follows the smoothed loss: at large sigma the update even changes
its sign.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.statistics.intervals import standard_error
from ..analysis.theory.cosine import averaged_cosine_approximation, expected_cosine
from ..analysis.theory.smoothing import sine_neuron_gradient
from .claims import Claim
from .look import Axes, Dataset, Figure, Results, config_of, panels

EXPERIMENTS = ("alignment",)
SHORT = {"NodePerturbation": "NP", "WeightPerturbation": "WP"}


def check(data: Results) -> list[Claim]:
    result = data["alignment"]
    config = config_of(result)
    claims = []
    for layer in result["layer"].values:
        row = result["cosine"].sel(layer=layer)
        d = int(result["dimensions"][layer])
        error = max(standard_error(row.values), 1e-6)
        name = f"cosine, {SHORT[str(result['rule'].values[layer])]}, D = {d}"
        claims.append(Claim.estimate(name, float(row.mean()), float(expected_cosine(d)), error))
    for k, value, error in zip(
        result["K"].values, result["averaged"].values, result["averaged_error"].values, strict=True
    ):
        if k in (1, max(config["averaged_over"])):
            exact = float(expected_cosine(config["averaged_nodes"], k))
            claims.append(Claim.estimate(f"cosine of the mean of {k}", float(value), exact, float(error)))
    for factor, expected in (("clean", 0.0), ("perturbed", 1.0)):
        values = result["ridge"].sel(factor=factor).values
        name = f"ridge / sigma^2, {factor} factor"
        claims.append(Claim.of_mean(name, values, expected))
    for sigma in result["sigma"].values:
        values = result["smoothed"].sel(sigma=sigma).values
        exact = float(sine_neuron_gradient(config["sine_drive"], config["sine_target"], sigma))
        claims.append(Claim.of_mean(f"sine neuron, sigma = {sigma:g}", values, exact))
    return claims


def draw(data: Results) -> Figure:
    result = data["alignment"]
    config = config_of(result)
    figure, axes = panels(2, 2)
    _one_update(axes[0, 0], result)
    _mean_update(axes[0, 1], result, config)
    _presynaptic(axes[1, 0], result, config)
    _sine(axes[1, 1], result, config)
    return figure


def _one_update(panel: Axes, result: Dataset) -> None:
    grid = np.unique(np.geomspace(1, 1000, 60).astype(int))
    panel.loglog(grid, expected_cosine(grid), color="0.6", label="exact mean")
    for rule, marker in (("NodePerturbation", "o"), ("WeightPerturbation", "s")):
        here = result["rule"].values == rule
        panel.loglog(
            result["dimensions"].values[here],
            result["cosine"].values[here].mean(axis=1),
            marker,
            label=SHORT[rule],
        )
    panel.set(xlabel="perturbed dimensions D", ylabel="cosine with the gradient", title="a  one update")
    panel.legend()


def _mean_update(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    d = config["averaged_nodes"]
    grid = np.unique(np.geomspace(1, max(result["K"].values), 30).astype(int))
    panel.semilogx(grid, expected_cosine(d, grid), color="0.6", label="exact mean")
    panel.semilogx(
        grid, averaged_cosine_approximation(d, grid), ":", color="0.6", label=r"$\sqrt{K/(K+D+1)}$"
    )
    panel.errorbar(
        result["K"], result["averaged"], 2 * result["averaged_error"], fmt="o", label=f"NP, D = {d}"
    )
    panel.set(xlabel="updates averaged K", ylabel="cosine with the gradient", title="b  mean of K updates")
    panel.set_xscale("log")
    panel.legend()


def _presynaptic(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    means = result["ridge"].mean("ridge_update").values
    errors = [standard_error(row) for row in result["ridge"].values]
    panel.axhline(0, color="0.6", linestyle=":")
    panel.axhline(1, color="0.6", linestyle=":")
    panel.errorbar([0, 1], means, 2 * np.array(errors), fmt="o")
    panel.set_xticks([0, 1], ["clean", "perturbed"])
    panel.set(
        xlim=(-0.5, 1.5),
        ylim=(-0.5, 1.5),
        xlabel="presynaptic factor",
        ylabel=r"shrinkage of $W_2$ / $\sigma^2$",
        title=f"c  two linear layers, $\\sigma$ = {config['sigma_ridge']:g}",
    )


def _sine(panel: Axes, result: Dataset, config: Mapping[str, Any]) -> None:
    u, target = config["sine_drive"], config["sine_target"]
    grid = np.linspace(0, 1.1 * max(config["sigmas"]), 100)
    panel.axhline(0, color="0.6", linestyle=":")
    panel.plot(grid, sine_neuron_gradient(u, target, grid), color="0.6", label="smoothed loss")
    panel.plot(0, (np.sin(u) - target) * np.cos(u), "k*", label="gradient")
    errors = [2 * standard_error(row) for row in result["smoothed"].values]
    panel.errorbar(result["sigma"], result["smoothed"].mean("sine_update"), errors, fmt="o", label="NP")
    panel.set(
        xlabel=r"size of the perturbation $\sigma$", ylabel="mean estimate of dE/du", title="d  sine neuron"
    )
    panel.legend()
