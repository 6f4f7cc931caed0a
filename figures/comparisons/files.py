"""What the analyses read: cells from NWB files one after the other, people from CSV files.

Only one file of neurons is held at a time, so that memory is bounded by the largest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ...analysis.behaviour import Behaviour, read_behaviour
from ...analysis.mistakes import Mistake
from ...analysis.recordings import Recording, read_nwb

Progress = Callable[[float, str], None]
"""Told the fraction done (0 to 1) and what is under way."""


def cells(
    files: Sequence[Path],
    needs: Sequence[str],
    columns: Mapping[str, str],
    progress: Progress | None = None,
) -> Iterator[Recording]:
    """Each unit of each file as a recording of its own, with the trials' columns ``needs`` as numbers.

    Args:
        needs: columns of the trials, by our names.
        columns: our name -> the file's name, where they differ.

    Raises:
        Mistake: a file that cannot be read, a missing column (which, and what is there), no trials, an event
            ``t_outcome`` without a time, no unit in any file.
    """
    found = 0
    for number, file in enumerate(files):
        if progress is not None:
            progress(number / len(files), file.name)
        recording = read_nwb(file)
        trials = {name: recording.trials.get(columns.get(name, name)) for name in needs}
        missing = [columns.get(name, name) for name, values in trials.items() if values is None]
        if missing:
            raise Mistake(
                f"{file}: trials have no column '{missing[0]}'; there are {', '.join(recording.trials)}"
            )
        table = {name: np.asarray(values, float) for name, values in trials.items()}
        if not len(next(iter(table.values()), ())):
            raise Mistake(f"{file} has no trials")
        if "t_outcome" in table and not np.isfinite(table["t_outcome"]).all():
            raise Mistake(f"{file}: t_outcome is not a number in every trial")
        for spikes in recording.spike_times:
            found += 1
            yield Recording((spikes,), table)
    if not found:
        raise Mistake("no unit in any of the files")


def people(files: Sequence[Path], needs: Sequence[str], columns: Mapping[str, str]) -> Behaviour:
    """The one CSV file with all subjects, with the columns ``needs``."""
    if len(files) != 1:
        raise Mistake("this analysis takes one CSV file with all subjects")
    return read_behaviour(files[0], needs, columns)
