"""Neurons as agents: what a reward that many share leaves each of them to learn from.

(a) Signal-to-noise of a single neuron's update in a team of N whose reward is the sum of what each earns: it
falls as one broadcast tells more of the others, 1/sqrt(G + 1) for G neurons that share a signal (full: graded
activity; open: neurons that fire or not, 1/sqrt(G - 1)), and does not where groups of four, or each neuron,
have a signal of their own. (b) So it is in networks that learn: trials to a tenth of the loss, each rule at
its best rate, in those of gradient descent, against M + 2 and M K + 2. (c) Which signal wins depends on how
the reward is made. A team of N neurons is C committees of n, each decides by majority, and the reward counts
the committees that were right: n = 1 is additive, C = 1 a vote. Ground: the winner in theory, from what each
signal tells on the way to a tenth of errors; disks: the winner of networks that learned (open: ahead by
less than 2 errors), crossed where it is another. (d) The same, all signals: errors of teams that learned
against the efficiency of their signal. (e) One vote of a few and of many neurons (open: hears another team's
broadcast). (f) A team that is not stationary: how often a learner is right after a life, among others that
learn too (full) or are frozen (open), where the expected reward is a slow or a quick running mean; lines:
theory. (g) What the running mean lags behind while all learn, in theory and as heard. Grey: theory. Bars: 2
s.e.
"""

from collections.abc import Mapping

import numpy as np

from ..analysis.theory.agents import signal_to_noise
from ..analysis.theory.linear_online import LinearOnline
from ..models.experiments.shared_signals import sharing
from .agents_moving import draw_lag, draw_moving, moving_claims
from .agents_teams import NAMES, draw_errors, draw_phases, draw_votes, team_claims
from .claims import Claim
from .look import COLOURS, Axes, Dataset, Figure, Results, config_of, mosaic, ticks

EXPERIMENTS = ("shared_signals", "team_votes", "learning_teams")

KURTOSIS = {"rate": 3.0, "firing": 1.0, "yoked": 3.0}
"""Of what neurons try: normal numbers, or to fire or not."""


def check(data: Results) -> list[Claim]:
    result = data["shared_signals"]
    config = config_of(result)
    claims = [*_noise_claims(result), *_slope_claims(result), *_trial_claims(result, config)]
    return [*claims, *team_claims(data["team_votes"]), *moving_claims(data["learning_teams"])]


def _noise_claims(result: Dataset) -> list[Claim]:
    yoked = _ratios(result, "yoked")
    null = float(yoked[np.argmax(np.abs(yoked))])
    near = "chosen: errors are 2-4 %, the next N is 50 % away; the null hears another individual's broadcast"
    claims = []
    for kind in ("rate", "firing"):
        known = np.isfinite(result["snr"].sel(kind=kind).values)
        claims.append(
            Claim.follows(
                f"signal-to-noise of an update, {kind}",
                result["snr"].sel(kind=kind).values[known],
                result["snr_error"].sel(kind=kind).values[known],
                _expected(result, kind)[known],
                0.25,
                near,
                null=null,
                headline=kind == "rate",
            )
        )
    return claims


def _slope_claims(result: Dataset) -> list[Claim]:
    claims = []
    for kind in ("rate", "firing"):
        for signal in result["signal"].values:
            row = result.sel(kind=kind, signal=signal)
            if not np.isfinite(row["snr"].values).all():  # a lone neuron that fires or not has no noise
                continue
            slope, error = _slope(row["neurons"].values, row["snr"].values, row["snr_error"].values)
            expected, other = (-0.5, 0.0) if signal == "one" else (0.0, -0.5)
            claims.append(
                Claim.equivalent(
                    f"slope of log signal-to-noise on log N, {kind}, {NAMES[str(signal)]}",
                    slope,
                    expected,
                    error,
                    0.05,
                    "asked for; the null is the exponent of the other kind of signal",
                    null=other,
                )
            )
    return claims


def _slope(neurons: np.ndarray, value: np.ndarray, error: np.ndarray) -> tuple[float, float]:
    """Slope of log value on log N, and its standard error from those of the values."""
    x = np.log(neurons) - np.log(neurons).mean()
    weights = x / (x**2).sum()
    return float(weights @ np.log(value)), float(np.hypot.reduce(weights * error / value))


