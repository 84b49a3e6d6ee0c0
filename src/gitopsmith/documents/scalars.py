"""What a scalar stands for: go-yaml v2's ``resolve.go``, and the text that ``sigs.k8s.io/yaml`` makes of a key."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import math
import re
import struct
from typing import Any

# The last form, a sign after the base, is an accident of Go's code that its users nonetheless get.
_INTEGER = re.compile(r"(?:[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)|0b[-+][01]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
# A number that begins with its point goes straight to Go's ParseFloat, which wants digits around an underscore.
_FRACTION = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z")
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|[ ]).*)?\Z")
_WORDS: dict[str, bool | float | None] = {
    word: value
    for value, words in (
        (True, "y Y yes Yes YES true True TRUE on On ON"),
        (False, "n N no No NO false False FALSE off Off OFF"),
        (None, "~ null Null NULL"),
        (math.inf, ".inf .Inf .INF +.inf +.Inf +.INF"),
        (-math.inf, "-.inf -.Inf -.INF"),
        (math.nan, ".nan .NaN .NAN"),
    )
    for word in words.split()
} | {"": None}
_FIRST_LETTERS = frozenset("+-0123456789yYnNtTfFoO~.")
_NUMBER_LETTERS = frozenset("+-.0123456789")
_BASES = {"x": 16, "b": 2, "o": 8}
_CORE_TAG = "tag:yaml.org,2002:"
_TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "bool": (bool,), "null": (type(None),)}
_MOST_DIGITS = 20  # of an integer that fits 64 bits
_REMEMBERED = 20_000
_memory: dict[str, Any] = {}
# Go writes one replacement character for each byte that is not UTF-8.
_LONE_BYTES = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")


def plain(text: str) -> Any:
    """Returns what an untagged plain scalar stands for."""
    if text and text[0] not in _FIRST_LETTERS:
        return text
    try:
        return _memory[text]
    except KeyError:
        value = _resolve(text)
        if len(_memory) < _REMEMBERED:
            _memory[text] = value
        return value


def as_json(number: float) -> float:
    """Returns what a float is after Go wrote it as JSON and Kubernetes read that: without a fraction, an integer.

    Raises ValueError for infinity and not-a-number.
    """
    if not math.isfinite(number):
        raise ValueError("infinity and not-a-number have no place in JSON")
    if not number.is_integer() or abs(number) >= 1 << 63:
        return number
    whole, _, exponent = repr(number).partition("e")  # the shortest digits, as Go writes, not the exact value
    head, _, tail = whole.partition(".")
    return int(head + tail) * 10 ** (int(exponent) - len(tail)) if exponent else int(head)


def tagged(tag: str, text: str) -> Any:
    """Returns what a scalar with a tag stands for; tags that Kubernetes does not know leave a string.

    Raises ValueError when the text is not what the tag says.
    """
    name = tag.removeprefix(_CORE_TAG)
    if name in _TYPES:
        value = plain(text)
        if type(value) not in _TYPES[name] or (name == "float" and value >= 1 << 63 and value.__class__ is int):
            raise ValueError(f"cannot decode {text[:40]!r} as a !!{name}")
        return float(value) if name == "float" else value
    if tag == f"{_CORE_TAG}binary":
        return _binary(text)
    if tag == f"{_CORE_TAG}timestamp" and not _is_timestamp(text):
        raise ValueError(f"cannot decode {text[:40]!r} as a !!timestamp")
    return text


def key_text(key: Any) -> str:
    """Returns the text that a key which is no string becomes, since JSON has no other keys.

    Raises ValueError for null and for integers that only fit 64 bits without a sign, as Go has them.
    """
    if key is None:
        raise ValueError("a key must not be null")
    if key.__class__ is bool:
        return "true" if key else "false"
    if key.__class__ is float:
        return _short(key)
    if key >= 1 << 63:
        raise ValueError(f"the key {key} is too big for a number; put it in quotes")
    return str(key)


def _resolve(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _NUMBER_LETTERS else text


def _number(text: str) -> Any:
    if text[0] == "." and not _FRACTION.match(text):
        return text
    digits = text.replace("_", "")
    if _INTEGER.match(digits):
        value = _integer(digits)
        if -(1 << 63) <= value < 1 << 64:
            return value
    if not _FLOAT.match(digits):
        return text
    number = float(digits)
    return text if math.isinf(number) else number


def _integer(digits: str) -> int:
    bare = digits.lstrip("+-")
    base = _BASES.get(bare[1:2].lower())
    if base:
        value = int(bare[2:], base)
    elif bare[0] == "0":
        value = int(bare, 8)
    else:
        value = int(bare) if len(bare) <= _MOST_DIGITS else 10**_MOST_DIGITS
    return -value if digits[0] == "-" else value


def _binary(text: str) -> str:
    try:
        data = base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("!!binary value contains invalid base64 data") from None
    return data.decode("utf-8", "surrogateescape").translate(_LONE_BYTES)


def _is_timestamp(text: str) -> bool:
    match = _DATE.match(text)
    try:
        return match is not None and bool(dt.date(*map(int, match.groups())))
    except ValueError:
        return False


def _short(number: float) -> str:
    """Writes a float as Go's ``FormatFloat(number, 'g', -1, 32)``: the shortest text of the same 32-bit float."""
    if not math.isfinite(number):
        return ".nan" if math.isnan(number) else ".inf" if number > 0 else "-.inf"
    try:
        packed = struct.pack("<f", number)
    except OverflowError:
        return ".inf" if number > 0 else "-.inf"
    (number,) = struct.unpack("<f", packed)
    precision, text = next(
        (precision, text)
        for precision in range(9)
        if struct.pack("<f", float(text := f"{number:.{precision}e}")) == packed
    )
    mantissa, _, exponent = text.partition("e")
    if -4 <= int(exponent) < 6:
        return f"{float(text):.{max(precision - int(exponent), 0)}f}"
    return f"{mantissa}e{int(exponent):+03d}"
