"""What Spark gets of the environment and the account."""

import os
import pwd
import resource
from pathlib import Path

import pytest

from producer.common.errors import UsageError, WordCountError
from streaming.spark import environment
from streaming.spark.environment import (
    account_options,
    cache_folder,
    check_open_files,
    check_yarn_configuration,
    configuration_folders,
    forget_other_sparks,
    java_environment,
    make_cache_folder,
    unknown_account,
    working_folder,
)

_REACHES_SPARK = (
    "PATH", "HOME", "JAVA_HOME", "TZ", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "LD_PRELOAD", "MALLOC_ARENA_MAX",
    "http_proxy", "HTTPS_PROXY", "NO_PROXY", "HADOOP_CONF_DIR", "YARN_CONF_DIR", "HADOOP_USER_NAME",
    "HADOOP_TOKEN_FILE_LOCATION", "KRB5CCNAME", "KRB5_CONFIG", "AWS_ACCESS_KEY_ID", "AWS_REGION", "AZURE_CLIENT_ID",
    "GOOGLE_APPLICATION_CREDENTIALS", "KUBERNETES_SERVICE_HOST", "KUBECONFIG", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS", "ROCKSDB_SHAREDLIB_DIR", "MY_SPARK_HOME",
)  # fmt: skip
_OF_ANOTHER_SPARK = (
    "SPARK_HOME", "SPARK_CONF_DIR", "SPARK_REMOTE", "SPARK_LOCAL_REMOTE", "SPARK_CONNECT_MODE",
    "SPARK_CONNECT_MODE_ENABLED", "SPARK_API_MODE", "SPARK_MASTER", "SPARK_LOCAL_DIRS", "SPARK_EXECUTOR_DIRS",
    "SPARK_TESTING", "SPARK_USER", "SPARK_DIST_CLASSPATH", "SPARK_SUBMIT_OPTS", "SPARK_JARS_DIR", "SPARK_SCALA_VERSION",
    "SPARK_PREFER_IPV6", "SPARK_ENV_LOADED", "PYSPARK_SUBMIT_ARGS", "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON",
    "PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET", "PYSPARK_PIN_THREAD", "_PYSPARK_DRIVER_CONN_INFO_PATH", "MASTER",
    "CONTAINER_ID", "LOCAL_DIRS", "LOG_DIRS", "MESOS_DIRECTORY", "CLASSPATH",
)  # fmt: skip


@pytest.mark.parametrize("name", _REACHES_SPARK)
def test_java_gets_what_is_not_a_setting_of_spark(name: str) -> None:
    for local in (True, False):
        assert java_environment({name: "value"}, local=local)[name] == "value"


@pytest.mark.parametrize("name", _OF_ANOTHER_SPARK)
def test_java_and_pyspark_get_no_setting_of_another_spark(name: str) -> None:
    for local in (True, False):
        assert name not in java_environment({name: "value"}, local=local)
    here = {name: "value", "HOME": "/h"}
    forget_other_sparks(here)
    assert here == {"HOME": "/h"}


@pytest.mark.parametrize("name", ["SPARK_LOCAL_IP", "SPARK_LOCAL_HOSTNAME", "SPARK_PUBLIC_DNS"])
def test_only_a_cluster_needs_the_address_of_this_machine(name: str) -> None:
    assert java_environment({name: "here"}, local=False)[name] == "here"
    assert java_environment({name: "here"}, local=True).get(name) != "here"
    assert name not in java_environment({}, local=False)


def test_a_spark_of_this_machine_alone_needs_no_name_of_it() -> None:
    chosen = java_environment({}, local=True)

    assert (chosen["SPARK_LOCAL_HOSTNAME"], chosen["SPARK_LOCAL_IP"]) == ("localhost", "127.0.0.1")


def test_the_jvm_gets_a_locale_for_any_file_name() -> None:
    assert java_environment({"LC_ALL": "C", "LANG": "C"}, local=True)["LC_ALL"] == "C.UTF-8"


def test_the_configuration_of_hadoop_is_looked_for_once_in_each_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/usr")

    assert configuration_folders({}) == []
    assert configuration_folders({"YARN_CONF_DIR": "/y", "HADOOP_CONF_DIR": "lib"}) == ["/usr/lib", "/y"]
    assert configuration_folders({"HADOOP_CONF_DIR": "/h", "YARN_CONF_DIR": "/h"}) == ["/h"]


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the system know no account; return the user id."""
    monkeypatch.delenv("HADOOP_USER_NAME", raising=False)

    def getpwuid(number: int) -> pwd.struct_passwd:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", getpwuid)
    return str(os.getuid())


def test_an_account_that_the_system_knows_keeps_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")

    assert unknown_account() is None
    assert account_options() == ["-Duser.home=/home/me"]


def test_an_account_without_a_name_gets_one(unknown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/")
    assert account_options() == ["-Duser.home=/", f"-Duser.name={unknown}"]
    monkeypatch.setenv("HADOOP_USER_NAME", "etl")
    assert unknown_account() == "etl"


@pytest.mark.parametrize("home", [None, "", "~", "relative"])
def test_an_account_without_a_home_has_one_for_the_run_and_no_cache(
    unknown: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: str | None
) -> None:
    monkeypatch.setattr(environment.tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)

    assert account_options() == [f"-Duser.home={tmp_path}", f"-Duser.name={unknown}"]
    assert cache_folder() is None
    with pytest.raises(WordCountError, match="no home folder; set XDG_CACHE_HOME"):
        make_cache_folder()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert make_cache_folder() == tmp_path / "wordcount"


def test_a_working_folder_that_was_deleted_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert working_folder() is None
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    try:
        assert os.path.isdir(str(working_folder()))
    finally:
        os.chdir(tmp_path)


@pytest.mark.parametrize("limit", [1024, resource.RLIM_INFINITY])
def test_a_limit_of_open_files_that_spark_can_live_with(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, limit))
    check_open_files()


def test_a_limit_of_open_files_that_is_too_low_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 256))
    with pytest.raises(UsageError, match="ulimit -Hn is 256, and Spark opens some 600 files; raise it to 1024"):
        check_open_files()


def test_yarn_is_looked_for_only_where_the_configuration_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--master yarn needs .* set HADOOP_CONF_DIR"):
        check_yarn_configuration({"HADOOP_CONF_DIR": ""})
    (tmp_path / "a").mkdir()
    environment = {"HADOOP_CONF_DIR": "/nowhere", "YARN_CONF_DIR": str(tmp_path / "a")}
    with pytest.raises(UsageError, match=f"^/nowhere and {tmp_path}/a: no yarn-site.xml"):
        check_yarn_configuration(environment)
    (tmp_path / "a" / "yarn-site.xml").touch()
    check_yarn_configuration(environment)
