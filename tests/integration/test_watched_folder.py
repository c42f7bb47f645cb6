"""What users do in a folder while a stream watches it. One stream serves all tests, so each has its own words."""

import bz2
import gzip
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from backports import zstd

from tests.support.processes import wait_until
from tests.support.reference import parsed_file
from tests.support.served import listening_hosts
from tests.support.watched_stream import WatchedFolder, watching


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedFolder]:
    with watching(tmp_path_factory.mktemp("watched")) as watched:
        yield watched


def test_a_file_moved_in(watched: WatchedFolder) -> None:
    watched.move_in("moved.txt", b"moved twice moved\n")
    watched.stream.wait_for(moved=2, twice=1)


def test_a_slow_copy_of_200_mb(watched: WatchedFolder) -> None:
    line = b"slow " * 9_999 + b"slow\n"
    block, blocks, seconds = line * 20, 200, 10
    with (watched.folder / "slow.txt").open("wb", buffering=0) as file:
        start = time.monotonic()
        for number in range(blocks):
            file.write(block[:333])  # so that a poll meets half a line
            time.sleep(max(0.0, start + seconds * number / blocks - time.monotonic()))
            file.write(block[333:])
    assert (watched.folder / "slow.txt").stat().st_size == 200_000_000
    watched.stream.wait_for(slow=10_000 * 20 * blocks)


def test_lines_appended_to_a_counted_file(watched: WatchedFolder) -> None:
    path = watched.move_in("appended.txt", b"appended one\n")
    watched.stream.wait_for(appended=1)
    with path.open("ab") as file:
        file.write(b"appended two\n")
    watched.stream.wait_for(appended=2)


def test_a_line_appended_in_two_halves(watched: WatchedFolder) -> None:
    path = watched.move_in("halves.txt", b"halves\n")
    with path.open("ab", buffering=0) as file:
        file.write(b"halves seco")
        watched.stream.wait_for(halves=1)
        file.write(b"nd\n")
    watched.stream.wait_for(halves=2, second=1)
    assert "seco" not in watched.stream.counts


def test_an_unterminated_last_line_counts_once_the_file_is_idle(watched: WatchedFolder) -> None:
    path = watched.move_in("settled.txt", b"settled\nsettled rest")
    watched.stream.wait_for(settled=2, rest=1)
    with path.open("ab") as file:
        file.write(b" settled\n")  # continues what counted as a line
    watched.stream.wait_for(settled=3)


def test_a_file_replaced_by_another_of_the_same_name(watched: WatchedFolder) -> None:
    watched.move_in("replaced.txt", b"replaced same\n")
    watched.stream.wait_for(replaced=1)
    watched.move_in("replaced.txt", b"replaced same\n")
    watched.stream.wait_for(replaced=2)


def test_a_file_overwritten_in_place(watched: WatchedFolder) -> None:
    path = watched.move_in("overwritten.txt", b"overwritten before\n")
    watched.stream.wait_for(overwritten=1)
    path.write_bytes(b"overwritten after, and longer than it was\n")
    watched.stream.wait_for(overwritten=2, longer=1)


def test_a_renamed_file_is_not_counted_again(watched: WatchedFolder) -> None:
    path = watched.move_in("renamed.txt", b"renamed\n")
    watched.stream.wait_for(renamed=1)
    path = path.rename(watched.folder / "renamed.txt.1")
    with path.open("ab") as file:
        file.write(b"renamed again\n")
    watched.stream.wait_for(renamed=2)


def test_a_file_deleted_right_after_it_appeared(watched: WatchedFolder) -> None:
    for number in range(20):
        watched.move_in(f"deleted{number}.txt", b"vanishing vanishing\n").unlink()
    watched.move_in("after.txt", b"afterwards\n")
    watched.stream.wait_for(afterwards=1)
    assert watched.stream.counts.get("vanishing", 0) % 2 == 0, "a file counts whole or not at all"


def test_a_deleted_file_stays_counted(watched: WatchedFolder) -> None:
    path = watched.move_in("gone.txt", b"gone\n")
    watched.stream.wait_for(gone=1)
    path.unlink()
    watched.move_in("gone2.txt", b"gone\n")
    watched.stream.wait_for(gone=2)


def test_a_symlink_to_the_output_does_not_feed_the_counts_back(watched: WatchedFolder) -> None:
    (watched.folder / "output").symlink_to(watched.output)
    watched.stream.wait_for_message("in/output: a symlink to what this command writes; skipped")


def test_an_eight_day_old_file_counts_like_a_new_one(watched: WatchedFolder) -> None:
    source = watched.folder.parent / "old"
    source.write_bytes(b"old old\n")
    subprocess.run(["touch", "-d", "8 days ago", source], check=True)
    source.rename(watched.folder / "old.txt")
    watched.move_in("new.txt", b"old\n")
    watched.stream.wait_for(old=3)


def test_20000_files_of_one_line(watched: WatchedFolder) -> None:
    many = watched.folder.parent / "many"
    many.mkdir()
    for number in range(20_000):
        (many / f"{number}.txt").write_bytes(b"many files\n")
    many.rename(watched.folder / "many")
    watched.stream.wait_for(many=20_000, files=20_000)
    shutil.rmtree(watched.folder / "many")


