"""Do something again and again next to something else."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def repeated(act: Callable[[], bool | None], seconds: float, name: str) -> Iterator[None]:
    """Call a function at intervals while the block runs, in a thread of its own.

    Args:
        act: the function; a call that returns False is the last.
        seconds: the interval.
        name: of the thread.

    >>> called = threading.Event()
    >>> with repeated(called.set, 0.001, "example"):
    ...     called.wait(60)
    True
    """
    has_ended = threading.Event()

    def run() -> None:
        while not has_ended.wait(seconds) and act() is not False:
            pass

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join()
