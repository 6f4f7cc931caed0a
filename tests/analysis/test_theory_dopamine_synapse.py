"""The event-exact synapse against small steps, the closed form of one pairing, and coincidences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from hedon.analysis.theory.dopamine_synapse import dopamine_synapse
from hedon.analysis.theory.online import reward_stdp_change

PARAMETERS = {
    "A_plus": 0.01,
    "A_minus": 0.013,
    "tau_plus": 0.02,
    "tau_minus": 0.03,
    "tau_c": 0.5,
    "tau_n": 0.2,
    "baseline": 2.0,
    "eta": 1.5,
    "release": 0.7,
}


@pytest.mark.parametrize("side", ["dendritic", "axonal"])
def test_against_a_differential_equation(side):
    rng = np.random.default_rng(1)
    pre, post, dopamine = (np.sort(rng.uniform(0, 1, n)) for n in (12, 15, 6))
    p, delay = PARAMETERS, 0.013
    shift = {"dendritic": (0.0, delay), "axonal": (delay, 0.0)}[side]
    events = sorted(
        [(t + shift[0], "pre") for t in pre]
        + [(t + shift[1], "post") for t in post]
        + [(t, "dopamine") for t in dopamine]
        + [(1.2, "end")]
    )
    taus = np.array([np.inf, p["tau_c"], p["tau_n"], p["tau_plus"], p["tau_minus"]])

    def slope(_, state):
        change = -state / taus
        change[0] = p["eta"] * state[1] * (state[2] - p["baseline"])
        return change

    state, now = np.zeros(5), 0.0
    for time, kind in events:
        if time > 1.2:
            break
        state = solve_ivp(slope, (now, time), state, rtol=1e-10, atol=1e-14).y[:, -1]
        now = time
        if kind == "pre":
            state[1] -= p["A_minus"] * state[4]
            state[3] += 1
        elif kind == "post":
            state[1] += p["A_plus"] * state[3]
            state[4] += 1
        elif kind == "dopamine":
            state[2] += p["release"] / p["tau_n"]
    found = dopamine_synapse(pre, post, dopamine, [0.3, 1.2], **p, delay=delay, delay_side=side)
    np.testing.assert_allclose([one[-1] for one in found], state[:3], rtol=1e-7)


@pytest.mark.parametrize("lag", [0.3, -0.1])
def test_against_the_closed_form_of_one_pairing(lag):
    p = PARAMETERS | {"baseline": 0.0, "eta": 1.0}
    weight, _, _ = dopamine_synapse([0.49], [0.5], [0.5 + lag], 30.0, **p)
    eligibility = p["A_plus"] * np.exp(-0.01 / p["tau_plus"])
    expected = reward_stdp_change(eligibility, p["release"] / p["tau_n"], lag, p["tau_c"], p["tau_n"])
    assert weight[0] == pytest.approx(expected, rel=1e-9)


def test_spikes_that_meet_do_not_pair():
    for spikes, delay in (([0.1], 0.0), ([0.1, 0.15], 0.05)):
        post = [spikes[0]]
        _, c, _ = dopamine_synapse(
            [0.1 + delay], post, [], 0.3, **PARAMETERS, delay=delay, delay_side="dendritic"
        )
        assert c[0] == 0
    _, c, _ = dopamine_synapse([0.1], [0.1001], [], 0.3, **PARAMETERS)
    assert c[0] > 0


def test_records_are_just_before_the_events():
    _, c, n = dopamine_synapse([0.1], [0.11], [0.2], [0.0, 0.11, 0.2, 0.2001], **PARAMETERS)
    assert c[1] == 0 < c[2] and n[2] == 0 < n[3]
