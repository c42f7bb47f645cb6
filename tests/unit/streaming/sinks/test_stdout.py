import pytest

from streaming.sinks.stdout import print_changes


def test_changes_are_printed_as_bytes_of_utf_8_and_unchanged(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_changes([("한", 2), ("\x1b", 1), ("", 1)])

    assert capfdbinary.readouterr().out == "한: 2\n\x1b: 1\n: 1\n".encode()
