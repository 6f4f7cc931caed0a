"""Choices side by side, and their sessions: small tables laid out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.behaviour.choices import (
    LONGEST_GAP,
    NONE,
    Choices,
    bandit_choices,
    laid_out,
    two_step_choices,
)
from hedon.analysis.behaviour.sessions import Sessions
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import Behaviour


def behaviour(**columns: list) -> Behaviour:
    subject = np.array(columns.pop("subject"))
    return Behaviour({"subject": subject, **{name: np.array(v, float) for name, v in columns.items()}})


TWO = behaviour(
    subject=list("aaaabbbbb"),
    session=[1, 1, 1, 2, 1, 1, 1, 1, 1],
    trial=[0, 1, 4, 0, 3, 4, 5, 6, 500],
    action=[3, 7, 3, 7, 3, np.nan, 7, 9, 3],
    reward=[1, 0, 2, 1, 5, 1, np.nan, 3, 4],
    missed=[0, 0, 0, 1, 0, 0, 0, 0, 0],
)


def test_trials_of_a_bandit_lie_side_by_side() -> None:
    """Options in the order of labels; numbers that are passed over, and what was missed, were not made; a
    long leap counts as the longest gap."""
    found = bandit_choices(TWO)
    assert found.subjects == ("a", "b") and found.options == 3 and LONGEST_GAP == 100
    action, reward = np.full((2, 107), NONE), np.zeros((2, 107))
    begins = np.zeros((2, 107), bool)
    action[0, [0, 1, 4]], reward[0, [0, 4]] = [0, 1, 0], [1, 2]
    action[1, [0, 3, 103]], reward[1, [0, 3, 103]] = [0, 2, 0], [5, 3, 4]
    begins[[0, 0, 1], [0, 5, 0]] = True
    assert found.action.shape == (2, 104)
    np.testing.assert_array_equal(found.action, action[:, :104])
    np.testing.assert_array_equal(found.reward, reward[:, :104])
    np.testing.assert_array_equal(found.begins, begins[:, :104])
    np.testing.assert_array_equal(found.made, action[:, :104] >= 0)
    numbers = laid_out(TWO, "trial")
    assert (
        numbers[0, :6].tolist() == [0, 1, 0, 0, 4, 0] and numbers[1, 103] == 500 and numbers[1].sum() == 518
    )


def test_a_column_of_words_is_numbered() -> None:
    words = Behaviour({**TWO.columns, "block": np.array(list("rllrxrlll"))})
    numbers = laid_out(words, "block")
    assert numbers[0, :6].tolist() == [2, 1, 0, 0, 1, 2] and numbers[1, [0, 3]].tolist() == [3, 1]


def test_trials_without_numbers_follow_each_other() -> None:
    found = bandit_choices(behaviour(subject=list("aaa"), action=[1, 2, 1], reward=[0, 1, 0]))
    assert found.action.tolist() == [[0, 1, 0]] and found.begins.tolist() == [[True, False, False]]


STEPS = {
    "subject": list("aaaaa"),
    "trial": [0, 1, 2, 3, 4],
    "action": [1, 2, 1, 2, 2],
    "common": [1, 0, 0, 1, 1],
    "reward": [1, 0, 1, 1, 0],
}


def test_the_second_state_is_that_of_the_action_where_the_way_was_common() -> None:
    found = two_step_choices(behaviour(**STEPS, missed=[0, 0, 0, 0, 1]))
    assert found.state2 is not None and found.action2 is not None
    assert found.action.tolist() == [[0, 1, 0, 1, NONE]] and found.state2.tolist() == [[0, 0, 1, 1, NONE]]
    assert found.action2.tolist() == [[0, 0, 0, 0, NONE]] and found.options2 == 1
    assert found.reward.tolist() == [[1, 0, 1, 1, 0]] and found.p_common == 0.5 and found.options == 2


def test_second_choices_have_labels_of_their_own() -> None:
    found = two_step_choices(behaviour(**STEPS, action2=[5, 6, np.nan, 6, 8]))
    assert found.action2 is not None and found.action2.tolist() == [[0, 1, NONE, 1, 2]]
    assert found.action.tolist() == [[0, 1, NONE, 1, 1]] and found.options2 == 3 and found.p_common == 0.75


@pytest.mark.parametrize(
    "states, agree", [([4, 4, 5, 5, 5], True), ([4, 4, 4, 5, 5], False), ([4, 5, 5, 5, 5], False)]
)
def test_labels_of_states_say_what_common_says(states: list[int], agree: bool) -> None:
    told = behaviour(**STEPS, state2=states)
    if agree:
        assert two_step_choices(told).p_common == 0.6
        return
    with pytest.raises(Mistake, match="'common' and 'state2' of a disagree"):
        two_step_choices(told)


@pytest.mark.parametrize("actions, said", [([1, 1, 1], "not 1"), ([1, 2, 3], "not 3")])
def test_two_first_actions(actions: list[int], said: str) -> None:
    with pytest.raises(Mistake, match=f"the two-step task has two first actions, {said}"):
        two_step_choices(behaviour(subject=list("aaa"), action=actions, reward=[0, 1, 0], common=[1, 1, 1]))


ONE = Choices(
    ("a", "b"),
    np.array([[0, 1, NONE, 1], [1, NONE, 0, 0]]),
    np.array([[2.0, 3, 0, 5], [4, 0, 2, 2]]),
    np.eye(2, 4) > 0,
    2,
)


def test_what_is_no_table_of_choices() -> None:
    with pytest.raises(Mistake, match="an action is no option of 0 to 0"):
        replace(ONE, options=1)
    for wrong in ({"reward": ONE.reward[:, 1:]}, {"begins": ONE.begins[:1]}):
        with pytest.raises(Mistake, match="of one shape"):
            replace(ONE, **wrong)
    with pytest.raises(Mistake, match="of one shape"):
        Choices(("a",), ONE.action[0], ONE.reward[0], ONE.begins[0], 2)


def test_rewards_in_their_own_unit() -> None:
    found, notes = ONE.in_unit_rewards()
    np.testing.assert_allclose(found.reward, [[0, 1 / 3, 0, 1], [2 / 3, 0, 0, 0]])
    assert notes == ("rewards from 2 to 5 count as 0 to 1",) and found.in_unit_rewards() == (found, ())
    same = replace(ONE, reward=np.full((2, 4), 3.0))
    assert same.in_unit_rewards() == (same, ("all rewards are 3: nothing can be learned from them",))
    half = replace(ONE, reward=ONE.reward / 5)  # up to 1, but not from 0
    assert half.in_unit_rewards()[1] == ("rewards from 0.4 to 1 count as 0 to 1",)
    none = replace(ONE, action=np.full((2, 4), NONE))
    assert none.in_unit_rewards() == (none, ())


def test_shuffled_rewards_change_places_among_the_trials_that_were_made() -> None:
    many = Choices(
        ("a", "b"),
        np.where(np.arange(40) % 5, 1, NONE) * np.ones((2, 1), int),
        np.where(np.arange(40) % 5, np.arange(40.0), 0) + np.array([[0], [100]]) * (np.arange(40) % 5 > 0),
        np.eye(2, 40) > 0,
        2,
    )
    found = many.shuffled(3)
    assert (np.sort(found.reward, axis=1) == np.sort(many.reward, axis=1)).all()
    assert (found.reward[:, ::5] == 0).all() and (found.reward != many.reward).sum() > 50
    np.testing.assert_array_equal(found.reward, many.shuffled(3).reward)
    assert (found.reward != many.shuffled(4).reward).any() and found.action is many.action


def test_subjects_may_be_taken_twice() -> None:
    states = replace(ONE, state2=ONE.action, action2=1 - ONE.action, options2=3, p_common=0.6)
    for choices in (ONE, states):
        found = choices.take(np.array([1, 0, 1]))
        assert found.subjects == ("b", "a", "b") and found.p_common == choices.p_common
        assert (found.options, found.options2) == (choices.options, choices.options2)
        for name in ("action", "reward", "begins", "state2", "action2"):
            table = getattr(choices, name)
            assert (
                getattr(found, name) is None
                if table is None
                else (getattr(found, name) == table[[1, 0, 1]]).all()
            )


def test_sessions_lie_side_by_side() -> None:
    """What follows the last trial made is left out, and who made none has no session."""
    action = np.array([[0, 1, NONE, 1, NONE], [NONE] * 5, [1, 1, 0, 0, 0]])
    reward = np.arange(15.0).reshape(3, 5)
    begins = np.array([[1, 0, 0, 1, 0], [1, 0, 0, 0, 0], [0, 0, 1, 0, 0]], bool)
    seen = Sessions.of(Choices(("a", "b", "c"), action, reward, begins, 2))
    assert seen.subject.tolist() == [0, 0, 2, 2] and seen.arms == 2
    assert seen.action.T.tolist() == [[0, 1, NONE], [1, NONE, NONE], [1, 1, NONE], [0, 0, 0]]
    assert seen.reward.T.tolist() == [[0, 1, 2], [3, 0, 0], [10, 11, 0], [12, 13, 14]]
    assert seen.place.T.tolist() == [[0, 1, 2], [3, -1, -1], [10, 11, -1], [12, 13, 14]]
    assert seen.chosen[0].tolist() == [[1, 0, 0, 1], [0, 1, 1, 0]] and not seen.chosen[1, :, 1].any()
    np.testing.assert_array_equal(seen.chosen.sum(axis=1), seen.made)
    columns, row = seen.columns(np.array([2, 1, 0, 2]), 3)
    assert columns.tolist() == [2, 3, 0, 1, 2, 3] and row.tolist() == [0, 0, 2, 2, 3, 3]
    taken = seen.take(np.array([3, 3]))
    assert taken.reward.T.tolist() == [[12, 13, 14]] * 2 and taken.subject.tolist() == [2, 2]
    assert taken.action.T.tolist() == [[0, 0, 0]] * 2 and taken.place.T.tolist() == [[12, 13, 14]] * 2
    spread = seen.spread(1 + reward)
    assert spread.T.tolist() == [[1, 2, 3], [4, 0, 0], [11, 12, 0], [13, 14, 15]]


def test_no_trial_is_no_session() -> None:
    with pytest.raises(Mistake, match="no trial was made"):
        Sessions.of(replace(ONE, action=np.full((2, 4), NONE)))
