"""Dopamine neurons that each learn a value of their own from what they themselves fire.

    delta = u - h V        while a reward of utility u is answered, else 0                          (1)
    m     = (1/width) x sum over that time of the modulator                                         (2)
    V    += eta h (burst [m]+ - dip [-m]+)        after each trial                                  (3)

A *cell* here stands for all dopamine neurons that are like it: `Dopamine` neurons of one baseline, gain and
asymmetry, whose spikes release into a volume; its concentration above the tonic one is the modulator that
reaches the synapse from the state to the cell's value, a Brian2 synapse with the weight V. State and synapse
are active by h: 1 for a reward that was announced, less where only the place announces it (and never when).
Errors last while recorded cells tell of value (`LATE`); the detection of a reward, and the response to the
cue, are left out.

The concentration falls short where rates are cut off at zero: a value then rests where what bursts teach
outweighs what dips should. ``burst`` and ``dip`` say how much the synapse makes of each; both 1, it takes
dopamine as it comes. Beside the neurons that teach there are some of the same kind whose spikes are recorded,
and do nothing.

Sources: (1) to (3) Dabney et al. 2020, doi:10.1038/s41586-019-1924-6, with spikes and a volume put between
error and learning. The description here is free of Brian2; `circuit` builds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...analysis.foundation.seeds import stream
from ...analysis.recordings.recording import Recording
from ...analysis.responses.dopamine_responses import LATE
from ..dopamine.system import Dopamine
from ..neurons import Parameters, quantity
from ..program import Program, compile_program


def _system() -> Dopamine:
    return Dopamine(critic_baseline=0.0, filtered_reward=False, neurons=20)


@dataclass(frozen=True)
class ValuePopulation(Parameters):
    """Cells side by side, and how many trials a call has at most.

    Raises:
        Mistake: a wrong unit, a number out of bounds, a trial too short for what happens in it.
    """

    dopamine: Dopamine = field(default_factory=_system)
    """the dopamine system; its neurons are those of one cell"""
    cells: int = 20
    """cells side by side"""
    recorded: int = 1
    """neurons of each cell whose spikes are recorded"""
    trials: int = 100
    """trials of a call at most"""
    highest: float = 3.0
    """bound of a value"""
    cue: float = quantity(1.0, "second", above=0)
    """from the start of a trial to the cue (s)"""
    outcome: float = quantity(2.5, "second", above=0)
    """from the start of a trial to the reward (s)"""
    trial_duration: float = quantity(3.2, "second", above=0)
    """of a trial (s)"""
    dt: float = quantity(0.004, "second", above=0)
    """time step (s)"""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.highest < float("inf"):
            raise Mistake(f"ValuePopulation: highest is {self.highest:g}, must be finite and above 0")
        for name in ("cells", "recorded", "trials"):
            if getattr(self, name) < 1:
                raise Mistake(f"ValuePopulation: {name} is {getattr(self, name)}, must be at least 1")
        if self.dopamine.channels != 1 or self.dopamine.critic_baseline or self.dopamine.filtered_reward:
            raise Mistake("ValuePopulation: dopamine must have one channel, no critic, and reward unfiltered")
        self.dopamine.check_step(self.dt)
        if not self.cue < self.outcome <= self.trial_duration - LATE[1]:
            raise Mistake("ValuePopulation: cue, reward and the answer to it must follow within a trial")
        steps = self.trial_duration / self.dt
        if abs(steps - round(steps)) > 1e-6:
            raise Mistake("ValuePopulation: trial_duration must be a whole number of dt")

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        return compile_program("hedon.models.values.circuit:build", self)


@dataclass(frozen=True)
class Cells:
    """What cells are like: each array (cell,).

    Raises:
        Mistake: arrays of unequal length; a rate, gain or weight below zero, an asymmetry outside [0, 1].
    """

    baseline: np.ndarray
    """Hz"""
    gain: np.ndarray
    """Hz for one unit of delta"""
    asymmetry: np.ndarray
    """of the firing; 0.5: burst and dip alike"""
    burst: np.ndarray
    """how much a burst teaches"""
    dip: np.ndarray
    """how much a dip teaches"""

    def __post_init__(self) -> None:
        many = len(self.baseline)
        for name in ("baseline", "gain", "asymmetry", "burst", "dip"):
            values = np.asarray(getattr(self, name), float)
            if values.shape != (many,) or not np.isfinite(values).all() or (values < 0).any():
                raise Mistake(f"Cells: {name} must be {many} numbers, none below zero")
        if (np.asarray(self.asymmetry) > 1).any() or (np.asarray(self.gain) == 0).any():
            raise Mistake("Cells: asymmetries must be in [0, 1], gains above zero")

    def __len__(self) -> int:
        return len(self.baseline)


@dataclass(frozen=True)
class Session:
    """One cell's rewards in their order: each array (trial,)."""

    size: np.ndarray
    """microlitres"""
    expected: np.ndarray
    """whether the cue announced it"""

    def __len__(self) -> int:
        return len(self.size)


