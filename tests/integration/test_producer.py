"""``wordcount-producer`` started as a user starts it: each line once, whatever is killed."""

import gzip
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.processes import PATIENCE, command, run, unprivileged, wait_until
from tests.support.reference import count
from tests.support.refusals import FAILED, assert_refused
from tests.support.rounds import chance, rounds


def produce(*arguments: str | Path, stdin: bytes | None = None) -> None:
    result = run(*arguments, name="wordcount-producer", stdin=stdin)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def produced(directory: Path) -> dict[str, int]:
    return dict(count(*(chunk.read_bytes() for chunk in directory.glob("chunk-*"))))


def test_files_folders_and_compressed_files_are_published_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfa b\nno newline")
    (tmp_path / "sub" / "b.gz").write_bytes(gzip.compress(b"a c\n"))
    for _ in range(2):
        produce(tmp_path / "a.txt", tmp_path / "sub", "--to", tmp_path / "to")
        assert produced(tmp_path / "to") == {"a": 2, "b": 1, "c": 1, "no": 1, "newline": 1}


def test_it_resumes_where_it_stopped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    produce(tmp_path / "a.txt", "--to", tmp_path / "to")
    with (tmp_path / "a.txt").open("ab") as file:
        file.write(b"b\n")
    produce(tmp_path / "a.txt", "--to", tmp_path / "to")
    assert produced(tmp_path / "to") == {"a": 1, "b": 1}


def test_standard_input(tmp_path: Path) -> None:
    produce("-", "--to", tmp_path / "to", stdin=b"\xef\xbb\xbfa b\r\nb\nlast")
    assert produced(tmp_path / "to") == {"a": 1, "b": 2, "last": 1}


def test_lines_of_a_pipe_appear_while_it_is_open(tmp_path: Path) -> None:
    arguments = [command("wordcount-producer"), "-", "--to", tmp_path / "to"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE) as producer:
        assert producer.stdin is not None
        producer.stdin.write(b"early line\nhalf")
        producer.stdin.flush()
        wait_until(lambda: produced(tmp_path / "to") == {"early": 1, "line": 1}, "the first line")
        producer.stdin.write(b" line\n")
        producer.stdin.close()
        assert producer.wait(timeout=PATIENCE) == 0
    assert produced(tmp_path / "to") == {"early": 1, "line": 2, "half": 1}


def test_a_file_as_standard_input_is_resumed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    for _ in range(2):
        with (tmp_path / "a.txt").open("rb") as file:
            subprocess.run([command("wordcount-producer"), "-", "--to", tmp_path / "to"], stdin=file, check=True)
    assert produced(tmp_path / "to") == {"a": 1}


def test_a_rate_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n" * 300)
    start = time.monotonic()
    produce(tmp_path / "a.txt", "--to", tmp_path / "to", "--rate", "200")
    assert time.monotonic() - start >= (300 - 20) / 200  # all chunks but the last one have had to wait
    assert produced(tmp_path / "to") == {"a": 300}
    assert len(list((tmp_path / "to").glob("chunk-*"))) == 300 / 20


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_stopped_at_random_moments_every_line_arrives_once(tmp_path: Path, number: int) -> None:
    luck = chance()
    content = b"".join(b"line %d\n" % line for line in range(20_000))
    (tmp_path / "a.txt").write_bytes(content)
    arguments = ["a.txt", "--to", "to", "--rate", "10000"]
    for _ in range(rounds(10)):
        with subprocess.Popen(
            [command("wordcount-producer"), *arguments], cwd=tmp_path, stderr=subprocess.PIPE
        ) as producer:
            time.sleep(luck.uniform(0.2, 0.5))
            producer.send_signal(number)
            producer.communicate(timeout=PATIENCE)
            assert producer.returncode in {-number, 128 + number, 0}
    produce(tmp_path / "a.txt", "--to", tmp_path / "to")
    assert produced(tmp_path / "to") == count(content)


def test_a_second_producer_for_the_same_target_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    arguments = [command("wordcount-producer"), "-", "--to", tmp_path / "to"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE) as producer:
        positions = tmp_path / "to" / ".wordcount-producer" / "positions.db"
        wait_until(positions.exists, "the first one")
        result = run(tmp_path / "a.txt", "--to", tmp_path / "to", name="wordcount-producer")
        assert producer.stdin is not None
        producer.stdin.close()
    assert result.returncode == 1
    assert f"in use by process {producer.pid}" in result.stderr


