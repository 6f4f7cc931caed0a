"""The hidden layer's figure where networks run away: they are seen as such, and leave no weights at rest."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from hedon.figures.hidden_layers import noise_claims
from hedon.models.experiments import hidden_layers


@pytest.mark.whole
def test_networks_that_run_away_have_grown_most() -> None:
    small = {f"{kind}_{name}": 3 for kind in ("width", "noise") for name in ("inputs", "outputs")}
    config = replace(hidden_layers.PRESETS["quick"], **small, widths=(3,), width_trials=40, segments=6)
    config = replace(config, noise_hidden=6, noise_rate=6.0, noise_trials=1200)
    result = hidden_layers.simulate(config, 3)
    alpha = result["noise_alpha"].sel(rule="np").values
    eps = result["noise_eps"].sel(rule="np").values
    assert np.isnan(alpha[:, -1]).all() and np.isfinite(alpha[:, 0]).all()
    assert (alpha[np.isfinite(alpha)] > 0.05).all()
    start = result["noise_start"].sel(rule="np", quantity=["eps", "alpha"])
    np.testing.assert_array_equal(start, np.stack([eps[:, 0], alpha[:, 0]], axis=1))

    claims = {claim.name: claim for claim in noise_claims(result, asdict(config))}
    assert claims["growth of |W1|^2 under NP and label noise, least of the networks"].passed
    assert claims["error of NP at the end / at its least, label noise, lower median of the networks"].passed
