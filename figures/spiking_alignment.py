"""Five ways to perturb a spiking network all follow the gradient of expected reward.

Twenty Poisson inputs, five neurons, four patterns. (a) Cosine between the mean of n single-trial updates
and the gradient of the noisy network's expected reward (finite differences with common random numbers);
lines are sqrt(n/(n + K)), K the variance of one update over |gradient|^2: what their noise leaves of a
cosine of 1. (b) Projection of the mean update on the gradient: the magnitude is right too (bars: 2 s.e.;
open: with another's broadcast). (c) Every synapse's mean update against its gradient, and the same with
the broadcast of another individual that saw the same pattern. (d) Median reward while learning; dotted: with
the other individual's broadcast the weights diffuse and nothing is learned (curves leave the panel below).
"""

import numpy as np

from ..analysis.statistics.intervals import cosine
from .claims import Claim
from .look import COLOURS, GREY, Axes, Dataset, Figure, Results, config_of, panels

EXPERIMENTS = ("spiking_alignment",)


def check(data: Results) -> list[Claim]:
    result = data["spiking_alignment"]
    return [claim for name in result["rule"].values for claim in _claims(str(name), result.sel(rule=name))]


def _claims(name: str, one: Dataset) -> list[Claim]:
    raw, left = float(one["cosine"][-1]), _left(one)
    gradient, shuffled = one["gradient"].values, one["shuffled"].values
    # squared length of the mean without what the noise of so many samples adds to it
    noise = one["shuffled_error"].values ** 2
    length = float((gradient**2).sum()) * float(one["limit"]) ** 2
    drift = float((shuffled**2).sum() - noise.sum()) / length
    drift_error = float(np.sqrt(2 * (noise**2).sum() + 4 * (noise * shuffled**2).sum())) / length
    shares = {who: _share(one["gain"].sel(broadcast=who).values) for who in ("own", "other")}
    return [
        Claim.at_least(
            f"cosine of the mean update with the gradient, {name}",
            raw,
            0.95,
            f"chosen: noise leaves {left:.3f} of a cosine of 1; the null is another's broadcast",
            null=float(cosine(shuffled.ravel(), gradient.ravel())),
            headline=name in ("escape noise", "weight fluctuation"),
        ),
        Claim(
            f"cosine / what noise leaves of 1, {name}",
            raw / left,
            1,
            0.03,
            "chosen: a cosine in 100 dimensions is itself uncertain by 1 %; the null is no relation",
            null=0.0,
        ),
        Claim.at_least(
            f"cosine without the trivial direction, {name}",
            float(one["cosine_untrivial"]),
            0.8,
            "chosen: noise is more of what is left without neuron factor x mean input, which alone has "
            f"cosine {float(one['trivial']):.2f} with the gradient and 0 here",
            null=0.0,
        ),
        Claim.equivalent(
            f"projection on the gradient, {name}",
            float(one["projection"]),
            1.0,
            float(one["projection_error"]),
            0.3,
            "chosen, after seed 5: five errors of so few updates; the null is no relation to the gradient",
            null=0.0,
        ),
        Claim.equivalent(
            f"projection on the gradient with another's broadcast, {name}",
            float(one["shuffled_projection"]),
            0.0,
            float(one["shuffled_projection_error"]),
            0.3,
            "chosen, after seed 5: five errors of so few updates; the null is what the own broadcast reads",
            null=1.0,
        ),
        Claim.equivalent(
            f"squared length of the mean update with another's broadcast / gradient's, {name}",
            drift,
            0.0,
            drift_error,
            0.15,
            "chosen: no synapse drifts; the mean's noise is taken off; the null is the gradient's length",
            null=1.0,
        ),
        Claim.at_least(
            f"share of individuals whose reward rises, {name}",
            shares["own"],
            0.65,
            f"chosen, after seed 5: two of three, n = {one.sizes['learner']}; the null hears another's",
            null=shares["other"][0],
        ),
        Claim.at_most(
            f"share of individuals whose reward rises with another's broadcast, {name}",
            shares["other"],
            0.75,
            "chosen: half would by chance, weights that diffuse make it fewer, and the share of "
            f"{one.sizes['learner']} is known to .05: five errors; the null hears its own",
            null=shares["own"][0],
        ),
    ]


def _left(one: Dataset, n: float | None = None) -> float:
    """What the noise of n updates (of all), and of the reference, leaves of a cosine of 1."""
    samples = float(one["averaged"][-1]) if n is None else n
    return float(np.sqrt(samples / (samples + one["K"])) * one["limit"])


