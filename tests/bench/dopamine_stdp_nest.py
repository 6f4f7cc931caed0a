"""The network of bench_dopamine_stdp.py in NEST 3: CPU seconds of a run for a deliver_interval, as JSON.

python dopamine_stdp_nest.py BIOLOGICAL_SECONDS DELIVER_INTERVAL
"""

from __future__ import annotations

import json
import sys
import time

import nest


def main(seconds: float, interval: int) -> None:
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.SetKernelStatus({"resolution": 1.0, "local_num_threads": 1, "rng_seed": 7})
    start = time.process_time()
    stimulus = nest.Create("poisson_generator", params={"rate": 20.0})
    inputs = nest.Create("parrot_neuron", 1000)
    neurons = nest.Create("iaf_psc_exp", 1000, params={"tau_minus": 20.0})
    reward = nest.Create("poisson_generator", params={"rate": 5.0})
    dopamine = nest.Create("parrot_neuron", 10)
    volume = nest.Create("volume_transmitter", params={"deliver_interval": interval})
    nest.Connect(stimulus, inputs)
    nest.Connect(reward, dopamine)
    nest.Connect(dopamine, volume)
    rule = {
        "volume_transmitter": volume,
        "A_plus": 0.01,
        "A_minus": 0.0105,
        "tau_plus": 20.0,
        "tau_c": 1000.0,
        "tau_n": 200.0,
        "b": 0.05,
        "Wmin": 0.0,
        "Wmax": 200.0,
        "weight": 85.0,
        "delay": 1.0,
    }
    nest.CopyModel("stdp_dopamine_synapse", "plastic", rule)
    nest.Connect(inputs, neurons, {"rule": "pairwise_bernoulli", "p": 0.1}, {"synapse_model": "plastic"})
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    built = time.process_time() - start
    nest.Simulate(1.0)  # what is made once, at the first step
    start = time.process_time()
    nest.Simulate(1000.0 * seconds)
    spent = time.process_time() - start
    found = {"seconds": spent, "build": built, "rate": recorder.n_events / 1000 / seconds}
    print("\n" + json.dumps(found | {"version": nest.__version__}))


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
