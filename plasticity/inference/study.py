"""Which rule is it: coefficients, what they are worth at so many trials, and the rivals' foresight.

    coefficients   the most probable of each subject with their interval, under the population's prior
    recovery r     as many trials as were given, simulated with coefficients drawn from the population prior
                   and fitted as the data were: correlation of what was drawn with what came back, and how
                   often the interval covers it. Below `IDENTIFIED` a coefficient is not identified.
                   The same simulations say how wide the intervals must be (`calibrated`); each is of a
                   population that the subjects may as well have come from (`Fitted.redrawn`).
    held out       nats per trial of sessions (or blocks) that were not fitted, foretold by the posterior
                   (`empirical_bayes`, 3), beside rivals that are treated alike

The recovery lives in the world of the task's kind that is most like theirs (`tasks`), in sessions as long as
theirs, as many together as they are, so that what a small population leaves open of its prior counts too.
"""

import contextlib
import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...analysis.behaviour.choices import Choices
from ...analysis.foundation import Array, Mistake, kept_parts, stream
from ...analysis.foundation.progress import Report, Reporter, tell, within
from ...analysis.statistics.empirical_bayes import (
    Coefficient,
    Fitted,
    Normal,
    Objective,
    Prior,
    fit,
    held_out,
)
from ..outer_loop.cluster import Cluster
from .coefficients import Chart
from .tasks import Bandit, Task

Job = Callable[..., dict[str, NDArray]]

IDENTIFIED = 0.5
"""Recovery r below which a coefficient counts as not identified."""
LEVEL = 0.9
Z90 = 1.6448536269514722
"""Half of a 90 % interval, in standard deviations."""
FOLDS = 4
"""Parts into which sessions or blocks are dealt, at most."""
BLOCK = 15
"""Trials of a block, where there is one session and nothing that says what a block is."""
FEWEST = 40
"""Simulated subjects of the recovery, at least; as many as were given, but no more than `MOST`. Fewer
subjects are simulated as several populations of their number."""
MOST = 120


@dataclass(frozen=True)
class Recovery:
    """What a fit gives back at this many trials; each (coefficient,)."""

    names: tuple[str, ...]
    r: Array
    coverage: Array
    """of the 90 % interval, calibrated"""
    width: Array
    """half of that interval, in standard deviations of Laplace's posterior"""
    laplace: Array
    """coverage of the interval that is not calibrated, `Z90` standard deviations"""
    subjects: int


@dataclass(frozen=True)
class Inferred:
    """The answer: fits, recovery and foresight."""

    subjects: tuple[str, ...]
    chart: Chart
    parameters: tuple[Coefficient, ...]
    fitted: Fitted
    recovery: Recovery
    foresight: Mapping[str, Array]
    """model -> held-out nats per trial (subject,)"""
    trials: NDArray[np.int64]
    """made by each subject"""
    held_by: str
    """session or block"""
    world: str
    """in which the subjects of the recovery live, in words"""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.parameters)

    @property
    def identified(self) -> NDArray[np.bool_]:
        """Whether a subject's own choices tell a coefficient, (subject, coefficient): r is `IDENTIFIED` at
        least, in recovery and, as sqrt(1 - posterior variance / prior variance), in this very subject; and
        the fit did not end at the end of its reach, as it does where choices are separable."""
        off = np.abs(self.fitted.x - [p.mean for p in self.parameters])
        inside = off < np.array([p.reach for p in self.parameters]) - 1e-9
        return inside & (self.recovery.r >= IDENTIFIED) & (self.fitted.told >= IDENTIFIED**2)

    def values(self) -> tuple[Array, Array, Array]:
        """Value, lower and upper end of the 90 % interval of each, (subject, coefficient)."""
        parameters, x = self.parameters, self.fitted.x
        spread = self.recovery.width * self.fitted.errors
        ends = [
            np.stack([p.value(at[:, k]) for k, p in enumerate(parameters)], axis=1)
            for at in (x, x - spread, x + spread)
        ]
        return ends[0], ends[1], ends[2]


