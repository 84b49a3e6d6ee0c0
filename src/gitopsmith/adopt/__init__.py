"""Takes up a repository that is there already: what it seems to be, written down for its owner to correct."""

from __future__ import annotations

from gitopsmith.adopt.answering import amended
from gitopsmith.adopt.checks import HOSTS, host
from gitopsmith.adopt.configuration import Wanted
from gitopsmith.adopt.files import Plan, Written, plan, write
from gitopsmith.adopt.understanding import Understood, understand

__all__ = ["HOSTS", "Plan", "Understood", "Wanted", "Written", "amended", "host", "plan", "understand", "write"]
