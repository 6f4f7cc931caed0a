"""The network of bench_dopamine_stdp.py in ANNarchy 5: CPU seconds of a run, as JSON.

    python dopamine_stdp_annarchy.py BIOLOGICAL_SECONDS

Eligibility and weight are clocked, as the weight follows dopamine at all times. Exponential Euler holds the
synaptic current over a step of half its time constant: the weight is lower, so that neurons fire alike.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time

import ANNarchy


def main(seconds: float, folder: str) -> None:
    start = time.process_time()
    network = ANNarchy.Network(dt=1.0, seed=3)
    leaky = ANNarchy.Neuron(
        parameters=dict(tau_m=10.0, tau_s=2.0, R=0.04, E_L=-70.0, V_th=-55.0, V_r=-70.0, tau_n=200.0),
        equations="""
        tau_m*dv/dt = E_L - v + R*g_exc : exponential, init=-70.0
        tau_s*dg_exc/dt = -g_exc : exponential
        tau_n*dg_dopa/dt = -g_dopa : exponential
        """,
        spike="v > V_th",
        reset="v = V_r",
        refractory=2.0,
    )
    rule = ANNarchy.Synapse(
        parameters=dict(tau_plus=20.0, tau_minus=20.0, tau_c=1000.0, A_plus=0.01, A_minus=0.0105, b=0.05),
        equations="""
        tau_plus*dx/dt = -x : event-driven
        tau_minus*dy/dt = -y : event-driven
        tau_c*dc/dt = -c : exponential
        dw/dt = c*(post.g_dopa - b) : min=0.0, max=200.0
        """,
        pre_spike="""
        g_target += w
        c -= A_minus*y
        x += 1.0
        """,
        post_spike="""
        c += A_plus*x
        y += 1.0
        """,
    )
    inputs = network.create(ANNarchy.PoissonPopulation(1000, rates=20.0))
    neurons = network.create(1000, leaky)
    dopamine = network.create(ANNarchy.PoissonPopulation(10, rates=5.0))
    network.connect(inputs, neurons, "exc", rule).fixed_probability(probability=0.1, weights=66.0)
    network.connect(dopamine, neurons, "dopa").all_to_all(weights=1 / 200.0)
    network.compile(directory=folder, silent=True)
    spikes = network.monitor(neurons, "spike")
    compiling = resource.getrusage(resource.RUSAGE_CHILDREN)
    built = time.process_time() - start + compiling.ru_utime + compiling.ru_stime
    network.simulate(1.0)  # what is made once, at the first step
    start = time.process_time()
    network.simulate(1000.0 * seconds)
    spent = time.process_time() - start
    count = sum(len(times) for times in spikes.get("spike").values())
    found = {"seconds": spent, "build": built, "rate": count / 1000 / seconds}
    print("\n" + json.dumps(found | {"version": ANNarchy.__version__}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as aside:
        main(float(sys.argv[1]), aside)
