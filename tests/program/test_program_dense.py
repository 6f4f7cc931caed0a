"""Counted blocks (dense): the bits of Brian2's loops, no trust in what a builder says of its synapses."""

from __future__ import annotations

from dataclasses import replace

import brian2 as b2
import numpy as np
import pytest

from hedon.models.program import Model, ProgramError, compile_program
from hedon.models.rate.circuit import build
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks import LinearTeacher
from hedon.plasticity import NodePerturbation

NETWORK = RateNetwork(
    LinearTeacher(12, 5),
    NodePerturbation(eta=1e-2, sigma=0.1),
    hidden=(7,),
    activations=("tanh", "linear"),
    bias=True,
    individuals=3,
    block=10,
)


def uncounted(net: RateNetwork) -> Model:
    """The network without a word on its blocks: Brian2's loops over synapses (test_program_identity)."""
    return replace(build(net), blocks={})


@pytest.mark.whole
def test_counted_blocks_give_the_bits_of_brians_loops():
    given = {"seed": 3, "duration": 200, "outputs": ["w1", "w2"]}
    counted = NETWORK.program()({}, **given)
    plain = compile_program("test_program_dense:uncounted", NETWORK)({}, **given)
    for name in ("w1", "w2"):
        np.testing.assert_array_equal(counted[name], plain[name])
        assert np.ptp(plain[name]) > 0


def misdescribed(config: int) -> Model:
    b2.defaultclock.dt = 1 * b2.second
    before = b2.NeuronGroup(6, "x : 1", name="before")
    after = b2.NeuronGroup(4, "y : 1", name="after")
    synapses = b2.Synapses(before, after, "w : 1\ny_post = w*x_pre : 1 (summed)", name="synapses")
    synapses.connect(j="k for k in range(4) if k != config")
    return Model(
        network=b2.Network(before, after, synapses), blocks={"synapses": (1, 6, 4)}, sizes={}, outputs={}
    )


def test_synapses_that_are_not_as_the_builder_said_end_the_call():
    with pytest.raises(ProgramError, match="synapses synapses are not 1 blocks of 6 x 4"):
        compile_program("test_program_dense:misdescribed", 2)({}, seed=0, duration=1)
