"""A cluster of three brokers in processes of this machine."""

import shutil
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.support.broker_process import ProcessBroker, new_cluster_id
from tests.support.broker_settings import free_ports, make_certificates
from tests.support.processes import wait_until

_NODES = (1, 2, 3)
_PAUSE = 0.2  # seconds between two looks at a topic


class ProcessCluster:
    """Three brokers. A topic has three replicas, and two must have a record before it counts as written.

    Each is a controller too, so one of the three may be away.
    """

    def __init__(self, folder: Path) -> None:
        certificates = make_certificates(folder / "certificates")
        free = free_ports(4 * len(_NODES))
        ports = {node: free[4 * index : 4 * index + 4] for index, node in enumerate(_NODES)}
        cluster = new_cluster_id()
        common = {
            "controller.quorum.voters": ",".join(f"{node}@localhost:{ports[node][3]}" for node in _NODES),
            "default.replication.factor": "3",
            "min.insync.replicas": "2",
            "offsets.topic.replication.factor": "3",
            "transaction.state.log.replication.factor": "3",
            "transaction.state.log.min.isr": "2",
            "controlled.shutdown.enable": "true",
        }
        self._folder = folder
        self._nodes = {
            node: ProcessBroker(
                folder / f"node-{node}",
                certificates,
                settings={**common, "node.id": str(node)},
                ports=ports[node],
                cluster_id=cluster,
            )
            for node in _NODES
        }
        self.servers = ",".join(node.servers for node in self._nodes.values())

    def start(self) -> None:
        for node in self._nodes.values():
            node.launch()
        for node in self._nodes.values():
            node.wait()

    def __getitem__(self, number: int) -> ProcessBroker:
        return self._nodes[number]

    def leader(self, topic: str) -> int:
        """Return the number of the broker that leads the first partition of a topic."""
        return int(self._partition(topic)["leader_id"])

    def wait_for_replicas(self, topic: str) -> None:
        """Wait until all replicas of the first partition of a topic are in sync."""
        wait_until(
            lambda: len(self._partition(topic)["isr_nodes"]) == len(_NODES), f"the replicas of {topic}", pause=_PAUSE
        )

    def wait_for_another_leader(self, topic: str, leader: int) -> None:
        """Wait until another broker leads the first partition of a topic."""
        wait_until(lambda: self.leader(topic) not in {leader, -1}, f"another leader of {topic}", pause=_PAUSE)

    def _partition(self, topic: str) -> dict[str, Any]:
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.servers.split(","))
            try:
                found: dict[str, Any] = admin.describe_topics([topic])[0]["partitions"][0]
            finally:
                admin.close()
        except KafkaError:  # it asked the one that is away
            return {"leader_id": -1, "isr_nodes": []}
        return found

    def restore(self) -> None:
        """Let all run again."""
        for node in self._nodes.values():
            node.restore()

    def remove(self) -> None:
        for node in self._nodes.values():
            node.kill()
        shutil.rmtree(self._folder)