def _trial_claims(result: Dataset, config: Mapping[str, float]) -> list[Claim]:
    claims = []
    for rule in ("np", "wp", "sgd", "projection"):
        cases = result.isel(case=np.flatnonzero(result["case_rule"].values == rule))
        expected = np.array([_trials(rule, *size, config["criterion"]) for size in _sizes(cases)])
        # what would be read if a signal told of the neuron alone (NP), or of nodes (WP), or were broadcast
        other = {"np": ("np", 1), "wp": ("np", None), "sgd": ("np", None), "projection": ("np", None)}[rule]
        nulls = np.array([_trials(other[0], other[1] or m, k, config["criterion"]) for m, k in _sizes(cases)])
        ratio = (nulls / expected)[expected != nulls]
        claims.append(
            Claim.follows(
                f"trials to criterion of networks that learn, {rule}",
                cases["trials_to_criterion"].values,
                cases["trials_error"].values,
                expected,
                0.15 if rule == "projection" else 0.2,
                "asked for; the null is a signal that tells of the neuron alone (np), or is NP's",
                null=float(ratio[np.argmin(np.abs(ratio - 1))]),
                headline=rule == "np",
            )
        )
    return claims


def _expected(result: Dataset, kind: str) -> np.ndarray:
    """Theory's signal-to-noise (signal, neurons)."""
    fan = config_of(result)["fan"]
    shared = [
        [sharing(str(signal), int(n), fan) for n in result["neurons"].values]
        for signal in result["signal"].values
    ]
    return signal_to_noise(shared, KURTOSIS[kind])


def _ratios(result: Dataset, kind: str) -> np.ndarray:
    return (result["snr"].sel(kind=kind).values / _expected(result, kind)).ravel()


def _sizes(cases: Dataset) -> list[tuple[int, int]]:
    """(M, K) of the cases."""
    return list(zip(cases["case_outputs"].values.tolist(), cases["case_inputs"].values.tolist(), strict=True))


def _trials(rule: str, outputs: int, inputs: int, criterion: float) -> float:
    """Trials to the criterion in theory, at the best rate."""
    theory = LinearOnline(rule, inputs, outputs)  # type: ignore[arg-type]
    return float(np.log(criterion) / np.log(theory.contraction(theory.eta_opt)))


def draw(data: Results) -> Figure:
    figure, axes = mosaic(
        [
            ["noise"] * 3 + ["trials"] * 3,
            ["phases"] * 2 + ["errors"] * 2 + ["votes"] * 2,
            ["moving"] * 3 + ["lag"] * 3,
        ],
        9.2,
    )
    _noise(axes["noise"], data["shared_signals"])
    _learning(axes["trials"], data["shared_signals"])
    draw_phases(axes["phases"], data["team_votes"])
    draw_errors(axes["errors"], data["team_votes"])
    draw_votes(axes["votes"], data["team_votes"])
    draw_moving(axes["moving"], data["learning_teams"])
    draw_lag(axes["lag"], data["learning_teams"])
    return figure


def _noise(panel: Axes, result: Dataset) -> None:
    neurons = result["neurons"].values
    for kind in ("rate", "firing"):
        expected = _expected(result, kind)
        for place, signal in enumerate(result["signal"].values):
            row = result.sel(kind=kind, signal=signal)
            if not np.isfinite(row["snr"].values).all():
                continue
            colour = COLOURS[str(signal)]
            panel.plot(neurons, expected[place], color="0.7", zorder=0)
            panel.errorbar(
                neurons,
                row["snr"],
                2 * row["snr_error"],
                fmt="o",
                color=colour,
                mfc=colour if kind == "rate" else "white",
                label=NAMES[str(signal)] if kind == "rate" else None,
            )
    panel.set(
        xscale="log",
        yscale="log",
        xlabel="neurons N of the team",
        ylabel="signal-to-noise of one update",
        title="a  additive reward",
    )
    ticks(panel, neurons)
    panel.legend()


def _learning(panel: Axes, result: Dataset) -> None:
    criterion = config_of(result)["criterion"]
    expected, measured = [], []
    for case, (m, k) in enumerate(_sizes(result)):
        rule = str(result["case_rule"].values[case])
        base = _trials("sgd", m, k, criterion)
        expected.append(_trials(rule, m, k, criterion) / base)
        measured.append(float(result["trials_to_criterion"][case]) / base)
        panel.errorbar(
            expected[-1],
            measured[-1],
            2 * float(result["trials_error"][case]) / base,
            fmt="o",
            color=COLOURS[rule],
            label=rule.upper() if rule != "projection" else rule,
        )
    ends = [min(expected) / 1.5, max(expected) * 1.5]
    panel.plot(ends, ends, color="0.7", zorder=0)
    panel.set(
        xscale="log",
        yscale="log",
        xlabel="trials to criterion, theory (of SGD)",
        ylabel="measured",
        title="b  networks that learn",
    )
    handles, labels = panel.get_legend_handles_labels()
    first = dict(zip(reversed(labels), reversed(handles), strict=True))
    panel.legend(first.values(), first.keys())