@dataclass(frozen=True)
class Lived:
    """What `live` returns."""

    recordings: Sequence[Sequence[Recording]]
    """spikes and trials of each recorded neuron: (neuron, cell)"""
    value: np.ndarray
    """before each trial: (trial, cell)"""


def live(
    network: ValuePopulation,
    cells: Cells,
    sessions: Sequence[Session],
    value: np.ndarray,
    seed: int,
    *,
    utility: Callable[[np.ndarray, int], np.ndarray],
    share: float | np.ndarray,
    eta: float | np.ndarray,
    place: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Lived:
    """Let every cell live through its session, from the values ``value`` (cell,) on.

    Args:
        network: as many cells as there are, and trials for the longest session.
        utility: of rewards (microlitres) to the cell of a number.
        share: activity of the state where a reward was not announced, one for all or for each cell.
        eta: learning rate of (3), for one trial, one for all or for each cell; 0: values stay.
        place: tells the calls of one study apart.

    Raises:
        Mistake: cells, sessions and network that do not fit.
    """
    longest = max((len(session) for session in sessions), default=0)
    if not len(cells) == len(sessions) == network.cells or longest > network.trials or not longest:
        raise Mistake(
            f"{len(cells)} cells and {len(sessions)} sessions of up to {longest} trials do not fit a network "
            f"of {network.cells} cells and {network.trials} trials"
        )
    worth, held = np.zeros((2, network.trials, network.cells))
    shares = np.broadcast_to(np.asarray(share, float), network.cells)
    for k, session in enumerate(sessions):
        worth[: len(session), k] = utility(np.asarray(session.size, float), k)
        held[: len(session), k] = np.where(session.expected, 1.0, shares[k])
    neurons = network.dopamine.neurons
    arrays = network.program()(
        {
            "worth": worth,
            "held": held,
            "value": np.asarray(value, float),
            "eta": np.broadcast_to(np.asarray(eta, float), network.cells),
            "burst": cells.burst,
            "dip": cells.dip,
            "cell_baseline": cells.baseline,
            "cell_gain": cells.gain,
            "cell_asymmetry": cells.asymmetry,
            "baseline": np.tile(cells.baseline[:, None, None], (1, 1, neurons)),
            "asymmetry": np.tile(cells.asymmetry[:, None, None], (1, 1, neurons)),
            "gain": cells.gain[:, None],
            "tonic": cells.baseline[:, None],
        },
        seed=stream(seed, "value population", place),
        duration=longest,
        outputs=["spike_time", "spike_neuron", "values"],
        progress=progress,
    )
    order = np.lexsort((arrays["spike_time"], arrays["spike_neuron"]))
    times, who = arrays["spike_time"][order], arrays["spike_neuron"][order]
    ends = np.searchsorted(who, np.arange(1, network.cells * network.recorded))
    trains = np.split(times, ends)
    start = network.trial_duration * np.arange(longest)
    tables = []
    for session in sessions:
        at = start[: len(session)]
        expected = np.asarray(session.expected, bool)
        tables.append(
            {
                "reward_ul": np.asarray(session.size, float),
                "expected": expected.astype(int),
                "start_time": at,
                "stop_time": at + network.trial_duration,
                "t_cue": np.where(expected, at + network.cue, np.nan),
                "t_outcome": at + network.outcome,
            }
        )
    recordings = [
        [Recording((trains[k * network.recorded + n],), table) for k, table in enumerate(tables)]
        for n in range(network.recorded)
    ]
    return Lived(recordings, arrays["values"])
