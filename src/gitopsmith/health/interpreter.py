"""Runs health checks, in a process of its own that a hostile one can end but not leave.

Reads ``[[lua, open_libs, object], ...]`` as JSON from stdin, and writes one line of JSON for each, in their order: the
``type`` of what the check returns, with the ``fields`` of an object; or its ``error``, with the ``line`` of the Lua.
A check that computes for more than a second, as Argo CD allows it, ends the process by SIGPROF: nothing in Lua can
catch that, as it could catch an error. The file is run by its path and imports nothing of the program, to start fast.
"""

from __future__ import annotations

import json
import math
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

from lupa import lua51, lua52

SECONDS = 1
"""Of computing; Argo CD's limit (``util/lua/lua.go``) is of the wall clock, which depends on how busy a machine is."""
MEMORY = 64 * 1024 * 1024
LONGEST_TEXT = 20_000
ENCODED = frozenset({"boolean", "string", "number"})
PRELUDE = (Path(__file__).parent / "prelude.lua").read_bytes()
SYNTAX_ERRORS = (lua51.LuaSyntaxError, lua52.LuaSyntaxError)
MEMORY_ERRORS = (lua51.LuaMemoryError, lua52.LuaMemoryError)
ERRORS = (lua51.LuaError, lua52.LuaError)
_BEYOND_LUA_51 = re.compile(r"\bgoto\b|;\s*;")
_PLACE = re.compile(r"health\.lua:(\d+): (.*)", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def main() -> None:
    """Answers what is on stdin. The last limit of time also holds for clearing away what hostile Lua leaves behind."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    for lua, open_libs, body in json.load(sys.stdin):
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        sys.stdout.write(json.dumps(answer(lua, body, open_libs=open_libs)) + "\n")
        sys.stdout.flush()


def answer(lua: str, body: Any, *, open_libs: bool) -> dict[str, Any]:
    """Returns what one check says of one object."""
    try:
        runtime, type_of, function = _compiled(lua.encode("utf-8", "surrogateescape"), open_libs)
        runtime.globals()[b"obj"] = _to_lua(runtime, body)
        runtime.globals()[b"actionParams"] = runtime.table()
        returned = function()
        return _described(
            runtime, type_of, returned[-1] if isinstance(returned, tuple) else returned
        )  # the top of the stack
    except SYNTAX_ERRORS as error:
        return {**_stopped(error), "compiles": False}
    except MEMORY_ERRORS:
        return {"error": f"not enough memory: a check may use {MEMORY >> 20} MB"}
    except ERRORS as error:
        return _stopped(error)
    except RecursionError:
        return {"error": "cannot encode tables that are nested so deeply"}
    except (ValueError, OverflowError) as error:
        return {"error": str(error)}


def _compiled(source: bytes, open_libs: bool) -> tuple[Any, Any, Any]:
    """Returns a Lua state, its function ``type``, and the compiled check.

    It is compiled for Lua 5.1; what gopher-lua, Argo CD's interpreter, knows beyond that (``goto``, ``;;``), for 5.2.
    """
    try:
        return _compiled_for(lua51, source, open_libs)
    except lua51.LuaSyntaxError:
        if not _BEYOND_LUA_51.search(source.decode("latin-1")):
            raise
        return _compiled_for(lua52, source, open_libs)


def _compiled_for(module: Any, source: bytes, open_libs: bool) -> tuple[Any, Any, Any]:
    runtime = module.LuaRuntime(
        encoding=None,
        register_eval=False,
        register_builtins=False,
        attribute_filter=_refuse,
        max_memory=MEMORY,
    )
    type_of = runtime.execute(PRELUDE, open_libs)
    if source.startswith(b"\x1b"):
        source = b" " + source  # else it would be taken for compiled Lua, which nothing holds in its bounds
    return runtime, type_of, runtime.compile(source, name=b"=health.lua")


def _refuse(*_: object) -> str:
    raise AttributeError


def _to_lua(runtime: Any, value: Any) -> Any:
    """Turns JSON into what Argo CD makes of it: all numbers are floats, and a null is nothing, in lists too."""
    if isinstance(value, dict):
        return runtime.table_from({_bytes(k): _to_lua(runtime, v) for k, v in value.items() if v is not None})
    if isinstance(value, list):
        return runtime.table_from([_to_lua(runtime, item) for item in value if item is not None])
    if isinstance(value, str):
        return _bytes(value)
    return value if isinstance(value, bool) or value is None else float(value)


def _bytes(text: str) -> bytes:
    return _SURROGATE.sub("\ufffd", text).encode()


def _described(runtime: Any, type_of: Any, value: Any) -> dict[str, Any]:
    """Describes what a check returned, as far as Argo CD reads it."""
    found = type_of(value).decode()
    if found != "table":
        return {"type": found}
    if _encoded(value, type_of, runtime.table()) != "string":
        return {"type": "array"}
    fields = {_text(key): _text(item) if isinstance(item, bytes) else None for key, item in value.items()}
    return {"type": "object", "fields": fields}


def _encoded(table: Any, type_of: Any, seen: Any) -> str:
    """Tells the type of a table's keys, nothing where it is empty.

    Raises ValueError where gopher-json, which writes the table as JSON in Argo CD, does: on a table that it meets for
    the second time, keys of several types, a list with holes, a number that JSON does not have, and on functions.
    """
    if seen[table]:
        raise ValueError("cannot encode recursively nested tables to JSON")
    seen[table] = True
    types: set[str] = set()
    count, last, whole = 0, 0, True
    for key, item in table.items():
        types.add(type_of(key).decode())
        if types == {"number"}:
            count, last, whole = count + 1, max(last, key), whole and key >= 1 and float(key).is_integer()
        _check_value(item, type_of, seen)
    if types - {"string"} and types - {"number"}:
        raise ValueError("cannot encode mixed or invalid key types")
    if types == {"number"} and (last > count or not whole):
        raise ValueError("cannot encode sparse array")
    return next(iter(types), "")


def _check_value(value: Any, type_of: Any, seen: Any) -> None:
    found = type_of(value).decode()
    if found == "table":
        _encoded(value, type_of, seen)
    elif found == "number" and not math.isfinite(value):
        raise ValueError(f"json: unsupported value: {value}")
    elif found not in ENCODED:
        raise ValueError(f"cannot encode {found} to JSON")


def _text(data: bytes) -> str:
    return _SURROGATE.sub("\ufffd", data[:LONGEST_TEXT].decode("utf-8", "surrogateescape"))


def _stopped(error: Exception) -> dict[str, Any]:
    said = error.args[0] if error.args else ""
    text = _text(said if isinstance(said, bytes) else said.encode("latin-1", "replace"))  # so lupa decodes it
    text = text.partition("\nstack traceback:")[0]
    match = _PLACE.match(text)
    return {"error": match[2], "line": int(match[1])} if match else {"error": text or "an error without a message"}


if __name__ == "__main__":
    main()
