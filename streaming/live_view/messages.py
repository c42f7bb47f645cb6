"""Messages to the user, on the live view or on standard error."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streaming.live_view.screen import Screen


class Messages:
    """Shows messages on the live view while there is one, else on standard error.

    Args:
        say: shows a message on standard error.
        note: takes each message as well, wherever it is shown, and what it is about.
    """

    def __init__(self, say: Callable[[str], None], note: Callable[[str, str], None] = lambda *_: None) -> None:
        self.say = say
        self._note = note
        self.screen: Screen | None = None
        self.last = ""  #: the last message, which the live view shows when it starts

    def __call__(self, message: str, about: str = "other") -> None:
        """Show a message."""
        self.last = message
        self._note(message, about)
        on_screen = self.screen is not None and not self.screen.is_closed and sys.stderr.isatty()
        (self.screen.say if self.screen is not None and on_screen else self.say)(message)

    def about(self, subject: str) -> Callable[[str], None]:
        """Return what shows messages about a subject."""
        return lambda message: self(message, subject)

    def close_screen(self) -> None:
        """Give the terminal back."""
        if self.screen is not None:
            self.screen.close()
