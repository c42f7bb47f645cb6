"""The live view and the page, and the counts that both show."""

import contextlib
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from streaming.live_counts.counts import CountedBefore, Counts, Progress
from streaming.live_counts.shared import SharedCounts
from streaming.live_counts.windows import LastWindows, Window
from streaming.live_view.canvas import is_usable
from streaming.live_view.messages import Messages
from streaming.live_view.screen import Screen
from streaming.live_view.windows import WindowsView
from streaming.query.options import StreamOptions
from streaming.query.spool import SpoolFeeder
from streaming.query.watching.after_batches import AfterBatches
from streaming.query.watching.earlier import Checkpoints, counted_before
from streaming.query.watching.exporting import Exporter
from streaming.query.watching.windows import are_asked_for, window_rows
from streaming.serving.status import Status
from streaming.sinks.snapshots import Snapshots
from streaming.state.checkpoint import last_commit
from streaming.state.folder import State


class Views(NamedTuple):
    """What shows a stream.

    Attributes:
        shared: the counts that are shown; None if nothing shows any.
        screen: the live view; None if there is none.
        windows: takes the windows that are closed; None if nothing shows any.
        reader: reads from the state what no batch tells; None if all of that is known.
    """

    shared: SharedCounts | None = None
    screen: Screen | None = None
    windows: LastWindows | None = None
    reader: AfterBatches | None = None


def open_views(
    options: StreamOptions,
    state: State,
    snapshots: Snapshots,
    feeder: SpoolFeeder | None,
    messages: Messages,
    status: Status,
    stack: contextlib.ExitStack,
) -> Views:
    """Show the counts of earlier runs, on the terminal and on the page if there are, until ``stack`` ends."""

    def progress() -> Progress:
        return Progress() if feeder is None else Progress(feeder.follower.files, feeder.lag)

    status.progress = progress
    is_served = options.serve is not None
    if options.real_time and is_usable() and not is_served:
        messages("no live view in real time; --serve PORT shows the counts of each checkpoint")
    if is_served:
        # Java may go on to write there when the end has not waited long enough for it.
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wordcount-", ignore_cleanup_errors=True))
        status.export = exporter = Exporter(Path(folder), state, snapshots)
        stack.callback(exporter.close)
    has_screen = options.fits_live_view and is_usable()
    if options.once or not (is_served or has_screen):
        return Views()
    is_windowed = options.windows is not None
    known = last_commit(state.checkpoint)
    before = counted_before(snapshots.counts()) if state.resumed and not is_windowed else CountedBefore()
    shared = SharedCounts(Counts(before, time.monotonic(), options.top, keeps_hour=is_served))
    status.counts = shared
    status.windows = windows = LastWindows() if is_windowed else None
    reader = None
    read_after = partial(AfterBatches, checkpoint=state.checkpoint, say=messages.about("batches"))
    if windows is not None:
        asked = partial(are_asked_for, status)
        reader = read_after(lambda: windows.note_open(window_rows(snapshots.counts())), "open windows", is_wanted=asked)
    elif options.real_time:
        checkpoints = Checkpoints(shared, before)
        reader = read_after(lambda: checkpoints.take(snapshots.counts()), "words", known=known)
    if not has_screen:
        return Views(shared, None, windows, reader)
    shown = None if windows is None else WindowsView(partial(_look, status, windows), snapshots.zone, options.top)
    screen = Screen(shared, options.top, messages.say, progress, messages.last, shown)
    messages.screen = stack.enter_context(screen)
    return Views(shared, screen, windows, reader)


def _look(status: Status, windows: LastWindows) -> Sequence[Window]:
    """Return the windows, and note that somebody looks at them."""
    status.windows_asked_at = time.monotonic()
    return windows.all
