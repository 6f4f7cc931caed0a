"""Distributions of tasks: splits share nothing, a draw can be made again, and has the law it claims; what
teacher_student draws and linear_teacher, hidden_teacher and temporal_teacher then ask."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks import (
    SPLITS,
    Poles,
    TaskDistribution,
    Teachers,
    TeacherStudent,
    TemporalTeacher,
    TrackKind,
    Tracks,
)
from hedon.models.tasks.distribution import Drawn, world_seed
from hedon.plasticity import GradientDescent

DISTRIBUTIONS = (TeacherStudent(), Tracks(), Poles())


def lived(drawn: Drawn, outputs: list[str], **settings) -> dict[str, np.ndarray]:
    net = RateNetwork(
        drawn.task,
        GradientDescent(eta=0.0),
        individuals=drawn.number,
        block=1,
        initial_scale=0.0,
        **drawn.network,
        **settings,
    )
    arrays = net.program()(drawn.arguments, seed=0, duration=1, outputs=outputs)
    return {name: np.asarray(arrays[name]) for name in outputs}


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda d: type(d).__name__)
def test_splits_share_no_world_whatever_their_seeds(distribution: TaskDistribution) -> None:
    seeds = {
        split: {drawn.task_seed for seed in range(60) for drawn in distribution.draw(split, 6, seed)}
        for split in SPLITS
    }
    assert not seeds["train"] & seeds["held_out"]
    assert not (seeds["train"] | seeds["held_out"]) & seeds["out_of_distribution"]
    for split, of_split in seeds.items():  # and hardly any twice
        assert len(of_split) > 0.999 * 60 * len(distribution.draw(split, 6, 0))
    assert {world_seed(5, split) % 4 for split in SPLITS} == {0, 1, 2}


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda d: type(d).__name__)
@pytest.mark.parametrize("split", SPLITS)
def test_a_draw_can_be_made_again_and_does_not_depend_on_how_many(distribution, split) -> None:
    few, many = distribution.draw(split, 6, 3), distribution.draw(split, 12, 3)
    other = distribution.draw(split, 6, 4)
    for one, two, three in zip(few, many, other, strict=True):
        assert one.task_seed == two.task_seed != three.task_seed
        for name, values in one.parameters.items():
            np.testing.assert_array_equal(values, two.parameters[name][: one.number])
            assert len(values) == one.number
            if np.ptp(values) > 0:
                assert not np.array_equal(values, three.parameters[name])


def test_sizes_noise_and_covariance_follow_their_laws() -> None:
    teachers = Teachers(shapes=((20, 3),), inputs=(4, 20), label_noise=(0.1, 0.3), condition=(1.0, 9.0))
    (drawn,) = teachers.draw("usual", "train", 4000, 1, 0)
    scale = drawn.parameters["input_scale"]
    shown = (scale > 0).sum(axis=1)
    assert set(shown) == set(range(4, 21))
    assert abs(z_score(shown, 12.0)) < 5
    assert abs(z_score(drawn.parameters["label_noise"], 0.2)) < 5
    logs = np.log(scale[:, 0] ** 2)  # of the first input, which is never silent
    assert abs(z_score(logs, 0.0)) < 5
    # u - 1/2 has variance 1/12, log(condition) ~ U(0, log 9) the mean square log(9)**2/3
    assert abs(z_score(logs**2, np.log(9) ** 2 / 36)) < 5
    np.testing.assert_allclose((scale**2).sum(axis=1) * drawn.parameters["teacher_scale"] ** 2, 1)


@pytest.mark.parametrize(
    ("split", "which"), [("held_out", 1), pytest.param("out_of_distribution", -1, marks=pytest.mark.whole)]
)
def test_answers_have_variance_one_and_inputs_are_silent(split, which) -> None:
    """The target of a first trial, less its label noise, over many teachers: linear, and rectifying."""
    drawn = TeacherStudent().draw(split, 3000, 2)[which]
    first = lived(drawn, ["target", "x0"])
    noise = drawn.parameters["label_noise"][:, None]
    assert abs(z_score((first["target"] ** 2 - noise**2).mean(axis=1), 1.0)) < 5
    assert abs(z_score(first["target"].mean(axis=1), 0.0)) < 5
    scale = drawn.parameters["input_scale"]
    assert ((first["x0"] == 0) == (scale == 0)).all() and (scale == 0).any()
    assert abs(z_score(first["x0"][:, 0] ** 2 / scale[:, 0] ** 2, 1.0)) < 5


def test_temporal_answers_have_variance_one() -> None:
    task = TemporalTeacher(20, 4, 2, 12, strength=0.7, teacher_scale=1 / (0.7 * 2))
    net = RateNetwork(task, GradientDescent(eta=0.0), individuals=400, block=1, initial_scale=0.0)
    program, given = net.program(), {"task_seed": 5.0}
    loss = np.asarray(program(given, seed=0, duration=1, outputs=["loss"])["loss"])[-1]
    assert abs(z_score(2 * loss / task.outputs, 1.0)) < 5
    given |= {"teacher_scale": 0.0, "unreachable": 0.3}
    loss = np.asarray(program(given, seed=0, duration=1, outputs=["loss"])["loss"])[-1]
    np.testing.assert_allclose(loss, 0.3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: TeacherStudent().draw("test", 6, 0),  # type: ignore[arg-type]
        lambda: TeacherStudent().draw("train", 7, 0),
        lambda: Teachers(shapes=((20,),)),
        lambda: Teachers(inputs=(4, 30)),
        lambda: Teachers(label_noise=(0.2, 0.1)),
        lambda: Teachers(condition=(0.5, 2.0)),
        lambda: Teachers(wider=0),
        lambda: Teachers(activation="tanh"),  # type: ignore[arg-type]
        lambda: TrackKind(length=(0.05, 1.0)),
        lambda: TrackKind(delay=(0.3, 0.1)),
        lambda: Tracks().draw("held_out", 0, 0),
        lambda: Poles(spread=0.5),
        lambda: Poles(spread=2.0, beyond=1.5),
    ],
)
def test_refusals(make) -> None:
    with pytest.raises(Mistake):
        make()
