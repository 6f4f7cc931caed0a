"""The command line: parse it and hand over to the room concerned."""

import sys
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from typing import Any, NoReturn

from . import __doc__ as about
from . import __version__, supported
from .analysis.foundation import ending, registry
from .analysis.foundation.mistakes import Mistake, nearest


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status (see `analysis/foundation/ending.py`)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    return ending.status(lambda: _command(arguments), debug="--debug" in arguments)


def _command(arguments: list[str]) -> int:
    parser, commands = _parser()
    options, unknown = parser.parse_known_args(arguments)
    chosen = commands.get(options.command)
    if unknown:
        _refuse(unknown[0], chosen or parser)
    if chosen is None:
        parser.print_help()
        return 0
    supported()
    for file in options.plugin or ():
        registry.use(file)
    return int(_HAND_OVER[options.command](options))


def _list(options: Namespace) -> int:
    from .figures import report

    print(report.listing(options.name))
    return 0


def _run(options: Namespace) -> int:
    from .analysis.foundation.progress import Progress
    from .models import experiments

    with Progress(options.experiment) as progress:
        result = experiments.run(
            options.experiment,
            options.scale,
            options.seed,
            overrides=options.settings,
            config_file=options.config,
            root=options.results,
            progress=progress,
            waiting=(lambda: ending.say(f"waiting for another process that is making {options.experiment}"))
            if options.wait
            else None,
            force=options.force,
        )
    print(result.folder)
    told = list(result.dataset.attrs.get("mistakes", []))
    for line in told:
        ending.say(line)
    return 2 if told else 0


def _tune(options: Namespace) -> int:
    from .analysis.foundation.progress import Progress
    from .models import experiments

    with Progress(options.experiment or "tune") as progress:
        result = experiments.tune(
            options.experiment,
            options.scale,
            options.seed,
            resume=options.resume,
            workers=options.workers,
            scheduler=options.scheduler,
            overrides=options.settings,
            config_file=options.config,
            root=options.results,
            progress=progress,
            force=options.force,
        )
    if "coefficient" in result.dataset:
        for name in result.dataset["parameter"].values:
            found = result.dataset["coefficient"].sel(parameter=name).values.ravel()  # one of each search
            print(f"{name} = {', '.join(f'{value:.4g}' for value in found)}")
    print(result.folder)
    return 0


def _figures(options: Namespace) -> int:
    from .figures import over_seeds, report

    if options.standing and options.seeds is None:
        raise Mistake("--standing goes with --seeds")
    made = report if options.seeds is None else over_seeds
    return made.command(options.names, options)


def _compare(options: Namespace) -> int:
    from .analysis.foundation.progress import Progress
    from .figures.compare import compare

    columns = _columns(options.column)
    taken = {name: getattr(options, name) for name in ("trials", "chosen", "where", "event", "animals")}
    taken["window"] = None if options.window is None else tuple(options.window)
    with Progress("compare") as progress:
        picture, text = compare(
            options.data, options.analysis, options.model, columns, options.out, progress, **taken
        )
    print(text)
    print(picture)
    return 0


def _infer(options: Namespace) -> int:
    from .analysis.foundation.progress import Progress
    from .figures import infer

    with Progress("infer") as progress:
        folder, text = infer.command(
            options.data,
            options.task,
            free=options.free,
            prior=options.prior,
            columns=_columns(options.column),
            where=options.where,
            trials=options.trials,
            out=options.out,
            seed=options.seed,
            progress=progress,
            workers=options.workers,
            scheduler=options.scheduler,
        )
    print(text)
    print(folder)
    return 0


def _power(options: Namespace) -> int:
    from .analysis.foundation.progress import Progress
    from .figures import power

    with Progress("power") as progress:
        found = power.command(
            options.rules,
            trials=options.trials,
            neurons=options.neurons,
            level=options.level,
            sessions=options.sessions,
            seed=options.seed,
            progress=progress,
        )
    print(found)
    return 0


def _columns(settings: Sequence[str]) -> dict[str, str]:
    columns = {}
    for setting in settings:
        ours, equals, theirs = setting.partition("=")
        if not (ours and equals and theirs):
            raise Mistake(f"a column is written ours=theirs, not '{setting}'")
        columns[ours] = theirs
    return columns


def _export(options: Namespace) -> int:
    from .models import experiments

    print(experiments.export(options.result, options.file, options.individual, options.cell_type))
    return 0


