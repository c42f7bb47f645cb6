"""What a person at the terminal has chosen to see, by keys. Pure: the keys are told."""

from dataclasses import dataclass

_ESCAPE = "\x1b"
_BACKSPACES = {"\x7f", "\x08"}  # terminals send the one or the other
_CLEAR = "\x15"  # Ctrl-U


@dataclass
class Controls:
    """What is chosen.

    Attributes:
        rows: how many words; None is as many as there is room for.
        by_rate: those that come most often now come first, and not those that came most often in all.
        part: only words that hold this.
        typing: that is being typed.
        paused: the picture is held.
    """

    rows: int | None = None
    by_rate: bool = False
    part: str = ""
    typing: bool = False
    paused: bool = False

    def press(self, key: str, room: int) -> bool:
        r"""Take a key; ``room`` is how many words there is room for. Return whether it was to leave.

        >>> controls = Controls()
        >>> [controls.press(key, 20) for key in "p/ab\x7f\r-q"]
        [False, False, False, False, False, False, False, True]
        >>> controls
        Controls(rows=19, by_rate=False, part='a', typing=False, paused=True)
        """
        if self.typing:
            self._type(key)
        elif key == "q":
            return True
        elif key == "p":
            self.paused = not self.paused
        elif key == "/":
            self.typing, self.part = True, ""
        elif key == _ESCAPE:
            self.part = ""
        elif key == "s":
            self.by_rate = not self.by_rate
        elif key in {"+", "-"}:
            self.rows = max(1, min(room, self.rows or room) + (1 if key == "+" else -1))
            self.rows = min(room, self.rows)
        return False

    def _type(self, key: str) -> None:
        if key in {"\n", "\r", _ESCAPE}:
            self.typing = False
            self.part = "" if key == _ESCAPE else self.part
        elif key in _BACKSPACES:
            self.part = self.part[:-1]
        elif key == _CLEAR:
            self.part = ""
        elif key.isprintable():
            self.part += key

    def foot(self, *, empty: bool) -> str:
        """Return which keys there are, and what is chosen; ``empty`` if no word is shown."""
        none = "   no word holds it" * (empty and bool(self.part))
        if self.typing:
            return f"/{self.part}_{none}   Enter keeps it, Esc ends it"
        keys = [
            "q quit", "PAUSED, p goes on" if self.paused else "p pause", f"/ {self.part or 'find'}{none}",
            f"s by {'count' if self.by_rate else 'rate'}", "+ - rows",
        ]  # fmt: skip
        return "   ".join(keys)
