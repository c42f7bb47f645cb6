"""What can be chosen about a run of the benchmarks."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields

RUNS = 3


@dataclass(frozen=True)
class Options:
    """What the rows ``wordcount-online``, ``bulk-peers`` and ``scaling`` measure, and how often."""

    runs: int = RUNS  #: of each command, in turn
    peers: tuple[str, ...] = ()  #: only these, and wordcount; all if none is given
    rates: tuple[int, ...] = (1000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000)  #: words per second
    seconds: int = 10  #: that each rate is held
    start_rate: int = 20_000  #: words per second while a stream starts
    start_seconds: int = 30
    sizes: tuple[int, ...] = (220_000_000, 2_200_000_000)  #: bytes

    def takes(self, name: str) -> bool:
        """Return whether a peer is measured."""
        return not self.peers or name in self.peers

    def note(self) -> str:
        """Return how the options differ from the defaults, such as ``--runs 1``, or nothing."""
        default = Options()
        return " ".join(
            f"{_flag(field.name)} {_text(getattr(self, field.name))}"
            for field in fields(self)
            if getattr(self, field.name) != getattr(default, field.name)
        )


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command."""
    default = Options()
    helps = {
        "runs": "how often each command is measured",
        "peers": "measure only these, and wordcount",
        "rates": "words per second",
        "seconds": "how long each rate is held",
        "start_rate": "words per second while a stream starts",
        "start_seconds": "how long a stream may take until it is steady",
        "sizes": "bytes of the text",
    }
    for field in fields(Options):
        value = getattr(default, field.name)
        shown = f"; default {_text(value)}" if value else ""
        kind = int if isinstance(value, int) else _names if field.name == "peers" else _numbers
        parser.add_argument(
            _flag(field.name), type=kind, default=value, metavar="N", help=f"{helps[field.name]}{shown}"
        )


def parsed(namespace: argparse.Namespace) -> Options:
    """Return the options that a command was given."""
    return Options(**{field.name: getattr(namespace, field.name) for field in fields(Options)})


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _text(value: int | Sequence[int] | Sequence[str]) -> str:
    return str(value) if isinstance(value, int) else ",".join(map(str, value))
