"""Task families: worlds as values, with the Brian2 code that draws their stimuli and targets."""

from ...analysis.foundation.registry import Registry
from .acrobot import Acrobot
from .associations import Association, AssociationKind, Associations
from .baited_episodes import BaitedEpisodes
from .bandit import Bandit
from .bandits import Arms, StaticBandits
from .bernoulli_bandit import BernoulliBandit
from .cart_pole import CartPole
from .control_task import Axis, ControlTask, PlaceCode
from .cue_memory import CueMemory
from .digits import digits
from .distribution import SPLITS, Drawn, TaskDistribution
from .episode_task import EpisodeTask
from .episodic_bandit import EpisodicBandit
from .hidden_teacher import HiddenTeacher
from .learning_set import LearningSet
from .linear_teacher import LinearTeacher
from .linear_track import LinearTrack
from .mazes import MazeKind, Mazes, OwnMaze
from .pendulums import OwnAcrobot, Pendulums
from .poles import OwnPole, Poles
from .reversal_bandit import ReversalBandit
from .samples import Samples
from .task import Task
from .teacher_student import Teachers, TeacherStudent
from .temporal_teacher import TemporalTeacher
from .tracks import OwnTrack, TrackKind, Tracks
from .two_step_episodes import TwoStepEpisodes
from .volatile_episodes import VolatileEpisodes
from .water_maze import WaterMaze

TASKS = Registry(
    "task",
    __name__,
    {
        "LinearTeacher": ".linear_teacher:LinearTeacher",
        "HiddenTeacher": ".hidden_teacher:HiddenTeacher",
        "TemporalTeacher": ".temporal_teacher:TemporalTeacher",
        "digits": ".digits:digits",
    },
)
"""Supervised tasks that `hedon run train` finds by name -> class or function, written '.file:Class'."""
