"""The project's image runs under any user id, and the images of the tests are as the official ones where it matters."""

import os
import re
import subprocess

import pytest

from tests.support.broker_container import IMAGE as KAFKA
from tests.support.engine import labels
from tests.support.processes import PATIENCE

_PYTHON = os.environ.get("PYTHON_IMAGE", "python:3.13-slim-bookworm")
_SPARK = os.environ.get("SPARK_IMAGE", "apache/spark:4.3.0")
_WORDCOUNT = os.environ.get("WORDCOUNT_IMAGE", "wordcount")
_LABELS = [f"--label={key}={value}" for key, value in labels().items()]
#: A user id without an account, and nothing that can be written to but /tmp.
_CONFINED = ["--user", "12345", "--read-only", "--tmpfs", "/tmp"]

pytestmark = pytest.mark.needs_docker


def run(image: str, program: str, *options: str, stdin: str = "") -> str:
    """Run a shell program in a container, and return what it prints."""
    command = ["docker", "run", "--rm", "--interactive", *_LABELS, "--entrypoint", "sh", *options, image, "-c", program]
    result = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def configured(image: str, field: str) -> str:
    result = subprocess.run(
        ["docker", "image", "inspect", "--format", f"{{{{json .Config.{field}}}}}", image],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return result.stdout.strip()


@pytest.mark.parametrize(
    ("image", "program", "expected"),
    [
        (_PYTHON, "id -un; pwd", "root\n/"),
        (_PYTHON, "command -v java || echo no Java", "no Java"),
        (KAFKA, "id -u; id -un; id -gn; echo $HOME; pwd", "1000\nappuser\nappuser\n/home/appuser\n/"),
        (KAFKA, "stat -c '%U %G' /var/lib/kafka/data /etc/kafka/secrets", "appuser root\nappuser root"),
        (_SPARK, "id -u; id -un; id -gn; echo $HOME; pwd", "185\nspark\nspark\n/nonexistent\n/opt/spark/work-dir"),
        (_SPARK, "echo $SPARK_HOME; ls -d $SPARK_HOME/bin/spark-class", "/opt/spark\n/opt/spark/bin/spark-class"),
        (_SPARK, "ls -d /opt/wordcount 2> /dev/null || echo none of our own", "none of our own"),
    ],
)  # fmt: skip
def test_an_image_is_as_the_official_one(image: str, program: str, expected: str) -> None:
    assert run(image, program) == expected


@pytest.mark.parametrize(
    ("image", "field", "expected"),
    [
        (KAFKA, "User", '"appuser"'),
        (_SPARK, "User", '"spark"'),
        (_SPARK, "Entrypoint", '["/opt/entrypoint.sh"]'),
        (_WORDCOUNT, "User", '"1000:0"'),
    ],
)
def test_an_image_says_who_runs_it(image: str, field: str, expected: str) -> None:
    assert configured(image, field) == expected


@pytest.mark.parametrize("options", [[], _CONFINED], ids=["its own user", "confined"])
def test_a_batch_runs(options: list[str]) -> None:
    program = "wordcount batch /opt/wordcount/topics.txt --top 2"

    assert re.search(r"^the: \d+$", run(_WORDCOUNT, program, *options), re.MULTILINE)


def test_any_user_keeps_counts_in_a_volume() -> None:
    program = "wordcount stream - --once --output /counts > /dev/null && cat /counts/counts.txt"
    counts = run(_WORDCOUNT, program, *_CONFINED, "--volume", "/counts", stdin="to be or\nnot to be\n")

    assert sorted(counts.splitlines()) == ["be: 2", "not: 1", "or: 1", "to: 2"]


def test_any_user_publishes_lines() -> None:
    program = "wordcount-producer - --to /tmp/inbox && cat /tmp/inbox/*"

    assert run(_WORDCOUNT, program, *_CONFINED, stdin="to be\n") == "to be"


def test_the_archive_of_classes_is_in_the_image_and_used() -> None:
    program = (
        "python3 -c 'import os; from streaming.spark import class_archive, java;"
        "print(*class_archive.use(java.find_java(os.environ)))'"
    )

    assert run(_WORDCOUNT, program, *_CONFINED).startswith("-XX:AOTCache=/opt/wordcount/cache/")
