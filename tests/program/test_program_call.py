"""A call: what comes back, what a caller can set, seeds, durations, segments, processes."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from program_settings import LEVELS

from hedon.models.program import Program, ProgramError, compile_program

HERE = str(Path(__file__).parent)


def test_outputs_have_declared_shapes_units_and_order(layers: Program) -> None:
    arrays = layers(seed=1, duration=40)
    assert list(arrays) == ["loss", "w1", "w2"]
    assert arrays["loss"].shape == (4, 3, 2) and arrays.dims("loss") == ("block", "individual", "output")
    assert arrays["w1"].shape == (3, 10, 6) and arrays.unit("w1") == "1"
    assert arrays.nonfinite() == []
    chosen = layers(seed=1, duration=40, outputs=["w2", "x"])
    assert list(chosen) == ["w2", "x"]
    assert np.array_equal(chosen["w2"], arrays["w2"])


def test_dataset_carries_names_and_origin(layers: Program) -> None:
    given = {"eta": [0.1, 0.2, 0.3], "w1": np.zeros((3, 10, 6))}
    dataset = layers(given, seed=2**63, duration=10, outputs=["eta", "w2"]).dataset()
    assert dataset["eta"].dims == ("individual", "hidden")
    assert dataset["eta"].attrs == {"units": "1", "long_name": "learning rate"}
    assert json.loads(dataset.attrs["config"])["widths"] == [10, 6, 2]
    assert dataset.attrs["seed"] == str(2**63)
    told = json.loads(dataset.attrs["parameters"])
    assert told["eta"] == [0.1, 0.2, 0.3] and told["w1"]["shape"] == [3, 10, 6]


def test_arguments_are_written_after_connections_and_initial_values(layers: Program) -> None:
    w1 = np.arange(180.0).reshape(3, 10, 6)
    arrays = layers({"w1": w1, "eta": [1, 2, 3]}, seed=1, duration=0, outputs=["w1", "w2", "eta"])
    assert np.array_equal(arrays["w1"], w1)
    assert np.array_equal(arrays["eta"], np.repeat([[1.0], [2.0], [3.0]], 6, axis=1))
    assert arrays["w2"].std() > 0


def test_statements_after_apply_arguments_see_them_and_a_given_value_wins(quirks: Program) -> None:
    assert np.array_equal(quirks(seed=1, duration=0)["scaled"], 2 * LEVELS)
    assert np.array_equal(quirks({"gain": 3}, seed=1, duration=0)["scaled"], 3 * LEVELS)
    given = quirks({"gain": 3, "scaled": np.ones(5)}, seed=1, duration=0)
    assert np.array_equal(given["scaled"], np.ones(5))


def test_every_kind_of_storage_is_read_and_set(quirks: Program) -> None:
    stimulus = np.arange(20.0).reshape(4, 5) + 100
    given = {"big": [-1, 2**62, 3, 4, 5], "even": [True, False, 1, 0, 1], "stimulus": stimulus}
    start = quirks(given, seed=1, duration=0)
    assert start["big"].dtype == np.int64 and list(start["big"]) == given["big"]
    assert start["even"].dtype == bool and list(start["even"]) == [True, False, True, False, True]
    assert start["level"].dtype == np.float32 and np.array_equal(start["level"], LEVELS)
    assert start["gain"].shape == () and start["gain"] == 2
    end = quirks(given, seed=1, duration=4)
    assert np.array_equal(end["x"], stimulus[3])
    frames = quirks({"frame_gain": [1, 2, 3, 4]}, seed=1, duration=2)
    assert np.array_equal(frames["x"], np.full(5, 2))


def test_sizes_known_only_in_the_run(quirks: Program) -> None:
    w = quirks(seed=1, duration=0)["w"]
    assert 0 < w.size < 10 and quirks(seed=5, duration=0)["w"].size != w.size
    resumed = quirks({"w": w + 0.5}, seed=1, duration=2)
    assert np.array_equal(resumed["w"], w + 0.5)
    with pytest.raises(ProgramError, match=rf"'synapses.w' has {w.size} elements, {w.size + 1} were given"):
        quirks({"w": np.zeros(w.size + 1)}, seed=1, duration=2)


def test_block_series_end_with_the_last_block(quirks: Program) -> None:
    arrays = quirks(seed=1, duration=6)
    assert np.array_equal(arrays["counts"], np.repeat([[2], [4], [6]], 3, axis=1))
    assert np.array_equal(arrays["times"], [0, 2, 4])
    assert quirks(seed=1, duration=0)["counts"].shape == (0, 3)


def test_block_means_are_the_means_of_the_trials(layers: Program) -> None:
    arrays = layers(seed=3, duration=30, outputs=["loss", "every_loss"])
    means = arrays["every_loss"].reshape(3, 10, 3, 2).mean(axis=1)
    assert np.allclose(arrays["loss"], means, rtol=1e-12)


def test_learning_moves_weights_and_a_switch_freezes_them(layers: Program) -> None:
    before = layers(seed=4, duration=0)
    after = layers(seed=4, duration=50)
    frozen = layers({"learning": False}, seed=4, duration=50)
    assert not np.array_equal(after["w2"], before["w2"])
    assert np.array_equal(frozen["w1"], before["w1"]) and np.array_equal(frozen["w2"], before["w2"])


def test_individuals_have_their_own_parameters(layers: Program) -> None:
    before = layers(seed=4, duration=0)["w2"]
    after = layers({"eta": [0, 0.01, 0]}, seed=4, duration=20)["w2"]
    moved = [not np.array_equal(before[i], after[i]) for i in range(3)]
    assert moved == [False, True, False]


def test_same_seed_same_bits_in_another_process(layers: Program, spiking: Program) -> None:
    code = (
        "import pickle, sys; program, seed, duration = pickle.load(sys.stdin.buffer);"
        "arrays = program(seed=seed, duration=duration); assert 'brian2' not in sys.modules;"
        "sys.stdout.buffer.write(pickle.dumps(dict(arrays)))"
    )
    for program, duration in ((layers, 30), (spiking, 0.1)):
        given = pickle.dumps((program, 2**40 + 1, duration))
        assert len(given) < 1000
        done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=True)
        there = pickle.loads(done.stdout)
        here = program(seed=2**40 + 1, duration=duration)
        assert sorted(there) == sorted(here)
        assert all(np.array_equal(here[name], there[name], equal_nan=True) for name in here)


def test_all_64_bits_of_the_seed_count_and_cover_initial_values(layers: Program) -> None:
    seeds = [0, 1, 2**32, 2**32 + 1, 2**63, 2**64 - 1]
    starts = [layers(seed=seed, duration=0)["w1"].tobytes() for seed in seeds]
    assert len(set(starts)) == len(seeds)


def test_connections_and_spikes_follow_the_seed(spiking: Program) -> None:
    first, second = spiking(seed=1, duration=0.05), spiking(seed=2, duration=0.05)
    assert first["synapses.i"].size != second["synapses.i"].size
    assert first["spikes.t"].size == first["spikes.i"].size == first["spikes.count"].sum()
    assert np.array_equal(first["neurons.count"], first["spikes.count"])


def test_delays_can_be_set(spiking: Program) -> None:
    """A spike that arrives shrinks the weight; with a delay longer than the run none arrives."""
    outputs = ["synapses.w", "synapses.delay"]
    start = spiking(seed=1, duration=0, outputs=outputs)["synapses.w"]
    soon = spiking({"synapses.delay": 0.001}, seed=1, duration=0.05, outputs=outputs)
    late = spiking({"synapses.delay": 0.2}, seed=1, duration=0.05, outputs=outputs)
    assert not np.array_equal(soon["synapses.w"], start)
    assert np.array_equal(late["synapses.w"], start) and np.all(late["synapses.delay"] == 0.2)


def test_ticks_of_two_clocks_stay_together_beyond_64_seconds(quirks: Program) -> None:
    """Seen only in long runs; here, that the comparison made for it is in the program."""
    text = (quirks.folder / "program.cpp").read_text()
    assert "fabs(s-t)<=Clock_epsilon*(1+fabs(t))" in text


def test_progress_rises_to_one(quirks: Program) -> None:
    told: list[float] = []
    quirks({"trouble": 6}, seed=1, duration=30, progress=told.append)
    assert told == sorted(told) and told[-1] == 1.0
    assert any(0 < fraction < 1 for fraction in told)


def test_caller_never_imports_brian(tiny: Program) -> None:
    code = (
        f"import sys; sys.path.insert(0, {HERE!r})\n"
        "from hedon.models.program import compile_program\n"
        "from program_settings import Tiny\n"
        "program = compile_program('program_networks:tiny', Tiny())\n"
        "assert program(seed=1, duration=4)['units.x'].tolist() == [5, 5, 5]\n"
        "heavy = {'brian2', 'xarray', 'sympy', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_many_programs_in_one_process(tiny: Program, layers: Program, quirks: Program) -> None:
    assert tiny(seed=1, duration=2)["units.x"][0] == 3
    assert layers(seed=1, duration=0)["w1"].shape == (3, 10, 6)
    assert tiny({"units.x": [5, 6, 7]}, seed=1, duration=1)["units.x"].tolist() == [6, 7, 8]
    assert len({tiny.key, layers.key, quirks.key}) == 3


def test_program_tells_its_interface(layers: Program, tiny: Program) -> None:
    assert layers.arguments["eta"].targets["hidden.eta"] == ("individual", "hidden")
    assert layers.arguments["sigma"].open_low and layers.arguments["task_seed"].integer
    assert layers.outputs["loss"].final == "output.block_loss"
    assert dict(layers.sizes) == {"individual": 3, "input": 10, "hidden": 6, "output": 2}
    assert set(tiny.arguments) == {"units.x", "units.r"}
    assert set(tiny.outputs) == {"units.i", "units.x", "units.r"}
    again = pickle.loads(pickle.dumps(layers))
    assert again == layers and again.key == layers.key


def test_function_and_name_make_the_same_program(tiny: Program) -> None:
    import program_networks
    from program_settings import Tiny

    assert compile_program(program_networks.tiny, Tiny()) == tiny
