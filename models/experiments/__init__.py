"""Experiments: named, runnable studies, found by name and run into result folders.

An experiment is a module with a frozen dataclass `Config`, whose defaults are the quick preset,
`PRESETS` of it by scale (`quick` and `paper`), and `simulate(config, seed, progress, folder) ->
Dataset`; where it has `files(dataset)`, these lie beside the result. A new one is one file and one
line in `EXPERIMENTS`. A result is made once: it is found again by a digest of all that can change
it, which are experiment, configuration, seed, the sources that make it and the versions.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

from ...analysis.foundation import configuration, log, registry, results, sources
from ...analysis.foundation.mistakes import Mistake, nearest
from ...analysis.foundation.progress import Progress
from ...analysis.foundation.registry import Registry
from ...plasticity import RULES
from ..tasks import TASKS

EXPERIMENTS = Registry(
    "experiment",
    __name__,
    {
        "alignment": ".alignment",
        "learning_curves": ".learning_curves",
        "rules_compared": ".rules_compared",
        "hidden_layers": ".hidden_layers",
        "digits": ".digits",
        "temporal": ".temporal",
        "train": ".train",
        "conditioning": ".conditioning",
        "dopamine_synapse": ".dopamine_synapse",
        "spiking_alignment": ".spiking_alignment",
        "value_distribution": ".value_distribution",
        "contingency": ".contingency",
        "session": ".session",
        "recorded_dopamine": ".recorded_dopamine",
        "reversal_points": ".reversal_points",
        "linear_track": ".linear_track",
        "water_maze": ".water_maze",
        "spiking_bandit": ".spiking_bandit",
        "cart_pole": ".cart_pole",
        "acrobot": ".acrobot",
        "volatile_bandit": ".volatile_bandit",
        "bandit_players": ".bandit_players",
        "two_step_players": ".two_step_players",
        "biological_outer_loop": ".biological_outer_loop",
        "spiking_control": ".spiking_control",
        "spiking_conditioning": ".spiking_conditioning",
        "meta_rule": ".meta_rule",
        "choice_recovery": ".choice_recovery",
        "recorded_choices": ".recorded_choices",
        "dopamine_agent": ".dopamine_agent",
        "dopamine_rivals": ".dopamine_rivals",
        "cue_memory": ".cue_memory",
        "spiking_memory": ".spiking_memory",
        "spiking_episodic_bandit": ".spiking_episodic_bandit",
        "learning_set": ".learning_set",
        "volatile_activity": ".volatile_activity",
        "matching_activity": ".matching_activity",
        "episodic_bandit": ".episodic_bandit",
        "inferred_network": ".inferred_network",
        "rule_recovery": ".rule_recovery",
        "rule_power": ".rule_power",
        "simulated_inference": ".simulated_inference",
        "two_step_activity": ".two_step_activity",
        "inferred_rules": ".inferred_rules",
        "foretold_choices": ".foretold_choices",
        "shared_signals": ".shared_signals",
        "team_votes": ".team_votes",
        "team_volume": ".team_volume",
        "learning_teams": ".learning_teams",
        "coagents": ".coagents",
        "learned_broadcast": ".learned_broadcast",
        "slow_rules": ".slow_rules",
        "slow_rule_search": ".slow_rule_search",
        "dopamine_population": ".dopamine_population",
        "learned_asymmetries": ".learned_asymmetries",
        "learned_discounts": ".learned_discounts",
    },
)
"""Name -> module, written '.name' for one in this folder."""

SCALES = ("quick", "paper")


def load(name: str) -> ModuleType:
    """The module of the experiment ``name``; an unknown one is a Mistake."""
    return EXPERIMENTS.load(name)  # type: ignore[no-any-return]


def summary(name: str) -> str:
    """First line of the experiment's docstring, read without importing it."""
    return EXPERIMENTS.summary(name)


def describe(name: str) -> str:
    """What the experiment is, and its settings with their values at each scale."""
    module = load(name)
    docs = configuration.field_docs(module.Config)
    tables = {scale: configuration.to_table(config) for scale, config in module.PRESETS.items()}
    rows = [("setting", *tables, "meaning")]
    for setting, doc in docs.items():
        values = (json.dumps(table[setting], ensure_ascii=False) for table in tables.values())
        rows.append((setting, *values, doc))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    )
    return (module.__doc__ or "").strip() + "\n\n" + "\n".join(line.rstrip() for line in lines)


