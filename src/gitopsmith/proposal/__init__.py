"""A change that somebody means to make to an environment: what it really changes, and its way to the branch."""

from gitopsmith.proposal.asking import Asked, ask
from gitopsmith.proposal.model import Proposal, message
from gitopsmith.proposal.proving import Proven, new_errors, prove, unlike_images
from gitopsmith.proposal.sending import send
from gitopsmith.proposal.weighing import Weighed, outside, stands, weigh

__all__ = [
    "Asked", "Proposal", "Proven", "Weighed", "ask", "message", "new_errors", "outside", "prove", "send",
    "stands", "unlike_images", "weigh",
]  # fmt: skip
