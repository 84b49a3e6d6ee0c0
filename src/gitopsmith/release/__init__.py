"""Brings a new version into the first environment, and versions from one environment to the next, through git."""

from gitopsmith.release.making import Wish, make
from gitopsmith.release.planning import Station, Step, plan
from gitopsmith.release.promoting import promotion
from gitopsmith.release.releasing import release

__all__ = ["Station", "Step", "Wish", "make", "plan", "promotion", "release"]
