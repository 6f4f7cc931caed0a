"""Training in segments: exact resumption, keyed tasks, nulls, and individuals that diverge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.rate.network import RateNetwork
from hedon.models.rate.training import train
from hedon.models.tasks import LinearTeacher, Samples
from hedon.plasticity import (
    GradientDescent,
    LinearCritic,
    NodePerturbation,
    RunningMean,
    StimulusMean,
    WeightPerturbation,
)

NETWORK = RateNetwork(
    LinearTeacher(6, 2), NodePerturbation(eta=0.01, sigma=0.1), individuals=20, block=50, initial_scale=0.0
)


@pytest.mark.whole
def test_a_killed_training_goes_on_with_the_same_numbers(tmp_path):
    whole = train(NETWORK, [100, 200, 300], 5, keep=["w1"], folder=tmp_path)
    again = train(NETWORK, [100, 200, 300], 5, keep=["w1"])
    assert whole.equals(again)
    (tmp_path / "segment0002.npz").unlink()
    (tmp_path / "segment0001.npz").write_bytes(b"half written")
    resumed = train(NETWORK, [100, 200, 300], 5, keep=["w1"], folder=tmp_path)
    assert whole.equals(resumed)


@pytest.mark.whole
def test_what_a_task_draws_depends_on_nothing_else():
    """Individual 1 alone sees what it sees beside others, whatever the rule."""
    together = train(NETWORK, 50, 5, {"eta": 0.0})
    alone = train(replace(NETWORK, individuals=1), 50, 5, {"eta": 0.0, "individual": 1})
    other = train(replace(NETWORK, rule=GradientDescent(eta=0.0)), 50, 5)
    np.testing.assert_array_equal(together["loss"][1], alone["loss"][0])
    np.testing.assert_array_equal(together["loss"], other["loss"])
    assert len(np.unique(together["loss"])) == 20


@pytest.mark.parametrize(
    "rule",
    [
        GradientDescent(eta=0.05),
        NodePerturbation(eta=0.02, sigma=0.1),
        pytest.param(
            NodePerturbation(eta=0.02, sigma=0.1, comparison="antithetic", noise="rademacher"),
            marks=pytest.mark.whole,
        ),
        NodePerturbation(
            eta=0.001, sigma=1.0, comparison="one-pass", baseline=LinearCritic(alpha=0.2, squares=True)
        ),
        pytest.param(WeightPerturbation(eta=0.01, sigma=0.05), marks=pytest.mark.whole),
    ],
    ids=lambda rule: f"{type(rule).__name__}-{getattr(rule, 'comparison', '')}",
)
def test_loss_falls_and_weights_move(rule):
    net = replace(NETWORK, rule=rule)
    curve = train(net, 2000, 6, keep=["w1", "w_teacher"])
    first, last = curve["loss"][:, 0].mean(), curve["loss"][:, -1].mean()
    assert last < 0.2 * first
    moved = np.abs(curve["w1"].values[-1]).max(axis=(1, 2))
    assert np.all(moved > 0.1)


@pytest.mark.parametrize("null", ["frozen", "shuffled"])
def test_nulls_learn_nothing(null):
    curve = train(
        NETWORK, 500, 7, {"learning": 0.0} if null == "frozen" else {"yoked": 1}, keep=["w1", "w_teacher"]
    )
    if null == "frozen":
        assert np.all(curve["w1"].values == 0)
        return
    w, teacher = curve["w1"].values[-1], curve["w_teacher"].values[-1]
    along = (w * teacher).sum(axis=(1, 2)) / (teacher**2).sum(axis=(1, 2))
    assert abs(along.mean()) < 5 * along.std(ddof=1) / len(along) ** 0.5
    assert np.abs(w).max() > 0.1


@pytest.mark.whole
def test_a_mean_per_stimulus_learns_faster_than_one_mean():
    """Two stimuli of very different loss: the common mean is wrong for both (Fremaux et al. 2010)."""
    x = np.eye(2)
    y = np.array([[3.0], [0.0]])
    task = Samples(x, y)

    def error(critic) -> np.ndarray:
        rule = NodePerturbation(eta=0.01, sigma=0.3, comparison="one-pass", baseline=critic)
        net = RateNetwork(task, rule, individuals=100, block=100, initial_scale=0.0)
        weights = train(net, 200, 8, keep=["w1"])["w1"].values[-1][:, :, 0]
        return (weights[:, 1] - 0.0) ** 2

    stimulus, common = error(StimulusMean(alpha=0.3)), error(RunningMean(alpha=0.3))
    assert stimulus.mean() + 5 * stimulus.std() / 10 < common.mean()


def test_a_diverged_individual_is_named_and_the_others_are_kept():
    eta, others = np.full(20, 0.01), np.arange(20) != 1
    eta[1] = 50.0
    curve = train(NETWORK, [500, 1000], 5, {"eta": eta}, keep=["w1"])
    assert np.array_equal(curve["diverged"], ~others)
    (line,) = curve.attrs["mistakes"]
    assert "individual 1 diverged" in line and "eta = 50" in line and "\n" not in line
    fine = train(NETWORK, [500, 1000], 5, {"eta": 0.01}, keep=["w1"])
    np.testing.assert_array_equal(curve["loss"][others], fine["loss"][others])
    assert np.isnan(curve["loss"][1, -1]) and curve["loss"][1, 9] > 1e12
    assert np.isnan(curve["w1"].values[1, 1]).all()  # no weights at rest that look like learned ones
    np.testing.assert_array_equal(curve["w1"][:, others], fine["w1"][:, others])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: NodePerturbation(sigma=0.0), "sigma is 0"),
        (lambda: NodePerturbation(sigma=-1.0), "sigma is -1"),
        (lambda: NodePerturbation(eta=float("nan")), "eta is nan"),
        (lambda: NodePerturbation(eta=float("inf")), "eta is inf"),
        (lambda: NodePerturbation(noise="uniform"), "must be one of gaussian, rademacher"),
        (lambda: NodePerturbation(comparison="one-pass", presynaptic="clean"), "no clean presynaptic"),
        (lambda: NodePerturbation(baseline=RunningMean()), "one-pass"),
        (lambda: replace(NETWORK, hidden=(0,)), "at least one neuron"),
        (lambda: replace(NETWORK, activations=("linear", "relu")), "need 1 activations"),
        (lambda: replace(NETWORK, activations=("rely",)), "did you mean 'relu'"),
        (lambda: replace(NETWORK, loss="cross_entropy"), "needs a softmax"),
        (lambda: replace(NETWORK, rule=NodePerturbation(layers=(3,))), "names layer 3"),
        (lambda: Samples(np.ones((3, 2)), np.ones((2, 1))), "equal numbers of rows"),
        (lambda: train(NETWORK, 75, 1), "multiples of the block"),
        (lambda: train(NETWORK, 50, 1, {"etta": 1.0}), "did you mean 'eta'"),
        (lambda: train(NETWORK, 50, 1, {"eta": [0.1, 0.2]}), "eta"),
        (lambda: train(NETWORK, 50, 1, {"sigma": 0.0}), "sigma"),
        (lambda: train(NETWORK, 50, 1, keep=["w7"]), "w7"),
    ],
)
def test_mistakes_are_one_clear_line(call, said):
    with pytest.raises(Mistake) as caught:
        call()
    assert said in str(caught.value) and "\n" not in str(caught.value)
