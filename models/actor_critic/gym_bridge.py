"""Any Gymnasium environment with box observations and discrete actions, lived in by spiking actor-critics.

Gymnasium's Python stands in the loop, so this runs in Brian2's runtime mode: for exploring, not for long
training. Each individual has an environment of its own, one step of which takes ``hold`` ticks of 20 ms of
neural time; the pool that fires most is the action, and rewards go to the dopamine system.

    import gymnasium
    from hedon.models.actor_critic.gym_bridge import GymBridge, axes_of

    def make():
        return gymnasium.make("MountainCar-v0")

    bridge = GymBridge(make, axes_of(make(), cells=(8, 8)), reward_scale=0.01)
    for episode in bridge.live(episodes=3):
        print(episode)

``python -m hedon.models.actor_critic.gym_bridge MountainCar-v0`` does the same.

A trial ends where the environment says so. An end by its limit of time (``truncated``) is to the critic an
end like any other: nothing follows it, and no value is bootstrapped. `Episode.truncated` tells which it was;
where that matters, give the environment a longer limit or the time left as an observation.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...analysis.foundation.mistakes import Mistake
from ..tasks.control_task import TICK, Axis, ControlTask, PlaceCode
from .network import ActorCritic, Pools


@dataclass(frozen=True)
class GymTask(ControlTask):
    """What an individual sees of an environment that runs outside: observations, rewards, an end."""

    axes: tuple[Axis, ...] = ()
    """place cells over the observations ``obs0``, ``obs1``, ..."""
    choices: int = 2
    """number of actions"""
    size: int = 1
    """number of observations"""
    name: str = "Gymnasium"
    width: float = 0.7
    """of a place field (spacings of the grid)"""
    limit: float = field(default=1e6, kw_only=True)
    """trials end when the environment says so (s)"""

    @property
    def title(self) -> str:
        return self.name

    @property
    def actions(self) -> int:
        return self.choices

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(f"obs{k}" for k in range(self.size))

    @property
    def equations(self) -> str:
        return "\n".join([f"first{k} : 1" for k in range(self.size)] + ["gained : 1", "over : 1"])

    @property
    def start(self) -> Mapping[str, str]:
        return {f"obs{k}": f"first{k}" for k in range(self.size)}

    @property
    def move(self) -> str:
        return "\n".join(f"next_obs{k} = obs{k}" for k in range(self.size))

    @property
    def success(self) -> str:
        return "over > 0.5"

    @property
    def rewards(self) -> tuple[float, float]:
        return 0.0, 0.0

    @property
    def wage(self) -> str:
        return "gained"

    @property
    def code(self) -> PlaceCode:
        return PlaceCode(self.axes, self.width)


@dataclass(frozen=True)
class Episode:
    """What became of one episode of one individual."""

    individual: int
    steps: int
    total: float
    """sum of the environment's rewards"""
    truncated: bool = False
    """ended by a limit of time, not by what the individual did"""


def axes_of(
    env: Any, cells: int | Sequence[int] = 5, reach: Sequence[tuple[float, float]] | None = None
) -> tuple[Axis, ...]:
    """A grid of place cells over the observations of ``env``.

    Args:
        env: an environment with a box of observations.
        cells: centres along each observation, or one number for all.
        reach: first and last centre of each; by default the bounds of the box.

    Raises:
        Mistake: observations that are no box, or an unbounded one without ``reach``.
    """
    name, size = _name(env), _observations(env)
    counts = [cells] * size if isinstance(cells, int) else list(cells)
    if len(counts) != size or (reach is not None and len(reach) != size):
        raise Mistake(f"{name} has {size} observations; give {size} numbers of cells and ranges")
    space = env.observation_space
    bounds = reach or list(zip(np.ravel(space.low).tolist(), np.ravel(space.high).tolist(), strict=True))
    for k, (low, high) in enumerate(bounds):
        if not (abs(low) < 1e9 and abs(high) < 1e9):
            raise Mistake(f"{name}: observation {k} is not bounded; give the reach of the place cells")
    return tuple(
        Axis(f"obs{k}", float(low), float(high), n)
        for k, ((low, high), n) in enumerate(zip(bounds, counts, strict=True))
    )


