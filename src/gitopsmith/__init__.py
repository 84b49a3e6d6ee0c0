"""gitopsmith lints a GitOps repository for exactly what Argo CD will apply, before Argo CD applies it."""

__version__ = "0.1.0"
