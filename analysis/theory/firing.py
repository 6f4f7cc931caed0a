"""Firing rates of leaky integrate-and-fire neurons under a steady drive.

Between spikes the membrane relaxes exponentially to v_inf with time constant tau, so that from the reset
it reaches threshold after tau ln((v_inf - v_reset)/(v_inf - v_threshold)) (Lapicque 1907; Gerstner, Kistler,
Naud & Paninski 2014, Neuronal Dynamics, chapter 1, doi:10.1017/CBO9781107447615):

    rate = 1/(refractory + tau ln((v_inf - v_reset)/(v_inf - v_threshold)))                  (1)

With an injected current v_inf = E_L + R I and tau = tau_m.
"""

import numpy as np
from numpy.typing import ArrayLike

from ..foundation.arrays import Array


def leaky_rate(
    v_inf: ArrayLike, v_reset: float, v_threshold: float, tau: ArrayLike, refractory: float = 0.0
) -> Array:
    """Equation (1), in Hz; 0 where ``v_inf`` does not exceed the threshold. Potentials in V, times in s."""
    v_inf = np.asarray(v_inf, float)
    reached = v_inf > v_threshold
    above = np.where(reached, v_inf - v_threshold, 1.0)
    climb = np.asarray(tau, float) * np.log(np.where(reached, v_inf - v_reset, np.e) / above)
    return np.where(reached, 1 / (refractory + climb), 0.0)
