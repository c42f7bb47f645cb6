"""The text that is counted: a real one where there is one, else a made one, in as many bytes and files as needed."""

import os
from pathlib import Path
from pydoc_data import topics
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parent.parent
_BOOK = CHECKOUT.parent / "shared" / "data" / "kjv.txt"
_BOOK_BYTES = 4_404_412  # what is made instead is as long


class Text(NamedTuple):
    """A text of whole lines, to be repeated, and its name."""

    name: str
    data: bytes

    def times(self, size: int) -> int:
        """Return how often the text has to be repeated to be ``size`` bytes, or nearly so."""
        return max(1, round(size / len(self.data)))

    def write(self, file: Path, size: int) -> int:
        """Write the text so often that ``file`` has ``size`` bytes, or nearly so; return how many it has."""
        with file.open("wb") as out:
            for _ in range(self.times(size)):
                out.write(self.data)
        return file.stat().st_size


def find_text() -> Text:
    """Return the text of WORDCOUNT_TEXT, else the book beside the checkout, else Python's help on its topics."""
    if asked := os.environ.get("WORDCOUNT_TEXT"):
        path = Path(asked)
    elif _BOOK.exists():
        path = _BOOK
    else:
        help_text = "\n".join(topics.topics.values()).encode()
        return Text("Python's help texts", _whole_lines(help_text * max(1, round(_BOOK_BYTES / len(help_text)))))
    return Text(path.name, _whole_lines(path.read_bytes()))


def cut(file: Path, folder: Path, pieces: int) -> None:
    """Write the lines of ``file`` to so many files in ``folder``, all nearly as long."""
    data = file.read_bytes()
    start = 0
    for number in range(pieces):
        end = data.find(b"\n", len(data) * (number + 1) // pieces - 1) + 1
        (folder / f"{number:06d}.txt").write_bytes(data[start:end])
        start = end


def _whole_lines(data: bytes) -> bytes:
    return data if data.endswith(b"\n") else data + b"\n"
