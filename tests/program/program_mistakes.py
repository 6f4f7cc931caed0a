"""Builders that cannot be built."""

from __future__ import annotations

import brian2 as b2
from program_settings import Wrong

from hedon.models.program import Argument, Model, compile_program


def wrong(config: Wrong) -> Model:
    units = b2.NeuronGroup(2, "x : 1\nnew : 1\ntau : second", name="units")
    network = b2.Network(units)
    if config.how == "unit":
        units.x = 3 * b2.mV
    if config.how == "name":
        units.run_regularly("x = unheard_of", name="advance")
    if config.how == "keyword":
        units.run_regularly("new = 2", name="advance")
    if config.how == "seed":
        b2.seed(3)
    if config.how == "compile":
        compile_program("program_mistakes:wrong", config)
    if config.how == "run":
        network.run(1 * b2.second)
    if config.how == "operation":
        network.add(b2.NetworkOperation(lambda: None, name="watch"))
    target = {"target": "units.y", "object": "unit.x", "fixed": "units.i"}.get(config.how, "units.x")
    size = 3 if config.how == "size" else 2
    return Model(network, arguments={"x": Argument({target: ("unit",)}, ("unit",))}, sizes={"unit": size})
