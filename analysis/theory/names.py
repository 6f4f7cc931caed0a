"""The words by which the closed forms name rules, baselines, laws of perturbation and of inputs."""

from collections.abc import Sequence
from typing import Literal

from ..foundation.mistakes import Mistake, nearest

Rule = Literal["sgd", "np", "wp"]
"""Gradient descent, node perturbation, weight perturbation."""

Baseline = Literal["clean", "critic", "optimal", "antithetic"]
"""What is subtracted from the perturbed error of a trial.

``clean``: the unperturbed error (two passes). ``critic``: the exact mean of the perturbed error
for this input (one pass, perfect critic). ``optimal``: the constant that makes the variance least.
``antithetic``: the error under the opposite perturbation, (E_+ - E_-) / 2.
"""

Law = Literal["gaussian", "sign"]
"""Standard normal entries, or independent +1 / -1 entries (Rademacher)."""

RULES: tuple[Rule, ...] = ("sgd", "np", "wp")
BASELINES: tuple[Baseline, ...] = ("clean", "critic", "optimal", "antithetic")
LAWS: tuple[Law, ...] = ("gaussian", "sign")


def require(name: str, among: Sequence[str], what: str) -> None:
    """Raise `Mistake` with the nearest names unless ``name`` is one of ``among``."""
    if name not in among:
        raise Mistake(f"unknown {what} '{name}'{nearest(name, among)}")


def require_positive(**values: float) -> None:
    """Raise `Mistake` for the first named value that is not finite and above zero."""
    for name, value in values.items():
        if not 0 < value < float("inf"):
            raise Mistake(f"{name} must be positive and finite, not {value}")
