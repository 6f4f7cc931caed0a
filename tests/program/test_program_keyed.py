"""Keyed draws: numpy's Philox bit for bit, the right distributions, one stream for every device."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy import stats

from hedon.models.program import Program, keyed

SEEDS = [0, 1, 2**31, 2**53 + 1, 2**64 - 1]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("stream", "individual", "trial"), [(0, 0, 0), (3, 7, 12345), (2**40, 1, 2**63)])
def test_words_are_those_of_numpy(seed: int, stream: int, individual: int, trial: int) -> None:
    counter = np.array([0, trial, individual, stream], dtype=np.uint64)
    generator = np.random.Philox(counter=counter, key=np.array([seed, 0], dtype=np.uint64))
    expected = generator.random_raw(21)
    assert np.array_equal(keyed.words(seed, stream, individual, trial, np.arange(21)), expected)


def test_keys_are_rounded_and_broadcast() -> None:
    draws = keyed.uniform(1, 0, np.arange(3)[:, None], [0.9999999, 2.0000001], 5)
    assert draws.shape == (3, 2)
    assert draws[2, 0] == keyed.uniform(1, 0, 2, 1, 5) and draws[0, 1] == keyed.uniform(1, 0, 0, 2, 5)
    assert keyed.normal(1, 0, 0, -1, 0) == keyed.normal(1, 0, 0, 2**64 - 1, 0)


def test_uniform_draws() -> None:
    n = 400_000
    u = keyed.uniform(7, 1, np.arange(n) // 100, np.arange(n) % 100, 0)
    assert 0 < u.min() and u.max() < 1
    assert abs(u.mean() - 0.5) / np.sqrt(1 / 12 / n) < 5
    assert stats.kstest(u, "uniform").pvalue > 1e-6


@pytest.mark.parametrize("key", ["index", "trial", "individual", "stream", "seed"])
def test_normal_draws_along_each_key(key: str) -> None:
    """Moments to |z| < 5 from their own standard errors, the whole distribution, the tails, no memory."""
    n = 400_000
    keys = {"seed": 11, "stream": 2, "individual": 3, "trial": 4, "index": 5} | {key: np.arange(n)}
    z = keyed.normal(**keys)
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10170)):
        assert abs((z**power).mean() - mean) / np.sqrt(variance / n) < 5
    assert stats.kstest(z, "norm").pvalue > 1e-6
    beyond = np.mean(np.abs(z) > 3.7)
    expected = 2 * stats.norm.sf(3.7)
    assert abs(beyond - expected) / np.sqrt(expected / n) < 5
    assert abs(np.mean(z[1:] * z[:-1])) * np.sqrt(n) < 5


def test_streams_are_independent() -> None:
    n = 400_000
    first, second = (keyed.normal(1, stream, 0, np.arange(n), 0) for stream in (0, 1))
    assert abs(np.mean(first * second)) * np.sqrt(n) < 5


def expected_inputs(seed: int, trial: int) -> np.ndarray:
    individual, i = np.arange(3)[:, None], np.arange(10)
    return keyed.normal(seed, 1, individual, trial, i)


def test_a_program_draws_the_same(layers: Program) -> None:
    """1500 draws, of which some 15 are not from the core of the ziggurat's strips."""
    for seed in [*range(40), *SEEDS[:4], 2**63 - 1]:
        for duration in (1, 4):
            given = {"task_seed": seed}
            x = layers(given, seed=seed + 1, duration=duration, outputs=["x"])["x"]
            assert np.abs(x - expected_inputs(seed, duration - 1)).max() < 1e-14


def test_single_precision_rounds_the_same_draws(quirks: Program) -> None:
    big = np.array([1, 2**40, 3, 4, 5])
    arrays = quirks({"big": big}, seed=1, duration=6, outputs=["u", "z"])
    trial, i = np.arange(6)[:, None], np.arange(5)
    for name, twin, stream in (("u", keyed.uniform, 3), ("z", keyed.normal, 4)):
        expected = twin(big, stream, i, trial, 7)
        assert np.array_equal(arrays[name], expected.astype(np.float32))


@pytest.fixture
def generate_for(request: pytest.FixtureRequest) -> Iterator[None]:
    """Brian2's runtime code generation target for one test; its clock is left as it was."""
    import brian2 as b2

    before, dt = b2.prefs.codegen.target, b2.defaultclock.dt
    b2.prefs.codegen.target = request.param
    yield
    b2.prefs.codegen.target, b2.defaultclock.dt = before, dt


@pytest.mark.parametrize(
    "generate_for", ["numpy", pytest.param("cython", marks=pytest.mark.whole)], indirect=True
)
def test_runtime_mode_draws_the_same(generate_for: None) -> None:
    import brian2 as b2
    from program_networks import DRAWS

    seed = 2**40 + 3
    units = b2.NeuronGroup(
        200,
        "z : 1\nu : 1\nkey : integer (shared, constant)",
        dtype={"key": np.int64},
        dt=1 * b2.second,
        namespace=DRAWS,
    )
    units.key = seed
    units.run_regularly("z = keyed_normal(key, 1, i, t/dt, 5)\nu = keyed_uniform(key, 2, i, t/dt, 5)")
    b2.Network(units).run(3 * b2.second)
    individual = np.arange(200)
    assert np.abs(units.z[:] - keyed.normal(seed, 1, individual, 2, 5)).max() < 1e-14
    assert np.array_equal(units.u[:], keyed.uniform(seed, 2, individual, 2, 5))


@pytest.mark.parametrize("generate_for", ["numpy"], indirect=True)
def test_a_builder_works_in_runtime_mode_where_apply_arguments_does_nothing(generate_for: None) -> None:
    import brian2 as b2
    import program_networks
    from program_settings import LEVELS, Quirks

    model = program_networks.quirks(Quirks(), {"level": LEVELS})
    model.network.run(4 * b2.second)
    (units,) = (item for item in model.network.objects if item.name == "units")
    assert np.array_equal(units.scaled[:], 2 * LEVELS)
    assert np.array_equal(units.x[:], [15, 16, 17, 18, 19])
    assert np.array_equal(units.u[:], keyed.uniform(0, 3, np.arange(5), 3, 7))
