"""The lines of a shell script in a ConfigMap end as a shell reads them.

A file whose lines end in CRLF goes into a ConfigMap as it is (`makeConfigMapValueRNode` in kustomize's
`kyaml/yaml/datamap.go` changes nothing). The kernel takes the CR for a part of the interpreter's name, so that the
script cannot be started (`no such file or directory`: `load_script` in Linux' `fs/binfmt_script.c`), and a shell that
is given it takes the CR for a part of each command.

Exempt: texts without `#!`; scripts of other interpreters, since many read such lines when they are given a file;
`binaryData`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({"ConfigMap"})
SHELL = re.compile(r"#![ \t]*(?:/\S*/)?(?:env[ \t]+)?(?:ba|da|a|k|z|)sh(?:[ \t][^\r\n]*)?\r\n")


def check_resource(resource: Resource) -> Iterator[Violation]:
    for key, value in mapping(resource.body, "data").items():
        if isinstance(value, str) and SHELL.match(value):
            message = f"script {key!r} has lines that end in CRLF, so no shell can run it"
            yield Violation(("data", key), f"{message}; end them in LF, and write 'eol=lf' for it in .gitattributes")


CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
"""
GOOD = [
    CONFIG
    + r"""  start.sh: "#!/bin/sh\nexec web\n"
  start.py: "#!/usr/bin/env python3\r\nprint()\r\n"
  notes.txt: "see #!/bin/sh\r\n"
"""
]
BAD = [
    CONFIG
    + r"""  start.sh: "#!/bin/sh\r\nexec web\r\n"  # <- here
  stop.sh: "#!/usr/bin/env bash\r\nkill 1\r\n"  # <- here
  check.sh: "#! /bin/bash -eu\r\ntrue\r\n"  # <- here
"""
]
