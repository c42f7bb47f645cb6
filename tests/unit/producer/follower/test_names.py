"""Which entries of a folder count, which are skipped, and which are warned about."""

import os
import socket

import pytest

from tests.support.watched import Watched


@pytest.mark.parametrize(
    "name",
    [
        b"with spaces ", b"new\nline", "한국어.txt".encode(), b"\xff\xfe", b"a:b", b"*[a]{b}?", b"_a", b"-", b"#",
        b"tab\t", b"a'b\"c\\", b"x" * 255, b"%41",
    ],
)  # fmt: skip
def test_a_file_may_have_any_name(watched: Watched, name: bytes) -> None:
    watched.write(name, b"one\n")
    assert watched.poll() == {"one": 1}
    watched.append(name, b"two\n")
    watched.restart()

    assert watched.poll() == {"one": 1, "two": 1}


@pytest.mark.parametrize("name", [".hidden", ".a.swp", "a~", "#a#", ".a.XyZ123", ".git/config"])
def test_hidden_and_temporary_files_are_skipped_without_a_warning(watched: Watched, name: str) -> None:
    watched.write(name, b"one\n")

    assert watched.poll() == {}
    assert watched.warnings == []


def test_a_temporary_file_counts_once_it_gets_its_final_name(watched: Watched) -> None:
    path = watched.write(".a.tmp", b"one\n")
    watched.poll()
    path.rename(watched.path("a"))

    assert watched.poll() == {"one": 1}


def test_a_file_and_a_symlink_to_it_count_once(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    watched.path("b").symlink_to(path)
    outside = watched.target_folder.parent / "outside"
    outside.write_bytes(b"two\n")
    watched.path("c").symlink_to(outside)

    assert watched.poll() == {"one": 1, "two": 1}


def test_symlinked_folders_in_a_loop_are_scanned_once(watched: Watched) -> None:
    watched.write("x/a", b"one\n")
    watched.path("x/up").symlink_to(watched.folder)

    assert watched.poll() == {"one": 1}
    assert watched.warnings == []


def test_a_symlink_to_itself_is_skipped_with_a_warning(watched: Watched) -> None:
    watched.path("loop").symlink_to("loop")
    watched.write("a", b"one\n")

    assert watched.poll() == {"one": 1}
    assert watched.warned("loop") == ["a symlink to itself; skipped"]
    assert watched.follower.failures == []


def test_a_dangling_symlink_counts_once_its_target_exists(watched: Watched) -> None:
    watched.path("b").symlink_to(watched.path(".late"))
    assert watched.poll() == {}
    assert "nothing" in watched.warned("b")[0]
    watched.write(".late", b"one\n")

    assert watched.poll() == {"one": 1}


def test_a_fifo_is_skipped_with_a_warning(watched: Watched, bounded: None) -> None:  # noqa: ARG001
    os.mkfifo(watched.path("pipe"))
    watched.write("a", b"one\n")

    assert watched.poll() == {"one": 1}
    assert "fifo" in watched.warned("pipe")[0]


def test_a_socket_is_skipped_with_a_warning(watched: Watched) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(watched.folder)  # the path of a socket is limited to some 100 bytes
        listener.bind("socket")
        watched.write("a", b"one\n")

        assert watched.poll() == {"one": 1}
    assert "socket" in watched.warned("socket")[0]


@pytest.mark.parametrize(
    ("depth", "expected"), [(1, {"a": 1}), (2, {"a": 1, "b": 1}), (None, {"a": 1, "b": 1, "c": 1})]
)
def test_depth_limits_the_levels_of_folders_scanned(
    watched: Watched, depth: int | None, expected: dict[str, int]
) -> None:
    watched.restart(depth=depth)
    watched.write("f", b"a\n")
    watched.write("x/f", b"b\n")
    watched.write("x/y/f", b"c\n")

    assert watched.poll() == expected


def test_new_folders_are_scanned(watched: Watched) -> None:
    watched.poll()
    watched.write("x/y/a", b"one\n")

    assert watched.poll() == {"one": 1}


def test_a_folder_counts_when_moved_in_and_not_when_moved_within(watched: Watched) -> None:
    path = watched.write(".x/a", b"one\n").parent
    watched.poll()
    path.rename(watched.path("x"))
    assert watched.poll() == {"one": 1}
    watched.path("x").rename(watched.path("y"))

    assert watched.poll() == {"one": 1}