def configure(
    name: str,
    scale: str = "quick",
    overrides: Iterable[str] | Mapping[str, Any] = (),
    config_file: Path | str | None = None,
) -> Any:
    """The configuration: the preset of ``scale``, then the file's [config], then the overrides.

    Overrides are `name=value` strings or a mapping, in which one value may stand for a list of one. Raises
    Mistake for whatever does not fit.
    """
    module = load(name)
    if scale not in module.PRESETS:
        raise Mistake(f"unknown scale '{scale}'{nearest(scale, module.PRESETS)}")
    config = module.PRESETS[scale]
    if config_file is not None:
        settings = configuration.read_file(config_file)["config"]
        config = configuration.replace(config, settings, where=f"{config_file}: ")
    if not isinstance(overrides, Mapping):
        overrides = configuration.parse_settings(overrides, module.Config)
    lists = {name for name, kind in get_type_hints(module.Config).items() if _is_list(kind)}
    overrides = {
        name: (value,) if name in lists and isinstance(value, int | float | str) else value
        for name, value in overrides.items()
    }
    return configuration.replace(config, overrides)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[-1] is Ellipsis


def run(
    name: str,
    scale: str | None = None,
    seed: int | None = None,
    *,
    overrides: Iterable[str] | Mapping[str, Any] = (),
    config_file: Path | str | None = None,
    root: Path | str | None = None,
    progress: Callable[[float, str], None] | None = None,
    waiting: Callable[[], None] | None = None,
    force: bool = False,
) -> results.Result:
    """The result of an experiment: the one that stands, or else a new one.

    ``scale`` and ``seed`` come from the configuration file where it has them and they are not
    given, else they are 'quick' and 0. The result lies under ``root`` (see `results.root`). An
    interrupted run is resumed from the parts that the experiment kept. ``force`` sets a standing
    result aside and runs anew. Where another process is making the same result, ``waiting`` is
    called and that one is waited for; without ``waiting`` this is a Mistake. Without ``progress`` a bar or
    lines show what takes longer than two seconds.
    """
    file: Mapping[str, Any] = configuration.read_file(config_file) if config_file else {}
    if file.get("experiment", name) != name:
        raise Mistake(f"{config_file} is of the experiment '{file['experiment']}', not '{name}'")
    scale = file.get("scale", "quick") if scale is None else scale
    seed = file.get("seed", 0) if seed is None else seed
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise Mistake(f"the seed must be a whole number, 0 or more and below 2**63, not {seed}")
    config = configure(name, scale, overrides, config_file)
    description = results.Description(name, scale, seed, configuration.to_table(config))
    made_by = _sources(description)
    folder = place(description, made_by, root)
    if folder.exists() and not force:
        return results.read(folder)
    with results.making(folder, waiting=waiting) as part:
        if folder.exists() and not force:
            return results.read(folder)
        results.set_aside(folder)
        if name in tunable():
            results.announce(part, description)
        began = time.monotonic()
        with (
            log.kept(part / log.NAME),
            Progress(name) if progress is None else nullcontext(progress) as reported,
        ):
            log.logger.info("%s at scale %s, seed %d; %s", name, scale, seed, results.versions())
            dataset = load(name).simulate(config, seed, log.with_progress(reported), part)
            wall_time = time.monotonic() - began
            log.logger.info("done in %.1f s", wall_time)
        logged = (part / log.NAME).read_bytes()
        files = getattr(load(name), "files", None)
        beside = files(dataset) if files is not None else None
        return results.write(
            folder, dataset, description, wall_time=wall_time, logged=logged, beside=beside, sources=made_by
        )


def stands(name: str, scale: str = "quick", seed: int = 0, root: Path | str | None = None) -> bool:
    """True if the result of an experiment with its preset settings stands under ``root``."""
    description = results.Description(name, scale, seed, configuration.to_table(configure(name, scale)))
    return place(description, _sources(description), root).exists()