def _cache(options: Namespace) -> int:
    from .models.program import cache

    if options.action == "path":
        print(cache.root_folder())
    elif options.action == "clear":
        print(f"removed {cache.clear()} programs")
    else:
        for entry in cache.entries():
            state = "" if entry.whole else "  damaged, will be built anew"
            print(f"{entry.key[:12]}  {entry.bytes / 1e6:7.1f} MB  {entry.builder}{state}")
        print(f"{cache.size() / 1e6:.1f} MB in {cache.root_folder()}")
    return 0


def _report(options: Namespace) -> int:
    from pathlib import Path

    from .figures import page, report

    text, passed = report.collect(options.folder)
    print(text)
    ending.say(f"as a page: {page.write(Path(options.folder))}")
    return 0 if passed else 1


_HAND_OVER = {
    "list": _list,
    "run": _run,
    "tune": _tune,
    "figures": _figures,
    "compare": _compare,
    "infer": _infer,
    "power": _power,
    "export": _export,
    "cache": _cache,
    "report": _report,
}


def _parser() -> tuple[ArgumentParser, dict[str, ArgumentParser]]:
    parser = _Parser(
        prog="hedon",
        description=about,
        epilog="exit status: 0 done, 1 a claim failed, 2 a mistake or an error, 130 interrupted",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    def plugin(added: ArgumentParser, **settings: Any) -> None:
        text = "a file that registers rules, tasks, experiments, figures or analyses of yours"
        added.add_argument("--plugin", action="append", metavar="FILE", help=text, **settings)

    plugin(parser)
    results = "where results lie; default $HEDON_RESULTS, else results"

    def command(name: str, text: str) -> ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--debug", action="store_true", default=SUPPRESS, help=SUPPRESS)
        plugin(added, default=SUPPRESS)
        return added

    listed = command("list", "show the experiments and figures, or one of them with its settings")
    listed.add_argument("name", nargs="?", metavar="NAME")

    run = command("run", "run an experiment, or find the result that it gave before")
    run.add_argument("experiment", metavar="EXPERIMENT")
    tuned = command(
        "tune", "search the plasticity parameters of an experiment over its distribution of tasks"
    )
    run.add_argument("--wait", action="store_true", help="wait where another process makes the result")
    tuned.add_argument("experiment", nargs="?", metavar="EXPERIMENT")
    tuned.add_argument("--workers", type=_whole, metavar="N", help="processes; default one for each core")
    tuned.add_argument("--scheduler", metavar="FILE", help="of a running Dask cluster, instead of processes")
    tuned.add_argument("--resume", metavar="DIR", help="the folder of a tuning that was interrupted")
    for runs in (run, tuned):
        runs.add_argument("--scale", metavar="quick|paper", help="which preset; default quick")
        runs.add_argument("--seed", type=_whole, metavar="N", help="default 0")
        runs.add_argument("--config", metavar="FILE", help="settings; a result's config.toml will do")
        runs.add_argument(
            "--set",
            dest="settings",
            nargs="+",
            action="extend",
            default=[],
            metavar="NAME=VALUE",
            help="one setting or several; `hedon list EXPERIMENT` shows them",
        )
        runs.add_argument("--results", metavar="DIR", help=results)
        runs.add_argument("--force", action="store_true", help="set a standing result aside, run anew")

    drawn = command("figures", "make figures and check their claims (all, or those named)")
    drawn.add_argument("names", nargs="*", metavar="NAME")
    drawn.add_argument("--scale", default="quick", metavar="quick|paper", help="default quick")
    drawn.add_argument("--seed", type=_whole, default=0, metavar="N", help="default 0")
    drawn.add_argument("--seeds", metavar="A..B", help="no pictures: how often each claim holds")
    drawn.add_argument(
        "--standing", action="store_true", help="with --seeds: from results that stand alone, run nothing"
    )
    drawn.add_argument("--results", metavar="DIR", help=results)
    drawn.add_argument("--workers", type=_whole, metavar="N", help="processes; default one for each core")

    drawn.add_argument(
        "--keep-going", action="store_true", help="make the other figures where an experiment cannot be run"
    )

    compared = command("compare", "one analysis on recordings and on models, side by side")
    compared.add_argument(
        "data",
        nargs="+",
        metavar="DATA",
        help="recordings or behaviour: NWB, NPZ, tables, MATLAB, folders of sorted spikes",
    )
    compared.add_argument(
        "--analysis",
        required=True,
        metavar="NAME",
        help="one of those that `hedon list` shows, such as reward-response",
    )
    compared.add_argument(
        "--model",
        nargs="+",
        action="extend",
        default=[],
        metavar="MODEL",
        help="result folders, or files of simulated sessions",
    )
    compared.add_argument(
        "--column", nargs="+", action="extend", default=[], metavar="OURS=THEIRS", help="names of columns"
    )
    compared.add_argument("--trials", metavar="NAME", help="table of trials (NWB), variable, sheet or file")
    compared.add_argument(
        "--cells", dest="chosen", metavar="LABEL", help="units: column=value, value, or all"
    )
    compared.add_argument(
        "--where", nargs="+", action="extend", default=[], metavar="TERM", help="trials, such as block=2"
    )
    compared.add_argument("--event", metavar="COLUMN", help="time of the event that is followed")
    compared.add_argument(
        "--window", nargs=2, type=float, metavar=("FROM", "TO"), help="seconds after the event"
    )
    compared.add_argument("--animals", action="store_true", help="rows and intervals over animals, not cells")
    compared.add_argument("--out", metavar="DIR", help="where table and picture go; default results/compare")

    inferred = command("infer", "which plasticity rule is it: coefficients of subjects from their choices")
    inferred.add_argument("data", nargs="+", metavar="DATA", help="behaviour: tables, NWB, MATLAB")
    inferred.add_argument("--task", required=True, metavar="NAME", help="two-arms, three-arms or two-step")
    inferred.add_argument(
        "--free", nargs="+", action="extend", default=[], metavar="NAME", help="coefficients that are fitted"
    )
    inferred.add_argument("--prior", default="population", choices=("population", "weak"))
    inferred.add_argument(
        "--column", nargs="+", action="extend", default=[], metavar="OURS=THEIRS", help="names of columns"
    )
    inferred.add_argument("--trials", metavar="NAME", help="table of trials (NWB), variable, sheet or file")
    inferred.add_argument(
        "--where", nargs="+", action="extend", default=[], metavar="TERM", help="trials, such as block=2"
    )
    inferred.add_argument("--seed", type=_whole, default=0, metavar="N", help="default 0")
    inferred.add_argument("--out", metavar="DIR", help="where tables go; default results/infer")
    inferred.add_argument("--workers", type=_whole, default=1, metavar="N", help="processes; default 1")
    inferred.add_argument(
        "--scheduler", metavar="FILE", help="of a running Dask cluster, instead of processes"
    )

    powered = command("power", "how many recorded sessions tell one perturbation rule from another")
    powered.add_argument(
        "--rules",
        nargs=2,
        default=["node", "weight"],
        metavar="RULE",
        help="node, weight, or rules of the experiment rule_power, such as 'stochastic release'",
    )
    powered.add_argument("--trials", type=_whole, default=40, metavar="N", help="of a session; default 40")
    powered.add_argument("--neurons", type=_whole, default=4, metavar="N", help="recorded; default 4")
    powered.add_argument("--level", type=float, default=0.95, metavar="P", help="of being right; default .95")
    powered.add_argument(
        "--sessions", type=_whole, default=64, metavar="N", help="simulated of each rule; default 64"
    )
    powered.add_argument("--seed", type=_whole, default=0, metavar="N", help="default 0")

    exported = command("export", "write a simulated session as a recording: NWB, NPZ or CSV")
    exported.add_argument(
        "result", metavar="RESULT", help="result folder of the experiment session or two_step_activity"
    )
    exported.add_argument("file", metavar="FILE", help="NAME.nwb, NAME.npz or NAME.csv, not there yet")
    exported.add_argument("--individual", type=_whole, default=0, metavar="N", help="default 0")
    exported.add_argument("--cell-type", metavar="TYPE", help="dopamine or critic; default all units")

    cached = command("cache", "list the compiled programs, clear them, or say where they are")
    cached.add_argument("action", nargs="?", default="list", choices=("list", "clear", "path"))

    told = command(
        "report", "collect the claims of all figures below a folder, as markdown and as an HTML page"
    )
    told.add_argument("folder", metavar="DIR")
    return parser, dict(commands.choices)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"a whole number, 0 or more, is wanted, not '{text}'")
    return int(text)


class _Parser(ArgumentParser):
    """Says a mistake in one line, with the nearest names."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, allow_abbrev=False)

    def _check_value(self, action: Any, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            kind = "command" if action.dest == "command" else action.dest
            raise Mistake(f"unknown {kind} '{value}'{nearest(str(value), action.choices)}")

    def error(self, message: str) -> NoReturn:
        raise Mistake(f"{message}; see `{self.prog} --help`")


def _refuse(unknown: str, parser: ArgumentParser) -> NoReturn:
    if unknown.startswith("-"):
        known = [name for name in parser._option_string_actions if name.startswith("--")]
        raise Mistake(f"unknown option '{unknown}'{nearest(unknown.partition('=')[0], known)}")
    raise Mistake(f"'{unknown}' is one name too many; see `{parser.prog} --help`")


if __name__ == "__main__":
    raise SystemExit(main())
