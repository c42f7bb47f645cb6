"""Warnings that are given once, and again only if the fault comes back after it was fixed."""

from collections.abc import Iterable

from producer.discovery.found_file import Warn


class WarnOnce:
    """Passes each warning about a path on once.

    Args:
        warn: called with the path and the reason.
    """

    def __init__(self, warn: Warn) -> None:
        self._warn = warn
        self._reasons: dict[str, str] = {}  # by path
        self._repeated: set[str] = set()  # paths warned about since the last full scan

    def __call__(self, path: str, reason: str) -> None:
        """Warn about a path, unless the last warning about it had the same reason."""
        self._repeated.add(path)
        if self._reasons.get(path) != reason:
            self._reasons[path] = reason
            self._warn(path, reason)

    def forget(self, path: str) -> None:
        """Forget the warning about a path: the fault was fixed."""
        self._reasons.pop(path, None)

    def forget_mended(self, failures: Iterable[str]) -> None:
        """Forget all warnings that were not repeated since the last call, except those about ``failures``."""
        kept = self._repeated.union(failures)
        self._reasons = {path: reason for path, reason in self._reasons.items() if path in kept}
        self._repeated.clear()
