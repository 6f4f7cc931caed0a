"""Stream numbers of the keyed draws: two things that are drawn in one program never share a number.

The parameters of a distribution's tasks and random chains both count from 30: chains are drawn from no such
distribution, so that the two never meet in a program.
"""

SUPERVISED = {"stimulus": 0, "teacher": 1, "label": 2, "choice": 3}
CONTROL = {"start": 10, "outcome": 11, "tie": 12, "restless": 13}
BANDIT = {"good": 20, "switch": 21, "pay": 22, "choice": 23, "lapse": 24, "hazard": 27, "transition": 28}
PARAMETERS = {f"parameter {number}": 30 + number for number in range(5)}
"""Of a task that a distribution draws, in the order in which it draws them."""
CHAIN = {"size": 30, "place": 31, "step": 32, "habit": 33}
"""The number of states, what an action does there, what happens, habits."""
EPISODE = {
    "world": 40,
    "pay": 41,
    "action": 42,
    "noise": 43,
    "weights": 44,
    "leak": 45,
    "transition": 46,
}
"""Of tasks of episodes, and of the networks that live in them."""

TABLE = {
    "supervised": SUPERVISED,
    "control": CONTROL,
    "bandit": BANDIT,
    "parameters": PARAMETERS,
    "chain": CHAIN,
    "episode": EPISODE,
}
APART = ("parameters", "chain")
"""Families that never meet in a program."""