def test_an_unreadable_file_is_named_and_the_rest_is_published(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "broken.gz").write_bytes(b"\x1f\x8b\x08 no gzip")
    (tmp_path / "in" / "a.txt").write_bytes(b"a\n")
    result = run(tmp_path / "in", "--to", tmp_path / "to", name="wordcount-producer")
    assert result.returncode == 1
    assert f"{tmp_path}/in/broken.gz: is broken" in result.stderr
    assert produced(tmp_path / "to") == {"a": 1}


def test_a_line_written_in_two_halves_while_it_runs_is_one_line(tmp_path: Path) -> None:
    source, to = tmp_path / "log", tmp_path / "to"
    source.write_bytes(b"one\nhal")
    with subprocess.Popen([command("wordcount-producer"), source, "--to", to, "--settle", "1m"]) as producer:
        wait_until(lambda: produced(to) == {"one": 1}, "the whole line")
        with source.open("ab") as file:
            file.write(b"ves\n")
        assert producer.wait(timeout=PATIENCE) == 0
    assert produced(to) == {"one": 1, "halves": 1}


def test_a_log_that_is_downloaded_in_streams_counts_once_and_a_later_change_is_told(tmp_path: Path) -> None:
    log, to = tmp_path / "app.log", tmp_path / "to"
    rows = b"".join(b"row-%d\n" % number for number in range(10_000))
    half, quarter = len(rows) // 2, len(rows) // 4
    arguments = [command("wordcount-producer"), log, "--follow", "--to", to, "--settle", "300ms"]
    errors = tmp_path / "errors"
    with (
        log.open("wb") as file,
        errors.open("wb") as stderr,
        subprocess.Popen(arguments, stderr=stderr) as producer,
    ):
        os.pwrite(file.fileno(), rows[:quarter], 0)
        os.pwrite(file.fileno(), rows[half : half + quarter], half)
        wait_until(lambda: b"are not written yet; lines from there on wait for them" in errors.read_bytes(), "the gap")
        assert len(produced(to)) < 2600
        os.pwrite(file.fileno(), rows[half + quarter :], half + quarter)
        os.pwrite(file.fileno(), rows[quarter:half], quarter)
        wait_until(lambda: len(produced(to)) == 10_000, "all rows")
        os.pwrite(file.fileno(), b"XX", half)
        wait_until(lambda: b"the counts hold the former content" in errors.read_bytes(), "the change")
        producer.terminate()
        assert producer.wait(timeout=PATIENCE) == 0
    assert produced(to) == {f"row-{number}": 1 for number in range(10_000)}


def test_closed_standard_input_is_refused() -> None:
    result = subprocess.run(
        ["bash", "-c", f"{command('wordcount-producer')} - --to to <&-"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "standard input is closed" in result.stderr


def test_both_commands_have_the_same_version() -> None:
    assert (
        run("--version", name="wordcount-producer").stdout
        == run("--version").stdout.replace("wordcount", "wordcount-producer", 1).partition(",")[0] + "\n"
    )


def test_content_skipped_before_it_was_readable_stays_skipped(tmp_path: Path) -> None:
    log, to, said = tmp_path / "app.log", tmp_path / "to", tmp_path / "said"
    log.write_text("old\nol")
    log.chmod(0)
    arguments = [command("wordcount-producer"), log, "--follow", "--from", "end", "--to", to]
    with said.open("wb") as stderr, subprocess.Popen([*unprivileged(), *arguments], stderr=stderr) as producer:
        wait_until(lambda: f"{log}: cannot be read: Permission denied" in said.read_text(), "a message")
        with log.open("a") as writer:
            writer.write("d\nnew\n")
        log.chmod(0o644)
        wait_until(lambda: produced(to) == {"old": 1, "new": 1}, "what came since")
        producer.terminate()


@pytest.mark.parametrize("where", ["localhost:1", "no-such-host.invalid:9092"])
def test_an_address_where_no_broker_answers(in_process: InProcess, tmp_path: Path, where: str) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    result = in_process(tmp_path / "a.txt", "--to", f"kafka://{where}/a", name="wordcount-producer")
    assert_refused(result, f"no Kafka broker answers at {where}", status=FAILED)