def _share(gain: np.ndarray) -> tuple[float, float]:
    """Share of individuals (n,) that gained, and its standard error (one of each counted beforehand)."""
    part = float((gain > 0).mean())
    prior = ((gain > 0).sum() + 1) / (gain.size + 2)
    return part, float(np.sqrt(prior * (1 - prior) / gain.size))


def draw(data: Results) -> Figure:
    result = data["spiking_alignment"]
    figure, axes = panels(2, 2)
    _cosines(axes[0, 0], result)
    _projections(axes[0, 1], result)
    _synapses(axes[1, 0], result)
    _learning(axes[1, 1], result)
    return figure


def _colours(result: Dataset) -> list[str]:
    return [COLOURS[str(name)] for name in result["rule"].values]


def _cosines(panel: Axes, result: Dataset) -> None:
    averaged, colours = result["averaged"].values, _colours(result)
    grid = np.geomspace(averaged.min(), averaged.max(), 60)
    for number, name in enumerate(result["rule"].values):
        one = result.sel(rule=name)
        panel.semilogx(grid, [_left(one, n) for n in grid], color=colours[number], lw=0.8)
        panel.semilogx(
            averaged,
            one["cosine"],
            "o",
            color=colours[number],
            label=f"{name}, K = {float(one['K']):.0f}",
        )
    panel.axhline(1, color="0.6", linestyle=":")
    panel.set(
        xlabel="updates averaged n",
        ylabel="cosine with the gradient",
        title="a  direction",
        ylim=(None, 1.02),
    )
    panel.legend()


def _projections(panel: Axes, result: Dataset) -> None:
    names, colours = list(result["rule"].values), _colours(result)
    panel.axvline(1, color="0.6", linestyle=":")
    for number in range(len(names)):
        one = result.isel(rule=number)
        panel.errorbar(
            one["projection"],
            number,
            xerr=2 * one["projection_error"],
            fmt="o",
            color=colours[number],
        )
        panel.errorbar(
            one["shuffled_projection"],
            number,
            xerr=2 * one["shuffled_projection_error"],
            fmt="o",
            mfc="white",
            color=colours[number],
        )
    panel.axvline(0, color="0.6", linestyle=":")
    panel.plot([], [], "o", color=GREY, label="own broadcast")
    panel.plot([], [], "o", color=GREY, mfc="white", label="another's")
    panel.legend(loc="center")
    panel.set_yticks(range(len(names)), names)
    panel.set(
        xlabel="projection of the mean update on the gradient",
        title="b  magnitude",
        ylim=(len(names) - 0.5, -0.5),
    )


def _synapses(panel: Axes, result: Dataset) -> None:
    colours = _colours(result)
    for number in range(result.sizes["rule"]):
        one = result.isel(rule=number)
        unit = float(np.sqrt((one["gradient"] ** 2).mean()))
        panel.plot(
            one["gradient"].values.ravel() / unit,
            one["shuffled"].values.ravel() / unit,
            ".",
            color="0.7",
            markersize=2,
            label="another's broadcast" if number == 0 else None,
        )
        panel.plot(
            one["gradient"].values.ravel() / unit,
            one["update"].values.ravel() / unit,
            ".",
            color=colours[number],
            markersize=3,
        )
    ends = np.array(panel.get_xlim())
    panel.plot(ends, ends, color="0.4", lw=0.6)
    panel.set(xlabel="gradient (rms 1)", ylabel="mean update", title="c  synapse by synapse")
    panel.legend()


def _learning(panel: Axes, result: Dataset) -> None:
    patterns, colours = config_of(result)["patterns"], _colours(result)
    for number in range(result.sizes["rule"]):
        for broadcast, line in (("own", "-"), ("other", ":")):
            reward = result["reward"].isel(rule=number).sel(broadcast=broadcast).values
            smooth = np.convolve(reward, np.ones(2 * patterns) / (2 * patterns), "valid")
            panel.plot(np.arange(len(smooth)) + patterns, smooth - smooth[0], line, color=colours[number])
    panel.plot([], [], "-", color=GREY, label="own broadcast (colours as in a)")
    panel.plot([], [], ":", color=GREY, label="another's broadcast")
    panel.legend(loc="lower left")
    highest = panel.get_ylim()[1]
    panel.set(
        xlabel="trial",
        ylabel="median reward, from its start",
        title="d  learning",
        ylim=(-1.5 * highest, highest),
    )
