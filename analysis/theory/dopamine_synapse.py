"""One dopamine-modulated STDP synapse integrated from event to event, without a time step.

Between events every state decays exponentially, so that the weight's change over a stretch h is closed:

    w += eta*c*(n*tau_cn*(1 - e^{-h/tau_cn}) - b*tau_c*(1 - e^{-h/tau_c})),   1/tau_cn = 1/tau_c + 1/tau_n
    (1)

with eligibility c, dopamine n and baseline b. The rule is `RewardModulatedSTDP` of the plasticity room
(Izhikevich 2007, doi:10.1093/cercor/bhl152; Potjans, Morrison & Diesmann 2010,
doi:10.3389/fncom.2010.00141); here it is written once more, apart, as a reference for simulations.
"""

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..foundation.arrays import Array

SAME = 1e-9
"""Events nearer than this (s) are one instant."""


def dopamine_synapse(
    pre: ArrayLike,
    post: ArrayLike,
    dopamine: ArrayLike,
    times: ArrayLike,
    *,
    A_plus: float,
    A_minus: float,
    tau_plus: float,
    tau_minus: float,
    tau_c: float,
    tau_n: float,
    baseline: float = 0.0,
    eta: float = 1.0,
    release: float = 1.0,
    delay: float = 0.0,
    delay_side: Literal["dendritic", "axonal"] = "dendritic",
) -> tuple[Array, Array, Array]:
    """(weight change, eligibility, dopamine) just before each of ``times``.

    Args:
        pre, post, dopamine: spike times in s; those of pre (axonal) or post (dendritic) reach the synapse
            ``delay`` s later. A pre- and a postsynaptic spike that reach it in the same instant do not pair.
        times: in s, rising.
        baseline: in Hz, like the dopamine, which a spike raises by ``release``/``tau_n``.
    """
    wait = {"dendritic": (0.0, delay), "axonal": (delay, 0.0)}[delay_side]
    events = sorted(
        (float(time) + shift, kind)
        for spikes, shift, kind in (
            (pre, wait[0], "pre"),
            (post, wait[1], "post"),
            (dopamine, 0.0, "dopamine"),
        )
        for time in np.asarray(spikes, float)
    )
    tau_cn = tau_c * tau_n / (tau_c + tau_n)
    now = w = c = n = x = y = 0.0

    def advance(to: float) -> None:
        nonlocal now, w, c, n, x, y
        h = to - now
        overlap = n * tau_cn * -math.expm1(-h / tau_cn) - baseline * tau_c * -math.expm1(-h / tau_c)
        w += eta * c * overlap
        c *= math.exp(-h / tau_c)
        n *= math.exp(-h / tau_n)
        x *= math.exp(-h / tau_plus)
        y *= math.exp(-h / tau_minus)
        now = to

    found = []
    instants = _instants(events)
    coming = next(instants, None)
    for time in np.atleast_1d(np.asarray(times, float)):
        while coming is not None and coming[0] < time - SAME:
            advance(coming[0])
            pres, posts, pulses = (coming[1].count(kind) for kind in ("pre", "post", "dopamine"))
            c += A_plus * x * posts - A_minus * y * pres
            x += pres
            y += posts
            n += pulses * release / tau_n
            coming = next(instants, None)
        advance(float(time))
        found.append((w, c, n))
    weight, eligibility, level = np.array(found).T
    return weight, eligibility, level


def _instants(events: list[tuple[float, str]]) -> Iterator[tuple[float, list[str]]]:
    """Events of one instant together."""
    start = 0
    for end in range(1, len(events) + 1):
        if end == len(events) or events[end][0] - events[start][0] > SAME:
            yield events[start][0], [kind for _, kind in events[start:end]]
            start = end
