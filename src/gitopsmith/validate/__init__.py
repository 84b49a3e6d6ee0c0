"""Tells whether objects are what their schemas say: strict, offline, every leaf cause at its own place."""

from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.kustomize import check_kustomization
from gitopsmith.validate.partial import lowered, lowered_among
from gitopsmith.validate.rules import EVALUATOR, Rules
from gitopsmith.validate.schemas import Schemas, kubernetes_versions
from gitopsmith.validate.server import refusals

__all__ = [
    "EVALUATOR",
    "Rules",
    "SchemaProblem",
    "Schemas",
    "check_kustomization",
    "kubernetes_versions",
    "lowered",
    "lowered_among",
    "refusals",
]
