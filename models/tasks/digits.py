"""Handwritten digits: 1,797 images of 8 x 8 pixels, ten classes.

Optical recognition of handwritten digits (Alpaydin & Kaynak 1998, UCI, doi:10.24432/C50P49), as shipped with
scikit-learn. Pixels are centred and scaled by one number, so that |x|**2 is about ``power``; the target is
one-hot. Rows are shuffled once with a fixed seed; the last ``N_TEST`` are never trained on.
"""

import numpy as np

from .samples import Samples

N_TEST = 360
"""images kept for the test, a fifth"""
SPLIT_SEED = 1998
"""seed of the one shuffle that separates training from test"""


def digits(power: float = 64.0) -> Samples:
    """The task: the first ``stimuli - N_TEST`` rows are for training.

    Args:
        power: mean of |x|**2 over images.
    """
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(images))
    images, labels = images[order], labels[order]
    train = images[:-N_TEST]
    centred = images - train.mean(axis=0)
    centred *= np.sqrt(power / np.mean(np.sum(centred[:-N_TEST] ** 2, axis=1)))
    return Samples(centred, np.eye(10)[labels], labelled_rows=True)
