"""What one application is in one environment, as Argo CD applies it, at each commit that changed it."""

from gitopsmith.states.finding import Place, find, placed
from gitopsmith.states.following import Follower
from gitopsmith.states.history import Change, beginning, history
from gitopsmith.states.reading import Reader, State

__all__ = ["Change", "Follower", "Place", "Reader", "State", "beginning", "find", "history", "placed"]
