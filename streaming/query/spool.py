"""The spool: chunks on their way from the follower to Spark, on the disk of the state folder."""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence

from producer import lines
from producer import stdin as pipe
from producer.common.atomic_file import write_file
from producer.discovery.found_file import Warn
from producer.discovery.open_logs import allow_open_files
from producer.follower import Follower
from producer.positions.sqlite_store import PositionStore
from producer.targets.directory import DirectoryTarget
from streaming.counting.rules import Windows
from streaming.sources.files import BATCH_BYTES, Files
from streaming.state import checkpoint
from streaming.state.folder import State

#: The most that waits: the batch that is being counted, and the next.
_SPOOL_BYTES = 2 * BATCH_BYTES
_EMPTY_LINE = b"\n"
#: It is midnight, in whatever zone, at one of these steps in UTC.
MIDNIGHT_SECONDS = 900


class SpoolFeeder:
    """Follows a source in a thread of its own, and fills the spool; ``remove_counted`` empties it.

    Args:
        state: the state folder.
        source: what to follow.
        settle: seconds a file must have been quiet before its last line counts without a line end.
        depth: how many levels of folders to look into; None is all.
        apart: folders that are never read: what is counted ends up there.
        pause: seconds between two looks.
        once: end when all that was there at the first look is in the spool.
        warn: told of each thing that cannot be counted.
        windows: those of arrival are closed by an empty line where no other comes.
        holds: windows are not to be closed before what was there at the start is counted; ``release`` says when.
    """

    def __init__(  # noqa: PLR0913  # each is an option of the command
        self,
        state: State,
        source: Files,
        *,
        settle: float,
        depth: int | None,
        apart: Sequence[str],
        pause: float,
        once: bool,
        warn: Warn,
        windows: Windows | None = None,
        holds: bool = False,
    ) -> None:
        self._state = state
        self._pause = pause
        self._once = once
        self._windows = windows if windows is not None and windows.time is None and not once else None
        self._open_until = 0.0
        self._keep_open()  # those of an earlier run
        self._step = 0 if windows is None else MIDNIGHT_SECONDS if windows.of_days else windows.slide
        self._steps = 0
        self._stop = threading.Event()
        self._removed_offset = -1
        self._seen_batch: int | None = None
        self._room = threading.Condition()
        self._bytes = 0
        self._since: deque[float] = deque()  # when each of the chunks came that hold something to count
        self._positions = PositionStore(state.positions)
        self._holds = holds
        self._backlog: set[str] | None = None  # the chunks of what was there at the start
        if holds:
            state.released.mkdir(exist_ok=True)
            for path in state.released.iterdir():  # of an earlier run; what has come since is to be waited for
                path.unlink()
        self.piped = source.is_piped  #: it is standard input, which cannot be read again
        self._target = DirectoryTarget(state.spool, self._positions, logical_time=True)
        self.remove_counted()
        sizes = [path.stat().st_size for path in state.spool.glob("chunk-*")]
        self._bytes = sum(sizes)
        # Those of an earlier run wait since this one began, as what came to their source meanwhile does.
        self._since.extend(time.monotonic() for size in sizes if size > len(_EMPTY_LINE))
        if not self.piped:
            allow_open_files()
        self.follower = Follower(
            () if self.piped else source.paths,
            self._target,
            settle=settle,
            depth=depth,
            apart=apart,
            warn=warn,
            admit=self._admit,
            stopping=self._stop.is_set,
            logs=True,
            once=once,
            from_end=source.from_end,
        )
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether nothing more is put into the spool."""
        return not self._thread.is_alive()

    @property
    def waiting_bytes(self) -> int:
        """How many bytes wait in the spool to be counted."""
        return self._bytes

    @property
    def lag(self) -> float:
        """For how long, in seconds, what was put into the spool first has waited to be counted."""
        with self._room:
            return time.monotonic() - self._since[0] if self._since else 0.0

    def empty(self) -> bool:
        """Tell whether all that was put into the spool has been counted."""
        return not self._chunks()

    def stop(self) -> None:
        """Stop following after the chunk at hand, and wait for that."""
        self._stop.set()
        with self._room:
            self._room.notify_all()
        self._thread.join()
        self.follower.close()
        self._target.close()
        self._positions.close()

    def remove_counted(self) -> None:
        """Remove the chunks of committed batches: what they held is in the counts."""
        batch = checkpoint.last_commit(self._state.checkpoint)
        if batch == self._seen_batch:
            return
        self._seen_batch = batch
        committed = checkpoint.committed_offset(self._state.checkpoint)
        for file in checkpoint.source_files(self._state.checkpoint, after=self._removed_offset):
            if file.offset <= committed and file.path.exists():
                size = file.path.stat().st_size
                file.path.unlink()
                if size > len(_EMPTY_LINE):
                    self._keep_open()
                with self._room:
                    if size > len(_EMPTY_LINE) and self._since:
                        self._since.popleft()
                    self._bytes = max(0, self._bytes - size)
                    self._room.notify_all()
        self._removed_offset = max(self._removed_offset, committed)

    def release(self) -> None:
        """Let windows close once what was there at the start is counted."""
        if self._holds and self._backlog is not None and self._backlog.isdisjoint(self._chunks()):
            self._holds = False
            write_file(self._state.released / str(time.time_ns()), _EMPTY_LINE)

    def _chunks(self) -> set[str]:
        return {name for name in os.listdir(self._state.spool) if name.startswith("chunk-")}

    def _admit(self, data: Sequence[bytes]) -> None:
        size = sum(map(len, lines.in_file(data)))
        with self._room:
            self._room.wait_for(lambda: self._bytes == 0 or self._bytes + size <= _SPOOL_BYTES or self._stop.is_set())
            self._bytes += size
            if size > len(_EMPTY_LINE):
                self._since.append(time.monotonic())

    def _close_windows(self) -> None:
        """Hand on an empty line after each end of a window that may be open: Spark's time goes on with lines alone."""
        if self._windows is None:
            return
        now = time.time() - self._windows.late
        steps = int(now // self._step)
        # By the time of the look before: the process may have been stopped since, over the end of the last window.
        if steps != self._steps and self._steps * self._step < self._open_until:
            self._admit([_EMPTY_LINE])
            self._target.publish([_EMPTY_LINE], [])
        self._steps = steps

    def _keep_open(self) -> None:
        """Note for how long the windows are open that lines of now are in."""
        if self._windows is not None:
            self._open_until = time.time() + self._windows.length + self._windows.slide

    def _stops(self) -> bool:
        self._close_windows()  # between two chunks
        return self._stop.is_set()

    def _run(self) -> None:
        try:
            if self.piped:
                pipe.hand_on(sys.stdin.fileno(), self._target, self._admit, None, self._stops)
                return
            while not self._stop.is_set():
                self.follower.poll()
                self._close_windows()
                if (self._once or (self._holds and self._backlog is None)) and self.follower.caught_up():
                    self._backlog = self._chunks()
                    if self._once:
                        return
                self._stop.wait(self._pause)
        except BaseException as error:  # noqa: BLE001  # the main thread raises it
            self.error = error
