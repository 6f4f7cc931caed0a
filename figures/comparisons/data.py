"""What the analyses read: cells and sessions of recordings one after the other, subjects of behaviour."""

from __future__ import annotations

import hashlib
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.mistakes import Mistake
from ...analysis.recordings.behaviour import ORDER, Behaviour
from ...analysis.recordings.behaviour_files import read_people
from ...analysis.recordings.checks import again, check_trials
from ...analysis.recordings.codes import TRUTHS, as_numbers, check_names, check_truth, mapped
from ...analysis.recordings.files import read_recording
from ...analysis.recordings.places import unique_names
from ...analysis.recordings.recording import INVALID, Recording
from ...analysis.recordings.spike_files import numbers
from ...analysis.recordings.tables import EXACT

DOPAMINE = {"dopamine", "dopaminergic", "da", "dan", "cell", "cells", "neuron", "neurons"}
"""Words of a cell type that says dopamine, without any other word such as 'putative' or 'non'."""
SIGNS: Mapping[str, Callable[[NDArray, float], NDArray]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
LABELS = ("quality",)
"""Columns of units that may say which are noise."""
FEWEST_TRIALS = 20
"""Trials that two subjects do not have alike by chance."""
LONG = 0.1
"""Share of the session without a spike, at its begin or end, that is worth a word,"""
SURE = 10.0
"""if so many spikes are missing there."""
OUTSIDE = 10.0
"""How far from its trial an outcome may lie (s)."""
Progress = Callable[[float, str], None]
"""Told the fraction done (0 to 1) and what is under way."""


@dataclass
class Data:
    """What is compared: files or recordings, how they are read, and what a reader must be told of them."""

    sources: Sequence[Path | Recording]
    columns: Mapping[str, str] = field(default_factory=dict)
    """our name -> the files' name, where they differ"""
    progress: Progress | None = None
    trials: str | None = None
    """name of the table of trials, where it is another than usual"""
    chosen: str | None = None
    """units that are taken, by a label of theirs: ``column=value``, or the value alone; ``all``"""
    where: Sequence[str] = ()
    """trials that are taken: each ``column=value``, or with ``<``, ``>``, ``!=``"""
    event: str | None = None
    """column of the event that is followed, where it is another than the analysis's"""
    window: tuple[float, float] | None = None
    """from, to (s after the event), where it is another than the analysis's"""
    animals: bool = False
    """whether rows are animals, each the mean of its cells"""
    rows: list[str | None] = field(default_factory=list)
    """whose each row is; filled while the sources are read"""
    notes: list[str] = field(default_factory=list)
    """what was left out, guessed or odd, one line each"""

    def __post_init__(self) -> None:
        if self.window is not None and not self.window[0] < self.window[1]:
            raise Mistake(f"a window from {self.window[0]:g} to {self.window[1]:g} s is none")
        met: set[Path] = set()
        for source in self.sources:
            if not isinstance(source, Recording):
                place = Path(source).resolve()
                if place in met:
                    raise Mistake(f"{source} is named twice")
                met.add(place)

    def like(self, sources: Sequence[Path | Recording], columns: Mapping[str, str]) -> Data:
        """The same event, window and trials of other sources: a model's."""
        return Data(sources, columns, self.progress, where=self.where, event=self.event, window=self.window)

    def note(self, line: str) -> None:
        """Keep what a reader must be told, once."""
        if line not in self.notes:
            self.notes.append(line)

    def tell(self, fraction: float, what: str) -> None:
        """Report progress."""
        if self.progress is not None:
            self.progress(fraction, what)

    def cells(
        self,
        needs: Sequence[str],
        *,
        optional: Mapping[str, float] | None = None,
        finite: Sequence[str] = ("t_outcome",),
    ) -> Iterator[Recording]:
        """Each unit as a recording of its own, with the trials' columns as numbers.

        Left out, and told: what `sessions` leaves out, units without spikes, and, where the units'
        ``cell_type`` tells dopamine cells from others, the others. Told: units that are copies of others.

        Args:
            needs, optional, finite: as of `sessions`.

        Raises:
            Mistake: what `sessions` raises; a file without units; no unit with spikes in any file.
        """
        seen: set[bytes] = set()
        found = copies = 0
        for recording in self.sessions(needs, optional=optional, finite=finite):
            name, many = recording.about["file"], len(recording.spike_times)
            if not many:
                raise Mistake(f"{name} has no units with spike times")
            chosen = np.ones(many, bool) if self.chosen else _dopamine(recording)
            if chosen.sum() < many:
                self.note(f"{name}: {many - chosen.sum()} of {many} units are no dopamine cells, left out")
            elif not self.chosen and "cell_type" in recording.units and not _says_dopamine(recording).any():
                kinds = ", ".join(sorted({str(kind) for kind in recording.units["cell_type"]}))
                self.note(f"{name}: cell_type does not tell dopamine cells ({kinds}): all {many} taken")
            for label in LABELS if not self.chosen else ():
                met = sorted({str(kind) for kind in recording.units.get(label, ())})
                if len(met) > 1:
                    self.note(f"{name}: {label} is {', '.join(met)}: units of each are taken (--cells)")
            silent = [unit for unit in np.flatnonzero(chosen) if not len(recording.spike_times[unit])]
            if silent:
                self.note(f"{name}: {len(silent)} of {many} units without spikes left out")
            self.say_gaps(recording, chosen)
            invalid = {place: table for place, table in recording.events.items() if place == INVALID}
            for unit in np.flatnonzero(chosen):
                spikes = recording.spike_times[unit]
                if not len(spikes):
                    continue
                digest = hashlib.sha256(spikes.tobytes()).digest()
                copies += digest in seen
                seen.add(digest)
                found += 1
                self.rows.append(recording.about.get("subject"))
                observed = None if recording.observed is None else (recording.observed[unit],)
                yield Recording(
                    (spikes,), recording.trials, observed=observed, events=invalid, about={"file": name}
                )
        if copies:
            self.note(f"{copies} of {found} units have the very spikes of another: intervals are too narrow")
        if not found:
            raise Mistake("no unit with spikes in any of the files")

    def sessions(
        self,
        needs: Sequence[str],
        *,
        optional: Mapping[str, float] | None = None,
        finite: Sequence[str] = ("t_outcome",),
        gaps: bool = False,
    ) -> Iterator[Recording]:
        """Each session, its trials those columns only, as numbers; ``about["file"]`` names it.

        Only one file is held at a time, so that memory is bounded by the largest. Left out, and told: trials
        in which one of the columns ``finite`` is no number, and those that were not chosen.

        Args:
            needs: columns of the trials, by our names.
            optional: columns that may be absent -> what then holds in all trials.
            finite: columns without which a trial cannot be used.
            gaps: whether all trials stay, in the order of time, those left out as NaN: for analyses of what
                comes after what.

        Raises:
            Mistake: a file that cannot be read, a missing column (which, and what is there), a cell that is
                no number, no trials.
        """
        names = unique_names(
            [
                source.about.get("identifier", f"session {number}")
                if isinstance(source, Recording)
                else source
                for number, source in enumerate(self.sources)
            ]
        )
        for number, (source, name) in enumerate(zip(self.sources, names, strict=True)):
            self.tell(number / len(self.sources), name)
            if isinstance(source, Recording):
                recording, where = source, Path(name)
            else:
                recording, where = read_recording(source, self.trials, self.columns), source
            self.notes += [f"{name}: {note}" for note in recording.notes]
            recording = self._of_chosen_units(recording, name)
            chosen = self._chosen_trials(recording, where, name)
            asked = (needs, self.columns, optional or {}, finite)
            table = _trials(where, name, recording, *asked, self.notes, chosen, gaps)
            yield replace(recording, trials=table, about={**recording.about, "file": name})

    def _chosen_trials(self, recording: Recording, file: Path, name: str) -> NDArray[np.bool_]:
        rows = len(next(iter(recording.trials.values()), ()))
        there = mapped(str(file), recording.trials, self.columns)
        kept = np.all(
            [_meets(str(file), there, term) for term in self.where] or [np.ones(rows, bool)], axis=0
        )
        if not kept.any() and rows:
            raise Mistake(f"{file}: no trial has {' and '.join(self.where)}")
        if not kept.all():
            self.note(f"{name}: {kept.sum()} of {rows} trials have {' and '.join(self.where)}")
        return np.asarray(kept)

    def _of_chosen_units(self, recording: Recording, name: str) -> Recording:
        """The units with the label that was asked for; what was left out is told."""
        if self.chosen in (None, "all"):
            return recording
        assert self.chosen is not None
        column, equals, value = self.chosen.rpartition("=")
        words = {n: values for n, values in recording.units.items() if values.dtype.kind in "US"}
        if equals:
            found = _meets(name, recording.units, self.chosen)
        else:
            kept = [np.char.lower(values) == value.lower() for values in words.values()]
            found = np.any(kept or [np.zeros(len(recording.spike_times), bool)], axis=0)
        if not found.any():
            labels = "; ".join(f"{n}: {', '.join(sorted(set(v.tolist()))[:5])}" for n, v in words.items())
            raise Mistake(f"{name} has no unit that is {self.chosen}; labels are {labels or 'none'}")
        left = [
            v
            for n, values in words.items()
            if n == column or column not in words
            for v in values[~found].tolist()
        ]
        others = ", ".join(sorted(set(left))[:5])
        said = f"{(~found).sum()} left out{f' ({others})' if others else ''}"
        self.note(f"{name}: {found.sum()} of {len(found)} units are {self.chosen}, {said}")
        kept_units = np.flatnonzero(found)
        observed = recording.observed
        return replace(
            recording,
            spike_times=tuple(recording.spike_times[unit] for unit in kept_units),
            units={n: values[kept_units] for n, values in recording.units.items()},
            observed=None if observed is None else tuple(observed[unit] for unit in kept_units),
        )

    def say_gaps(self, recording: Recording, chosen: NDArray[np.bool_]) -> None:
        """Tell of units that were perhaps found late, or lost early, where nothing says when they were
        observed, and of spikes that are there twice."""
        times = [values[np.isfinite(values)] for name, values in recording.trials.items() if name[:2] == "t_"]
        at = np.concatenate([*times, np.zeros(0)])
        odd, file = [], recording.about["file"]
        for unit in np.flatnonzero(chosen):
            spikes = recording.spike_times[unit]
            twice = int((np.diff(spikes) == 0).sum())
            if twice:
                self.note(f"{file}: {twice} of {len(spikes)} spikes of unit {unit} are at another's time")
            told = recording.observed is not None and len(recording.observed[unit])
            if told or len(spikes) < 2 or not len(at):
                continue
            gap = max(spikes[0] - at.min(), at.max() - spikes[-1])
            if gap > LONG * np.ptp(at) and gap * len(spikes) > SURE * np.ptp(spikes):
                odd.append(f"unit {unit}, {spikes[0]:.0f} to {spikes[-1]:.0f} s")
        if odd:
            self.note(
                f"{file}: {len(odd)} of {len(recording.spike_times)} units have no spikes "
                f"in a large part of the session (the first: {odd[0]}), where they count as silent; were "
                "they observed? obs_intervals would tell"
            )

    def people(self, needs: Sequence[str]) -> Behaviour:
        """All subjects of files of behaviour, with the columns ``needs``."""
        try:
            behaviour = read_people(self.sources, needs, self.columns, self.trials)
        except Mistake as mistake:
            raise Mistake(f"{mistake}{_how_to_name(str(mistake), self.columns)}") from mistake
        for line in (*behaviour.notes, *_perhaps_one(behaviour, needs)):
            self.note(line)
        if not self.where:
            return behaviour
        kept = np.all([_meets(behaviour.source, behaviour.columns, term) for term in self.where], axis=0)
        if not kept.any():
            raise Mistake(f"{behaviour.source}: no trial has {' and '.join(self.where)}")
        self.note(
            f"{kept.sum()} of {len(kept)} trials have {' and '.join(self.where)}; others count as missed"
        )
        gone = {name: np.where(kept, behaviour[name], np.nan) for name in needs if name != "change_point"}
        return replace(behaviour, columns={**behaviour.columns, **gone})


def _plain(name: str) -> str:
    """A name without what people write now so, now otherwise: capitals, accents' code, spaces, 01 for 1.0."""
    try:
        number = float(name)
        return name if abs(number) > EXACT else str(number)
    except ValueError:
        return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _perhaps_one(behaviour: Behaviour, needs: Sequence[str]) -> list[str]:
    """Notes of subjects who have the very trials of another, or whose names are the same when `_plain`."""
    lines: list[str] = []
    names: dict[str, list[str]] = {}
    seen: set[bytes] = set()
    copies = many = 0
    for name, own in behaviour.subjects():
        many += 1
        names.setdefault(_plain(name), []).append(name)
        told = [np.asarray(own[column], float) for column in needs if own[column].dtype.kind in "fiub"]
        digest = hashlib.sha256(np.array(told).tobytes()).digest()
        copies += digest in seen and len(own) >= FEWEST_TRIALS
        seen.add(digest)
    if copies:
        lines.append(f"{copies} of {many} subjects have the very trials of another: intervals are too narrow")
    for alike in names.values():
        if len(alike) > 1:
            lines.append(f"{' and '.join(alike)} count as {len(alike)} subjects; are they one?")
    return lines


def _how_to_name(mistake: str, columns: Mapping[str, str]) -> str:
    """What to do about a column that is not found, or that holds words; '' for other mistakes."""
    missing = re.search(r"has no column '(\w+)'", mistake)
    if missing and missing[1] not in columns:
        return f" (name it: --column {missing[1]}=...)"
    word = re.search(r": (\w+) is '([^']*)', must be a number$", mistake)
    if word:
        theirs = columns.get(word[1], word[1]).partition(":")[0]
        return f" (of two words name one: --column {word[1]}={theirs}:{word[2]})"
    return ""


def _meets(source: str, table: Mapping[str, NDArray], term: str) -> NDArray[np.bool_]:
    """Rows of a table for which a term such as ``block=2`` holds."""
    parts = re.fullmatch(r"(.+?)(!=|<=|>=|=|<|>)(.+)", term)
    if parts is None:
        raise Mistake(f"trials or units are chosen by column=value, not '{term}'")
    name, sign, wanted = parts.groups()
    if name not in table:
        raise Mistake(f"{source} has no column '{name}'; there are {', '.join(table)}")
    values = as_numbers(table[name])
    if values.dtype.kind != "f":
        if sign not in ("=", "!="):
            raise Mistake(f"{source}: {name} holds words, which are not {sign} '{wanted}'")
        return np.asarray((values == wanted) == (sign == "="))
    try:
        number = float(TRUTHS.get(wanted.lower(), wanted))
    except ValueError:
        raise Mistake(f"{source}: {name} holds numbers, not '{wanted}'") from None
    return np.asarray(SIGNS[sign](values, number))


def _says_dopamine(recording: Recording) -> NDArray[np.bool_]:
    """Which units have a cell type that is dopamine and nothing else."""
    types = [str(kind).lower() for kind in recording.units.get("cell_type", ())]
    named = np.array([set(kind.replace("_", " ").split()) <= DOPAMINE for kind in types], bool)
    return named


def _dopamine(recording: Recording) -> NDArray[np.bool_]:
    """Which units are dopamine cells; all, where the cell types do not tell."""
    named = _says_dopamine(recording)
    return named if named.any() else np.ones(len(recording.spike_times), bool)


def _absolute(file: Path, recording: Recording, table: Mapping[str, NDArray]) -> None:
    """Refuses times of events that are counted from the trial's start."""
    trials = recording.trials
    spans = [trials[name] for name in ("start_time", "stop_time") if name in trials]
    if len(spans) < 2 or any(span.dtype.kind not in "fiu" for span in spans):
        return
    start, stop = spans
    for name in [name for name in table if name.startswith("t_")]:
        outside = (table[name] < start - OUTSIDE) | (table[name] > stop + OUTSIDE)
        if outside.any():
            raise Mistake(
                f"{file}: {name} lies outside its trial (start_time to stop_time) in {outside.sum()} of "
                f"{len(start)} trials; is it counted from the trial's start, not the session's?"
            )


def _trials(
    file: Path,
    short: str,
    recording: Recording,
    needs: Sequence[str],
    columns: Mapping[str, str],
    optional: Mapping[str, float],
    finite: Sequence[str],
    told: list[str],
    chosen: NDArray[np.bool_],
    gaps: bool,
) -> dict[str, NDArray]:
    """The columns asked for, by our names, in the trials that can be used; with ``gaps`` all of them
    in their order in time, NaN in the others."""
    check_names(
        columns, {*ORDER, *needs, *optional, "trace", "unit", "spike_time", "spike_times", "spike_unit"}
    )
    there = mapped(str(file), recording.trials, columns)
    rows = len(next(iter(there.values()), ()))
    if not rows:
        raise Mistake(f"{file} has no trials")
    used = np.ones(rows, bool) if gaps else chosen
    table = {}
    for name in (*needs, *optional):
        theirs = columns.get(name, name)
        if name in there and (theirs in recording.trials or theirs.rpartition(":")[0] in recording.trials):
            table[name] = numbers(file, theirs, there[name][used])
        elif name in optional and name not in columns:
            table[name] = np.full(used.sum(), optional[name])
        else:
            raise Mistake(
                f"{file}: trials have no column '{theirs}'; there are {', '.join(recording.trials)}"
            )
    if "expected" in table:
        check_truth(str(file), "expected", table["expected"])
    for name in finite:
        wrong = np.isinf(table[name])
        if not name.startswith("t_") and wrong.any():
            raise Mistake(f"{file}: {name} is not finite in trial {np.flatnonzero(used)[wrong][0]}")
    recording = replace(recording, trials={name: values[used] for name, values in recording.trials.items()})
    _absolute(file, recording, table)
    for name in table:
        if name.startswith("t_") and (many := again(str(file), name, table[name])) and name in finite:
            told.append(f"{short}: {many} of {len(table[name])} trials have the very {name} of another")
    check_trials(str(file), replace(recording, trials=table))
    whole = np.all([np.isfinite(table[name]) for name in finite], axis=0)
    for name in finite:
        if not np.isfinite(table[name]).any():
            raise Mistake(f"{file}: {name} is not a number in any trial")
    if not whole.any():
        raise Mistake(f"{file}: no trial has {' and '.join(finite)}")
    if not whole.all():
        told.append(
            f"{short}: {(~whole).sum()} of {len(whole)} trials without {' or '.join(finite)} left out"
        )
    if not gaps:
        return {name: values[whole] for name, values in table.items()}
    order = _order(recording.trials.get("start_time", table[finite[0]]))
    return {name: np.where(whole & chosen, values, np.nan)[order] for name, values in table.items()}


def _order(start: NDArray) -> NDArray[np.intp]:
    """Trials by their times; one without comes after the one before it."""
    at = np.asarray(start, float)
    last = np.maximum.accumulate(np.where(np.isfinite(at), np.arange(len(at)), 0))
    return np.argsort(at[last], kind="stable")
