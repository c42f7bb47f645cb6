"""What keys choose."""

import pytest

from streaming.live_view.controls import Controls


def pressed(keys: str, room: int = 20, **before: object) -> Controls:
    controls = Controls(**before)  # type: ignore[arg-type]
    for key in keys:
        controls.press(key, room)
    return controls


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("p", Controls(paused=True)),
        ("pp", Controls()),
        ("s", Controls(by_rate=True)),
        ("ss", Controls()),
        ("-", Controls(rows=19)),
        ("+", Controls(rows=20)),
        ("---++", Controls(rows=19)),
        ("/ab", Controls(part="ab", typing=True)),
        ("/qps", Controls(part="qps", typing=True)),
        ("/ab\x08c\x7f\r", Controls(part="a")),
        ("/ab\x15c\n", Controls(part="c")),
        ("/ab\x1b", Controls()),
        ("/ab\r\x1b", Controls()),
        ("/a\x07\tb\r", Controls(part="ab")),
        ("/ab\r/", Controls(typing=True)),
        ("x", Controls()),
    ],
)
def test_keys(keys: str, expected: Controls) -> None:
    assert pressed(keys) == expected


def test_there_is_always_a_row_and_never_more_than_there_is_room_for() -> None:
    assert pressed("-" * 30).rows == 1
    assert pressed("+" * 30, room=5, rows=3).rows == 5
    assert pressed("-", room=5, rows=50).rows == 4


def test_only_q_outside_of_what_is_typed_leaves() -> None:
    controls = Controls()
    assert [controls.press(key, 9) for key in "/q\rq"] == [False, False, False, True]


def test_the_foot_says_what_is_chosen() -> None:
    assert Controls().foot(empty=True) == "q quit   p pause   / find   s by rate   + - rows"
    assert "PAUSED" in Controls(paused=True).foot(empty=False)
    assert "s by count" in Controls(by_rate=True).foot(empty=False)
    assert Controls(part="a").foot(empty=True).split("   ")[2:4] == ["/ a", "no word holds it"]
    assert Controls(part="a", typing=True).foot(empty=False) == "/a_   Enter keeps it, Esc ends it"
    assert "no word" not in Controls(typing=True).foot(empty=True)