def infer(
    choices: Choices,
    *,
    task: Task | None = None,
    prior: Prior = "population",
    fold: NDArray | None = None,
    held_by: str = "session",
    seed: int = 0,
    folder: Path | None = None,
    progress: Reporter = None,
    workers: int = 1,
    scheduler: str | None = None,
) -> Inferred:
    """Infer the coefficients of each subject.

    Args:
        choices: of all subjects; rewards from 0 to 1 (`Choices.in_unit_rewards`).
        task: what the subjects did, and which coefficients are free; by default a `Bandit` with those of
            the family.
        prior: "population" or "weak".
        fold: part in which each trial is held out (subject, trial); by default `parts`.
        held_by: what ``fold`` deals, in words.
        seed: of starts, draws and simulations.
        folder: where finished parts are kept, from which an interrupted call goes on.
        progress: told the fraction done.
        workers: processes among which the recovery and what is held out are dealt, one model each; what is
            found does not depend on them.
        scheduler: file in which a Dask scheduler has written its address: its workers do it instead.

    Raises:
        Mistake: nothing to learn from (no trial, a single reward), too few trials to hold any out.
    """
    task = Bandit() if task is None else task
    paid = choices.reward[choices.made]
    if not len(paid):
        raise Mistake("no trial was made")
    if np.ptp(paid) == 0:
        raise Mistake(f"all rewards are {paid[0]:g}: nothing can be learned from them")
    if paid.min() < 0 or paid.max() > 1:
        raise Mistake("rewards must lie in [0, 1]; in_unit_rewards brings them there")
    idle = np.flatnonzero(~choices.made.any(axis=1))
    if len(idle):
        raise Mistake(f"subject {choices.subjects[idle[0]]} made no choice")
    if fold is None:
        fold, held_by = parts(choices)
    task.check(choices)
    models = task.models(choices)
    found = _kept(
        folder, "fit", lambda: _arrays(fit(models["family"], prior=prior, seed=seed)), progress, 0.0, "fit"
    )
    fitted = _fitted(found)
    jobs: dict[str, Job] = {"recovery": partial(_recover, task, choices, fitted, prior, seed)}
    told = {"recovery": "recovery at this many trials"}
    count = int(fold.max()) + 1
    for number, (name, model) in enumerate(models.items()):
        jobs[f"held out {number}"] = partial(_foretell, model, fold, count, prior, seed)
        told[f"held out {number}"] = f"held out: {name}"
    made = _dealt(jobs, told, folder, progress, workers, scheduler)
    recovered = made["recovery"]
    names = tuple(p.name for p in models["family"].parameters)
    r, coverage, width, laplace = (recovered[name] for name in ("r", "coverage", "width", "laplace"))
    recovery = Recovery(names, r, coverage, width, laplace, int(recovered["subjects"]))
    trials = choices.made.sum(axis=1)
    foresight = {name: made[f"held out {number}"]["nats"] / trials for number, name in enumerate(models)}
    return Inferred(
        choices.subjects,
        task.chart,
        models["family"].parameters,
        fitted,
        recovery,
        foresight,
        trials,
        held_by,
        task.world(choices),
    )


def _foretell(
    model: Objective, fold: NDArray, count: int, prior: Prior, seed: int, progress: Report | None = None
) -> dict[str, NDArray]:
    """Held-out nats of a model (subject,)."""
    return {"nats": held_out(model, fold, count, prior=prior, seed=seed, progress=progress)}


def _dealt(
    jobs: Mapping[str, Job],
    told: Mapping[str, str],
    folder: Path | None,
    progress: Reporter,
    workers: int,
    scheduler: str | None,
) -> dict[str, dict[str, NDArray]]:
    """What each of ``jobs`` makes: found in ``folder``, or made now, by so many processes or a cluster."""
    places = {name: 0.15 + 0.85 * number / len(jobs) for number, name in enumerate(jobs)}
    missing = [name for name in jobs if folder is None or kept_parts.read(folder / f"{name}.npz") is None]

    def collected(make: Callable[[str], Any]) -> dict[str, dict[str, NDArray]]:
        return {
            name: _kept(folder, name, partial(make, name), progress, places[name], told[name])
            for name in jobs
        }

    if scheduler is not None:
        with contextlib.closing(Cluster(scheduler)) as cluster:
            done = cluster.results([jobs[name] for name in missing])
            return collected(lambda name: next(done))
    if workers == 1:
        found = {}
        for number, (name, job) in enumerate(jobs.items()):
            end = 0.15 + 0.85 * (number + 1) / len(jobs)
            tell = within(progress, places[name], end, told[name])
            make = partial(job, progress=tell) if name != "recovery" else job
            found[name] = _kept(folder, name, make, progress, places[name], told[name])
        return found
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=spawning) as pool:
        begun = {name: pool.submit(jobs[name]) for name in missing}
        try:
            return collected(lambda name: begun[name].result())
        except BrokenProcessPool as error:
            raise Mistake("a worker of infer died; with fewer --workers there is more memory") from error


