"""The likelihood of eight coefficients of the family of rules in JAX: value, gradient, Fisher's information.

The recursion of `hedon/plasticity/inference/likelihood.py` for two arms without missed trials, as a scan,
with its sensitivities by forward differentiation, compiled for all sessions at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def compiled(action: np.ndarray, reward: np.ndarray) -> Callable[[np.ndarray], tuple]:
    """x (session, 8) -> log L (session,), gradient (session, 8), information (session, 8, 8).

    Order of the coefficients: eta, eta_losses, opposite, forgetting, rest, beta, bias1, repeat, on the scale
    without bounds. ``action`` and ``reward`` (session, trial).
    """
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def log_policies(x, chosen, paid):
        eta, eta_losses, forgetting = (jax.nn.sigmoid(x[k]) for k in (0, 1, 3))
        opposite, rest, beta, bias, repeat = x[2], x[4], jnp.exp(x[5]), x[6], x[7]

        def step(state, seen):
            w, last = state
            y, r = seen
            log_p = jax.nn.log_softmax(beta * w + jnp.array([0.0, bias]) + repeat * last)
            delta = r - (w * y).sum()
            gain = jnp.where(delta < 0, eta_losses, eta) * delta
            w = w + gain * (y - opposite * (1 - y)) - forgetting * (1 - y) * (w - rest)
            return (w, y), log_p

        first = (jnp.full(2, rest), jnp.zeros(2))
        return jax.lax.scan(step, first, (chosen, paid))[1]

    def each(x, chosen, paid):
        log_p = log_policies(x, chosen, paid)
        d_log_p = jax.jacfwd(log_policies)(x, chosen, paid)
        slope = jnp.einsum("ta,tak->k", chosen, d_log_p)
        information = jnp.einsum("ta,tak,tal->kl", jnp.exp(log_p), d_log_p, d_log_p)
        return (log_p * chosen).sum(), slope, information

    chosen = jnp.asarray(np.eye(2)[action])
    paid = jnp.asarray(reward)
    run = jax.jit(jax.vmap(each))

    def evaluate(x: np.ndarray) -> tuple:
        return tuple(np.asarray(part) for part in run(x, chosen, paid))

    return evaluate
