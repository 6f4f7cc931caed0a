"""What recorded_choices and behaviour_files make of people, with few of them and no fit that takes long."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.behaviour import recorded_choices
from hedon.analysis.behaviour.change_points import EARLY, LATE, hazard, played, update_slopes
from hedon.analysis.behaviour.choice_fits import Fit
from hedon.analysis.behaviour.choices import Choices
from hedon.analysis.behaviour.two_step_models import Mixture, ModelBased, ModelFree
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.players import change_point
from hedon.analysis.recordings.behaviour import Behaviour
from hedon.analysis.recordings.behaviour_files import read_people
from hedon.analysis.recordings.recording import INVALID, Recording
from hedon.analysis.recordings.spike_files import named_table


@pytest.mark.parametrize("model, w", [(ModelFree(), 0.0), (ModelBased(), 1.0), (Mixture(), 0.25)])
def test_people_are_simulated_with_their_own_numbers(
    model: ModelFree | ModelBased | Mixture, w: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many copies of each, side by side, as many trials as the median person made."""
    told: list = []
    monkeypatch.setattr(
        recorded_choices.two_step, "simulate", lambda *given, **how: told.append((given, how))
    )
    x = np.array([[p.free(np.array(0.25 * (1 + row))) for p in model.parameters] for row in range(2)], float)
    action = np.where(np.arange(40) < np.array([[30], [21]]), 0, -1)
    choices = Choices(("a", "b"), action, np.zeros((2, 40)), np.eye(2, 40) > 0, 2, p_common=0.8)
    fit = Fit(model, ("a", "b"), x, *[np.zeros(2)] * 5)  # type: ignore[arg-type]
    recorded_choices.predicted(fit, choices, copies=3, seed=9)
    (((many, trials), how),) = told
    assert (many, trials, how["common"], how["first_value"], how["seed"]) == (6, 25, 0.8, 0.5, 9)
    assert np.unique(how["w"]).tolist() == ([w] if w != 0.25 else [0.25, 0.5])
    for name in ("alpha1", "beta1", "beta2", "perseveration"):
        np.testing.assert_allclose(how[name], [0.25] * 3 + [0.5] * 3)
    assert np.all(how["lam"] == 1.0) or not isinstance(model, ModelBased)


def test_reporters_are_held_beside_bayes_and_a_constant_rate() -> None:
    generator = np.random.default_rng(0)
    outcome, many = generator.integers(0, 2, 3 * 200).astype(float), 600
    columns = {
        "subject": np.repeat(["a", "b", "c"], 200),
        "trial": np.tile(np.arange(200.0), 3),
        "outcome": outcome,
        "estimate": generator.random(many),
        "change_point": (generator.random(many) < 0.1).astype(float),
    }
    made = Behaviour(columns)
    found = recorded_choices.of_change_points(made)
    assert found.curve.shape == (3, 16) and found.slopes.shape == (3, 2)
    np.testing.assert_array_equal(found.slopes, update_slopes(made))
    np.testing.assert_array_equal(found.curve[:, 4], update_slopes(made, [(4, 4)])[:, 0])
    np.testing.assert_array_equal(found.shuffled, update_slopes(made, shuffle=0))
    rate = float(update_slopes(made, [(0, many)]).mean())
    players = {
        "Bayes": lambda seen: change_point.bayes(seen, hazard(made), 0.1, 0.9),
        "constant rate": lambda seen: change_point.constant_rate(seen, rate),
    }
    for name, player in players.items():
        own = played(made, player)
        np.testing.assert_array_equal(found.players[name], update_slopes(own, (EARLY, LATE)))
        np.testing.assert_array_equal(found.player_curves[name][:, 15], update_slopes(own, [(15, 15)])[:, 0])


def recording(who: str, **trials: list) -> Recording:
    table = {name: np.array(values, float) for name, values in trials.items()}
    return Recording((), table, about={"subject": who, "identifier": f"{who}-1"})


