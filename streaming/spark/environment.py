"""What Spark gets of the environment and the account that a command runs in.

Spark, pyspark and Hadoop take settings from dozens of variables. Those of another Spark on the same machine would
change what runs here, or keep it from starting. Spark's settings come from ``--conf`` and ``--master`` alone.
"""

import os
import pwd
import re
import resource
import socket
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from producer.common.errors import UsageError, WordCountError

#: Variables that neither Java nor pyspark gets. Every other one reaches both: JAVA_HOME, the options of any Java,
#: proxies, the time zone, LD_LIBRARY_PATH, HADOOP_*, KRB5*, and the credentials in AWS_*, AZURE_* and GOOGLE_*.
_DROPPED = re.compile(
    "SPARK_.*|_?PYSPARK_.*|MASTER"  # settings of another Spark: its home, its folders, its mode, its remote server
    "|CONTAINER_ID|LOCAL_DIRS|LOG_DIRS|MESOS_.*"  # with these, Spark takes itself for a container of YARN or Mesos
    "|CLASSPATH"  # of other programs; the class path here is complete
)
#: How the executors of a cluster reach this machine. A Spark that runs on this machine alone uses the loopback.
_ADDRESSES = ("SPARK_LOCAL_IP", "SPARK_LOCAL_HOSTNAME", "SPARK_PUBLIC_DNS")
_LOOPBACK = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost"}
#: Options for any Java that is started. They stay: whoever sets them means this Java, too.
OPTIONS_OF_ANY_JAVA = ("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")
_LEAST_OPEN_FILES = 1024
#: The folders of Hadoop's configuration.
_CONFIGURATION = ("HADOOP_CONF_DIR", "YARN_CONF_DIR")


def java_environment(environment: Mapping[str, str], *, local: bool) -> dict[str, str]:
    """Return the environment variables for a JVM.

    Args:
        environment: the variables of this process.
        local: no other machine needs to reach the JVM.

    >>> java_environment({"TZ": "UTC", "SPARK_REMOTE": "sc://host"}, local=False)
    {'TZ': 'UTC', 'LC_ALL': 'C.UTF-8'}
    """
    kept = {name: value for name, value in environment.items() if not _DROPPED.fullmatch(name)}
    addresses = _LOOPBACK if local else {name: environment[name] for name in _ADDRESSES if name in environment}
    # In a locale that is not UTF-8, Java cannot open names that are not ASCII.
    return {**kept, **addresses, "LC_ALL": "C.UTF-8"}


def forget_other_sparks(environment: MutableMapping[str, str]) -> None:
    """Remove the variables that pyspark does not get from the environment of this process."""
    for name in [name for name in environment if _DROPPED.fullmatch(name)]:
        del environment[name]


def configuration_folders(environment: Mapping[str, str]) -> list[str]:
    """Return the folders in which Hadoop's configuration is looked for, as absolute paths.

    >>> configuration_folders({"HADOOP_CONF_DIR": "/etc/hadoop", "YARN_CONF_DIR": ""})
    ['/etc/hadoop']
    """
    folders = [environment[name] for name in _CONFIGURATION if environment.get(name)]
    return list(dict.fromkeys(map(os.path.abspath, folders)))


def check_yarn_configuration(environment: Mapping[str, str]) -> None:
    """Check that Hadoop's configuration names a YARN. Without one, Spark looks for it on this machine, without end.

    Args:
        environment: the variables of this process.

    Raises:
        UsageError: it does not.
    """
    folders = configuration_folders(environment)
    if not folders:
        raise UsageError(
            "--master yarn needs Hadoop's configuration; set HADOOP_CONF_DIR to the folder of yarn-site.xml"
        )
    if not any((Path(folder) / "yarn-site.xml").exists() for folder in folders):
        raise UsageError(
            f"{' and '.join(folders)}: no yarn-site.xml for --master yarn; set HADOOP_CONF_DIR to the folder that"
            " has it"
        )


def working_folder() -> str | None:
    """Return None for the folder of this process, or another if that one was deleted: no Java starts there."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return tempfile.gettempdir()
    return None


def file_uri(path: str | Path) -> str:
    """Return how Spark names a file of this machine, as Hadoop's configuration may have another file system as default.

    Spark takes the text after ``file://`` as it is, so nothing is escaped.

    >>> file_uri("/tmp/a b")
    'file:///tmp/a b'
    """
    return f"file://{os.path.abspath(path)}"


def file_glob(path: str | Path) -> str:
    r"""Return how Spark names one file of this machine where it expands globs, as where it reads.

    >>> file_glob("/tmp/a{b}*")
    'file:///tmp/a\\{b\\}\\*'
    """
    return re.sub(r"([{}\[\]*?\\])", r"\\\1", file_uri(path))


def check_loopback() -> None:
    """Check that 127.0.0.1 can be reached, as this process and Java talk by it. Nothing is sent.

    Raises:
        UsageError: it cannot.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("127.0.0.1", 9))
        except OSError as error:
            raise UsageError(
                f"127.0.0.1: {error.strerror}; bring the loopback interface up: ip link set lo up"
            ) from error


def check_open_files() -> None:
    """Refuse a limit of open files under which Java finds only some of Spark's classes. Java raises the soft limit.

    Raises:
        UsageError: the limit is too low.
    """
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if limit != resource.RLIM_INFINITY and limit < _LEAST_OPEN_FILES:
        raise UsageError(f"ulimit -Hn is {limit}, and Spark opens some 600 files; raise it to {_LEAST_OPEN_FILES}")


def unknown_account() -> str | None:
    """Return a name for this account if the system knows none, as for a user id given to a container; else None."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = ""
    return None if name else os.environ.get("HADOOP_USER_NAME") or str(os.getuid())


def account_options() -> list[str]:
    """Return the JVM's options for its account. Java asks the system only, and not HOME."""
    name = unknown_account()
    home = _home() or (Path(tempfile.gettempdir()) if name else None)
    return [*([f"-Duser.home={home}"] if home else []), *([f"-Duser.name={name}"] if name else [])]


def _home() -> Path | None:
    """Return the home folder: HOME, else the one that the system knows; None if there is neither."""
    home = os.environ.get("HOME", "")
    if not os.path.isabs(home):
        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            return None
    return Path(home)


def cache_folder() -> Path | None:
    """Return the folder for what can be made or fetched again: ``wordcount`` in XDG_CACHE_HOME, or in ``~/.cache``.

    Returns:
        The folder, which may not exist; None if XDG_CACHE_HOME is not set and the account has no home.
    """
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(cache):
        return Path(cache) / "wordcount"
    home = _home()
    return None if home is None else home / ".cache" / "wordcount"


def make_cache_folder() -> Path:
    """Return the cache folder, created if it is missing.

    Raises:
        WordCountError: it cannot be created, or there is no place for it.
    """
    folder = cache_folder()
    if folder is None:
        raise WordCountError("this account has no home folder; set XDG_CACHE_HOME to a folder you can write to")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WordCountError(
            f"{folder}: cannot be created: {error.strerror}; set XDG_CACHE_HOME to a folder you can write to"
        ) from error
    return folder
