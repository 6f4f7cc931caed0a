"""One seed enters, named streams leave.

A study is given one seed. What it draws comes from streams that are named, so that changing one use of
chance (the perturbations, say) leaves every other (the tasks) as it was. The place in a stream is a spawn key
(numpy.random.SeedSequence): as entropy it would be padded with zeros, and place 0 be the stream itself.
"""

import zlib

import numpy as np


def stream(seed: int, name: str, *place: int) -> int:
    """A seed in 0 .. 2**31 - 1 for the stream ``name``, at a ``place`` such as the number of a segment."""
    root = np.random.SeedSequence([seed, zlib.crc32(name.encode())], spawn_key=place)
    (word,) = root.generate_state(1)
    return int(word >> 1)
