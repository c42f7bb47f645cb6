"""``python -m tests.fuzz TARGET [OPTION OF LIBFUZZER...] [FOLDER...]``: look for bytes that a target fails on."""

import sys

import atheris

with atheris.instrument_imports(include=["producer", "streaming"]):
    from tests.fuzz.targets import TARGETS

atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
atheris.Fuzz()
