"""The spool: chunks on their way from the follower to Spark, in the state folder."""

import contextlib
import os
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from producer import lines, stdin
from producer.discovery.found_file import Warn
from producer.discovery.open_logs import allow_open_files
from producer.follower import Follower, FollowerOptions
from producer.positions.position import PositionUpdate
from producer.positions.sqlite_store import PositionStore
from producer.targets.directory import DirectoryTarget
from streaming.query.options import StreamOptions
from streaming.sources.files import BATCH_BYTES, KEPT_CHUNKS, Files
from streaming.state import checkpoint
from streaming.state.folder import State
from streaming.windows.closing import CLOSING_LINE, ArrivalClock, BacklogGate

#: The most bytes that wait: those of the batch that is being counted, and those of the next one.
SPOOL_BYTES = 2 * BATCH_BYTES
#: The most chunks that wait, however small they are: far fewer than Spark remembers, as it does not count older ones.
SPOOL_CHUNKS = KEPT_CHUNKS // 10
_LEAST_PAUSE_SECONDS, _MOST_PAUSE_SECONDS = 0.01, 0.2


class SpoolFeeder:
    """Follows files in a thread of its own and fills the spool; ``remove_counted`` empties it.

    Args:
        state: the state folder.
        source: the files to follow, or standard input.
        options: the options of the stream.
        warn: takes the path and the reason of each thing that cannot be counted.
    """

    def __init__(self, state: State, source: Files, options: StreamOptions, warn: Warn) -> None:
        self._state = state
        self._is_once = options.once
        self._pause = min(max(options.trigger / 5, _LEAST_PAUSE_SECONDS), _MOST_PAUSE_SECONDS)
        is_of_arrival = options.windows is not None and options.windows.time is None
        self._clock = ArrivalClock(options.windows) if options.windows and is_of_arrival and not options.once else None
        self._gate = BacklogGate(state.released) if options.holds_windows else None
        self._stop = threading.Event()
        self._removed_offset = -1
        self._seen_batch: int | None = None
        self._space = threading.Condition()
        self._bytes = 0
        self._synced = checkpoint.SyncedFiles(state.checkpoint)
        self._arrivals: deque[float] = deque()  # when each chunk that holds a line came
        self._positions = PositionStore(state.positions)
        self._target = DirectoryTarget(state.spool, self._positions, logical_time=True)
        self.counted_bytes = 0  #: how many bytes of unpacked text were counted in this run; it never falls
        self.remove_counted()
        self.counted_bytes = 0  # those were counted by the run before
        sizes = [path.stat().st_size for path in state.spool.glob("chunk-*")]
        self._bytes = sum(sizes)
        # The chunks of an earlier run wait since this run began, as does what was written to their files meanwhile.
        self._arrivals.extend(time.monotonic() for size in sizes if size > len(CLOSING_LINE))
        self._warn = warn
        set_aside = None if options.is_temporary else state.folder / "set-aside"
        self._pipe_options = stdin.PipeOptions(None, source.encoding, options.line_limit, set_aside)
        self.unreadable = 0  #: how many files could not be read at the last poll; the feed thread alone may list them
        self.is_piped = source.is_piped  #: the source is standard input, which cannot be read again
        if not self.is_piped:
            allow_open_files()
        written = (state.folder, options.output, tempfile.gettempdir())
        self.follower = Follower(
            () if self.is_piped else source.paths,
            self._target,
            FollowerOptions(
                settle=options.settle,
                depth=options.depth,
                safe_links=options.safe_links,
                archives=options.archives,
                rotated_names=options.rotated_names,
                excluded=[str(folder) for folder in written if folder is not None],
                follow_logs=True,
                once=options.once,
                from_end=source.from_end,
                encoding=source.encoding,
                exclude=source.exclude,
                line_limit=options.line_limit,
                set_aside=set_aside,
            ),
            warn=warn,
            admit=self._admit,
            should_stop=self._stop.is_set,
        )
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        """Start to follow the files."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the chunk at hand, and wait until it is in the spool."""
        self._stop.set()
        with self._space:
            self._space.notify_all()
        if self._thread.ident is not None:
            self._thread.join()
        self.follower.inputs.close()
        self._target.close()
        self._positions.close()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is put into the spool."""
        return not self._thread.is_alive()

    @property
    def is_empty(self) -> bool:
        """Whether everything that was put into the spool is counted."""
        return not self._chunks()

    @property
    def waiting_bytes(self) -> int:
        """How many bytes in the spool wait to be counted."""
        return self._bytes

    @property
    def lag(self) -> float:
        """How long the oldest chunk in the spool has waited to be counted, in seconds."""
        with self._space:
            return time.monotonic() - self._arrivals[0] if self._arrivals else 0.0

    def remove_counted(self) -> None:
        """Remove the chunks of committed batches, whose words are in the counts."""
        batch = checkpoint.last_commit(self._state.checkpoint)
        if batch == self._seen_batch:
            return
        self._seen_batch = batch
        self._synced.sync()  # a power cut may take what Spark has not synced, and then this is counted again
        committed = checkpoint.log_offset(self._state.checkpoint, batch)
        for file in checkpoint.source_files(self._state.checkpoint, after=self._removed_offset):
            if file.offset <= committed and file.path.exists():
                size = file.path.stat().st_size
                file.path.unlink()
                self._note_removed(size)
        self._removed_offset = max(self._removed_offset, committed)

    def release_windows(self) -> None:
        """Let windows close once everything that was there at the start is counted."""
        if self._gate is not None:
            self._gate.open_if_counted(self._chunks)

    def _note_removed(self, size: int) -> None:
        has_lines = size > len(CLOSING_LINE)
        if has_lines and self._clock is not None:
            self._clock.note_line()
        with self._space:
            if has_lines and self._arrivals:
                self._arrivals.popleft()
            self._bytes = max(0, self._bytes - size)
            self.counted_bytes += size
            self._space.notify_all()

    def _chunks(self) -> frozenset[str]:
        return frozenset(name for name in os.listdir(self._state.spool) if name.startswith("chunk-"))

    def _admit(self, data: Sequence[bytes]) -> None:
        """Wait until the spool has space for a chunk."""
        size = sum(map(len, lines.file_content(data)))
        with self._space:
            self._space.wait_for(lambda: self._stop.is_set() or self._has_space(size))
            self._bytes += size
            if size > len(CLOSING_LINE):
                self._arrivals.append(time.monotonic())

    def _has_space(self, size: int) -> bool:
        is_small = self._bytes + size <= SPOOL_BYTES and len(self._arrivals) < SPOOL_CHUNKS
        return is_small or self._bytes == 0

    def _close_windows(self) -> None:
        """Publish an empty line if a window has ended, so that Spark's time moves past its end."""
        if self._clock is not None and self._clock.has_window_ended():
            self._admit([CLOSING_LINE])
            self._target.publish([CLOSING_LINE], PositionUpdate())

    def _is_stopping(self) -> bool:
        self._close_windows()  # a pipe asks between two chunks
        return self._stop.is_set()

    def _run(self) -> None:
        try:
            if self.is_piped:
                stdin.publish(
                    sys.stdin.fileno(),
                    self._target,
                    self._pipe_options,
                    admit=self._admit,
                    should_stop=self._is_stopping,
                    warn=self._warn,
                )
            else:
                self._follow()
                self.follower.finish()
        except BaseException as error:  # noqa: BLE001  # the main thread raises it
            self.error = error

    def _follow(self) -> None:
        while not self._stop.is_set():
            self.follower.poll()
            self.unreadable = len(self.follower.failures)
            self._close_windows()
            has_backlog = self._gate is not None and self._gate.backlog is None
            if (self._is_once or has_backlog) and self.follower.caught_up():
                if self._gate is not None:
                    self._gate.backlog = self._chunks()
                if self._is_once:
                    return
            self._stop.wait(self._pause)


def start_feeder(
    state: State, options: StreamOptions, say: Callable[[str], None], stack: contextlib.ExitStack
) -> SpoolFeeder | None:
    """Start what follows files into the spool, until ``stack`` ends; None if Spark reads the source itself."""
    files = options.source.followed
    if files is None:
        return None
    feeder = SpoolFeeder(state, files, options, lambda path, reason: say(f"warning: {path}: {reason}"))
    stack.callback(end_feeder, feeder, say, temporary=options.is_temporary)
    feeder.start()
    return feeder


def end_feeder(feeder: SpoolFeeder, say: Callable[[str], None], *, temporary: bool) -> None:
    """Stop following, and report what was read of standard input but not counted, as when Spark did not start."""
    feeder.stop()
    if feeder.is_piped:
        feeder.remove_counted()
        if not feeder.is_empty:
            what = "are lost with the temporary state" if temporary else "wait in the state to be counted"
            say(f"{feeder.waiting_bytes:,} bytes that were read of standard input {what}")
