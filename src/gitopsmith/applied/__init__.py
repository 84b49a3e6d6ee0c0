"""What Argo CD applies, looked at without judging it: every manifest, and who delivers it."""

from gitopsmith.applied.deliveries import Delivery, deliveries
from gitopsmith.applied.hiding import hidden, hidden_pair
from gitopsmith.applied.working import Applied, Manifest, complete, look, settings

__all__ = [
    "Applied",
    "Delivery",
    "Manifest",
    "complete",
    "deliveries",
    "hidden",
    "hidden_pair",
    "look",
    "settings",
]
