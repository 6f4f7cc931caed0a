"""Series of trials: individuals that live trial after trial, each at its own pace, and what became of each
trial.

A series is a sequence of segments. In each segment every individual lives so many trials; then it rests
until the last has finished, and the activity that is left dies away. The next segment starts from the
weights (and the trace of pauses) alone, so a series that was killed goes on from its last whole segment with
the same numbers. A segment lasts as long as all its trials could take, or ``seconds``: trials that are then
not finished count as time-outs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.foundation import kept_parts
from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from .network import ActorCritic

QUIET = 1.0
"""Seconds after the last trial for rewards to be paid and taken up."""


@dataclass(frozen=True)
class Series:
    """Trials of all individuals.

    ``latency`` (individual, trial) in s, a time-out counting as the limit; ``outcome`` (individual, trial)
    1, -1 or 0 for a time-out; ``finished`` (individual, trial), False where the segment ended before the
    trial; ``last``: the outputs asked for, after the last segment.
    """

    latency: np.ndarray
    outcome: np.ndarray
    finished: np.ndarray
    last: Mapping[str, np.ndarray]


def longest(net: ActorCritic, trials: int) -> float:
    """Seconds that so many trials take at most."""
    return trials * (net.task.limit + net.task.rest + 0.04) + QUIET


def live(
    net: ActorCritic,
    trials: int,
    seed: int,
    parameters: Mapping[str, Any] | None = None,
    *,
    segments: int = 1,
    seconds: float | None = None,
    outputs: tuple[str, ...] = (),
    progress: Callable[[float], None] | None = None,
    folder: Path | None = None,
) -> Series:
    """Let every individual of ``net`` live ``trials`` trials.

    Args:
        net: the network, its rules and task.
        trials: for each individual; a multiple of ``segments``.
        seed: of the task's draws and of all spikes.
        parameters: arguments of the program (``learning``, ``eta_actor``, ...).
        segments: parts of equal length, between which only the weights are carried over.
        seconds: length of a segment, by default what its trials take at most.
        outputs: further outputs of the last segment (``w_critic``, ``x_trace``, ...).
        progress: is told the finished fraction.
        folder: where the segments are kept, so that a killed series can go on.

    Raises:
        Mistake: trials that are no multiple of the segments, unknown parameters or outputs.
    """
    if segments < 1 or trials < 1 or trials % segments:
        raise Mistake(f"{trials} trials cannot be lived in {segments} equal segments")
    program = net.program()
    each = trials // segments
    duration = longest(net, each) if seconds is None else seconds
    duration = round(duration / net.step) * net.step
    shape = (net.individuals, trials)
    latency, outcome, finished = np.full(shape, net.task.limit), np.zeros(shape), np.zeros(shape, bool)
    given = dict(parameters or {})
    given.setdefault("task_seed", stream(seed, "task"))
    part: dict[str, np.ndarray] = {}
    for segment in range(segments):
        kept = folder / f"segment{segment:04d}.npz" if folder is not None else None
        found = kept_parts.read(kept) if kept is not None else None
        if found is None:
            state = {name: part[name] for name in net.carried if name in part}
            first = segment * each

            def told(fraction: float, segment: int = segment) -> None:
                if progress is not None:
                    progress((segment + fraction) / segments)

            arrays = program(
                given | state | {"trial": first - 1, "trials": first + each},
                seed=stream(seed, "spikes", segment),
                duration=duration,
                outputs=(
                    "end_individual",
                    "end_trial",
                    "latency",
                    "outcome",
                    *dict.fromkeys((*net.carried, *outputs)),
                ),
                progress=told,
            )
            found = {name: np.asarray(arrays[name]) for name in arrays}
            if kept is not None:
                kept_parts.write(kept, found)
        part = found
        who, which = part["end_individual"].astype(int), part["end_trial"].astype(int)
        latency[who, which], outcome[who, which] = part["latency"], part["outcome"]
        finished[who, which] = True
        if progress is not None:
            progress((segment + 1) / segments)
    return Series(latency, outcome, finished, {name: part[name] for name in outputs})
