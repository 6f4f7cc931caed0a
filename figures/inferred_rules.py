"""People in the space of rules, the best rule in it, and how far they are from it, in reward.

(a, b) Coefficients of every third person of a three-armed reversal task, of learners who follow the best rule
that an outer loop finds (star), and of Bayesian observers who follow none, all refitted alike. (c) Reward
per trial that each loses against the best rule, and what is left when its learning or its readout is
exchanged for the best one (means, 2 s.e.): refitted best learners must lose nothing. (d) P(switch) after two
choices and their outcomes (capital: rewarded; A, then the same or another B): people, and the network at
their coefficients; crosses: learners at those of a readout whose looseness does not change.
"""

from functools import cache

import numpy as np

from ..analysis.behaviour.choices import Choices
from ..analysis.behaviour.switching import histories, switch_course, switch_probabilities
from ..analysis.statistics.intervals import mean_and_error
from ..models.experiments import inferred_network
from ..models.experiments.inferred_rules import network_at
from ..plasticity.inference.coefficients import FIRM, Chart
from ..plasticity.inference.distance import losses
from ..plasticity.inference.recorded import FILE, WORLD, people
from ..plasticity.inference.simulate import play
from .claims import Claim
from .look import GREY, ORANGE, VERMILLION, Axes, Dataset, Figure, Results, config_of, panels

EXPERIMENTS = ("inferred_rules",)

COPIES = 40
"""Lives of each person's coefficients."""
SMALL = 0.01
"""Reward per trial that counts as nothing: a sixtieth of what separates the arms."""
NEAR = 0.03
"""Difference of a P(switch) that counts as none."""
TWO_REWARDS, REDRAWN = "AB", 200
"""The history after which people and rules differ most; redrawn people, for its error."""
LOOKS = {"people": "0.3", "best rule": VERMILLION, "Bayes observer": ORANGE}


def check(data: Results) -> list[Claim]:
    result = data["inferred_rules"]
    lost = {str(name): result["lost"].sel(player=name).values[0] for name in result["player"].values}
    best, best_error = map(float, mean_and_error(lost["best rule"]))
    bayes, bayes_error = map(float, mean_and_error(lost["Bayes observer"]))
    forgets = _values(result, "Bayes observer", "forgetting")
    claims = [
        Claim.equivalent(
            "best learners, refitted: reward lost",
            best,
            0.0,
            best_error,
            SMALL,
            "a hundredth of a reward per trial",
            null=bayes,
            headline=True,
        ),
        Claim.at_least(
            "Bayes observers, fitted as a rule: forgetting that is none",
            float(np.median(forgets)),
            0.05,
            "the trap: belief in change looks like forgetting",
            null=0.0,
        ),
    ]
    claims += _alike(result)
    own = _people(result)
    if own is None:
        needs = f"the recording {FILE}"
        return [*claims, Claim.waiting("people lose more than the best learners do, refitted", 0.0, needs)]
    more, error = mean_and_error(own[0])
    spread = float(np.hypot(error, best_error))
    return [
        *claims,
        Claim.at_least(
            "people: reward lost per trial, beyond refitted best learners",
            (float(more) - best, spread),
            SMALL,
            "more than counts as nothing",
            null=0.0,
            rival=bayes - best,
            headline=True,
        ),
        *_switching(result),
    ]


def _alike(result: Dataset) -> list[Claim]:
    """P(switch) of the network, of the recursion, and of those at whose refitted coefficients both live."""
    switch = {str(name): result["switch"].sel(lived=name).values for name in result["lived"].values}
    count = result["count"].sel(lived="own").values
    share = count / count.sum(axis=1, keepdims=True)

    def apart(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.nansum(share * np.abs(one - other), axis=1).max())

    null = apart(switch["own"], switch["own"][::-1])
    return [
        Claim.at_most(
            f"P(switch) of the network less that of {what}: mean distance over trials, worse of both players",
            apart(switch["network"], switch[lived]),
            NEAR,
            reason,
            kind="validation",
            null=null,
        )
        for what, lived, reason in (
            (
                "simulated learners at the same coefficients",
                "simulated",
                "the same policy: sampling alone; the null is the distance of one player from the other",
            ),
            (
                "the players at whose refitted coefficients it lives",
                "own",
                "asked for; the observers follow no rule, and must be imitated by one",
            ),
        )
    ]


