"""A dopamine synapse that is exact, and what it is for: the reward that comes late.

(a) One synapse with given spike trains: weight, for a delay on the dendritic or the axonal side, with the
event-exact solution as a line. (b) Error against the time step. With c n integrated in closed form there is
none but rounding, driven by events or by the clock; Euler's is of first order, and so is that of spike
times that must be put on the grid. (c) One pairing and one pulse of dopamine before or after it, with the
closed form. (d) A hundred synapses of a spiking network, one of which earns dopamine 1-3 s after its
pairings: it alone grows; with the dopamine of another network it does not.
"""

import numpy as np

from ..analysis.statistics.intervals import exponent, mean_and_error
from .claims import Claim
from .look import COLOURS, Axes, Dataset, Figure, Results, config_of, panels

EXPERIMENTS = ("dopamine_synapse",)
ALLOWED = {1e-4: 1e-3, 1e-5: 1e-4}
"""Time step (s) -> relative error that Euler may have; a tenth of the step, a tenth of the error."""
OWN, OTHER = "own", "another's"
ROUNDING = 1e-9
"""4e5 steps of relative rounding 2e-16, times up to e^(1/tau_c) for tags: below 1e-9."""


def check(data: Results) -> list[Claim]:
    result = data["dopamine_synapse"]
    config = config_of(result)
    claims = []
    kinds = {"error": "own trains"} | ({"golden_error": "golden file"} if "golden_error" in result else {})
    for variable, name in kinds.items():
        for k in range(result.sizes["method"]):
            integration, dt = str(result["integration"].values[k]), float(result["dt"].values[k])
            row = result[variable].isel(method=k)
            bound = ROUNDING if integration != "euler" else _allowed(dt)
            if bound is None or (integration == "euler" and variable == "error"):
                continue
            exact = integration != "euler"
            reason = "rounding alone" if exact else "chosen: one in a thousand at .1 ms, less by first order"
            for side in result["side"].values:
                title = f"{name}, {integration}, {dt * 1e3:g} ms, {side}: worst relative error"
                worst = float(row.sel(side=side).max())
                claims.append(Claim.at_most(title, worst, bound, reason, kind="validation"))
    euler = result.isel(method=np.flatnonzero(result["integration"].values == "euler"))
    slope, _ = exponent(euler["dt"].values, euler["error"].sel(side="dendritic", variable="w").values)
    claims.append(Claim("order of Euler in dt", slope, 1.0, 0.02, "next order dt/tau_cn is below 0.2 %"))
    off, _ = exponent(result["dt_off"].values, result["off_grid"].values)
    many = config["synapses"] * config["off_grid_sets"]
    error = 1.17 * (2 / many) ** 0.5 / float(np.log(max(result["dt_off"]) / min(result["dt_off"])))
    reason = f"5 standard errors of the ratio of two medians of {many}"
    claims.append(Claim("order for spikes off the grid", off, 1.0, 5 * error, reason))
    pairing = np.max(np.abs(result["pairing"] / result["pairing_exact"] - 1))
    claims.append(
        Claim.at_most(
            "one pairing, one pulse: worst relative error",
            float(pairing),
            1e-4,
            "closed form: one pairing, one pulse",
            kind="validation",
        )
    )
    trace = result["trace_exact"].sel(variable="w")
    sides = float(np.abs(trace.sel(side="dendritic") - trace.sel(side="axonal")).max() / np.abs(trace).max())
    claims.append(
        Claim.at_least(
            "difference of the delay's sides / largest change",
            sides,
            0.01,
            "chosen: ten times Euler's error; the null is one rule for both sides",
            null=0.0,
        )
    )
    claims += _distal(result)
    return claims


def _allowed(dt: float) -> float | None:
    return next((bound for step, bound in ALLOWED.items() if abs(step / dt - 1) < 1e-9), None)


