"""What of a conditioning network's plasticity and dopamine an outer loop can search, from their declarations.

The numbers of `TDLambda` and of `Dopamine` that say where a search looks, arguments of the programs of a
network with ``own`` set. The horizon is none of them: it says what is to be predicted.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...plasticity.parameter import Parameter
from ..dopamine.system import Dopamine, ordered
from .network import Conditioning

RATES = ("eta",)
"""What a search over the rate alone may change."""


def own_numbers(net: Conditioning) -> tuple[Parameter, ...]:
    """The numbers with their bounds in a search; the default of each is the network's."""
    rule = [
        replace(one, default=getattr(net.rule, one.name), low=one.search[0], high=one.search[1])
        for one in net.rule.parameters
        if one.search
    ]
    system = [replace(one, default=getattr(net.dopamine, one.name)) for one in Dopamine.searchable()]
    return (*rule, *(one for one in system if one.name != "tau_r"))


def with_numbers(net: Conditioning, values: Mapping[str, float]) -> Conditioning:
    """The network compiled with these numbers as its own; others as they are."""
    of_rule, values = {one.name for one in net.rule.parameters}, ordered(values)
    rule = {name: one for name, one in values.items() if name in of_rule}
    dopamine: dict[str, Any] = {name: one for name, one in values.items() if name not in of_rule}
    return replace(net, rule=replace(net.rule, **rule), dopamine=replace(net.dopamine, **dopamine))
