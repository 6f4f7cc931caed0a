"""Learning of a learning rule: the taught half of the family, tuned over a distribution of teachers.

Students (`RateNetwork`) of teachers whose number of inputs and outputs and label noise are drawn
(`TeacherStudent`), with inputs as neurons give them: of unlike variance, up to a hundredfold (firing rates
have skewed, typically lognormal distributions; Buzsáki & Mizuseki 2014, doi:10.1038/nrn3687), with a mean
of up to 1.5 standard deviations, and each with the same share of an answer. An outer loop tunes all
coefficients of the family at once, in several independent searches, which know nothing of where to begin:
their first generations are drawn evenly over the space; and, with as many lifetimes each, the parameters of
rules that are known: gradient descent, node and weight perturbation, and node perturbation made by hand
(+-1 noise, rate divided by |x|**2), the projection (normal noise, divided by |x|**2 and |xi|**2; Dalm, van
Gerven & Ahmad, arXiv:2310.00965), the projection that is told what these tasks are like (each input divided
by its running mean square, less a part of its running mean, which is tuned) and gradient descent with its
rate divided by |x|**2. A lifetime is scored by minus the mean logarithm of the samples until the loss,
label noise apart, is down to the criterion. All then live held-out tasks, and tasks of kinds that no search
has seen, where the samples down to a tenth of the criterion and the loss at the end are measured as well.
Controls: the learned rule with another individual's broadcast, and with frozen plasticity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from ...analysis.foundation import Mistake, Reporter, stream, within
from ...analysis.statistics.samples_to_criterion import relative, samples_to_criterion, solved
from ...plasticity.gradient_descent import GradientDescent
from ...plasticity.outer_loop import CMAES, Found, Search, SearchSpace, run_searches
from ...plasticity.trial_family import POINTS, TrialFamily
from ...plasticity.trial_rule import TrialRule
from ..rate.network import RateNetwork
from ..tasks import Drawn, Teachers, TeacherStudent
from .candidates import program_of, side_by_side
from .labelling import Dataset, labelled

KNOWN = {
    "np": "NodePerturbation",
    "wp": "WeightPerturbation",
    "hand": "HandMade",
    "projection": "Projection",
    "scaled": "ScaledProjection",
}
"""Known rules that are points of the family."""
GRADIENT = {"sgd": GradientDescent(), "nsgd": GradientDescent(normalise=True)}
"""Known rules that transport weights: plain, and with the rate divided by |x|**2."""
BASELINES = (*GRADIENT, *KNOWN)
NULLS: Mapping[str, Mapping[str, float]] = {"shuffled": {}, "frozen": {"learning": 0.0}}
WP_ETA = (1e-4, 0.3)
"""Where the rate of weight perturbation is searched, which must be smaller."""
SEARCHED = tuple(parameter.name for parameter in TrialFamily.parameters if parameter.search)
"""Coefficients of the family that are searched, within the bounds that it declares."""
SETTINGS = ("eta", "decay", "sigma")
"""What is tuned of a known rule."""
MEASURING = ("centring", "averaging")
"""What is tuned besides where inputs are measured."""
STEP = 0.2
"""Part of its range by which a coefficient is moved to see what it matters."""


@dataclass(frozen=True)
class Config:
    inputs: tuple[int, int] = (4, 16)
    """fewest and most inputs of a task"""
    outputs: tuple[int, ...] = (1, 5)
    """outputs of the tasks, as many tasks of each"""
    label_noise: tuple[float, float] = (0.0, 0.2)
    """label noise / standard deviation of an answer, bounds"""
    condition: tuple[float, float] = (1.0, 100.0)
    """largest over smallest variance of the inputs, bounds"""
    mean: tuple[float, float] = (0.0, 1.5)
    """mean of the inputs in standard deviations, bounds"""
    criterion: float = 0.1
    """part of the loss of a silent student that is to be reached"""
    fine: float = 0.01
    """... and that is measured beside it on held-out tasks, but never searched for"""
    tasks: int = 16
    """tasks of one lifetime's evaluation"""
    trials: int = 160
    """trials of a life in the search"""
    long: int = 2
    """lives of weight perturbation's search are so many times longer, for it is slow"""
    generations: int = 60
    """generations of each search"""
    population: int = 16
    """candidates of a generation"""
    together: int = 8
    """candidates that live side by side in one call"""
    scouts: int = 5
    """generations of a search that are drawn evenly over the space, before it begins at the best of them"""
    searches: int = 10
    """searches of the learned rule"""
    repeats: int = 1
    """searches of each known rule, of which the best on new training tasks is kept"""
    held_out: int = 64
    """held-out tasks"""
    beyond: int = 16
    """tasks of each kind out of distribution"""
    held_trials: int = 1600
    """trials of a life there"""
    block: int = 8
    """trials that are averaged in what is recorded"""

    def __post_init__(self) -> None:
        if self.tasks % len(self.outputs) or self.held_out % self.tasks or self.beyond % self.each:
            raise Mistake(
                "meta_rule: tasks must divide by the outputs, held_out by the tasks, beyond by tasks/outputs"
            )
        if self.trials % self.block or self.held_trials % self.block:
            raise Mistake("meta_rule: trials and held_trials must be multiples of the block")
        if min(self.searches, self.repeats, self.long, self.together) < 1:
            raise Mistake("meta_rule: searches, repeats, long and together are at least 1")

    @property
    def each(self) -> int:
        """Tasks that one program lives side by side."""
        return self.tasks // len(self.outputs)

    @property
    def distribution(self) -> TeacherStudent:
        """The tasks of training, and kinds that training never holds."""
        most, low, high = self.inputs[1], self.label_noise, self.label_noise[1]
        usual = Teachers(
            tuple((most, outputs) for outputs in self.outputs),
            self.inputs,
            low,
            self.condition,
            self.mean,
            alike=True,
        )
        middle = (max(self.outputs),)
        return TeacherStudent(
            usual,
            (
                (
                    "isotropic",
                    replace(usual, shapes=((most, *middle),), condition=(1.0, 1.0), mean=(0.0, 0.0)),
                ),
                ("larger", replace(usual, shapes=((2 * most, 2 * middle[0]),), inputs=(most + 2, 2 * most))),
                ("noisier", replace(usual, shapes=((most, *middle),), label_noise=(2 * high, 3 * high))),
                ("deeper", replace(usual, shapes=((most, most // 2, *middle),))),
                ("relu", replace(usual, shapes=((most, most, *middle),), activation="relu", wider=4)),
            ),
        )


PRESETS = {
    "quick": Config(),
    "paper": Config(
        outputs=(1, 2, 4, 8),
        inputs=(4, 24),
        tasks=32,
        trials=320,
        generations=120,
        searches=10,
        repeats=3,
        held_out=512,
        beyond=256,
        held_trials=8000,
    ),
}


def rule_of(name: str) -> TrialRule:
    """The rule whose program lives a rule of this experiment."""
    return GRADIENT.get(name, TrialFamily())


def coefficients(name: str, values: Mapping[str, float]) -> dict[str, float]:
    """Arguments of the program: those values, and for a point of the family its other coefficients."""
    if name in GRADIENT:
        return dict(values)
    rule = TrialFamily()
    default = {parameter.name: getattr(rule, parameter.name) for parameter in rule.parameters}
    return default | dict(POINTS.get(KNOWN.get(name, ""), {})) | dict(values)


def live(
    config: Config,
    name: str,
    values: Sequence[Mapping[str, float]],
    drawn: Drawn,
    seed: int,
    trials: int,
    yoked: int = 0,
) -> np.ndarray:
    """Lives of candidates in the same tasks: the loss, label noise apart, relative to that of silence
    (candidate, task, block).

    ``together`` of them live side by side in one call, in copies of the tasks; places that are left over are
    lived by the last once more. Answers have variance 1 on average: a student that
    says nothing has the loss M/2, M outputs.
    """
    places = config.together
    parts = [values[begin : begin + places] for begin in range(0, len(values), places)]
    levels = []
    for number, part in enumerate(parts):
        full = [*part, *[part[-1]] * (places - len(part))]
        _, given = side_by_side({key: np.array([one[key] for one in full]) for key in full[0]}, drawn.number)
        arrays = program_of(_network(config, name, drawn, places))(
            {
                **given,
                **{key: _copies(array, places) for key, array in drawn.parameters.items()},
                "task_seed": drawn.task_seed,
                **({"yoked": yoked} if yoked else {}),
            },
            seed=stream(seed, "perturbation", number),
            duration=trials,
            outputs=["loss_noiseless"],
        )
        loss = np.asarray(arrays["loss_noiseless"]).reshape(-1, places * drawn.number).T
        level = relative(loss, np.full(len(loss), drawn.task.outputs / 2))
        levels.append(level.reshape(places, drawn.number, -1)[: len(part)])
    return np.concatenate(levels)


def _network(config: Config, name: str, drawn: Drawn, candidates: int) -> RateNetwork:
    return RateNetwork(
        drawn.task,
        rule_of(name),
        individuals=candidates * drawn.number,
        block=config.block,
        initial_scale=1.0 if drawn.network["hidden"] else 0.0,
        noiseless=True,
        **drawn.network,
    )


def _copies(array: np.ndarray, candidates: int) -> np.ndarray:
    return np.tile(array, (candidates, *[1] * (array.ndim - 1)))


@lru_cache(maxsize=4)
def _training(config: Config, seed: int) -> tuple[Drawn, ...]:
    """Training tasks of a seed, which all candidates of a generation live."""
    return tuple(config.distribution.draw("train", config.tasks, seed))


@dataclass(frozen=True)
class Lifetimes:
    """Minus the mean log samples to criterion over the tasks of a seed: what the outer loop maximises."""

    config: Config
    rule: str

    def __call__(self, values: Mapping[str, np.ndarray], seed: int) -> np.ndarray:
        """Scores (candidate,) of values (candidate,)."""
        many = len(next(iter(values.values())))
        candidates = [{name: float(array[k]) for name, array in values.items()} for k in range(many)]
        return -self.log_samples(candidates, seed).mean(axis=1)

    def log_samples(self, candidates: Sequence[Mapping[str, float]], seed: int) -> np.ndarray:
        """Log of the samples to criterion in training tasks (candidate, task)."""
        config = self.config
        trials = config.trials * (config.long if self.rule == "wp" else 1)
        lives = [coefficients(self.rule, values) for values in candidates]
        levels = [live(config, self.rule, lives, drawn, seed, trials) for drawn in _training(config, seed)]
        return log_samples(config, np.concatenate(levels, axis=1))


def log_samples(config: Config, level: np.ndarray, criterion: float | None = None) -> np.ndarray:
    """Log of the samples to a criterion (...,) from relative losses (..., block)."""
    to = config.criterion if criterion is None else criterion
    return np.log(samples_to_criterion(level, np.ones(level.shape[:-1]), config.block, to))


def _end(level: np.ndarray) -> np.ndarray:
    """Log of the mean relative loss in the last tenth of a life (...,)."""
    return np.log(level[..., -max(1, level.shape[-1] // 10) :].mean(axis=-1))


def _solved(config: Config, level: np.ndarray) -> np.ndarray:
    return solved(level, np.ones(level.shape[:-1]), config.criterion)


def space(name: str) -> SearchSpace:
    """What is searched of a rule."""
    if name in GRADIENT:
        return SearchSpace.of(GradientDescent, ("eta", "decay"))
    if name in KNOWN:
        free = SETTINGS + (MEASURING if name == "scaled" else ())
        return SearchSpace.of(TrialFamily, free, {"eta": WP_ETA} if name == "wp" else {})
    return SearchSpace.of(TrialFamily, SEARCHED)


def searches(config: Config, seed: int) -> dict[str, Search]:
    """The searches of this experiment: of the learned rule, several; of each known rule, as long."""
    names = [("learned", number) for number in range(config.searches)]
    names += [(name, number) for name in BASELINES for number in range(config.repeats)]
    return {
        f"{name}-{number + 1}": Search(
            Lifetimes(config, name),
            space(name),
            CMAES(config.population, sigma=0.2, scouts=config.scouts),
            config.generations,
            seed=stream(seed, f"search of {name}", number),
            together=config.together,
        )
        for name, number in names
    }


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Search, then live held-out tasks and tasks of other kinds.

    Returns:
        ``log_samples`` and ``log_samples_fine`` (rule, task) to both criteria, ``end`` (rule, task) log of
        the relative loss in the last tenth, ``solved`` (rule, task) and ``curve`` (rule, block), the mean
        log relative loss, on held-out tasks, with ``size`` (task), inputs times outputs;
        ``beyond_samples``, ``beyond_solved`` (listener, kind, other) of the rules that hear one scalar;
        ``null`` (control, individual, moment) log relative loss of the first learned rule under the controls;
        ``coefficient`` and ``place`` (search, parameter), found and in units of the range; ``matters``
        (search, parameter), the rise of the mean log samples when a coefficient is moved by `STEP` of its
        range; ``score`` (search, generation) the median candidate's samples; ``tuned`` (baseline, setting).
        Rules are the searches of the learned one, then the known ones.
    """
    planned = searches(config, seed)
    found = run_searches(planned, folder, progress, 0.75)
    rules = {name: found[name].best for name in planned if name.startswith("learned")}
    rules |= {name: _best(config, name, found, seed) for name in BASELINES}

    tick = within(progress, 0.75, 1.0)
    kinds = [kind for kind, _ in config.distribution.beyond]
    tick(0.0, "held-out tasks")
    tests = _held_out(config, rules, seed)
    tick(0.3, "tasks of other kinds")
    listeners = {name: values for name, values in rules.items() if name not in GRADIENT}
    beyond = _beyond(config, listeners, seed)
    tick(0.7, "what matters")
    learned = [name for name in rules if name.startswith("learned")]
    matters = [_matters(config, found[name], seed) for name in learned]
    tick(0.9, "controls")
    first = found[learned[0]]
    nulls = [_null(config, name, first.best, seed) for name in NULLS]

    names = list(SEARCHED)
    drawn = _parts(config, "held_out", seed)
    size = [
        (one.parameters["input_scale"] > 0).sum(axis=1) * one.task.outputs for part in drawn for one in part
    ]
    places = [planned[name].space.encode(found[name].best) for name in learned]
    return labelled(
        {
            "log_samples": (("rule", "task"), log_samples(config, tests)),
            "log_samples_fine": (
                ("rule", "task"),
                log_samples(config, tests, config.fine),
            ),
            "end": (("rule", "task"), _end(tests)),
            "solved": (("rule", "task"), _solved(config, tests)),
            "curve": (("rule", "block"), np.log(tests).mean(axis=1)),
            "size": ("task", np.concatenate(size)),
            "beyond_samples": (
                ("listener", "kind", "other"),
                log_samples(config, beyond),
            ),
            "beyond_solved": (
                ("listener", "kind", "other"),
                _solved(config, beyond),
            ),
            "null": (("control", "individual", "moment"), np.array([np.log(level) for level in nulls])),
            "coefficient": (
                ("search", "parameter"),
                np.array([[found[name].best[key] for key in names] for name in learned]),
            ),
            "place": (("search", "parameter"), np.array(places)),
            "matters": (("search", "parameter"), np.array(matters)),
            "score": (
                ("search", "generation"),
                np.array([np.exp(-np.median(found[name].scores.mean(axis=2), axis=1)) for name in learned]),
            ),
            "tuned": (
                ("baseline", "setting"),
                np.array(
                    [[rules[name].get(key, np.nan) for key in (*SETTINGS, *MEASURING)] for name in BASELINES]
                ),
            ),
        },
        coords={
            "rule": list(rules),
            "listener": list(listeners),
            "kind": kinds,
            "control": list(NULLS),
            "search": learned,
            "parameter": names,
            "baseline": list(BASELINES),
            "setting": [*SETTINGS, *MEASURING],
            "trial": ("block", (np.arange(tests.shape[-1]) + 0.5) * config.block),
            "null_trial": ("moment", (np.arange(nulls[0].shape[1]) + 0.5) * config.block),
        },
        score="trials",
    )


def _best(config: Config, name: str, found: Mapping[str, Found], seed: int) -> dict[str, float]:
    """Of several searches of a known rule the one that is best on new training tasks."""
    candidates = [found[f"{name}-{number + 1}"].best for number in range(config.repeats)]
    if len(candidates) == 1:
        return candidates[0]
    anew = Lifetimes(config, name).log_samples(candidates, stream(seed, "best of several"))
    return candidates[int(np.argmin(anew.mean(axis=1)))]


def _parts(config: Config, split: str, seed: int) -> list[list[Drawn]]:
    """The held-out tasks, by calls of programs that the searches have compiled."""
    return [
        config.distribution.draw("held_out", config.tasks, stream(seed, split, part))
        for part in range(config.held_out // config.tasks)
    ]


def _all_lives(
    config: Config, rules: Mapping[str, Mapping[str, float]], drawn: Drawn, seed: int
) -> np.ndarray:
    """Relative loss (rule, task, block) of a long life of every rule, those of one program side by side."""
    families: dict[TrialRule, list[str]] = {}
    for name in rules:
        families.setdefault(rule_of(name.partition("-")[0]), []).append(name)
    levels: dict[str, np.ndarray] = {}
    for names in families.values():
        kinds = [name.partition("-")[0] for name in names]
        lives = [coefficients(kind, rules[name]) for kind, name in zip(kinds, names, strict=True)]
        found = live(config, kinds[0], lives, drawn, seed, config.held_trials)
        levels |= dict(zip(names, found, strict=True))
    return np.array([levels[name] for name in rules])


def _held_out(config: Config, rules: Mapping[str, Mapping[str, float]], seed: int) -> np.ndarray:
    """Relative loss (rule, task, block) of held-out lives."""
    levels = [
        _all_lives(config, rules, one, stream(seed, "held-out life", number))
        for number, part in enumerate(_parts(config, "held_out", seed))
        for one in part
    ]
    return np.concatenate(levels, axis=1)


def _beyond(config: Config, rules: Mapping[str, Mapping[str, float]], seed: int) -> np.ndarray:
    """Relative loss (rule, kind, task, block) of lives of each kind out of distribution."""
    levels: dict[str, list[np.ndarray]] = {kind: [] for kind, _ in config.distribution.beyond}
    for part in range(config.beyond // config.each):
        place = stream(seed, "beyond", part)
        for one in config.distribution.draw("out_of_distribution", config.each, place):
            levels[one.kind].append(_all_lives(config, rules, one, place))
    return np.stack([np.concatenate(level, axis=1) for level in levels.values()], axis=1)


def _matters(config: Config, found: Found, seed: int) -> list[float]:
    """Rise of the mean log samples when one coefficient is moved up or down, on the same tasks."""
    where, lifetimes = space("learned"), Lifetimes(config, "learned")
    centre = where.encode(found.best)
    points = [centre]
    for number in range(where.dimensions):
        for step in (-STEP, STEP):
            points.append(centre.copy())
            points[-1][number] = np.clip(centre[number] + step, 0, 1)
    values = [where.decode(point) for point in points]
    seeds = [stream(seed, "sensitivity", number) for number in range(2)]
    mean = np.mean([lifetimes.log_samples(values, one).mean(axis=1) for one in seeds], axis=0)
    return (mean[1:].reshape(-1, 2).max(axis=1) - mean[0]).tolist()


def _null(config: Config, name: str, values: Mapping[str, float], seed: int) -> np.ndarray:
    """Relative loss (individual, block) of the learned rule under a control, tasks with most outputs."""
    one = config.distribution.draw("held_out", config.tasks, stream(seed, "null"))[-1]
    life = config.trials * config.long
    lived = [{**coefficients("learned", values), **NULLS[name]}]
    return live(config, "learned", lived, one, stream(seed, "null"), life, int(name == "shuffled"))[0]
