from pathlib import Path
from typing import get_args

import pytest

from producer.common.errors import UsageError
from streaming.spark import settings as settings_module
from streaming.spark.settings import (
    LOCAL_SETTINGS,
    PARTITIONS,
    SETTINGS,
    STATE_STORES,
    StateStore,
    is_cluster,
    real_time_settings,
    settings,
)

_STORE = "spark.sql.streaming.stateStore.providerClass"


def test_the_settings_are_ours_unless_the_user_gives_others() -> None:
    assert settings(None, []) == {**LOCAL_SETTINGS, **SETTINGS, _STORE: STATE_STORES["memory"]}


def test_a_setting_of_the_user_replaces_ours() -> None:
    chosen = settings(None, ["spark.driver.memory=9g", "spark.x=a=b", "spark.y="])

    assert (chosen["spark.driver.memory"], chosen["spark.x"], chosen["spark.y"]) == ("9g", "a=b", "")


def test_the_last_entry_of_a_key_counts() -> None:
    assert settings(None, ["spark.x=1", "spark.x=2"])["spark.x"] == "2"


def test_the_master_option_replaces_the_setting() -> None:
    assert settings("local[3]", ["spark.master=local[4]"])["spark.master"] == "local[3]"


@pytest.mark.parametrize("entry", ["spark.x", "x=1", "=1", "", "spark=1"])
def test_an_entry_that_is_no_setting_is_refused_by_name(entry: str) -> None:
    with pytest.raises(UsageError, match="--conf") as caught:
        settings(None, [entry])

    assert repr(entry) in str(caught.value)


def test_each_state_store_has_its_provider() -> None:
    assert set(get_args(StateStore)) == set(STATE_STORES)
    assert settings(None, [], "rocksdb")[_STORE] == STATE_STORES["rocksdb"]


def test_the_store_gets_its_settings_however_it_is_chosen() -> None:
    assert settings(None, [f"{_STORE}={STATE_STORES['rocksdb']}"]) == settings(None, [], "rocksdb")
    own = "spark.sql.streaming.stateStore.checkpointFormatVersion"
    assert settings(None, [f"{own}=1"], "rocksdb")[own] == "1"


@pytest.mark.parametrize("number", ["x", "", "0", "-1", "1.5", "2147483648", "99999999999", "٣"])
def test_a_number_of_partitions_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(UsageError, match="give a whole number from 1 on"):
        settings(None, [f"{PARTITIONS}={number}"])


def test_the_option_of_partitions_replaces_the_setting() -> None:
    assert settings(None, [f"{PARTITIONS}=4"], partitions=3)[PARTITIONS] == "3"


def test_a_cluster_on_this_machine_is_a_cluster() -> None:
    masters = ["local", "local[*]", "local[2, 3]", "local-cluster[1,1,512]", "yarn"]

    assert [is_cluster(settings(master, [])) for master in masters] == [False, False, False, True, True]


@pytest.mark.parametrize("master", ["local", "local[2]", "local[*]", "local[2,4]", "local-cluster[1,1,512]"])
def test_a_local_master_listens_on_loopback_only(master: str) -> None:
    assert LOCAL_SETTINGS.items() <= settings(master, []).items()


@pytest.mark.parametrize("master", ["spark://host:7077", "yarn", "k8s://https://host"])
def test_a_cluster_must_be_able_to_reach_the_driver(master: str) -> None:
    assert not LOCAL_SETTINGS.keys() & settings(master, []).keys()


@pytest.mark.parametrize("master", ["", "locale", "local[", "local[x]", "host:7077", "spark://", "yarn-client"])
def test_an_unknown_master_is_refused_by_name(master: str) -> None:
    with pytest.raises(UsageError, match="--master") as caught:
        settings(master, [])

    assert repr(master) in str(caught.value)


def test_each_setting_stands_below_its_reason() -> None:
    lines = Path(settings_module.__file__).read_text("utf-8").splitlines()
    start = lines.index("SETTINGS: Mapping[str, str] = {")
    without_reason = {"spark.app.name", "spark.master"}
    for key in SETTINGS.keys() - without_reason:
        line = next(number for number in range(start, len(lines)) if f'"{key}":' in lines[number])
        assert lines[line - 1].lstrip().startswith("#"), key


@pytest.mark.parametrize(
    ("master", "tasks_at_once"),
    [
        ("local", "local[5]"),
        ("local[2]", "local[5]"),
        ("local[8]", "local[8]"),
        ("local[2,3]", "local[5,3]"),
        ("spark://a:1", "spark://a:1"),
    ],
)
def test_in_real_time_each_partition_the_count_and_a_reader_of_the_state_get_a_thread(
    master: str, tasks_at_once: str
) -> None:
    assert real_time_settings(settings(master, [], "rocksdb"), 3)["spark.master"] == tasks_at_once


def test_in_real_time_a_setting_of_the_user_replaces_ours() -> None:
    key = "spark.shuffle.streaming.networkBufferMaxWaitTimeMs"

    assert real_time_settings(settings(None, [f"{key}=7"], "rocksdb"), 1)[key] == "7"
