"""What a stream asks Kubernetes for, with the options that docs/cluster.md shows. No executor is started."""

import shlex
from pathlib import Path

from tests.support.kubernetes import DRIVER, Kubernetes
from tests.support.pages import blocks
from tests.support.processes import Stream, wait_until

_PODS = "/api/v1/namespaces/words/pods"


def _shown() -> tuple[str, list[str]]:
    """Return the template of the page, and the options of its command, without those for the place."""
    (text,) = (block.text for block in blocks("docs/cluster.md", "console") if "k8s://" in block.text)
    template, _, command = text.removeprefix("$ cat executor.yaml\n").partition("$ ")
    options = [word for word in shlex.split(command.replace("\\\n", " ")) if word.startswith("spark.")]
    assert [options.pop(0), options.pop(0)] == [
        "spark.driver.host=POD_ADDRESS",
        "spark.kubernetes.driver.pod.name=POD_NAME",
    ]
    return template, options


def test_a_stream_asks_for_the_pods_that_the_page_shows(tmp_path: Path) -> None:
    template, options = _shown()
    (tmp_path / "executor.yaml").write_text(template)
    watched = tmp_path / "in"
    watched.mkdir()
    with Kubernetes(tmp_path / "certificates") as kubernetes:
        options += [
            "spark.driver.host=127.0.0.1",
            f"spark.kubernetes.driver.pod.name={DRIVER}",
            f"spark.kubernetes.authenticate.caCertFile={kubernetes.authority}",
            "spark.kubernetes.authenticate.oauthToken=token-1",
        ]
        options = [option.replace("executor.yaml", str(tmp_path / "executor.yaml")) for option in options]
        conf = [f"--conf={option}" for option in options]
        master = ("--master", f"k8s://{kubernetes.address}")
        with Stream(watched, "--output", tmp_path / "out", *master, *conf) as stream:
            wait_until(lambda: len(kubernetes.pods) == 2, "the pods")
            stream.kill()  # it would wait for its executors
        assert ("POST", _PODS) in kubernetes.requests
        assert kubernetes.tokens == {"Bearer token-1"}

    for pod in kubernetes.pods:
        spec = pod["spec"]
        assert [(one["name"], one["uid"]) for one in pod["metadata"]["ownerReferences"]] == [(DRIVER, "driver-uid")]
        (container,) = spec["containers"]
        assert container["image"] == "apache/spark:4.3.0"
        assert spec["serviceAccountName"] == "wordcount-executor"
        assert spec["securityContext"] == {"runAsUser": 1000, "runAsGroup": 0, "fsGroup": 0}
        assert {"name": "counts", "persistentVolumeClaim": {"claimName": "counts", "readOnly": False}} in spec[
            "volumes"
        ]
        (mount,) = (one for one in container["volumeMounts"] if one["name"] == "counts")
        assert (mount["mountPath"], mount["readOnly"]) == ("/counts", False)
        options_of_java = [one["value"] for one in container["env"] if one["name"].startswith("SPARK_JAVA_OPT_")]
        assert "-Xss64m" in options_of_java
