"""A file that is not only written at its end."""

from tests.support.watched import Watched


class WrittenFile:
    """A file that is written in pieces, also into space reserved before, and out of order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.content = b""
        self._missing: tuple[int, bytes] | None = None  # a piece that is written after the next one

    def step(self, watched: Watched, step: str, piece: bytes) -> None:
        """Take one step; each step first writes what is missing."""
        path = watched.path(self.name)
        if step in {"append", "write out of order"}:
            path.touch()
        if not path.exists():
            return
        with path.open("r+b") as file:
            if self._missing is not None:
                file.seek(self._missing[0])
                file.write(self._missing[1])
                self._missing = None
            if step == "append":
                file.seek(len(self.content))
                file.write(piece)
                self.content += piece
            elif step == "write out of order":
                first = b"so long that it is a gap " + piece
                self._missing = len(self.content), first
                self.content += first + piece
                file.seek(len(self.content) - len(piece))
                file.write(piece)
            elif step == "preallocate":
                file.truncate(len(self.content) + 100)
            elif step == "rewrite":
                file.seek(0)
                file.write(self.content)
            else:
                file.truncate(len(self.content))
