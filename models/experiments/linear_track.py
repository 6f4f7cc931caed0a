"""Linear track: spiking actor-critics learn to run to the end of a track, and controls that must not."""

from dataclasses import dataclass

from ..actor_critic.network import ActorCritic, Pools
from ..tasks import LinearTrack
from .conditions import Lives, comparing


@dataclass(frozen=True)
class Config(Lives):
    life: float = 350.0
    limit: float = 25.0
    """seconds after which a trial is ended, unfinished"""
    bound: float = 0.6


PRESETS = {"quick": Config(), "paper": Config(individuals=100, trials=60, life=900.0)}


def network(config: Config) -> ActorCritic:
    """The network of the learners."""
    return config.learners(LinearTrack(limit=config.limit), Pools(2), watched=config.individuals)


simulate = comparing(network, ("x_trace", "V_trace", "delta_trace", "acting_trace", "trial_trace"))