def tunable() -> list[str]:
    """Experiments that `hedon tune` can run: those whose module has ``searches``, read without importing."""
    has = re.compile(r"^(?:def searches\(|from \S+ import .*\bsearches\b)", re.MULTILINE)
    return [name for name in EXPERIMENTS if has.search(EXPERIMENTS.file(name).read_text("utf-8"))]


def tune(
    name: str | None,
    scale: str | None = None,
    seed: int | None = None,
    *,
    resume: Path | str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    **settings: Any,
) -> results.Result:
    """The result of a tunable experiment, its searches evaluated by ``workers`` processes or a cluster.

    Arguments as of `run`; ``resume`` names the folder of a tuning that was interrupted, which says itself
    what it is.

    Raises:
        Mistake: an experiment that searches nothing; a folder to resume that is none, or that these sources
            cannot go on with; what `run` refuses.
    """
    from ...plasticity.outer_loop import execution

    if resume is not None:
        folder = Path(resume)
        if not (folder / results.CONFIGURATION).is_file():
            raise Mistake(f"{folder} is no folder of a tuning: it has no {results.CONFIGURATION}")
        file = configuration.read_file(folder)
        if name not in (None, file.get("experiment")):
            raise Mistake(f"{folder} is of the experiment '{file.get('experiment')}', not '{name}'")
        name, scale, seed = str(file["experiment"]), file["scale"], file["seed"]
        settings |= {"config_file": folder / results.CONFIGURATION, "overrides": ()}
        settings["root"] = folder.resolve().parent.parent
        config = configure(name, scale, (), settings["config_file"])
        description = results.Description(name, scale, seed, configuration.to_table(config))
        there = place(description, _sources(description), settings["root"])
        if folder.resolve().name.removesuffix(".part") != there.name:
            raise Mistake(f"{folder} was begun by other sources or versions; begin anew without --resume")
    if name is None:
        raise Mistake("name an experiment to tune, or a folder with --resume")
    if name not in tunable():
        EXPERIMENTS.target(name)
        raise Mistake(f"'{name}' searches nothing; to be tuned are: {', '.join(tunable())}")
    with execution(workers, scheduler):
        return run(name, scale, seed, **settings)


def export(folder: Path | str, path: Path | str, individual: int = 0, cell_type: str | None = None) -> Path:
    """Write a simulated session as a recording or a table: of ``session`` NAME.nwb, NAME.npz or NAME.csv, of
    ``two_step_activity`` NAME.csv (all individuals; ``individual`` and ``cell_type`` say nothing there).

    Raises:
        Mistake: a result of another experiment, no such individual or cell type, a name that ends otherwise
            or stands already.
    """
    experiment = results.read(folder).description.experiment
    if experiment == "two_step_activity":
        return Path(load(experiment).export(folder, path))
    from ..conditioning.sessions import export as export_session

    return export_session(folder, path, individual, cell_type)


def place(description: results.Description, made_by: str, root: Path | str | None = None) -> Path:
    """Where the result of ``description``, made by the sources of digest ``made_by``, lies."""
    exact = {**description.table(), "sources": made_by, "versions": results.versions()}
    del exact["scale"]
    digest = hashlib.sha256(json.dumps(exact, sort_keys=True).encode()).hexdigest()[:8]
    name = f"{description.experiment}-{description.scale}-seed{description.seed}-{digest}"
    return results.root(root) / "experiments" / name


def _sources(description: results.Description) -> str:
    """Digest of the sources that make a result, those of the plug-ins that its settings name included."""
    values = [
        one
        for value in description.config.values()
        for one in (value if isinstance(value, list | tuple) else [value])
    ]
    words = {value for value in values if isinstance(value, str)}
    named = [table.file(word) for table in (RULES, TASKS) for word in sorted(words & set(table))]
    chosen = sources.digest([module for path in named for module in sources.modules_of(path)])
    return source_digest(description.experiment) + chosen + registry.sources({description.experiment, *words})


@cache
def source_digest(name: str) -> str:
    """Digest of the sources that make the result of an experiment: what its module imports.

    Rules and tasks that settings choose by name are added by `_sources`.
    """
    own = EXPERIMENTS.file(name)
    return sources.meaning(own) + sources.digest(sources.modules_of(own))
