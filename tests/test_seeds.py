"""Streams of seeds: apart wherever seed, name or place differ, and the same when asked again."""

import itertools

import numpy as np

from hedon.analysis.foundation.seeds import stream


def test_streams_differ_in_seed_name_and_place():
    places = [place for depth in range(5) for place in itertools.product((0, 1, 7), repeat=depth)]
    streams = [stream(seed, name, *place) for seed in (0, 1) for name in ("task", "net") for place in places]
    assert len(set(streams)) == len(streams)


def test_place_zero_is_not_the_stream_itself():
    """Zeros at the end must count: entropy of numpy is padded with them."""
    assert len({stream(3, "task", *[0] * depth) for depth in range(8)}) == 8


def test_streams_are_uniform_and_repeat():
    drawn = np.array([stream(5, "network", number) for number in range(4000)])
    assert np.array_equal(drawn, [stream(5, "network", number) for number in range(4000)])
    z = (drawn / 2**31 - 0.5).mean() * np.sqrt(12 * len(drawn))
    assert abs(z) < 5
    assert drawn.min() >= 0 and drawn.max() < 2**31
