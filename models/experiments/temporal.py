"""Node against weight perturbation in tasks that last: trial length, input dimension, silent inputs.

The linear temporal task of Zuege, Klos & Memmesheimer (2023, doi:10.1103/PhysRevX.13.021006).
Perturbations of nodes and weights are matched in their effect on the output, sigma_w =
sigma/sqrt(alpha**2 N_eff). Measured are:

* ``bins``, ``inputs``: loss b that one trial at the best weights adds, against bins T and against inputs
  N_eff;
* ``grid``: the same for NP in the shortest and the longest trials, at several sigma and E_opt;
* ``curves``: loss over trials at half the best rate, short and long trials;
* ``silent``: how far weights from silent inputs have moved after one trial.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import Mistake, Reporter, by_steps, stream
from ...analysis.theory.names import Rule
from ...analysis.theory.temporal import Temporal
from ...plasticity.node_perturbation import NodePerturbation
from ...plasticity.trial_rule import TrialRule
from ...plasticity.weight_perturbation import WeightPerturbation
from ..rate.network import RateNetwork
from ..rate.one_trial import one_trial
from ..rate.training import train
from ..tasks import TemporalTeacher
from .labelling import Dataset, labelled


@dataclass(frozen=True)
class Config:
    outputs: int = 4
    """outputs M"""
    effective: int = 4
    """active inputs N_eff where trial length is varied"""
    bins: tuple[int, ...] = (10, 20, 40, 80)
    """bins T of a trial"""
    effective_sweep: tuple[int, ...] = (2, 8, 16)
    """active inputs N_eff where these are varied"""
    bins_sweep: int = 20
    """bins T there"""
    silent: int = 2
    """silent inputs beside the active ones"""
    strength: float = 1.0
    """alpha, root mean square of an active input"""
    sigma: float = 0.5
    """perturbation of the output"""
    unreachable: float = 0.7
    """E_opt, loss of the best weights"""
    updates: int = 6000
    """networks for a single trial"""
    grid_sigma: tuple[float, ...] = (0.02, 0.04, 0.1, 0.25, 0.5)
    """perturbations of the output in the grid"""
    grid_unreachable: tuple[float, ...] = (0.0, 0.1, 0.7)
    """E_opt in the grid"""
    grid_updates: int = 2000
    """networks for each point of the grid"""
    curve_bins: tuple[int, ...] = (10, 40)
    """bins T of the learning curves"""
    curve_trials: int = 300
    """trials of the learning curves"""
    points: int = 30
    """blocks of a learning curve"""
    individuals: int = 400
    """networks averaged in the learning curves"""
    fraction: float = 0.5
    """eta in units of the best rate in the learning curves"""

    def __post_init__(self) -> None:
        if self.curve_trials < self.points:
            raise Mistake(f"temporal: {self.curve_trials} curve_trials do not make {self.points} points")
        if not min(self.strength, self.sigma, self.fraction) > 0 or self.unreachable < 0:
            raise Mistake("temporal: strength, sigma and fraction must be above 0, unreachable not below")


PRESETS = {
    "quick": Config(),
    "paper": Config(effective_sweep=(2, 4, 8, 16), updates=60000, grid_updates=20000, individuals=4000),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Run the measurements.

    Returns:
        ``added`` and ``silent_step`` (case, update) with ``case_rule``, ``case_bins``, ``case_effective``;
        ``grid`` (sigma, unreachable, ends, sample), the added loss of NP at the ends of ``bins``;
        ``loss`` (curve, individual, block) with ``curve_rule``, ``curve_T``, ``start`` and ``trial``.
    """
    sizes = [(t, config.effective) for t in config.bins]
    sizes += [(config.bins_sweep, n) for n in config.effective_sweep]
    cases: list[tuple[Rule, int, int]] = [(rule, *size) for size in sizes for rule in ("np", "wp")]
    curves: list[tuple[Rule, int]] = [(rule, t) for t in config.curve_bins for rule in ("np", "wp")]
    steps = len(cases) + len(curves) + 2
    tick = by_steps(progress, steps)

    added, silent = [], []
    for rule, t, n in cases:
        loss, steps_away = _one(config, rule, t, n, seed)
        added.append(loss)
        silent.append(steps_away)
        tick(f"{rule}, T = {t}, N_eff = {n}")

    grid = []
    for t in (min(config.bins), max(config.bins)):
        grid.append(_grid(config, t, seed))
        tick(f"np, T = {t}, all sigma and E_opt")

    losses, starts = [], []
    for rule, t in curves:
        curve = _curve(config, rule, t, seed, folder)
        losses.append(curve["loss"].values)
        active = curve["w_teacher"].values[-1][:, : config.effective]
        starts.append((active**2).sum(axis=(1, 2)) * config.strength**2 / 2)
        trial = curve["trial"].values
        tick(f"{rule}, curve at T = {t}")

    return labelled(
        {
            "added": (("case", "update"), np.array(added)),
            "silent_step": (("case", "update"), np.array(silent)),
            "grid": (("sigma", "unreachable", "ends", "sample"), np.stack(grid, axis=2)),
            "loss": (("curve", "individual", "block"), np.array(losses)),
            "start": (("curve", "individual"), np.array(starts)),
            "trial": ("block", trial),
        },
        coords={
            "sigma": list(config.grid_sigma),
            "unreachable": list(config.grid_unreachable),
            "case_rule": ("case", [rule for rule, _, _ in cases]),
            "case_bins": ("case", [t for _, t, _ in cases]),
            "case_effective": ("case", [n for _, _, n in cases]),
            "curve_rule": ("curve", [rule for rule, _ in curves]),
            "curve_bins": ("curve", [t for _, t in curves]),
        },
        trial="trials",
    )


