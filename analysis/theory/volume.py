"""What a target hears of many rewards that are released at varicosities in a volume, and cleared.

Dopamine of axon j leaves M varicosities, diffuses and is cleared: at the distance d of one, in steady state,

    k(d) = exp(-d/l)/d,    l = sqrt(diffusion x time constant of clearance)                       (1)

(a point source in three dimensions, up to a factor). Target i hears sum_j K_ij r_j, with K_ij the sum of (1)
over the varicosities of axon j. If r_j is what neuron j earned, it shares its signal with effectively

    G_i = sum_j K_ij**2/K_ii**2                                                                   (2)

neurons: signal-to-noise is that of G agents that share a broadcast (`agents.signal_to_noise`), G any number
from 1 on. Where one varicosity of an axon lies at the distance a of the axon's own neuron, and all others of
N axons in a unit volume anywhere, then on average, l small against the volume,

    sum_j K_ij**2 - K_ii**2 = (N - 1) (2 pi l M + 16 pi**2 l**4 M (M - 1)),
    K_ii = exp(-a/l)/a + 4 pi l**2 (M - 1)                                                        (3)

(integrals of k**2 and of k). So the length of (1), which clearance sets, decides whether dopamine is a
broadcast to all or a signal of each neuron's own. That randomly placed varicosities make a vector of feedback
is said by Wärnberg & Kumar 2023, doi:10.1073/pnas.2221994120 (from memory); (2) and (3) are derived here.
"""

import numpy as np
from numpy.typing import ArrayLike

from ..foundation import Array, Mistake

CLOSEST = 1e-3
"""No varicosity is nearer to a target (sides of the volume)."""


def reach(targets: ArrayLike, varicosities: ArrayLike, length: float) -> Array:
    """K (target, axon) in a unit cube whose opposite faces meet.

    Args:
        targets: (target, 3).
        varicosities: (axon, varicosity, 3).
        length: l, infinite for no clearance, where every target hears all alike.

    Raises:
        Mistake: a length that is not above 0.
    """
    if not length > 0:
        raise Mistake(f"dopamine reaches {length:g}, must be above 0")
    where, sources = np.asarray(targets, float), np.asarray(varicosities, float)
    if not np.isfinite(length):
        return np.ones((len(where), len(sources)))
    apart = np.abs(where[:, None, None] - sources)
    distance = np.maximum(np.sqrt((np.minimum(apart, 1 - apart) ** 2).sum(axis=-1)), CLOSEST)
    return np.asarray((np.exp(-distance / length) / distance).sum(axis=-1))


def shared_with(heard: ArrayLike) -> Array:
    """Equation (2) of K (..., target, axon), axons in the order of the targets: (..., target)."""
    k = np.asarray(heard, float)
    own = np.diagonal(k, axis1=-2, axis2=-1)
    return np.asarray((k**2).sum(axis=-1) / own**2)


def expected_sharing(neurons: int, varicosities: int, own: float, length: ArrayLike) -> Array:
    """Equation (3) in (2): mean over what else is heard, over the mean of one's own, squared.

    ``own``: distance a of each neuron's own varicosity.
    """
    reaches = np.asarray(length, float)
    mine = np.exp(-own / reaches) / own + 4 * np.pi * reaches**2 * (varicosities - 1)
    others = 2 * np.pi * reaches * varicosities
    others = others + 16 * np.pi**2 * reaches**4 * varicosities * (varicosities - 1)
    return np.asarray(1 + (neurons - 1) * others / mine**2)


def anatomy(neurons: int, varicosities: int, own: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Targets (target, 3) and varicosities (axon, varicosity, 3): the first of each axon at the distance
    ``own`` of its neuron, in any direction, all else anywhere in a unit cube."""
    targets = rng.random((neurons, 3))
    sources = rng.random((neurons, varicosities, 3))
    direction = rng.normal(size=(neurons, 3))
    sources[:, 0] = (targets + own * direction / np.linalg.norm(direction, axis=1, keepdims=True)) % 1.0
    return targets, sources
