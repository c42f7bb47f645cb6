"""Keys as terminals send them, cut into parts anywhere."""

import pytest

from streaming.live_view.keys import KeyDecoder

_UP, _F1, _F5, _DELETE, _SHIFT_F1, _LINUX_F1 = "\x1b[A", "\x1bOP", "\x1b[15~", "\x1b[3~", "\x1b[1;2P", "\x1b[[A"


@pytest.mark.parametrize("sequence", [_UP, _F1, _F5, _DELETE, _SHIFT_F1, _LINUX_F1])
def test_a_sequence_is_no_key(sequence: str) -> None:
    data = f"a{sequence}b".encode()
    for cut in range(len(data)):
        decoder = KeyDecoder()
        assert decoder.decode(data[:cut]) + decoder.decode(data[cut:]) + decoder.decode(b"") == "ab"


@pytest.mark.parametrize("pressed", ["\x1b", "\x1bs", "\x1b\x1b", "a\x1b", "\x1b[", "\x1bO", "/한\r", "\x08\x7f"])
def test_everything_else_is_a_key_and_so_is_a_lone_escape(pressed: str) -> None:
    for cut in range(len(pressed.encode()) + 1):
        decoder = KeyDecoder()
        parts = (pressed.encode()[:cut], pressed.encode()[cut:], b"", b"")
        assert "".join(decoder.decode(part) for part in parts) == pressed
