"""Choice and reward kernels: how choices and rewards of past trials weigh on the next choice.

    logit P(second option) = b + sum_k rho_k [R2(t-k) - R1(t-k)] + sum_k c_k [C2(t-k) - C1(t-k)]     (1)

over two options, k = 1 .. K trials back, C the choice and R its reward (Lau & Glimcher 2005,
doi:10.1901/jeab.2005.110-04, equation 5). Only rows whose K trials before lie in the same session and were
made count. A small ridge keeps the coefficients of subjects with little data finite; its precision is stated.

A Q-learner of one rate that forgets the option not chosen at the same rate,

    Q_a += alpha (r [a chosen] - Q_a),    rho_k = beta alpha (1 - alpha)^(k-1),   c_k = 0             (2)

has exactly an exponential reward kernel; one that keeps the other option's value has it only nearly.
"""

from dataclasses import dataclass

import numpy as np

from ..foundation import Array, Mistake
from ..statistics.logistic import logistic
from .choices import NONE, Choices

BACK = 5
"""Trials back, by default."""
RIDGE = 0.1
"""Precision of the normal prior of every coefficient, mean 0: a standard deviation of 3.2."""


@dataclass(frozen=True)
class Kernels:
    """Equation (1) for each subject."""

    subjects: tuple[str, ...]
    reward: Array
    """rho (subject, k), k = 1 first"""
    choice: Array
    """c (subject, k)"""
    bias: Array
    """b (subject,)"""
    errors: Array
    """standard errors (subject, number) of rho, c and b, from the information"""


def kernels(
    choices: Choices, back: int = BACK, *, ridge: float = RIDGE, shuffle: int | None = None
) -> Kernels:
    """Choice and reward kernels of each subject; NaN for one who never made K + 1 trials in a row.

    Args:
        choices: between two options (of the two-step task, the first choices count).
        back: K, trials back.
        ridge: precision of the prior.
        shuffle: a seed; the null, in which each subject's trials (choice with its reward) change places.

    Raises:
        Mistake: not two options; no subject has K + 1 trials in a row.
    """
    if choices.options != 2:
        raise Mistake(f"kernels are of two options, not {choices.options}")
    if back < 1:
        raise Mistake(f"kernels go at least one trial back, not {back}")
    sign = np.where(choices.action == NONE, 0.0, 2.0 * choices.action - 1)
    paid = sign * choices.reward
    if shuffle is not None:
        for row, (made, generator) in enumerate(zip(choices.made, choices.generators(shuffle), strict=True)):
            order = generator.permutation(np.flatnonzero(made))
            sign[row, made], paid[row, made] = sign[row, order], paid[row, order]
    trials = sign.shape[1]
    if trials <= back:
        raise Mistake(f"kernels of {back} trials back need {back + 1} trials in a row")
    windows = [slice(back - k, trials - k) for k in range(1, back + 1)]
    x = np.stack(
        [*(paid[:, at] for at in windows), *(sign[:, at] for at in windows), np.ones_like(sign[:, back:])],
        axis=-1,
    )
    whole = choices.made[:, back:] & np.all([choices.made[:, at] for at in windows], axis=0)
    session = np.cumsum(choices.begins, axis=1)
    whole &= session[:, back:] == session[:, : trials - back]
    if not whole.any():
        raise Mistake(f"no subject made {back + 1} trials in a row")
    b, information = logistic(x, (sign[:, back:] > 0).astype(float), whole, precision=ridge)
    b[~whole.any(axis=1)] = np.nan
    errors = np.sqrt(np.einsum("sii->si", np.linalg.inv(information)))
    return Kernels(choices.subjects, b[:, :back], b[:, back : 2 * back], b[:, -1], errors)
