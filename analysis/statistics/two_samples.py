"""Whether two samples come from one distribution: the share of draws that a classifier assigns rightly.

A network with two layers learns on four fifths of both samples to tell them apart, until a tenth of those is
told apart no better, and is judged on the fifth that is left, in turn: 0.5 if nothing tells them apart, 1 if
everything does.

Source: the classifier two-sample test (Lopez-Paz & Oquab 2017, arXiv:1610.06545), as Lueckmann et al. 2021
(PMLR 130:343) judge posteriors by; both from memory.
"""

import numpy as np

from ..foundation import Array, Mistake

FOLDS = 5
FEWEST = 50
"""Draws of each sample."""


def told_apart(first: Array, second: Array, seed: int = 0) -> float:
    """Share of held-out draws that are assigned to their own sample.

    Args:
        first, second: draws (draw, dimension) of the two, equally many.

    Raises:
        Mistake: samples of unequal shape, fewer than ``FEWEST`` draws, a number that is not finite.
    """
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.neural_network import MLPClassifier

    if first.ndim != 2 or first.shape != second.shape or len(first) < FEWEST:
        raise Mistake(
            f"two samples of one shape (draw, dimension), {FEWEST} draws or more, are told apart; these have "
            f"{first.shape} and {second.shape}"
        )
    both = np.concatenate([first, second])
    if not np.isfinite(both).all():
        raise Mistake("a sample that is to be told apart from another has a number that is not finite")
    scale = first.std(axis=0)
    both = (both - first.mean(axis=0)) / np.where(scale > 0, scale, 1.0)
    which = np.repeat([0, 1], len(first))
    network = MLPClassifier(
        (10 * first.shape[1],) * 2, max_iter=1000, early_stopping=True, n_iter_no_change=20, random_state=seed
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return float(cross_val_score(network, both, which, cv=folds).mean())
