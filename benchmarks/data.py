"""The text to count: a real one if there is one, else Python's help texts, in as many bytes and files as needed."""

import os
from pathlib import Path
from pydoc_data import topics
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parent.parent
_BOOK = CHECKOUT.parent / "shared" / "data" / "kjv.txt"
_BOOK_BYTES = 4_404_412  # the help texts are repeated to this size


class Text(NamedTuple):
    """A text of whole lines, and its name."""

    name: str
    data: bytes

    def times(self, size: int) -> int:
        """Return how often the text must be repeated to have about ``size`` bytes."""
        return max(1, round(size / len(self.data)))

    def write(self, file: Path, size: int) -> int:
        """Repeat the text until ``file`` has about ``size`` bytes, and return how many it has."""
        with file.open("wb") as out:
            for _ in range(self.times(size)):
                out.write(self.data)
        return file.stat().st_size


def find_text() -> Text:
    """Return the text in WORDCOUNT_TEXT, else the book next to the checkout, else Python's help texts."""
    if given := os.environ.get("WORDCOUNT_TEXT"):
        path = Path(given)
    elif _BOOK.exists():
        path = _BOOK
    else:
        help_text = "\n".join(topics.topics.values()).encode()
        return Text("Python's help texts", _whole_lines(help_text * max(1, round(_BOOK_BYTES / len(help_text)))))
    return Text(path.name, _whole_lines(path.read_bytes()))


def cut(file: Path, folder: Path, parts: int) -> None:
    """Cut ``file`` at line ends into files of about the same size in ``folder``."""
    data = file.read_bytes()
    start = 0
    for number in range(parts):
        end = data.find(b"\n", len(data) * (number + 1) // parts - 1) + 1
        (folder / f"{number:06d}.txt").write_bytes(data[start:end])
        start = end


def _whole_lines(data: bytes) -> bytes:
    return data if data.endswith(b"\n") else data + b"\n"
