"""What of a circuit's plasticity and dopamine an outer loop can search, from their own declarations.

The numbers of `TDHebbian` (a learning rate each for actor and critic, the rest shared), those of `Dopamine`
for which it says where a search looks, and how the rates fall and actions are disturbed. Each is an
argument of the programs of a network with ``own`` set; its default is the network's own value.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...plasticity.parameter import Parameter
from ...plasticity.td_hebbian import TDHebbian
from ..dopamine.system import Dopamine, ordered
from .network import ActorCritic

BOUND = (0.1, 3.0)
"""Where the largest weight is searched, for which the rule has no bound."""
CIRCUIT = (
    Parameter("decay", 0.0, "1", 0.0, 0.3, "linear", "rates fall as 1/(1 + decay*trial) (1/trial)"),
    Parameter("noise", 0.0, "Hz", 0.0, 4.0, "linear", "noise of the pulls of actions"),
)
RATES = ("eta_actor", "eta_critic")
"""What a search over rates alone may change."""


def own_numbers(net: ActorCritic) -> tuple[Parameter, ...]:
    """The numbers with their bounds in a search; the default of each is the network's."""
    found = []
    for parameter in TDHebbian.parameters:
        low, high = parameter.search or BOUND
        within = replace(parameter, low=low, high=high)
        if parameter.name == "eta":
            for whose, rule in (("actor", net.actor_rule), ("critic", net.critic_rule)):
                meaning = f"{parameter.meaning} of the {whose}"
                found.append(replace(within, name=f"eta_{whose}", default=rule.eta, meaning=meaning))
        else:
            found.append(replace(within, default=min(getattr(net.actor_rule, parameter.name), high)))
    found += [replace(one, default=getattr(net.dopamine, one.name)) for one in Dopamine.searchable()]
    found += [replace(one, default=getattr(net, one.name)) for one in CIRCUIT]
    return tuple(found)


def with_numbers(net: ActorCritic, values: Mapping[str, float]) -> ActorCritic:
    """The network compiled with these numbers as its own; others as they are."""
    values = ordered(values)
    rule = {name: values[name] for name in ("tau_e", "tau_lag", "bound") if name in values}
    system = {one.name for one in Dopamine.searchable()}
    dopamine: dict[str, Any] = {name: one for name, one in values.items() if name in system}
    circuit: dict[str, Any] = {one.name: values[one.name] for one in CIRCUIT if one.name in values}
    return replace(
        net,
        actor_rule=replace(net.actor_rule, eta=values.get("eta_actor", net.actor_rule.eta), **rule),
        critic_rule=replace(net.critic_rule, eta=values.get("eta_critic", net.critic_rule.eta), **rule),
        dopamine=replace(net.dopamine, **dopamine),
        **circuit,
    )