class GymBridge:
    """Spiking actor-critics in copies of one Gymnasium environment.

    Args:
        make: returns a new environment; called once for each individual.
        axes: place cells, as from `axes_of`.
        actor: pools of actor neurons; by default one for each action.
        individuals: learners side by side.
        hold: ticks of 20 ms that one step of the environment takes.
        reward_scale: of the environment's rewards, so that values are about 1.
        settings: further settings of `ActorCritic` (rules, dopamine, critics, ...).

    Raises:
        Mistake: actions that are not discrete, observations that are no box, an actor that does not match.
    """

    def __init__(
        self,
        make: Callable[[], Any],
        axes: tuple[Axis, ...],
        actor: Pools | None = None,
        *,
        individuals: int = 1,
        hold: int = 1,
        reward_scale: float = 1.0,
        seed: int = 0,
        **settings: Any,
    ) -> None:
        self.envs = [make() for _ in range(individuals)]
        env = self.envs[0]
        choices = _choices(env)
        task = GymTask(axes, choices, _observations(env), _name(env), hold=hold)
        self.net = ActorCritic(task, actor or Pools(choices), individuals=individuals, watched=0, **settings)
        self._first_action = int(env.action_space.start)
        self._generator = np.random.default_rng(seed)
        self.scale = reward_scale
        self.seed = seed
        self.episodes: list[Episode] = []
        self._steps = np.zeros(individuals, int)
        self._totals = np.zeros(individuals)
        self._state: Any = None
        with self._draws():
            self._build()

    def live(self, episodes: int, seconds: float = 600.0) -> list[Episode]:
        """Live until so many more episodes have ended, at most ``seconds`` of neural time; those episodes."""
        import brian2 as b2

        begun, end = len(self.episodes), self._now() + seconds
        while len(self.episodes) < begun + episodes and self._now() < end - TICK / 2:
            with self._draws():
                self.network.run(min(1.0, end - self._now()) * b2.second, namespace={})
        return self.episodes[begun : begun + episodes]

    @contextmanager
    def _draws(self) -> Iterator[None]:
        """Brian2 draws from numpy's global generator: inside, its state is the bridge's own."""
        outside = np.random.get_state()
        if self._state is not None:
            np.random.set_state(self._state)
        try:
            yield
        except Exception as error:
            if isinstance(error.__cause__, Mistake):  # from within Brian2's loop
                raise error.__cause__ from None
            raise
        finally:
            self._state = np.random.get_state()
            np.random.set_state(outside)

    def _now(self) -> float:
        return float(self.network.t)

    def _build(self) -> None:
        import brian2 as b2

        from .circuit import ActorCriticCircuit

        b2.seed(self.seed)
        self.circuit = ActorCriticCircuit(self.net)
        self.world = self.circuit.world
        for individual, env in enumerate(self.envs):
            self._first(individual, env.reset(seed=self.seed + individual)[0])
        step = b2.NetworkOperation(
            self._step,
            clock=self.circuit.clock(self.circuit.tick),
            when="start",
            order=-1,
            name="environments",
        )
        self.network = self.circuit.network
        self.network.add(step)

    def _first(self, individual: int, observation: Any) -> None:
        """Where the next trial of an individual begins."""
        for k, value in enumerate(self._seen(observation)):
            self.world.variables[f"first{k}"].get_value()[individual] = value

    def _seen(self, observation: Any) -> NDArray[np.float64]:
        """The observation as a row of finite numbers; raises Mistake for any other."""
        found = np.ravel(np.asarray(observation, float))
        size = len(self.net.task.states)
        if len(found) != size or not np.isfinite(found).all():
            raise Mistake(
                f"{_name(self.envs[0])} was observed as {found.tolist()}, must be {size} finite numbers"
            )
        return found

    def _step(self) -> None:
        """Each environment whose action has been held long enough takes one step."""
        value = {
            name: self.world.variables[name].get_value() for name in ("acting", "elapsed", "gained", "over")
        }
        pulls = np.array([self.world.variables[pull].get_value() for pull in self.circuit.pulls])
        value["gained"][:], value["over"][:] = 0, 0
        for individual, env in enumerate(self.envs):
            if value["acting"][individual] < 0.5 or (value["elapsed"][individual] + 1) % self.net.task.hold:
                continue
            strength = pulls[:, individual]
            action = int(self._generator.choice(np.flatnonzero(strength == strength.max())))
            observation, reward, terminated, truncated, _ = env.step(self._first_action + action)
            if not np.isfinite(reward):
                raise Mistake(f"{_name(env)} paid {reward}, must be a finite number")
            for k, seen in enumerate(self._seen(observation)):
                self.world.variables[f"obs{k}"].get_value()[individual] = seen
            value["gained"][individual] = self.scale * reward
            self._steps[individual] += 1
            self._totals[individual] += reward
            if terminated or truncated:
                value["over"][individual] = 1
                steps, total = int(self._steps[individual]), float(self._totals[individual])
                by_time = bool(truncated) and not terminated
                self.episodes.append(Episode(individual, steps, total, by_time))
                self._steps[individual], self._totals[individual] = 0, 0
                self._first(individual, env.reset()[0])


def _name(env: Any) -> str:
    spec = getattr(env, "spec", None)
    return spec.id if spec is not None else type(env).__name__


def _choices(env: Any) -> int:
    """Number of discrete actions; raises Mistake for others."""
    space = env.action_space
    kinds = [kind.__name__ for kind in type(space).__mro__]
    if "Discrete" not in kinds or not hasattr(space, "start"):
        raise Mistake(f"{_name(env)} has actions {space}; the bridge needs a choice of discrete ones")
    return int(space.n)


def _observations(env: Any) -> int:
    space = env.observation_space
    if not hasattr(space, "low") or getattr(space, "n", None) is not None:
        raise Mistake(f"{_name(env)} has observations {space}; the bridge needs a box of numbers")
    return int(np.prod(space.shape))


def _example(name: str) -> None:
    import gymnasium

    bridge = GymBridge(
        lambda: gymnasium.make(name), axes_of(gymnasium.make(name), cells=8), reward_scale=0.01
    )
    for episode in bridge.live(episodes=3):
        print(episode)


if __name__ == "__main__":
    _example(sys.argv[1] if len(sys.argv) > 1 else "MountainCar-v0")
