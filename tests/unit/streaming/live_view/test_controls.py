"""What each key does."""

import pytest

from streaming.live_view.controls import Controls


def pressed(keys: str, max_rows: int = 20, **before: object) -> Controls:
    controls = Controls(**before)  # type: ignore[arg-type]
    for key in keys:
        controls.press(key, max_rows, now=0)
    return controls


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("p", Controls(is_paused=True)),
        ("pp", Controls()),
        ("s", Controls(by_rate=True)),
        ("ss", Controls()),
        ("-", Controls(rows=19)),
        ("+", Controls(rows=20)),
        ("---++", Controls(rows=19)),
        ("/ab", Controls(search="ab", is_typing=True)),
        ("/qps", Controls(search="qps", is_typing=True)),
        ("/ab\x08c\x7f\r", Controls(search="a")),
        ("/ab\x15c\n", Controls(search="c")),
        ("/ab\x1b", Controls()),
        ("/ab\r\x1b", Controls()),
        ("/a\x07\tb\r", Controls(search="ab")),
        ("/ab\r/", Controls(is_typing=True)),
        ("x", Controls()),
    ],
)
def test_a_key_changes_one_choice(keys: str, expected: Controls) -> None:
    assert pressed(keys) == expected


def test_the_number_of_rows_stays_between_one_and_what_fits() -> None:
    assert pressed("-" * 30).rows == 1
    assert pressed("+" * 30, max_rows=5, rows=3).rows == 5
    assert pressed("-", max_rows=5, rows=50).rows == 4


def test_q_quits_unless_it_is_typed_into_the_search() -> None:
    controls = Controls()
    assert [controls.press(key, 9, now=0) for key in "/q\rq"] == [False, False, False, True]


def test_the_footer_shows_what_is_chosen() -> None:
    assert Controls().footer(is_empty=True) == "q quit   p pause   / find   s by rate   + - rows"
    assert "PAUSED" in Controls(is_paused=True).footer(is_empty=False)
    assert "s by count" in Controls(by_rate=True).footer(is_empty=False)
    assert Controls(search="a").footer(is_empty=True).split("   ")[2:4] == ["/ a", "no word contains it"]
    assert Controls(search="a", is_typing=True).footer(is_empty=False) == "/a_   Enter keeps it, Esc clears it"
    assert "no word" not in Controls(is_typing=True).footer(is_empty=True)


def test_holding_q_down_asks_to_quit_once() -> None:
    controls = Controls()
    assert [controls.press("q", 9, now) for now in (10.0, 10.3, 11.2, 13.0)] == [True, False, False, True]
