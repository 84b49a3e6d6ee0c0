"""Tells secrets from what only looks like them: by the structure of the object first, by the shape of a value second.

A value is *certain* when nothing but a credential looks like it: a private key, a token as its vendor makes them, a
password inside a URL. It is a credential, too, when its name says so and it is random enough. Nothing here ever returns
a value or a part of one, so that no message can hold it.
"""

from gitopsmith.secrets.credentials import Credential, certain, certain_fields, credential
from gitopsmith.secrets.embedded import fields, is_configuration, named, options
from gitopsmith.secrets.names import is_secret_name
from gitopsmith.secrets.shapes import (
    decoded,
    is_filled_in_later,
    is_harmless,
    is_public,
    is_sealed,
    is_strong,
)
from gitopsmith.secrets.sops import is_sops, sops_unencrypted
from gitopsmith.secrets.structure import plain_values

__all__ = [
    "Credential",
    "certain",
    "certain_fields",
    "credential",
    "decoded",
    "fields",
    "is_configuration",
    "is_filled_in_later",
    "is_harmless",
    "is_public",
    "is_sealed",
    "is_secret_name",
    "is_sops",
    "is_strong",
    "named",
    "options",
    "plain_values",
    "sops_unencrypted",
]
