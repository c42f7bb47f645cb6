"""Whether a stream is well. Pure: it is given what was measured, and the time."""

from streaming.serving.status import Status, Vitals

#: A disk with less room than this is full: a batch of a small stream needs as much.
_LEAST_FREE_BYTES = 16 << 20


def problem(status: Status, now: float) -> str | None:
    """Return what is wrong with a stream; None if batches go on, or if there is nothing to count.

    Args:
        status: what the stream tells about itself.
        now: the time of the monotonic clock, in seconds.

    >>> problem(Status("a.log"), 0.0)
    'Spark is starting'
    """
    vitals = status.vitals
    if status.ended is not None:
        return f"the stream has ended: {status.ended.text}"
    if status.state == "starting" or vitals is None:
        return "Spark is starting"
    if vitals.free_bytes is not None and vitals.free_bytes < _LEAST_FREE_BYTES:
        return "the disk of the state is full"
    if vitals.away is not None:
        return vitals.away
    return _stuck(vitals, now, status.patience)


def _stuck(vitals: Vitals, now: float, patience: float) -> str | None:
    if now - vitals.measured_at > patience:
        return f"the stream has not answered for {now - vitals.measured_at:.0f} s"
    idle = 0.0 if vitals.waiting_since is None else now - max(vitals.waiting_since, vitals.committed_at)
    if idle > patience:
        return f"nothing was committed for {idle:.0f} s, though there is something to count"
    return None
