"""Task families: worlds as values, with the Brian2 code that draws their stimuli and targets."""

from __future__ import annotations

from .digits import digits
from .hidden_teacher import HiddenTeacher
from .linear_teacher import LinearTeacher
from .samples import Samples
from .task import Task
from .temporal_teacher import TemporalTeacher

__all__ = ["HiddenTeacher", "LinearTeacher", "Samples", "Task", "TemporalTeacher", "digits"]