def parts(choices: Choices, blocks: NDArray | None = None) -> tuple[NDArray[np.int64], str]:
    """The part in which each trial is held out, (subject, trial), and what is dealt.

    Sessions one after the other go to `FOLDS` parts where every subject has two at least; else ``blocks``
    (subject, trial; their numbers), else runs of `BLOCK` trials, fewer where a subject made less.

    Raises:
        Mistake: a subject made fewer than two trials.
    """
    made = choices.made
    session = np.cumsum(choices.begins, axis=1) - 1
    last = np.where(made, session, 0).max(axis=1)
    if (last >= 1).all():
        return session % min(FOLDS, int(last.min()) + 1), "session"
    if blocks is not None:
        numbers = [np.unique(row[own]) for row, own in zip(blocks, made, strict=True)]
        if min(len(one) for one in numbers) >= 2:
            count = min(6, min(len(one) for one in numbers))
            dealt = [np.searchsorted(one, row) for one, row in zip(numbers, blocks, strict=True)]
            return np.array(dealt) % count, "block"
    trials = made.sum(axis=1)
    if (trials < 2).any():
        who = choices.subjects[int(trials.argmin())]
        if not trials.min():
            raise Mistake(f"subject {who} made no choice")
        raise Mistake(f"subject {who} made {trials.min()} trial: none can be held out")
    length = np.clip(trials // FOLDS, 1, BLOCK)[:, None]
    number = np.maximum(np.cumsum(made, axis=1) - 1, 0) // length
    return number % min(FOLDS, int(trials.min())), "block"


def usual(choices: Choices) -> tuple[int, int]:
    """Sessions of the median subject, and trials of each."""
    session = np.cumsum(choices.begins, axis=1)
    met = [len(np.unique(row[made])) for row, made in zip(session, choices.made, strict=True)]
    sessions = max(1, int(np.median(met)))
    return sessions, int(max(2, np.median(choices.made.sum(axis=1)) // sessions))


def _recover(task: Task, choices: Choices, fitted: Fitted, kind: Prior, seed: int) -> dict[str, NDArray]:
    """Recovery at as many trials and sessions as the median subject made."""
    sessions, trials = usual(choices)
    given = len(choices.subjects)
    learned = kind == "population" and given > 1
    together = min(given, MOST) if learned else FEWEST
    parameters = task.models(choices)["family"].parameters
    reach = np.array([p.reach for p in parameters])
    centre = np.array([p.mean for p in parameters])
    true, found = [], []
    for population in range(-(-FEWEST // together)):
        generator = np.random.default_rng([seed, population])
        prior = fitted.redrawn(generator) if learned else fitted.prior
        x = prior.mean + np.sqrt(prior.variance) * generator.standard_normal((together, len(parameters)))
        x = np.clip(x, centre - reach, centre + reach)
        lived = task.lived(choices, x, sessions, trials, stream(seed, str(population)))
        true.append(x)
        found.append(fit(lived, prior=kind if kind == "weak" or learned else prior, seed=seed))
    x, one = np.concatenate(true), Fitted.together(found)
    r, laplace = agreement(x, one)
    width, coverage = calibrated(x, one)
    return {"r": r, "coverage": coverage, "width": width, "laplace": laplace, "subjects": np.array(len(x))}


def agreement(x: Array, found: Fitted) -> tuple[Array, Array]:
    """Correlation of ``x`` with what was fitted, and coverage of the 90 % interval, both (coefficient,)."""
    centred = [table - table.mean(axis=0) for table in (x, found.x)]
    scale = np.sqrt((centred[0] ** 2).sum(axis=0) * (centred[1] ** 2).sum(axis=0))
    r = np.divide((centred[0] * centred[1]).sum(axis=0), scale, out=np.zeros(len(scale)), where=scale > 0)
    return r, (np.abs(found.x - x) <= Z90 * found.errors).mean(axis=0)


def calibrated(x: Array, found: Fitted) -> tuple[Array, Array]:
    """How wide 90 % intervals must be, and how often such ones then hold the truth, both (coefficient,).

    Laplace's posterior is too narrow where few trials make it skewed. The width, in its standard deviations,
    is the 90 % quantile of |x - found| over the subjects whose coefficients ``x`` are known (a parametric
    bootstrap); the coverage is that of one half of the subjects with the width from the other half.
    """
    off = np.abs(found.x - x) / found.errors
    wide = np.quantile(off, LEVEL, axis=0)
    halves = off[::2], off[1::2]
    held = [one <= np.quantile(other, LEVEL, axis=0) for one, other in (halves, halves[::-1])]
    return wide, np.concatenate(held).mean(axis=0)


def _kept(
    folder: Path | None,
    name: str,
    make: Callable[[], dict[str, NDArray]],
    progress: Reporter,
    done: float,
    what: str,
) -> dict[str, NDArray]:
    """A part that was finished before, or else made now and kept."""
    tell(progress, done, what)
    file = None if folder is None else folder / f"{name}.npz"
    found = None if file is None else kept_parts.read(file)
    if found is None:
        found = make()
        if file is not None:
            kept_parts.write(file, found)
    return found


def _arrays(found: Fitted) -> dict[str, NDArray]:
    return {
        "x": found.x,
        "information": found.information,
        "value": found.value,
        "mean": found.prior.mean,
        "variance": found.prior.variance,
        "converged": found.converged,
        "rounds": np.array(found.rounds),
    }


def _fitted(kept: Mapping[str, NDArray]) -> Fitted:
    return Fitted(
        kept["x"],
        kept["information"],
        kept["value"],
        Normal(kept["mean"], kept["variance"]),
        kept["converged"].astype(bool),
        int(kept["rounds"]),
    )
