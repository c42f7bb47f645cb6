"""A folder of files that grow, are renamed, and get company, a step at a time."""

from collections import Counter
from pathlib import Path


class GrowingFiles:
    """Knows each line that it has written; each one is a word."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.words = Counter[str]()
        self._steps = 0
        folder.mkdir()

    def write(self) -> None:
        """Append to a file, rename another one and append to it, and add a third."""
        self._steps += 1
        self._append("growing")
        if self._steps > 1:
            renamed = f"renamed-{self._steps - 1}"
            (self.folder / f"new-{self._steps - 1}").rename(self.folder / renamed)
            self._append(renamed)
        self._append(f"new-{self._steps}")

    def _append(self, name: str) -> None:
        word = f"{name}/{self._steps}"
        with (self.folder / name).open("a") as file:
            file.write(f"{word}\n")
        self.words[word] += 1
