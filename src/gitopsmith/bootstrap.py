"""Brings a generated repository to life on a cluster, once, in the order that Argo CD needs."""