def theory(config: Config, rule: Rule, bins: int, effective: int) -> Temporal:
    """The closed forms for one case."""
    sigma = config.sigma
    if rule == "wp":
        sigma /= config.strength * effective**0.5
    return Temporal(
        rule,
        config.outputs,
        effective,
        bins,
        strength=config.strength**2,
        sigma=sigma,
        error_opt=config.unreachable,
    )


def _network(
    config: Config, rule: Rule, bins: int, effective: int, individuals: int, block: int, eta: float
) -> RateNetwork:
    kind: type[TrialRule] = {"np": NodePerturbation, "wp": WeightPerturbation}[rule]
    task = TemporalTeacher(
        effective + config.silent,
        effective,
        config.outputs,
        bins,
        strength=config.strength,
        unreachable=config.unreachable,
    )
    value = kind(eta=eta, sigma=theory(config, rule, bins, effective).sigma)  # type: ignore[call-arg]
    return RateNetwork(task, value, individuals=individuals, block=block, initial_scale=0.0)


def _one(config: Config, rule: Rule, bins: int, effective: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Loss that one trial adds to the best weights, and mean square step of silent weights, by network."""
    eta = theory(config, rule, bins, effective).eta_opt
    network = _network(config, rule, bins, effective, config.updates, 1, eta)
    own = stream(seed, f"{rule}, {bins} bins", effective)  # each case independent of the others
    step = _from_the_best(network, own)
    loss = (step[:, :effective] ** 2).sum(axis=(1, 2)) * config.strength**2 / 2
    return loss, (step[:, effective:] ** 2).mean(axis=(1, 2))


def _grid(config: Config, bins: int, seed: int) -> np.ndarray:
    """Added loss under NP for every sigma and E_opt (sigma, unreachable, sample), all in one program."""
    shape = len(config.grid_sigma), len(config.grid_unreachable), config.grid_updates
    sigma, unreachable = np.meshgrid(config.grid_sigma, config.grid_unreachable, indexing="ij")
    eta = theory(config, "np", bins, config.effective).eta_opt
    network = _network(config, "np", bins, config.effective, int(np.prod(shape)), 1, eta)
    values = {
        "sigma": np.repeat(sigma.ravel(), config.grid_updates),
        "unreachable": np.repeat(unreachable.ravel(), config.grid_updates),
    }
    step = _from_the_best(network, stream(seed, f"grid, {bins} bins"), values)
    loss = (step[:, : config.effective] ** 2).sum(axis=(1, 2)) * config.strength**2 / 2
    return loss.reshape(shape)


def _from_the_best(network: RateNetwork, seed: int, values: Mapping[str, Any] | None = None) -> np.ndarray:
    """Change of the weights (individual, input, output) in one trial that begins with the best weights."""
    task = {"task_seed": stream(seed, "task"), "individual": np.arange(network.individuals)}
    task |= dict(values or {})
    best = network.program()(task, seed=seed, duration=0, outputs=["w_teacher"])["w_teacher"]
    trial = one_trial(network, seed, task | {"w1": best})
    step: np.ndarray = trial.after[0] - trial.before[0]
    return step


def _curve(config: Config, rule: Rule, bins: int, seed: int, folder: Path | None) -> Dataset:
    eta = config.fraction * theory(config, rule, bins, config.effective).eta_opt
    block = config.curve_trials // config.points
    network = _network(config, rule, bins, config.effective, config.individuals, block, eta)
    return train(
        network,
        block * config.points,
        stream(seed, f"curve, {rule}, {bins} bins"),
        keep=["w_teacher"],
        folder=folder / f"curve-{rule}-{bins}" if folder else None,
    )
