"""Panels that share an axis show all that is drawn in each of them."""

import numpy as np

from hedon.analysis.statistics.comparison import Axis, Measured
from hedon.figures.comparisons.panels import draw


def test_no_panel_cuts_off_what_lies_outside_the_first():
    rows = np.array([[0.1, 0.2, -3.0, -2.9], [0.2, 0.1, -3.1, -3.0], [0.1, 0.1, -3.0, -3.2]])
    axis = Axis("trials back", ("reward", "reward", "choice", "choice"), (1.0, 2.0, 1.0, 2.0))
    measured = Measured(
        ("r 1", "r 2", "c 1", "c 2"), rows, np.zeros_like(rows), "log odds", axis, kind="subject"
    )
    first, second = draw(measured, {}, (), "kernels").axes[:2]
    assert first.get_ylim() == second.get_ylim()
    assert second.get_ylim()[0] < rows[:, 2:].mean(0).min()
    assert first.get_ylim()[1] > rows[:, :2].mean(0).max()
