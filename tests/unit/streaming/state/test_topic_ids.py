"""A state knows topics by their ids, as a recreated topic holds other records."""

import json
from pathlib import Path

import pytest

from producer.common.errors import WordCountError
from streaming.counting.rules import WordRule
from streaming.errors import StateError
from streaming.spark.settings import settings
from streaming.state.folder import open_state
from streaming.state.manifest import Manifest


def topic_manifest(topic_id: str) -> Manifest:
    return Manifest.for_stream("kafka://cluster/lines", settings(None, []), WordRule(), topic_ids={"lines": topic_id})


def begin_with_topic(folder: Path) -> None:
    with open_state(folder, topic_manifest("1")) as state:
        state.begin()
    with open_state(folder, topic_manifest("1")) as state:
        assert state.resumed


def test_a_recreated_topic_is_refused(tmp_path: Path) -> None:
    begin_with_topic(tmp_path)

    with (
        pytest.raises(WordCountError, match="the topic lines was deleted and recreated"),
        open_state(tmp_path, topic_manifest("2")),
    ):
        pass


def test_a_recreated_topic_is_accepted_if_the_stream_goes_on_after_losses(tmp_path: Path) -> None:
    begin_with_topic(tmp_path)

    with open_state(tmp_path, topic_manifest("2"), goes_on=True) as state:
        assert state.other_topics({"lines": "2"}) == {"lines"}
        state.note_topics({"lines": "2"})
    with open_state(tmp_path, topic_manifest("2")) as state:
        assert state.other_topics({"lines": "2"}) == frozenset()


@pytest.mark.parametrize("source", ["kafka://cluster/lines", "s3a://logs", "/logs"])
def test_a_state_that_had_batches_and_has_no_checkpoint_is_refused(tmp_path: Path, source: str) -> None:
    manifest = Manifest.for_stream(source, settings(None, []), WordRule())
    with open_state(tmp_path, manifest) as state:
        state.begin()
        state.note_batch()

    with (
        pytest.raises(StateError, match="checkpoint holds no batch, but there were some"),
        open_state(tmp_path, manifest),
    ):
        pass


def test_a_first_batch_that_is_undone_may_begin_again(tmp_path: Path) -> None:
    with open_state(tmp_path, topic_manifest("1")) as state:
        state.begin()
        state.note_batch()
        state.forget_batches()

    with open_state(tmp_path, topic_manifest("1")) as state:
        assert state.resumed


def test_a_manifest_without_topic_ids_is_refused_in_one_line(tmp_path: Path) -> None:
    begin_with_topic(tmp_path)
    manifest = tmp_path / "manifest.json"
    content = json.loads(manifest.read_text("utf-8"))
    del content["topic ids"]
    manifest.write_text(json.dumps(content), "utf-8")

    with pytest.raises(StateError) as caught, open_state(tmp_path, topic_manifest("1")):
        pass

    assert str(caught.value) == (
        f"{manifest} has no topic ids, so the topics may be other ones;"
        " restore the state folder from a copy, or remove it to count everything again"
    )


def test_the_lock_is_free_after_the_block_and_after_a_refusal(tmp_path: Path) -> None:
    begin_with_topic(tmp_path)
    with pytest.raises(WordCountError), open_state(tmp_path, topic_manifest("2")):
        pass

    with open_state(tmp_path, topic_manifest("1")) as state:
        assert state.resumed
