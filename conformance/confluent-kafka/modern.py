"""Groups of the consumer protocol (KIP-848) as librdkafka speaks it; checks.py loads this file.

    modern.py GROUP TOPIC      a member that prints a line when it has a partition, and stays until it is killed
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import modern_groups
from checks import BOOTSTRAP
from confluent_kafka import Consumer
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from membership import Member


class Modern(Member):
    """One consumer; see lib/modern_groups.py."""

    def __init__(self, group, topic, protocol="consumer", instance=None, pattern=False):
        self.assigned, self.revoked = [], []
        more = {"group.instance.id": instance} if instance else {}
        if protocol == "consumer":
            more["group.protocol"] = "consumer"
        else:
            more.update({"heartbeat.interval.ms": 200, "session.timeout.ms": 10000,
                         "partition.assignment.strategy": "cooperative-sticky"})
        self.consumer = Consumer({
            "bootstrap.servers": BOOTSTRAP, "group.id": group, "enable.auto.commit": False, "fetch.wait.max.ms": 100,
            "auto.offset.reset": "earliest", "topic.metadata.refresh.interval.ms": 500 if pattern else 300000, **more})
        self.consumer.subscribe([topic], on_assign=self._assign, on_revoke=self._revoke)


def doomed(group, topic):
    process = subprocess.Popen([sys.executable, os.path.abspath(__file__), group, topic], stdout=subprocess.PIPE)
    return process


def register(admin, create, send):
    """Registers the checks; the arguments are what checks.py has for its own."""
    def configure(group, name, value):
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.GROUP, group, incremental_configs=[entry])
        admin().incremental_alter_configs([resource])[resource].result(20)

    def kind(group):
        found = admin().describe_consumer_groups([group])[group].result(20)
        return found.type.name.lower(), found.state.name.lower()

    modern_groups.register(Modern, create, send, configure, doomed, kind)


if __name__ == "__main__":
    one = Modern(*sys.argv[1:3])
    said = False
    while True:
        one.poll()
        if one.partitions() and not said:
            said = True
            print("ready", flush=True)
