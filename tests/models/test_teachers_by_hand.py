"""What linear_teacher, hidden_teacher and temporal_teacher show and ask in a trial, against a few lines of
numpy; by the rate network's circuit, run by Brian2 without compiling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import brian2 as b2
import numpy as np
import pytest

from hedon.models.program.keyed import normal, uniform
from hedon.models.rate.circuit import build
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks.hidden_teacher import HiddenTeacher
from hedon.models.tasks.linear_teacher import LinearTeacher
from hedon.models.tasks.streams import SUPERVISED
from hedon.models.tasks.task import Task
from hedon.models.tasks.temporal_teacher import TemporalTeacher
from hedon.plasticity import GradientDescent

MANY, STIMULUS, TEACHER, LABEL = 3, *(SUPERVISED[name] for name in ("stimulus", "teacher", "label"))
WHO = np.arange(MANY)[:, None]


@pytest.fixture(autouse=True)
def numpy_target() -> Iterator[None]:
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    b2.start_scope()
    yield
    b2.prefs.codegen.target = before


def lived(task: Task, bins: int = 1) -> Any:
    """The circuit after so many bins."""
    model = build(RateNetwork(task, GradientDescent(eta=0.0), individuals=MANY, block=1, initial_scale=0.0))
    model.network.run(bins * b2.second)
    return model


def of(model: Any, group: str, variable: str) -> np.ndarray:
    return np.array(getattr(model.network[group], variable)).reshape(MANY, -1)


def target(model: Any) -> np.ndarray:
    """(individual, output)."""
    groups = [one.name for one in model.network.objects if isinstance(one, b2.NeuronGroup)]
    return of(model, next(name for name in groups if "target" in model.network[name].variables), "target")


@pytest.mark.parametrize("kind", ["gaussian", "rademacher"])
@pytest.mark.parametrize("alike", [False, True])
def test_a_linear_teacher(kind: Any, alike: bool) -> None:
    model = lived(LinearTeacher(4, 2, label_noise=0.5, teacher_scale=2.0, input_kind=kind, alike=alike))
    x = normal(0, STIMULUS, WHO, 0, np.arange(4))
    if kind == "rademacher":
        x = 1 - 2.0 * (uniform(0, STIMULUS, WHO, 0, np.arange(4)) < 0.5)
    np.testing.assert_allclose(of(model, "layer0", "x_clean"), x)
    index = np.arange(4)[:, None] * 2 + np.arange(2)
    w = 2.0 * normal(0, TEACHER, WHO[..., None], 0, index)
    noise = 0.5 * normal(0, LABEL, WHO, 0, np.arange(2))
    np.testing.assert_allclose(target(model), np.einsum("ij,ijk->ik", x, w) + noise)
    assert set(model.arguments) >= {"input_scale", "input_mean", "teacher_scale", "label_noise"}
    assert all(model.arguments[name].low == 0 for name in ("input_scale", "teacher_scale", "label_noise"))


@pytest.mark.parametrize("function", ["linear", "relu"])
def test_a_hidden_teacher(function: Any) -> None:
    model = lived(HiddenTeacher(4, 3, 2, function))
    x = normal(0, STIMULUS, WHO, 0, np.arange(4))
    first = 4**-0.5 * normal(0, TEACHER, WHO[..., None], 1, np.arange(4)[:, None] * 3 + np.arange(3))
    second = 3**-0.5 * normal(0, TEACHER, WHO[..., None], 2, np.arange(3)[:, None] * 2 + np.arange(2))
    hidden = np.einsum("ij,ijk->ik", x, first)
    hidden = np.maximum(hidden, 0) if function == "relu" else hidden
    np.testing.assert_allclose(target(model), np.einsum("ij,ijk->ik", hidden, second))
    assert model.arguments["teacher_scale"].low == 0


def test_a_temporal_teacher() -> None:
    """Sines and cosines of one, two, ... periods in a trial of eight bins; two of four inputs in a trial."""
    task = TemporalTeacher(5, 4, 2, 8, strength=1.5, unreachable=0.3, per_trial=2, teacher_scale=0.5)
    choice = SUPERVISED["choice"]
    first = np.floor(4 * uniform(0, choice, np.arange(MANY), 0, 0)).astype(int)
    for bins in (1, 4, 8):
        model = lived(task, bins)
        b2.start_scope()
        phase = 2 * np.pi * (bins - 1) / 8
        waves = 2**0.5 * np.array([np.cos(phase), np.sin(phase), np.cos(2 * phase), np.sin(2 * phase), 0])
        shown = np.zeros((MANY, 5))
        for one in range(MANY):
            for k in (first[one], (first[one] + 1) % 4):
                shown[one, k] = 1.5 * waves[k]
        np.testing.assert_allclose(of(model, "layer0", "x_clean"), shown, atol=1e-12)
        w = 0.5 * normal(0, TEACHER, WHO[..., None], 0, np.arange(5)[:, None] * 2 + np.arange(2))
        expected = np.einsum("ij,ijk->ik", shown, w) + (2 * 0.3 / 2) ** 0.5
        np.testing.assert_allclose(target(model), expected)
    assert model.arguments["unreachable"].low == model.arguments["strength"].low == 0
