"""A cue held over distractors by spiking units: recurrent plasticity by one broadcast TD error, and controls.

Networks of units with escape noise and slow synapses are shaped episode by episode
(`SpikingRecurrentNetwork`), then tested with frozen weights on new episodes. Side by side, at equal episodes:
all weights plastic; the readouts alone, at several rates, of which the best is the rival; all plastic, with
another individual's broadcast. Of the first also: before any training, and with the state emptied in every
step of the task. Beside them all plastic, where dopamine neurons carry the error. Of further episodes all
spikes are recorded, of shaped networks and of the same before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...analysis.foundation import Array, Reporter, stream, within
from ..recurrent.settings import Spiking
from ..recurrent.spiking_network import SpikingRecurrentNetwork
from ..recurrent.training import frozen, shape, untrained
from ..tasks import CueMemory
from .labelling import Dataset, labelled


@dataclass(frozen=True)
class Config(Spiking):
    readout_rates: tuple[float, ...] = (0.02,)
    distractors: int = 10
    """between the cue and the question"""
    dopamine: int = 50
    """dopamine neurons of those networks where they carry the error"""
    recorded: int = 300
    """episodes with frozen weights of which all spikes are recorded"""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.recorded < 8:
            raise self.mistake(f"{self.recorded} episodes are recorded, at least 8 are needed")


PRESETS = {
    "quick": Config(),
    "paper": Config(individuals=8, episodes=120_000, segments=8, readout_rates=(0.005, 0.02, 0.05)),
}


def simulate(config: Config, seed: int, progress: Reporter = None, folder: Path | None = None) -> Dataset:
    """Shape, test and record.

    Returns:
        ``correct`` (condition, individual), share of right answers with frozen weights; ``readout`` (rate,
        individual), the same where the readouts alone are plastic; ``curve`` (individual, block) and
        ``readout_curve`` (rate, individual, block), while learning; ``carried`` (individual) and
        ``carried_curve`` (individual, block), where dopamine neurons carry the error; ``held`` (state,
        individual, step), what the cue makes of the rates, in Hz: root mean square over units of the
        difference between cues, the square estimated without bias from two halves of the episodes; ``fired``
        (state, individual), rate of a unit (Hz); ``spikes`` (cue, time, unit) of one shaped network in one
        episode of each cue.
    """
    net = config.network_of(CueMemory(config.distractors))
    found = config.compare(net, "correct", seed, within(progress, 0.0, 0.7), folder)
    carried = replace(net, dopamine=config.dopamine)
    own = stream(seed, "dopamine neurons")
    heard = shape(
        carried, config.episodes, own, segments=config.segments, progress=within(progress, 0.7, 0.95)
    )
    tested = frozen(carried, heard.state, config.tests, own)["correct"].mean(axis=1)
    first = {name: values[: config.individuals] for name, values in found.state.items()}
    shaped = _record(net, first, config.recorded, seed)
    before = _record(net, untrained(net, seed), config.recorded, seed)
    cues, trains = shaped
    return labelled(
        {
            **found.variables("correct"),
            "carried": ("individual", tested),
            "carried_curve": (("individual", "block"), heard.curves["correct"]),
            "held": (("state", "individual", "step"), np.array([_held(net, *shaped), _held(net, *before)])),
            "fired": (
                ("state", "individual"),
                np.array([fired.mean(axis=(1, 2, 3)) / net.dt for _, fired in (shaped, before)]),
            ),
            "spikes": (
                ("cue", "time", "unit"),
                np.array([trains[0, np.flatnonzero(cues[0] == cue)[0]] for cue in (0, 1)]),
            ),
        },
        coords={
            **config.coordinates(),
            "state": ["shaped", "untrained"],
            "time": np.arange(trains.shape[2]) * net.dt,
        },
        held="Hz",
        fired="Hz",
    )


def _record(
    net: SpikingRecurrentNetwork, state: Mapping[str, Array], episodes: int, seed: int
) -> tuple[Array, Array]:
    """Cues (individual, episode) and whether each unit spiked (individual, episode, time step, unit)."""
    watched = replace(net, record=True, block=episodes)
    outputs = ("seen", "spike_time", "spike_neuron")
    lived = frozen(watched, state, episodes, stream(seed, "recorded"), outputs=outputs)
    rests = net.task.steps + 1
    cues = lived["seen"].reshape(episodes, rests, -1)[:, 0].T
    trains = np.zeros((episodes * rests * net.substeps, net.individuals * net.units))
    trains[np.rint(lived["spike_time"] / net.dt).astype(int), lived["spike_neuron"]] = 1
    shape = (episodes, rests * net.substeps, net.individuals, net.units)
    return cues, np.moveaxis(trains.reshape(shape), 2, 0)[:, :, : net.task.steps * net.substeps]


def _held(net: SpikingRecurrentNetwork, cues: Array, trains: Array) -> Array:
    """Difference between the cues' rates (individual, step), in Hz; see `simulate`."""
    individuals, episodes, times, units = trains.shape
    rates = trains.reshape(individuals, episodes, -1, net.substeps, units).mean(axis=3) / net.dt
    half = np.arange(episodes) % 2
    held = np.empty((individuals, times // net.substeps))
    for one in range(individuals):
        apart = [
            np.subtract(*(rates[one, (cues[one] == cue) & (half == part)].mean(axis=0) for cue in (1, 0)))
            for part in (0, 1)
        ]
        held[one] = np.sqrt(np.clip((apart[0] * apart[1]).mean(axis=-1), 0, None))
    return held
