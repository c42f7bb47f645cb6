"""What the user has chosen to see, by pressing keys. Pure: it is given the keys and the time."""

from dataclasses import dataclass, field

_ESCAPE = "\x1b"
_BACKSPACES = {"\x7f", "\x08"}  # a terminal sends one or the other
_CLEAR = "\x15"  # Ctrl-U
#: A key that comes again within this time is being held down.
_REPEAT_SECONDS = 1.0


@dataclass
class Controls:
    """The user's choices.

    Attributes:
        rows: how many words to show; None shows as many as fit.
        by_rate: show the words with the highest rate first, instead of those with the highest count.
        search: show only words that contain this text.
        is_typing: the user is typing the search text.
        is_paused: the view stands still.
    """

    rows: int | None = None
    by_rate: bool = False
    search: str = ""
    is_typing: bool = False
    is_paused: bool = False
    _quit_pressed_at: float = field(default=float("-inf"), repr=False, compare=False)

    def press(self, key: str, max_rows: int, now: float) -> bool:
        r"""Take a key, and return whether the user asks to quit. Holding the key down asks once.

        Args:
            key: the character of the key.
            max_rows: how many words fit.
            now: the time in seconds.

        >>> controls = Controls()
        >>> [controls.press(key, 20, now=0) for key in "p/ab\x7f\r-q"]
        [False, False, False, False, False, False, False, True]
        >>> controls
        Controls(rows=19, by_rate=False, search='a', is_typing=False, is_paused=True)
        """
        if self.is_typing:
            self._type(key)
        elif key == "q":
            is_held = now <= self._quit_pressed_at + _REPEAT_SECONDS
            self._quit_pressed_at = now
            return not is_held
        elif key == "p":
            self.is_paused = not self.is_paused
        elif key == "/":
            self.is_typing, self.search = True, ""
        elif key == _ESCAPE:
            self.search = ""
        elif key == "s":
            self.by_rate = not self.by_rate
        elif key in {"+", "-"}:
            self.rows = max(1, min(max_rows, self.rows or max_rows) + (1 if key == "+" else -1))
            self.rows = min(max_rows, self.rows)
        return False

    def _type(self, key: str) -> None:
        if key in {"\n", "\r", _ESCAPE}:
            self.is_typing = False
            self.search = "" if key == _ESCAPE else self.search
        elif key in _BACKSPACES:
            self.search = self.search[:-1]
        elif key == _CLEAR:
            self.search = ""
        elif key.isprintable():
            self.search += key

    def footer(self, *, is_empty: bool) -> str:
        """Return the last line: the keys, and what is chosen.

        Args:
            is_empty: no word is shown.
        """
        not_found = "   no word contains it" * (is_empty and bool(self.search))
        if self.is_typing:
            return f"/{self.search}_{not_found}   Enter keeps it, Esc clears it"
        keys = [
            "q quit", "PAUSED, p resumes" if self.is_paused else "p pause", f"/ {self.search or 'find'}{not_found}",
            f"s by {'count' if self.by_rate else 'rate'}", "+ - rows",
        ]  # fmt: skip
        return "   ".join(keys)