def test_trials_of_recordings_keep_their_numbers_or_get_those_of_their_times() -> None:
    told = read_people([recording("m", trial=[3, 5], t_outcome=[2, 1], action=[1, 2])], ("action",))
    assert told["trial"].tolist() == [3, 5] and told["action"].tolist() == [1, 2]
    assert told["subject"].tolist() == ["m", "m"] and told["session"].tolist() == ["m-1", "m-1"]
    late = read_people([recording("m", t_outcome=[7, 1, 4], action=[1, 2, 3])], ("action",))
    assert late["trial"].tolist() == [0, 1, 2] and late["action"].tolist() == [2, 3, 1]
    bare = read_people([recording("m", action=[5, 6])], ("action",))
    assert bare["trial"].tolist() == [0, 1] and bare["action"].tolist() == [5, 6]
    with pytest.raises(Mistake, match="has no trials"):
        read_people([recording("m", action=[])], ("action",))
    with pytest.raises(Mistake, match="at least one file"):
        read_people([])


def test_people_of_several_recordings() -> None:
    """The columns that all have, subjects in the order in which they come."""
    one, two = (
        recording("m", action=[1, 2], reward=[0, 1], extra=[5, 5]),
        recording("n", action=[3, 4], reward=[1, 1]),
    )
    both = read_people([two, one], ("action", "reward"))
    assert both["subject"].tolist() == ["n", "n", "m", "m"] and "extra" not in both.columns
    assert both["action"].tolist() == [3, 4, 1, 2] and both.source == "2 files"
    again = Recording((), one.trials, about={"subject": "m", "identifier": "m-2"})
    shared = read_people([one, again], ("action",))
    assert shared["subject"].tolist() == ["m"] * 4 and len(set(shared["session"])) == 2
    assert any("1 subject ('m', ...) with sessions in several files" in note for note in shared.notes)


def test_trials_in_invalid_times_are_missed() -> None:
    made = recording("m", action=[1, 2, 1], reward=[1, 0, 1], start_time=[0, 2, 4], stop_time=[1, 3, 5])
    invalid = {INVALID: {"start_time": np.array([2.5]), "stop_time": np.array([4.0])}}
    found = read_people([Recording((), made.trials, about=made.about, events=invalid)], ("action", "reward"))
    assert np.isnan(found["action"]).tolist() == np.isnan(found["reward"]).tolist() == [False, True, False]
    assert found.notes[-1] == "1 of 3 trials in invalid times count as missed"


def test_a_table_is_named_by_its_place_or_by_its_name_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("x")
    (tmp_path / "b.csv").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert named_table(tmp_path / "in", "a.csv") == tmp_path / "in" / "a.csv"
    assert named_table(tmp_path / "in", "b.csv") == Path("b.csv")
    with pytest.raises(Mistake, match="there is no file c.csv"):
        named_table(tmp_path / "in", "c.csv")


def test_recordings_of_people_are_read_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the columns that they have; None where there are none."""
    monkeypatch.setattr(recorded_choices, "data_file", lambda name: None)
    people = recorded_choices.two_step_people, recorded_choices.change_point_people
    for one in people:
        one.cache_clear()
        assert one() is None
    (tmp_path / "two").write_text("subject,trial,action1,reward,common\na,0,1,1,1\na,1,2,0,0\n")
    (tmp_path / "jumps").write_text("subject,trial,estimate,outcome\na,0,.5,1\n")
    places = {recorded_choices.TWO_STEP: "two", recorded_choices.CHANGE_POINTS: "jumps"}
    monkeypatch.setattr(
        recorded_choices, "data_file", lambda name: (tmp_path / places[name]).rename(tmp_path / "a.csv")
    )
    monkeypatch.setattr(recorded_choices, "of_two_step", lambda behaviour: behaviour["action"].tolist())
    monkeypatch.setattr(recorded_choices, "of_change_points", lambda behaviour: behaviour["outcome"].tolist())
    for one, found in zip(people, ([1, 2], [1]), strict=True):
        one.cache_clear()
        assert one() == found
        one.cache_clear()