def test_files_in_subfolders(watched: WatchedFolder) -> None:
    deep = watched.folder / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "deep.txt").write_bytes(b"deep\n")
    (watched.folder / "a" / "less.txt").write_bytes(b"deep\n")
    watched.stream.wait_for(deep=2)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        (b"with space.txt", "spacename"),
        (b"with\nnewline.txt", "newlinename"),
        ("한국어.txt".encode(), "koreanname"),
        (b"_underscore.txt", "underscorename"),
        (b"glob[*]{a,b}?.txt", "globname"),
        (b"colon:percent%20.txt", "colonname"),
        (b"no text \xff.txt", "undecodable"),
    ],
)
def test_unusual_names(watched: WatchedFolder, name: bytes, word: str) -> None:
    with open(os.fsencode(watched.folder) + b"/" + name, "wb") as file:
        file.write(f"{word}\n".encode())
    watched.stream.wait_for_counts({word: 1})


def test_hidden_and_temporary_names_are_skipped_until_they_are_renamed(watched: WatchedFolder) -> None:
    for name in (".hidden.txt", "edited.txt~", "#edited.txt#", ".rsync.txt.Xy12"):
        (watched.folder / name).write_bytes(b"hiddenword\n")
    (watched.folder / ".folder").mkdir()
    (watched.folder / ".folder" / "x.txt").write_bytes(b"hiddenword\n")
    watched.move_in("shown.txt", b"shownword\n")
    watched.stream.wait_for(shownword=1)
    assert "hiddenword" not in watched.stream.counts
    (watched.folder / ".rsync.txt.Xy12").rename(watched.folder / "rsync.txt")
    watched.stream.wait_for(hiddenword=1)


def test_symlinks_and_a_loop_of_them(watched: WatchedFolder) -> None:
    target = watched.folder.parent / "target.txt"
    target.write_bytes(b"linked\n")
    (watched.folder / "link.txt").symlink_to(target)
    (watched.folder / "second-link.txt").symlink_to(target)
    (watched.folder / "loop").symlink_to(watched.folder, target_is_directory=True)
    watched.stream.wait_for(linked=1)
    with target.open("ab") as file:
        file.write(b"linked\n")
    watched.stream.wait_for(linked=2)


def test_an_unreadable_file_counts_once_it_is_readable(watched: WatchedFolder) -> None:
    source = watched.folder.parent / "secret"
    source.write_bytes(b"secretword\n")
    source.chmod(0)
    path = source.rename(watched.folder / "secret.txt")
    watched.move_in("beside.txt", b"besideword\n")
    watched.stream.wait_for(besideword=1)
    watched.stream.wait_for_message("warning", str(path), "Permission denied")
    assert "secretword" not in watched.stream.counts
    path.chmod(0o644)
    watched.stream.wait_for(secretword=1)


def test_a_fifo_and_a_socket_are_skipped_and_named(watched: WatchedFolder) -> None:
    os.mkfifo(watched.folder / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(watched.folder / "socket"))
        watched.stream.wait_for_message("fifo", "skipped")
        watched.stream.wait_for_message("socket", "skipped")
    watched.move_in("afterfifo.txt", b"afterfifo\n")
    watched.stream.wait_for(afterfifo=1)


@pytest.mark.parametrize(("suffix", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress), ("zst", zstd.compress)])
def test_a_compressed_file_dropped_whole(watched: WatchedFolder, suffix: str, compress: object) -> None:
    assert callable(compress)
    watched.move_in(f"whole.txt.{suffix}", compress(f"whole{suffix} x\nwhole{suffix}".encode()))
    watched.stream.wait_for_counts({f"whole{suffix}": 2})


def test_a_broken_gzip_counts_once_it_is_replaced(watched: WatchedFolder) -> None:
    sound = gzip.compress(b"mended words\n" * 50_000)
    path = watched.move_in("broken.gz", sound[: len(sound) // 2])
    watched.stream.wait_for_message(str(path), "broken", "once it changes")
    watched.move_in("beside-broken.txt", b"besidebroken\n")
    watched.stream.wait_for(besidebroken=1)
    assert "mended" not in watched.stream.counts
    watched.move_in("broken.gz", sound)
    watched.stream.wait_for(mended=50_000)


def test_the_folder_deleted_and_recreated(watched: WatchedFolder) -> None:
    shutil.rmtree(watched.folder)
    watched.stream.wait_for_message("is gone")
    watched.folder.mkdir()
    (watched.folder / "again.txt").write_bytes(b"againword\n")
    watched.stream.wait_for(againword=1)


def test_snapshots_are_whole_and_replaced_while_it_runs(watched: WatchedFolder) -> None:
    watched.move_in("snapshot.txt", b"snapshotword\n")
    watched.stream.wait_for(snapshotword=1)
    wait_until(lambda: "snapshotword" in parsed_file(watched.output / "counts.txt"), "the snapshot")


def test_no_port_listens_on_anything_but_loopback(watched: WatchedFolder) -> None:
    assert listening_hosts(watched.stream)
    assert listening_hosts(watched.stream) <= {"127.0.0.1", "::1"}
