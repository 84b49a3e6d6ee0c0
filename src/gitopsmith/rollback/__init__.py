"""Takes one application in one environment back to what it was, by a new commit that changes nothing else."""

from gitopsmith.rollback.planning import Asked, Plan, is_there, plan, remake
from gitopsmith.rollback.sides import Permissions, Sides
from gitopsmith.rollback.targets import Wish
from gitopsmith.rollback.telling import text

__all__ = ["Asked", "Permissions", "Plan", "Sides", "Wish", "is_there", "plan", "remake", "text"]
