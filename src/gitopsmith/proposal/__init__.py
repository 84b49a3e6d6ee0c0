"""A change that somebody means to make to an environment: what it really changes, and its way to the branch."""

from gitopsmith.proposal.asking import Asked, ask
from gitopsmith.proposal.model import Proposal, message
from gitopsmith.proposal.sending import Sent, send
from gitopsmith.proposal.weighing import Weighed, outside, weigh

__all__ = ["Asked", "Proposal", "Sent", "Weighed", "ask", "message", "outside", "send", "weigh"]
