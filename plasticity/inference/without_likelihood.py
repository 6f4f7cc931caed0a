"""Coefficients of a model that can be simulated but has no likelihood: neural posterior estimation.

    x_i ~ prior,   s_i = summaries of what is simulated at x_i                                       (1)
    q = argmax sum_i log q(x_i | s_i)                                                               (2)

q is a masked autoregressive flow. With enough simulations it is the posterior of x given the *summaries*,
which is wider than that given all data as far as the summaries leave out what tells of x. Learned once, it
answers for every data set of the same kind, which is why its intervals can be checked on hundreds of them.

The library is `sbi` (an extra: it brings PyTorch). Sampling schemes, such as those of `pyabc`, would simulate
anew for each data set.

Sources: Papamakarios & Murray 2016, arXiv:1605.06376; Greenberg, Nonnenmacher & Macke 2019, arXiv:1905.07488;
sbi: Tejero-Cantero et al. 2020, doi:10.21105/joss.02505; all from memory.
"""

import contextlib
import importlib.util
import io
import tempfile
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.foundation import Array, Mistake
from ...analysis.statistics.empirical_bayes import Normal

FEWEST = 100
"""Simulations."""
BATCH = 200


@dataclass(frozen=True)
class Learned:
    """What `learn` returns: the posterior of any data set's coefficients, given its summaries."""

    prior: Normal
    centre: Array
    scale: Array
    """of the summaries"""
    network: Any

    def sample(self, summaries: Array, draws: int, seed: int) -> Array:
        """Draws (data set, draw, coefficient) for ``summaries`` (data set, summary).

        Raises:
            Mistake: another number of summaries than was learned from, one that is not finite.
        """
        import torch

        found = np.atleast_2d(summaries)
        if found.shape[1] != len(self.centre) or not np.isfinite(found).all():
            raise Mistake(f"{len(self.centre)} finite summaries of each data set are needed")
        with _one_thread(seed):
            given = torch.as_tensor((found - self.centre) / self.scale, dtype=torch.float32)
            drawn = self.network.sample((draws,), given).detach().numpy().astype(float)
        return np.asarray(drawn.transpose(1, 0, 2) * np.sqrt(self.prior.variance) + self.prior.mean)


def check_installed() -> None:
    """Raises Mistake without the library."""
    if importlib.util.find_spec("sbi") is None:
        raise Mistake("inference without a likelihood needs the library sbi: pip install 'hedon[simulated]'")


def learn(x: Array, summaries: Array, prior: Normal, seed: int) -> Learned:
    """Equation (2) for ``x`` (simulation, coefficient) from ``prior``, on the scale without bounds, and
    ``summaries`` (simulation, summary).

    The library logs into the working directory, which is a temporary one meanwhile.

    Raises:
        Mistake: without the library, with fewer than ``FEWEST`` simulations, or one that is not finite.
    """
    check_installed()
    if len(x) != len(summaries) or len(x) < FEWEST:
        raise Mistake(f"a posterior is learned from {FEWEST} simulations or more, each with its summaries")
    if not (np.isfinite(x).all() and np.isfinite(summaries).all()):
        raise Mistake("a simulation's coefficients or summaries are not finite")
    import torch
    from sbi.inference import NPE

    centre, scale = summaries.mean(axis=0), summaries.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    with _one_thread(seed), tempfile.TemporaryDirectory() as aside, contextlib.chdir(aside):
        size = x.shape[1]
        standard = torch.distributions.MultivariateNormal(torch.zeros(size), torch.eye(size))
        trainer = NPE(prior=standard, density_estimator="maf")
        trainer.append_simulations(
            torch.as_tensor((x - prior.mean) / np.sqrt(prior.variance), dtype=torch.float32),
            torch.as_tensor((summaries - centre) / scale, dtype=torch.float32),
        )
        network = trainer.train(training_batch_size=min(BATCH, len(x) // 2), show_train_summary=False)
    return Learned(prior, centre, scale, network)


@contextlib.contextmanager
def _one_thread(seed: int) -> Any:
    """Within, PyTorch computes on one thread, draws from ``seed``, and the library keeps quiet."""
    import torch

    threads, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(1)
    torch.manual_seed(seed % 2**63)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(state)
