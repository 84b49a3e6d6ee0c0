"""The patterns of Argo CD: globs as ``gobwas/glob`` 1.0.0 reads them, and names as Go's ``filepath.Match`` does.

What neither can read matches nothing: Argo CD logs it, and goes on.
"""

from __future__ import annotations

import functools
import re

_GLOB = re.compile(
    r"\\(?P<escaped>.)|(?P<super>\*\*)|(?P<any>\*)|(?P<single>\?)"
    r"|\[(?P<negated>!?)(?:(?P<low>.)-(?P<high>.)|(?!.-)(?P<set>(?:\\.|[^]\\])+))]"
    r"|(?P<open>\{)|(?P<comma>,)|(?P<close>})|(?P<broken>[\[\\])|(?P<text>.)",
    re.DOTALL,
)
_NAME = re.compile(
    r"\\(?P<escaped>.)|(?P<any>\*)|(?P<single>\?)"
    r"|\[(?P<negated>\^?)(?P<ranges>(?:(?:\\.|[^]\\-])(?:-(?:\\.|[^]\\-]))?)+)]|(?P<broken>[\[\\])|(?P<text>.)",
    re.DOTALL,
)
_RANGE = re.compile(r"(?:\\(?P<escaped>.)|(?P<low>.))(?:-\\?(?P<high>.))?", re.DOTALL)
_NOTHING = re.compile(r"(?!)")


@functools.cache
def glob(pattern: str, separators: str = "") -> re.Pattern[str]:
    """Compiles a glob: ``*`` and ``?`` stop at a separator, ``**`` does not, ``{a,b}`` means either.

    Without separators ``*`` crosses ``/``, which is how Argo CD matches all but the URLs in ``sourceRepos``.
    """
    one = f"[^{re.escape(separators)}]" if separators else "."
    fixed = {"super": ".*", "any": f"{one}*", "single": one}
    written, depth = "", 0
    for token in _GLOB.finditer(pattern):
        kind = token.lastgroup or ""
        if kind == "broken":
            return _NOTHING
        if kind == "open" or (depth and kind in {"comma", "close"}):
            written += {"open": "(?:", "comma": "|", "close": ")"}[kind]
            depth += {"open": 1, "comma": 0, "close": -1}[kind]
        else:
            written += fixed.get(kind) or _characters(token, "!")
    return _NOTHING if depth else _compiled(written)


@functools.cache
def name_pattern(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern for kinds, groups and names of objects, in which no star crosses ``/``."""
    fixed = {"any": "[^/]*", "single": "[^/]"}
    written = ""
    for token in _NAME.finditer(pattern):
        if token.lastgroup == "broken":
            return _NOTHING
        written += fixed.get(token.lastgroup or "") or _characters(token, "^")
    return _compiled(written)


def _characters(token: re.Match[str], negation: str) -> str:
    """Writes what stands for certain characters: one as it is, or a class of them."""
    found = token.groupdict()
    if found["negated"] is None:
        return re.escape(found["escaped"] or token[0])
    inside = found.get("ranges")
    if inside is not None:
        written = "".join(_range(part["escaped"] or part["low"], part["high"]) for part in _RANGE.finditer(inside))
    elif found["set"] is not None:
        written = re.escape(re.sub(r"\\(.)", r"\1", found["set"], flags=re.DOTALL))
    else:
        written = _range(found["low"], found["high"])
    return f"[{'^' if found['negated'] == negation else ''}{written}]"


def _range(low: str, high: str | None) -> str:
    return re.escape(low) if high is None else f"{re.escape(low)}-{re.escape(high)}"


def _compiled(written: str) -> re.Pattern[str]:
    try:
        return re.compile(rf"(?:{written})\Z", re.DOTALL)
    except re.error:  # a range from a later letter to an earlier one
        return _NOTHING
