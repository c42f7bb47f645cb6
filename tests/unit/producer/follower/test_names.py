"""Which things in a folder are counted, which are skipped, and which are named."""

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
def test_any_name_is_a_name(watched: Watched, name: bytes) -> None:
    watched.write(name, b"one\n")
    assert watched.poll() == {"one": 1}
    watched.append(name, b"two\n")
    watched.restart()

    assert watched.poll() == {"one": 1, "two": 1}


@pytest.mark.parametrize("name", [".hidden", ".a.swp", "a~", "#a#", ".a.XyZ123", ".git/config"])
def test_hidden_names_and_those_of_editors_are_skipped_without_a_word(watched: Watched, name: str) -> None:
    watched.write(name, b"one\n")

    assert watched.poll() == {}
    assert watched.warnings == []


def test_a_file_counts_when_it_gets_its_own_name(watched: Watched) -> None:
    path = watched.write(".a.tmp", b"one\n")
    watched.poll()
    path.rename(watched.path("a"))

    assert watched.poll() == {"one": 1}


def test_a_symlink_counts_once_beside_its_target(watched: Watched) -> None:
    path = watched.write("a", b"one\n")
    watched.path("b").symlink_to(path)
    outside = watched.target_folder.parent / "outside"
    outside.write_bytes(b"two\n")
    watched.path("c").symlink_to(outside)

    assert watched.poll() == {"one": 1, "two": 1}


def test_symlinked_folders_in_a_loop_are_entered_once(watched: Watched) -> None:
    watched.write("x/a", b"one\n")
    watched.path("x/up").symlink_to(watched.folder)

    assert watched.poll() == {"one": 1}
    assert watched.warnings == []


def test_a_symlink_to_itself_is_named_and_the_rest_counts(watched: Watched) -> None:
    watched.path("loop").symlink_to("loop")
    watched.write("a", b"one\n")

    assert watched.poll() == {"one": 1}
    assert watched.warned("loop") == ["a symlink to itself; skipped"]
    assert watched.follower.failures == []


def test_a_symlink_to_nothing_is_named_and_counts_once_there_is_something(watched: Watched) -> None:
    watched.path("b").symlink_to(watched.path(".late"))
    assert watched.poll() == {}
    assert "nothing" in watched.warned("b")[0]
    watched.write(".late", b"one\n")

    assert watched.poll() == {"one": 1}


def test_a_fifo_is_named_and_skipped(watched: Watched, bounded: None) -> None:  # noqa: ARG001
    os.mkfifo(watched.path("pipe"))
    watched.write("a", b"one\n")

    assert watched.poll() == {"one": 1}
    assert "fifo" in watched.warned("pipe")[0]


def test_a_socket_is_named_and_skipped(watched: Watched) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(watched.folder)  # the path of a socket may have some 100 bytes
        listener.bind("socket")
        watched.write("a", b"one\n")

        assert watched.poll() == {"one": 1}
    assert "socket" in watched.warned("socket")[0]


def test_what_cannot_be_counted_is_named_once(watched: Watched) -> None:
    os.mkfifo(watched.path("pipe"))
    watched.poll()
    watched.poll()

    assert len(watched.warned("pipe")) == 1


def test_a_file_replaced_by_a_fifo_after_it_was_found_holds_nothing_up(
    watched: Watched,
    bounded: None,  # noqa: ARG001
) -> None:
    path = watched.write("a", b"one\n")

    def replace_by_fifo() -> None:
        path.unlink()
        os.mkfifo(path)

    assert watched.poll(after_scan=replace_by_fifo) == {}


@pytest.mark.parametrize(
    ("depth", "expected"), [(1, {"a": 1}), (2, {"a": 1, "b": 1}), (None, {"a": 1, "b": 1, "c": 1})]
)
def test_depth_is_the_levels_of_folders_looked_into(
    watched: Watched, depth: int | None, expected: dict[str, int]
) -> None:
    watched.restart(depth=depth)
    watched.write("f", b"a\n")
    watched.write("x/f", b"b\n")
    watched.write("x/y/f", b"c\n")

    assert watched.poll() == expected


def test_folders_made_later_are_looked_into(watched: Watched) -> None:
    watched.poll()
    watched.write("x/y/a", b"one\n")

    assert watched.poll() == {"one": 1}


def test_a_folder_moved_in_counts_and_moved_within_does_not_count_again(watched: Watched) -> None:
    path = watched.write(".x/a", b"one\n").parent
    watched.poll()
    path.rename(watched.path("x"))
    assert watched.poll() == {"one": 1}
    watched.path("x").rename(watched.path("y"))

    assert watched.poll() == {"one": 1}