def _switching(result: Dataset) -> list[Claim]:
    """What people do beside the network at their coefficients."""
    found = people()
    assert found is not None
    own, count = switch_probabilities(found.choices)
    lived = _as_people(config_of(result)["again"])
    switch = switch_probabilities(lived)[0]
    firm = switch_probabilities(play(Chart(FIRM), np.repeat(found.firm.x, COPIES, axis=0), WORLD, 2))[0]
    best = result["switch"].sel(player="best rule", lived="own").values
    share = count / count.sum()
    place = histories().index(TWO_REWARDS)
    course, theirs = (switch_course(choices, WORLD.every) for choices in (lived, found.choices))
    return [
        Claim.at_most(
            "P(switch) of people less that of the network at their coefficients, mean distance over trials",
            float((share * np.abs(switch - own)).sum()),
            NEAR,
            "asked for; the null is that of the best rule, the rival that of a readout without looseness",
            null=float((share * np.abs(best - own)).sum()),
            rival=float((share * np.abs(firm - own)).sum()),
            headline=True,
        ),
        Claim.at_most(
            "the same, of the worst of eight histories",
            float(np.abs(switch - own).max()),
            3 * NEAR,
            f"three times what is asked for; after {TWO_REWARDS} P(switch) of people has an error of "
            f"{_error(found.choices, place):.3f}; null and rival as above",
            null=float(np.abs(best - own).max()),
            rival=float(np.abs(firm - own).max()),
        ),
        Claim.at_least(
            f"P(switch) after {TWO_REWARDS}: what choices that are looser for a while add",
            float(switch[place] - firm[place]),
            NEAR,
            "what is asked for of all histories; the null is a readout without them",
            null=0.0,
        ),
        Claim.at_most(
            "course after a reversal: P(switch) of people less the network's, mean distance over trials",
            float(np.abs(course - theirs).mean()),
            NEAR,
            "asked for; the null is the mean over trials, which has no course",
            null=float(np.abs(theirs - theirs.mean()).mean()),
        ),
    ]


@cache
def _as_people(again: int) -> Choices:
    """Lives of the network at people's coefficients, so many for each."""
    found = people()
    assert found is not None
    return inferred_network.live(network_at(Chart(), found.fitted.x, again), 2)


def _error(choices: Choices, place: int) -> float:
    """Standard error of a P(switch), from subjects drawn again."""
    generator, many = np.random.default_rng(0), len(choices.subjects)
    draws = generator.integers(0, many, (REDRAWN, many))
    return float(np.std([switch_probabilities(choices.take(rows))[0][place] for rows in draws]))


def draw(data: Results) -> Figure:
    result = data["inferred_rules"]
    figure, axes = panels(2, 2, 7.2)
    _space(axes[0, 0], result, "eta", "eta_losses", "a  rates of gains and losses")
    _space(axes[0, 1], result, "forgetting", "opposite", "b  what was not chosen")
    _lost(axes[1, 0], result)
    _switches(axes[1, 1], result)
    return figure


def _people(result: Dataset) -> np.ndarray | None:
    """Reward lost by people, (halves, person)."""
    found = people()
    if found is None:
        return None
    return losses(Chart(), found.fitted.x, result["best"].values, WORLD, COPIES, 1)


def _values(result: Dataset, player: str, name: str) -> np.ndarray:
    place = list(result["coefficient"].values).index(name)
    parameter = Chart().parameters(WORLD.arms)[place]
    if player == "people":
        found = people()
        return np.zeros(0) if found is None else np.asarray(parameter.value(found.fitted.x[:, place]))
    if player == "best":
        return np.asarray(parameter.value(result["best"].values[place]))
    return np.asarray(parameter.value(result["found"].sel(player=player).values[place]))


def _space(panel: Axes, result: Dataset, x: str, y: str, title: str) -> None:
    for player, colour in LOOKS.items():
        one, other = _values(result, player, x), _values(result, player, y)
        panel.plot(one, other, "o", markersize=3, alpha=0.6, color=colour, label=player if len(one) else None)
    panel.plot(_values(result, "best", x), _values(result, "best", y), "*", color="k", markersize=11)
    if not len(_values(result, "people", x)):
        panel.text(0.03, 0.95, f"people: {FILE} is missing", transform=panel.transAxes, fontsize=6)
    panel.set(xlabel=x, ylabel=y, title=title)
    panel.legend(fontsize=6)


def _lost(panel: Axes, result: Dataset) -> None:
    tables = {str(name): result["lost"].sel(player=name).values for name in result["player"].values}
    own = _people(result)
    if own is not None:
        tables["people"] = own
    place = np.arange(3)
    for shift, (player, table) in zip((-0.15, 0.0, 0.15), tables.items(), strict=False):
        mean, error = mean_and_error(table[:3].T)
        panel.errorbar(place + shift, mean, 2 * error, fmt="o", color=LOOKS[player], label=player)
    panel.axhline(0, color="0.8", zorder=0)
    panel.set_xticks(place, ["own", "best learning,\nown readout", "own learning,\nbest readout"], fontsize=7)
    panel.set(ylabel="reward lost per trial", title="c  distance from the best")
    panel.legend(fontsize=6)


def _switches(panel: Axes, result: Dataset) -> None:
    place = np.arange(len(histories()))
    found = people()
    if found is not None:
        panel.bar(place, switch_probabilities(found.choices)[0], color="0.88", label="people")
        firm = play(Chart(FIRM), np.repeat(found.firm.x, COPIES, axis=0), WORLD, 2)
        panel.plot(place, switch_probabilities(firm)[0], "x", color=VERMILLION, label="without looseness")
        panel.plot(
            place,
            switch_probabilities(_as_people(config_of(result)["again"]))[0],
            "o",
            color="C0",
            label="network",
        )
    else:
        own = result["switch"].sel(player="best rule", lived="own").values
        panel.plot(place, own, "o", color=GREY, label="best rule")
    panel.set_xticks(place, histories())
    panel.set(ylim=(0, 1), ylabel="P(switch)", title="d  after two trials")
    panel.legend(fontsize=6)
