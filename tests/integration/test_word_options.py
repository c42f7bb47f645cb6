"""What a word is, as options of both commands say it."""

from pathlib import Path

import pytest

from tests.support.processes import run
from tests.support.refusals import assert_refused
from tests.support.warm import run_warm

WRONG = 2

_LOG = (
    "Jun 14 sshd[1]: Failed password for Root from 10.0.0.7 status=401\n"
    "Jun 14 sshd[2]: Accepted password for anna status=200\n"
    "# a comment  status=500\n"
    "Jun 14 cron[3]: 실행 \u1109\u1175\u11af\u1112\u1162\u11bc, the job's done status=200\n"
)


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        (
            ["--split", "words", "--lowercase", "--stop-words", "english", "--match", "sshd", "--min-length", "4"],
            "password: 2\nsshd: 2\nstatus: 2\naccepted: 1\nanna: 1\nfailed: 1\nroot: 1\n",
        ),
        (
            [
                "--regex",
                r"(?:status=|\W)(\d{3}|실행|job|cron)",
                "--not-match",
                "^#",
                "--normalize",
                "--stop-words",
                "{stop}",
            ],
            "200: 2\n실행: 2\n401: 1\n",
        ),
    ],
)
def test_batch_and_stream_follow_the_same_word_rules(tmp_path: Path, options: list[str], printed: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "app.log").write_text(_LOG, "utf-8")
    (tmp_path / "stop").write_text("CRON job's\ndone job", "utf-8")
    options = [option.format(stop=tmp_path / "stop") if "stop}" in option else option for option in options]
    batch = run_warm("batch", tmp_path / "in", *options)
    assert (batch.returncode, batch.stderr, batch.stdout) == (0, "", printed)
    assert run_warm("stream", tmp_path / "in", "--once", "--settle", "0s", *options).stdout == printed


def test_a_pattern_that_java_rejects_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert_refused(
        run_warm("batch", "in", "--regex", "a(b", cwd=tmp_path), "--regex 'a(b': Unclosed group near index 3"
    )


def test_another_word_rule_is_refused_on_the_same_state(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    once = ("stream", "in", "--output", "out", "--once")
    refused = run_warm(*once, "--match", "[z-a]", cwd=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n"), refused.stdout) == (WRONG, 1, ""), refused.stderr
    assert "--match '[z-a]': Illegal character range near" in refused.stderr
    right = run_warm(*once, "--lowercase", "--regex", "a|b", cwd=tmp_path)
    assert right.returncode == 0, "what was refused left nothing behind that hinders"
    other = run_warm(*once, "--lowercase", cwd=tmp_path)
    assert other.returncode == WRONG
    assert "was made with words \"--regex 'a|b' --lowercase\", not '--split space --lowercase'" in other.stderr
    assert run_warm(*once, "--lowercase", "--regex", "a|b", cwd=tmp_path).returncode == 0


def test_lowercase_does_not_depend_on_the_language_of_the_machine(tmp_path: Path) -> None:
    """Turkish lowers I to a letter of its own."""
    (tmp_path / "a.txt").write_text("I IÉ İ\n", "utf-8")
    turkish = {
        "JAVA_TOOL_OPTIONS": "-Duser.language=tr",
        **dict.fromkeys(("LANG", "LC_ALL", "LANGUAGE"), "tr_TR.UTF-8"),
    }
    result = run("batch", tmp_path / "a.txt", "--lowercase", env=turkish)
    assert (result.stdout, result.stderr) == ("i: 1\nié: 1\ni\u0307: 1\n", "")


_QUOTED = r'"((?:[^"\\]|\\.)*)"'  # which Java goes a call deeper for at each character


def test_a_pattern_recurses_deep_on_a_long_line(tmp_path: Path) -> None:
    word = "x" * 100_000
    (tmp_path / "a.txt").write_text(f'"{word}"\n', "utf-8")
    result = run_warm("batch", tmp_path / "a.txt", "--regex", _QUOTED)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{word}: 1\n", "")


def test_a_pattern_that_overflows_the_stack_is_reported_and_more_stack_helps(tmp_path: Path) -> None:
    word = "x" * 1_000_000
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(f'"{word}"\n', "utf-8")
    stream = ("stream", "in", "--output", "out", "--once", "--regex", _QUOTED)
    for arguments in (("batch", "in", "--match", _QUOTED), stream):
        result = run(*arguments, cwd=tmp_path)
        assert (result.returncode, result.stderr.count("\n"), result.stdout) == (1, 1, ""), result.stderr
        assert "wordcount: a pattern of --regex, --match, --not-match or --time-regex goes too deep" in result.stderr
    more = run(*stream, "--conf", "spark.driver.extraJavaOptions=-Xss1g", cwd=tmp_path)
    assert (more.returncode, more.stdout, more.stderr) == (0, f"{word}: 1\n", "")


def test_a_possessive_pattern_needs_no_stack(tmp_path: Path) -> None:
    word = "x" * 1_000_000
    (tmp_path / "a.txt").write_text(f'"{word}"\n', "utf-8")
    assert run_warm("batch", tmp_path / "a.txt", "--regex", _QUOTED.replace(")*)", ")*+)")).stdout == f"{word}: 1\n"
