"""What ``wordcount`` tells the user, on standard error."""

from producer.common import terminal


def say(message: str) -> None:
    """Show a message."""
    terminal.say("wordcount", message)


def warn(path: str, reason: str) -> None:
    """Show a warning about a file or a folder."""
    say(f"warning: {path}: {reason}")
