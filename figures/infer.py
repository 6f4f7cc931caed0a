"""Which plasticity rule is it: `hedon infer`, from files of behaviour to tables and a network.

Reads behaviour as `hedon compare` does, infers coefficients (`plasticity/inference/study.py`) and writes

    coefficients.csv   each subject's coefficients, 90 % intervals, and whether its choices tell them
    summary.csv        medians, recovery r and coverage at this many trials, whether it is identified, and in
                       how many subjects
    held_out.csv       held-out nats per trial of each model and subject
    switches.csv       P(switch) after two choices and outcomes and, where there is a column ``block``, by
                       trial of the block: of the subjects, foretold at their coefficients, and of learners
                       who live at them (`plasticity/inference/switches.py`; of bandits)
    network.toml       for `hedon run inferred_network --config`: the Brian2 network at these coefficients
                       (of bandits; the two-step task has no network of this kind)
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..analysis.behaviour.choices import Choices, bandit_choices, laid_out, two_step_choices
from ..analysis.behaviour.switching import histories
from ..analysis.foundation import results
from ..analysis.foundation.mistakes import Mistake, nearest
from ..analysis.foundation.progress import Progress as Bar
from ..analysis.statistics.empirical_bayes import Prior
from ..analysis.statistics.intervals import mean_and_error
from ..models.experiments import inferred_network
from ..plasticity.inference import study
from ..plasticity.inference.coefficients import FREE, Chart
from ..plasticity.inference.switches import Switches, switches
from ..plasticity.inference.tasks import Bandit, Task, TwoSteps
from ..plasticity.inference.two_step import TWO_STEP, TwoStepChart
from ..plasticity.outer_loop.execution import Execution
from .compare import csv_text
from .comparisons.data import Data, Progress

TWO_STEPS = "two-step"
TASKS: Mapping[str, int] = {"two-arms": 2, "three-arms": 3, TWO_STEPS: 2}
"""Name -> number of (first) actions."""
FAMILY = "family"


def command(
    files: Sequence[Path | str],
    task: str,
    *,
    free: Sequence[str] = (),
    prior: Prior = "population",
    columns: Mapping[str, str] | None = None,
    where: Sequence[str] = (),
    trials: str | None = None,
    out: Path | str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    workers: int = 1,
    scheduler: str | None = None,
) -> tuple[Path, str]:
    """Infer from files and write what was found.

    Args:
        files: of behaviour (action, reward).
        task: one of `TASKS`.
        free: coefficients that are fitted; by default `FREE`.
        prior: "population" or "weak".
        columns, where, trials: as of `hedon compare`.
        workers: processes; the numbers do not depend on them.
        scheduler: file of a Dask scheduler, whose workers are taken instead.
        out: the folder to write, by default ``infer`` among the results.
        progress: by default a bar, or lines in a log.

    Returns:
        the folder and the tables as text.

    Raises:
        Mistake: no such task or coefficient, a file that cannot be read, other options than the task has,
            nothing to learn from.
    """
    if progress is None:
        with Bar("infer") as bar:
            return command(
                files,
                task,
                free=free,
                prior=prior,
                columns=columns,
                where=where,
                trials=trials,
                out=out,
                seed=seed,
                workers=workers,
                scheduler=scheduler,
                progress=bar,
            )
    if task not in TASKS:
        raise Mistake(f"unknown task '{task}'{nearest(task, TASKS)}; there are {', '.join(TASKS)}")
    Execution(None if scheduler and workers == 1 else workers, scheduler)
    needs: tuple[str, ...] = ("action", "reward")
    asked: Task
    if task == TWO_STEPS:
        asked, needs = TwoSteps(TwoStepChart(tuple(free) or tuple(TWO_STEP))), (*needs, "common")
    else:
        asked = Bandit(Chart(tuple(free) or FREE))
    data = Data([Path(file) for file in files], dict(columns or {}), progress, trials, where=tuple(where))
    behaviour = data.people(needs)
    read = two_step_choices if task == TWO_STEPS else bandit_choices
    choices, scaled = read(behaviour).in_unit_rewards()
    left = len(behaviour) - int(choices.made.sum())
    missed = [f"{left} of {len(behaviour)} trials have no choice or no reward: left out"] if left else []
    if choices.options != TASKS[task]:
        raise Mistake(f"{behaviour.source}: there are {choices.options} actions, {task} has {TASKS[task]}")
    blocks = laid_out(behaviour, "block") if "block" in behaviour.columns else None
    fold, held_by = study.parts(choices, blocks)
    folder = Path(out) if out is not None else results.root() / "infer"
    kept = folder / f"parts-{_digest(choices, asked, prior, seed, fold)}"
    try:
        kept.mkdir(parents=True, exist_ok=True)
        found = study.infer(
            choices,
            task=asked,
            prior=prior,
            fold=fold,
            held_by=held_by,
            seed=seed,
            folder=kept,
            progress=progress,
            workers=workers,
            scheduler=scheduler,
        )
        for name, table in tables(found).items():
            (folder / f"{name}.csv").write_text(csv_text(table), "utf-8")
        over_data = []
        if task != TWO_STEPS:
            config = inferred_network.described(found, choices, blocks)
            (folder / "network.toml").write_bytes(config)
            moved = switches(found.chart, found.fitted.x, choices, blocks, seed)
            (folder / "switches.csv").write_text(csv_text(switch_table(moved)), "utf-8")
            foretold, lived = moved.apart
            over_data.append(
                f"P(switch) after two choices and outcomes, distance from the subjects, mean over trials: "
                f"foretold {foretold:.3f}, lived at their coefficients {lived:.3f}"
            )
    except OSError as error:
        raise results.unwritable(folder, error) from error
    return folder, "\n".join([*data.notes, *scaled, *missed, *said(found), *over_data])


def tables(found: study.Inferred) -> dict[str, list[list[str]]]:
    """The tables that are written, each with its head."""
    value, low, high = found.values()
    rows = [["subject", "trials", "coefficient", "value", "low", "high", "identified"]]
    identified, own = found.recovery.r >= study.IDENTIFIED, found.identified
    for s, subject in enumerate(found.subjects):
        for k, name in enumerate(found.names):
            cells = [f"{table[s, k]:.6g}" for table in (value, low, high)]
            rows.append([subject, str(found.trials[s]), name, *cells, "yes" if own[s, k] else "no"])
    summary = [
        ["coefficient", "median", "low", "high", "recovery_r", "coverage", "identified", "in_subjects"]
    ]
    for k, name in enumerate(found.names):
        numbers = [float(np.median(table[:, k])) for table in (value, low, high)]
        numbers += [found.recovery.r[k], found.recovery.coverage[k]]
        verdict = "yes" if identified[k] and own[:, k].any() else "not identified"
        share = f"{own[:, k].sum()} of {len(own)}"
        summary.append([name, *(f"{one:.4g}" for one in numbers), verdict, share])
    held = [["subject", *found.foresight]]
    for s, subject in enumerate(found.subjects):
        held.append([subject, *(f"{nats[s]:.6g}" for nats in found.foresight.values())])
    return {"coefficients": rows, "summary": summary, "held_out": held}


def switch_table(moved: Switches) -> list[list[str]]:
    """What is written as ``switches.csv``, with its head; an empty cell is what never was."""
    rows = [["where", "at", "trials", "subjects", "foretold", "lived"]]
    for at, count, own in zip(histories(), moved.count, moved.history.T, strict=True):
        rows.append(["history", at, f"{count:.0f}", *map(_cell, own)])
    for trial, own in enumerate(moved.course.T):
        rows.append(["trial of the block", str(trial + 1), "", *map(_cell, own)])
    return rows


def _cell(number: float) -> str:
    return f"{number:.4f}" if np.isfinite(number) else ""


def said(found: study.Inferred) -> list[str]:
    """The summary for people."""
    many, trials = len(found.subjects), int(np.median(found.trials))
    rows = tables(found)["summary"]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [f"{many} subject{'s' if many > 1 else ''}, median {trials} trials; held out by {found.held_by}"]
    left = int((~found.fitted.converged).sum())
    if left:
        lines.append(f"{left} of {many} fits did not converge")
    if many < 2:
        lines.append("one subject has no population: weak prior")
    lines += [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines.append(
        f"intervals: 90 %, median of subjects, their width, recovery r and coverage from "
        f"{found.recovery.subjects} simulated subjects with as many trials"
    )
    lines.append(f"their world, the most likely to have paid so: {found.world}")
    lines += ["", "held-out nats per trial (and the family above it, with its standard error over subjects)"]
    family = found.foresight[FAMILY]
    for name, nats in found.foresight.items():
        mean, error = mean_and_error(family - nats)
        spread = f" ± {float(error):.4f}" if np.isfinite(error) else ""
        beside = "" if name == FAMILY else f"  {float(mean):+.4f}{spread}"
        lines.append(f"  {name:30s} {float(nats.mean()):.4f}{beside}")
    return lines


def _digest(choices: Choices, task: Task, prior: str, seed: int, fold: np.ndarray) -> str:
    """Of all that the kept parts depend on."""
    from ..analysis.foundation import sources

    told = hashlib.sha256()
    for table in (choices.action, choices.reward, choices.begins, choices.state2, choices.action2, fold):
        if table is None:
            continue
        told.update(np.ascontiguousarray(table).tobytes())
    made_by = sources.digest(sources.modules_of(Path(study.__file__)))
    told.update(repr((choices.subjects, task, prior, seed, made_by, results.versions())).encode())
    return told.hexdigest()[:12]
