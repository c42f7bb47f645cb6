"""Whatever happens to logs and to the follower, each line counts once, or that it may be missing is told."""

import os
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.chaos.crashing import Crashing
from tests.chaos.expected import Expected
from tests.chaos.rotated_logs import Between, RotatedLogs
from tests.support.clock import Clock

_ROUNDS = os.environ.get("CHAOS_ROUNDS")
_MEMORY = Path("/dev/shm")
#: Longer than the follower waits for any file.
_LONG_SECONDS = 15.0

_LOG = st.sampled_from(["app.log", "web.log"])
_PADDING = st.sampled_from([0, 3, 100, 600])
_PLACE = st.integers(0, 3)
_BETWEEN = st.sampled_from(["nothing", "poll", "write", "crash", "restart"])
_SUFFIX = st.sampled_from([".gz", ".bz2", ".xz", ".zst"])
_SECONDS = st.sampled_from([-7200, -60, 60, 7200])


class Rounds(RuleBasedStateMachine):
    follower: Crashing
    logs: RotatedLogs
    settle: float
    is_archived: bool

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.expected = Clock(), Expected()
        self.is_right, self.was_set_back = True, False
        self.opened = ExitStack()

    @initialize(
        is_on_disk=st.booleans() if _ROUNDS else st.just(not _MEMORY.is_dir()),
        inputs=st.sampled_from([["app.log", "web.log"], ["*.log"]]),
        settle=st.sampled_from([0, 5]),
        full_scan_share=st.sampled_from([float("inf"), 1e-12]),
        chunk_lines=st.none() | st.integers(1, 2),
        is_archived=st.booleans(),
    )
    def begin(self, is_on_disk: bool, settle: float, full_scan_share: float, is_archived: bool, **options: Any) -> None:  # noqa: FBT001
        # Positions are synced to the disk they are on, logs are not. On a disk, a new file may have the inode of a
        # deleted one; which one it is differs from run to run.
        memory = _MEMORY if _MEMORY.is_dir() else None
        root = Path(self.opened.enter_context(tempfile.TemporaryDirectory(dir=memory)))
        folder = Path(self.opened.enter_context(tempfile.TemporaryDirectory(dir=None if is_on_disk else memory)))
        self.settle = settle
        options |= {"settle": settle, "follow_logs": True}
        rotated = folder
        if is_archived:
            rotated = Path(self.opened.enter_context(tempfile.TemporaryDirectory(dir=folder.parent)))
            options["archives"] = [str(rotated)]
        self.is_archived = is_archived
        self.logs = RotatedLogs(folder, rotated, self.expected)
        self.opened.callback(self.logs.close)
        self.follower = Crashing(root, folder, self.clock, full_scan_share, **options)
        self.expected.warnings = self.follower.warnings
        self.opened.callback(self.follower.end)
        self.poll()

    @rule(log=_LOG, padding=_PADDING)
    def write(self, log: str, padding: int) -> None:
        self.logs.write(log, padding)

    @rule(log=_LOG, padding=_PADDING)
    def write_half(self, log: str, padding: int) -> None:
        self.logs.write_half(log, padding)

    @rule(log=_LOG, padding=_PADDING)
    def write_to_former(self, log: str, padding: int) -> None:
        self.logs.write_to_former(log, padding)

    @rule(log=_LOG, between=_BETWEEN)
    def rename(self, log: str, between: str) -> None:
        self.logs.rename(log, self._between(between, log))

    @rule(log=_LOG, between=_BETWEEN)
    def link_and_unlink(self, log: str, between: str) -> None:
        self.logs.link_and_unlink(log, self._between(between, log))

    @rule(log=_LOG, between=_BETWEEN)
    def copy_and_truncate(self, log: str, between: str) -> None:
        self.logs.copy_and_truncate(log, self._between(between, log))

    @rule(log=_LOG, place=_PLACE, suffix=_SUFFIX, between=_BETWEEN)
    def pack(self, log: str, place: int, suffix: str, between: str) -> None:
        self.logs.pack(log, place, suffix, self._between(between, log))

    @rule(log=_LOG, place=_PLACE, between=_BETWEEN)
    def unpack(self, log: str, place: int, between: str) -> None:
        self.logs.unpack(log, place, self._between(between, log))

    @rule(log=_LOG)
    def cut(self, log: str) -> None:
        self.logs.cut(log)

    @rule(log=_LOG, place=_PLACE)
    def delete(self, log: str, place: int) -> None:
        self.logs.delete(log, place)

    @rule(log=_LOG, between=_BETWEEN)
    def replace(self, log: str, between: str) -> None:
        self.logs.replace(log, self._between(between, log))

    @rule(log=_LOG)
    def synchronise(self, log: str) -> None:
        self.logs.synchronise(log)

    @rule(log=_LOG, is_symbolic=st.booleans())
    def link(self, log: str, is_symbolic: bool) -> None:  # noqa: FBT001
        self.logs.link(log, is_symbolic=is_symbolic)

    @rule(log=_LOG, place=_PLACE, seconds=_SECONDS)
    def touch(self, log: str, place: int, seconds: float) -> None:
        if not self.is_archived:
            self.logs.touch(log, place, seconds)

    @rule(seconds=_SECONDS)
    def set_clock(self, seconds: float) -> None:
        if not self.is_archived and not (self.was_set_back and seconds > 0):  # see the limits in docs/logs.md
            self.was_set_back = seconds < 0
            if not self.follower.is_running and seconds > 600:
                self.expected.forget_losses()
            self.clock.set(seconds)

    @rule(seconds=st.sampled_from([1, 6, 12]))
    def wait(self, seconds: float) -> None:
        self.clock.wait(seconds)

    @rule()
    def poll(self) -> None:
        self._see(self.follower.poll)

    @rule(step=st.sampled_from(["write", "rename", "copy_and_truncate", "pack", "cut", "delete", "replace"]), log=_LOG)
    def poll_meanwhile(self, step: str, log: str) -> None:
        extra: dict[str, Any] = {"write": {"padding": 0}, "pack": {"place": 0, "suffix": ".gz"}, "delete": {"place": 0}}
        nothing = {} if step in {"write", "cut", "delete"} else {"between": lambda: None}
        after_scan = partial(getattr(self.logs, step), log, **extra.get(step, {}), **nothing)
        self._see(lambda: self.follower.poll(after_scan))

    @rule()
    def stop(self) -> None:
        self.follower.stop()
        self.logs.unfollow()

    @rule()
    def stop_while_polling(self) -> None:
        self.follower.stop_while_polling()
        self.logs.unfollow()

    @rule(steps=st.integers(0, 12))
    def crash(self, steps: int) -> None:
        self._see(lambda: self.follower.crash(steps))
        self.logs.unfollow()

    def teardown(self) -> None:
        with self.opened:
            if not (self.is_right and hasattr(self, "follower")):
                return
            for _ in range(2):
                for _ in range(5):
                    self.clock.wait(_LONG_SECONDS)
                    self.poll()
                self.stop()
            self.expected.check_all(self.follower.lines)

    def _see(self, poll: Any) -> None:
        self.is_right, self.logs.is_followed = False, True
        self.logs.seen_in(lambda: poll() is not False, is_packed_seen=self.settle == 0)
        self.expected.check(self.follower.lines)
        self.is_right = True

    def _between(self, step: str, log: str) -> Between:
        steps: dict[str, Between] = {
            "poll": self.poll,
            "write": lambda: self.logs.write(log, 0),
            "crash": lambda: self.crash(100),
            "restart": self.stop,
        }
        return steps.get(step, lambda: None)


def test_each_line_counts_once_or_its_loss_is_told() -> None:
    rounds = settings(max_examples=int(_ROUNDS or 1000), stateful_step_count=30, derandomize=_ROUNDS is None)
    run_state_machine_as_test(Rounds, settings=rounds)
