"""What is lost of a topic, and where counting goes on."""

import pytest

from streaming.kafka.compaction import compaction_message
from streaming.kafka.losses import Counted, Held, Loss, LossKind, Partition, RecordsLostError, find_losses

LINES = Partition("lines", 0)
OTHER = Partition("lines", 1)


@pytest.mark.parametrize(
    ("counted", "held", "epoch_ends", "loss"),
    [
        (Counted(100, 0, 100), Held(0, 100, 0), {}, None),
        (Counted(100, 0, 100), Held(100, 100, 0), {}, None),
        (Counted(100, 0, 100), Held(0, 150, 4), {LINES: 100}, None),
        (Counted(100, 0, 100), Held(0, 150, 4), {LINES: 120}, None),
        (Counted(100), Held(0, 150, 4), {}, None),
        (Counted(100, 0, 100), Held(0, 120, 4), {LINES: 60}, Loss(LINES, LossKind.CUT, 60, 100, 60)),
        (Counted(100, 0, 100), Held(0, 60, 0), {}, Loss(LINES, LossKind.CUT, 60, 100, 60)),
        (Counted(100), Held(0, 60, None), {}, Loss(LINES, LossKind.CUT, 60, 100, 60)),
        (Counted(100, 0, 100), Held(80, 120, 4), {LINES: 60}, Loss(LINES, LossKind.CUT, 60, 100, 80)),
        (Counted(100, 9, 100), Held(0, 120, 4), {LINES: None}, Loss(LINES, LossKind.CUT, 100, 100, 100)),
        (Counted(100, 9, 100), Held(0, 30, 4), {LINES: None}, Loss(LINES, LossKind.CUT, 30, 100, 30)),
        (Counted(100, 0, 100), Held(130, 150, 0), {}, Loss(LINES, LossKind.DELETED, 100, 130, 130)),
        (Counted(100, 0, end=40), Held(0, 150, 4), {LINES: 30}, Loss(LINES, LossKind.CUT, 30, 100, 30)),
        (Counted(100, 0, end=40), Held(0, 150, 4), {LINES: 60}, Loss(LINES, LossKind.UNKNOWN, 60, 100, 100)),
        (Counted(100, 0, end=40), Held(0, 80, 4), {LINES: 60}, Loss(LINES, LossKind.CUT, 60, 100, 60)),
        (Counted(100, 0, end=40), Held(0, 150, 4), {LINES: 120}, None),
    ],
)
def test_what_a_partition_lost(
    counted: Counted, held: Held, epoch_ends: dict[Partition, int | None], loss: Loss | None
) -> None:
    assert find_losses({LINES: counted}, {LINES: held}, epoch_ends) == ([] if loss is None else [loss])


def test_a_partition_that_was_added_loses_what_is_gone_before_it_is_seen() -> None:
    counted = {LINES: Counted(5)}

    assert find_losses(counted, {LINES: Held(0, 5, 0), OTHER: Held(0, 9, 0)}, {}) == []
    assert find_losses(counted, {LINES: Held(0, 5, 0), OTHER: Held(3, 9, 0)}, {}) == [
        Loss(OTHER, LossKind.DELETED, 0, 3, 3)
    ]


def test_a_recreated_topic_goes_on_at_its_beginning_and_loses_what_was_seen_of_the_former() -> None:
    counted = {LINES: Counted(5, 0, end=8), OTHER: Counted(4, 0, end=4)}

    assert find_losses(counted, {LINES: Held(0, 2, 0)}, {}, frozenset({"lines"})) == [
        Loss(LINES, LossKind.RECREATED, 5, 8, 0),
        Loss(OTHER, LossKind.RECREATED, 4, 4, -1),
    ]


def test_a_topic_with_fewer_partitions_was_recreated_also_if_the_brokers_give_no_ids() -> None:
    counted = {LINES: Counted(5), OTHER: Counted(4), Partition("words", 0): Counted(3)}

    assert find_losses(counted, {LINES: Held(0, 9, 0), Partition("words", 0): Held(0, 3, 0)}, {}) == [
        Loss(LINES, LossKind.RECREATED, 5, 5, 0),
        Loss(OTHER, LossKind.RECREATED, 4, 4, -1),
    ]


def test_a_topic_that_is_not_described_has_lost_nothing() -> None:
    assert find_losses({LINES: Counted(5)}, {Partition("words", 0): Held(0, 3, 0)}, {}) == []


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (Loss(LINES, LossKind.CUT, 60, 100, 60), "partition 0 of the topic lines lost its end, as after an unclean"),
        (Loss(LINES, LossKind.CUT, 60, 100, 60), "(40 offsets, from 60 to 99)"),
        (Loss(LINES, LossKind.DELETED, 7, 8, 8), "(1 offset, 7)"),
        (Loss(OTHER, LossKind.RECREATED, 4, 4, -1), "partition 1 of the topic lines held"),
        (Loss(OTHER, LossKind.RECREATED, 4, 4, -1), "(none is known beyond offset 4)"),
    ],
)
def test_a_loss_names_the_partition_and_the_offsets(loss: Loss, text: str) -> None:
    assert text in str(loss)


def test_an_error_names_a_few_partitions_and_how_to_go_on() -> None:
    losses = [Loss(Partition("lines", number), LossKind.DELETED, 0, 1, 1) for number in range(5)]

    text = str(RecordsLostError.for_losses(losses))

    assert "partition 2 of the topic lines" in text
    assert "partition 3" not in text
    assert "and 2 more partitions; --after-loss continue keeps the counts" in text


@pytest.mark.parametrize(
    ("policy", "parts"),
    [
        ("compact", ["topic lines is compacted", "policy=compact"]),
        (None, ["topic lines may not be read", "DESCRIBE_CONFIGS"]),
    ],
)
def test_a_compacted_topic_is_named_and_one_that_is_not_known(policy: str | None, parts: list[str]) -> None:
    assert all(part in compaction_message("lines", policy) for part in parts)
