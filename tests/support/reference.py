"""Counting in plain Python, by the rule of the design and not by the project's code."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path


def count(*contents: bytes) -> Counter[str]:
    """Count the words of files with these contents."""
    total: Counter[str] = Counter()
    for content in contents:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        for line in re.split(r"\r\n|\r|\n", text):
            if len(line) > 0:
                total.update(line.split(" "))
    return total


def printed(counts: dict[str, int], top: int | None = None) -> str:
    """Return counts as the command prints them: the most frequent first, then in code-point order."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f"{word}: {number}\n" for word, number in ordered[:top])


def parsed(lines: Iterable[str]) -> dict[str, int]:
    """Return the counts in printed lines; a later line stands for an earlier one of the same word."""
    return {word: int(number) for word, _, number in (line.rpartition(": ") for line in lines)}


def parsed_file(file: Path) -> dict[str, int]:
    """Return the counts in a file that ``--format text`` wrote; words may hold any separator but a newline."""
    return parsed(file.read_bytes().decode("utf-8").split("\n")[:-1])