def _distal(result: Dataset) -> list[Claim]:
    """The rewarded synapse grows by its own network's dopamine, and not by another's."""
    top = {which: result["rank"].sel(dopamine=which).values == 1 for which in (OWN, OTHER)}
    share = {which: mean_and_error(rows) for which, rows in top.items()}
    grown = {which: mean_and_error(_grown(result, which)) for which in (OWN, OTHER)}
    times = "rewarded synapse / others, mean log of the ratio of 1 + growth"
    return [
        Claim.at_least(
            "distal reward: individuals whose rewarded synapse grew most",
            share[OWN],
            0.5,
            "chosen: most individuals; the null hears another network's dopamine, chance is 1 %",
            null=float(share[OTHER][0]),
            headline=True,
        ),
        Claim.at_least(
            f"distal reward: {times}",
            grown[OWN],
            float(np.log(1.5)),
            "chosen: half as much again; in logs, for growth feeds on itself; the null hears another network",
            null=float(grown[OTHER][0]),
            headline=True,
        ),
        Claim.equivalent(
            f"dopamine of another network: {times}",
            float(grown[OTHER][0]),
            0.0,
            float(grown[OTHER][1]),
            float(grown[OWN][0]) / 2,
            "half the distance to what a network's own dopamine does, the null",
            null=float(grown[OWN][0]),
        ),
        Claim.at_most(
            "dopamine of another network: individuals whose same synapse grew most",
            share[OTHER],
            float(share[OWN][0]) / 2,
            "half of what a network's own dopamine does, the null; chance is 1 %",
            null=float(share[OWN][0]),
        ),
    ]


def _grown(result: Dataset, dopamine: str) -> np.ndarray:
    """Log of (1 + growth) of the rewarded synapse less that of the others, at the end: (individual,)."""
    rows = np.log1p(result["rewarded"]) - np.log1p(result["others"])
    return np.asarray(rows.sel(dopamine=dopamine).isel(distal_time=-1).values)


def draw(data: Results) -> Figure:
    result = data["dopamine_synapse"]
    figure, axes = panels(2, 2)
    _trains(axes[0, 0], result)
    _errors(axes[0, 1], result)
    _pairing(axes[1, 0], result)
    _network(axes[1, 1], result)
    return figure


def _trains(panel: Axes, result: Dataset) -> None:
    for side, colour in zip(result["side"].values, ("C0", "C1"), strict=True):
        row = {"side": side, "variable": "w"}
        panel.plot(result["time"], result["trace_exact"].sel(row), color=colour, alpha=0.5)
        panel.plot(result["time"], result["trace"].sel(row), ".", color=colour, label=f"{side} delay")
    panel.set(xlabel="time (s)", ylabel="change of weight", title="a  one synapse, given spikes")
    panel.legend()


def _errors(panel: Axes, result: Dataset) -> None:
    worst = result["error"].sel(variable="w").max("side")
    for integration, marker in (("euler", "o-"), ("clocked", "s"), ("event", "^")):
        here = result["integration"].values == integration
        floor = np.maximum(worst.values[here], 1e-16)
        panel.loglog(result["dt"].values[here] * 1e3, floor, marker, label=integration)
    panel.loglog(result["dt_off"] * 1e3, result["off_grid"], "v:", label="event, off the grid")
    for dt, bound in ALLOWED.items():
        panel.plot(dt * 1e3, bound, "_", color="k", markersize=14)
    panel.plot([], [], "k_", label="allowed")
    panel.set(xlabel="time step (ms)", ylabel="relative error of the weight", title="b  error")
    panel.set_ylim(1e-16, 1)
    panel.legend(loc="center left", bbox_to_anchor=(0.3, 0.45))


def _pairing(panel: Axes, result: Dataset) -> None:
    from ..analysis.theory.online import reward_stdp_change

    lags = result["lag"].values
    grid = np.linspace(lags.min(), lags.max(), 200)
    panel.axvline(0, color="0.8")
    panel.plot(grid, reward_stdp_change(0.01, 0.5, grid, 1.0, 0.2), color="0.6", label="closed form")
    panel.plot(lags, result["pairing"], "o", label="Brian2")
    panel.set(
        xlabel="dopamine after pairing (s)", ylabel="change of weight", title="c  one pairing, one pulse"
    )
    panel.set_ylim(0, None)
    panel.legend()


def _network(panel: Axes, result: Dataset) -> None:
    minutes = result["distal_time"].values / 60
    for which, colour, label in (
        ("own", COLOURS["learning"], "rewarded"),
        ("another's", COLOURS["shuffled"], "another's dopamine"),
    ):
        rows = result["rewarded"].sel(dopamine=which).values
        error = rows.std(axis=1, ddof=1) / rows.shape[1] ** 0.5
        panel.plot(minutes, rows.mean(axis=1), color=colour, label=label)
        low, high = rows.mean(axis=1) - 2 * error, rows.mean(axis=1) + 2 * error
        panel.fill_between(minutes, low, high, color=colour, alpha=0.2, linewidth=0)
    others = result["others"].sel(dopamine="own").mean("individual")
    panel.plot(minutes, others, color="0.5", label="the other 99")
    panel.set(xlabel="time (min)", ylabel="change of weight", title="d  reward comes 1-3 s late")
    panel.legend()
