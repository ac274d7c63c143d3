"""A directory with all that Apache Kafka's defaults leave behind, to Headwater and back, over clean stops and kills.

On top of what the other parts write: three log directories, all default feature levels, several metadata snapshots, an authorizer with
ACLs, SCRAM users, client quotas, dynamic configuration of topics, brokers, groups and client metrics, topics that grew, that were deleted and created
again; groups of the classic and the consumer protocol, a share group, and an open transaction.

1. Headwater refuses the directory by name as long as its operator has not said what it may go without, and changes no byte.
2. Told so, it serves every record, topic id and configuration, continues, and is killed with -9.
3. Apache Kafka opens it as it is, serves the same, knows its users, quotas and ACLs, raises the features again, and its groups and
   transactions go on.
4. Headwater takes it once more, and is killed while it is written to; Apache Kafka has every record that was acknowledged.
"""
import glob
import os
import threading
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (AclBinding, AdminClient, AclOperation, AclPermissionType, AlterConfigOpType, ConfigEntry, ConfigResource,
                                   ConfigSource, NewPartitions, ResourcePatternType, ResourceType,
                                   ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion)

from nodes import LOWERED, Nodes
from steps import (DEFAULT_LEVELS, START_MS, admin, apache_begins, committed_offset, create, difference, everything, fill,
                   headwater_continues, producer, refused, result, settled, some, write, write_transactions)

AUTHORIZER = ["authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users=User:ANONYMOUS",
              "allow.everyone.if.no.acl.found=true"]
LOWER = "headwater.lower.features=" + ",".join(sorted(feature.split("=")[0] for feature in LOWERED[1:]))
NOT_ENFORCED = "headwater.not.enforced=client.quotas"
CONFIGS, FEATURES = "kafka.admin.ConfigCommand", "org.apache.kafka.tools.FeatureCommand"
MODERN, SHARERS = "modern-readers", "sharers"


def alter(nodes, kind, name, **configs):
    entries = [ConfigEntry(key.replace("_", "."), value, incremental_operation=AlterConfigOpType.SET) for key, value in configs.items()]
    resource = ConfigResource(kind, name, incremental_configs=entries)
    admin(nodes).incremental_alter_configs([resource])[resource].result(30)


def set_restrictions(nodes):
    """What only Apache Kafka enforces: it must be there again when the directory comes back."""
    tools = [("users", "alice", "producer_byte_rate=100000,consumer_byte_rate=200000"), ("clients", "c1", "request_percentage=50"),
             ("ips", "10.0.0.1", "connection_creation_rate=10"), ("client-metrics", "m1", "interval.ms=5000,metrics=org.apache"),
             ("groups", SHARERS, "share.auto.offset.reset=earliest")]
    for kind, name, configs in tools:
        nodes.tool(CONFIGS, "--alter", "--entity-type", kind, "--entity-name", name, "--add-config", configs)
    nodes.tool(CONFIGS, "--alter", "--entity-type", "clients", "--entity-default", "--add-config", "producer_byte_rate=999999999")
    credential = UserScramCredentialUpsertion("alice", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), b"secret", b"salt")
    admin(nodes).alter_user_scram_credentials([credential])["alice"].result(30)
    acl = AclBinding(ResourceType.TOPIC, "ours", ResourcePatternType.PREFIXED, "User:alice", "*", AclOperation.READ, AclPermissionType.ALLOW)
    for done in admin(nodes).create_acls([acl]).values():
        done.result(30)


def restrictions(nodes):
    """As text, from the reference's tools."""
    kinds = ["users", "clients", "ips", "client-metrics", "groups"]
    text = "".join(nodes.tool(CONFIGS, "--describe", "--entity-type", kind) for kind in kinds)
    return text + nodes.tool("org.apache.kafka.tools.AclCommand", "--list")


def change_topics(nodes):
    """Configuration and partitions that were changed later, names that were used before, many records of metadata."""
    create(nodes, "altered", 2, retention_ms="-1")
    alter(nodes, ConfigResource.Type.TOPIC, "altered", max_message_bytes="123456", cleanup_policy="compact,delete", segment_ms="3600000")
    nodes.tool(CONFIGS, "--alter", "--entity-type", "brokers", "--entity-default", "--add-config", "message.max.bytes=2000000")
    alter(nodes, ConfigResource.Type.BROKER, "1", background_threads="8")
    create(nodes, "grown", 2)
    admin(nodes).create_partitions([NewPartitions("grown", 9)])["grown"].result(30)
    for partition in range(9):
        write(nodes, "grown", some(f"grown {partition}", 20), partition)
    for round in range(3):
        create(nodes, "again", 3)
        write(nodes, "again", some(f"again {round}", 30), 2)
        if round < 2:
            admin(nodes).delete_topics(["again"])["again"].result(30)
    for number in range(40):
        create(nodes, f"short-lived-{number}", 2)
    names = [f"short-lived-{number}" for number in range(40)]
    for done in admin(nodes).delete_topics(names).values():
        done.result(30)


def consume_in_groups(nodes):
    """A group of the consumer protocol commits an offset, a share group acknowledges records."""
    reader = Consumer({"bootstrap.servers": nodes.bootstrap, "group.id": MODERN, "group.protocol": "consumer",
                       "auto.offset.reset": "earliest", "enable.auto.commit": False, "log_level": 0})
    reader.subscribe(["grown"])
    read, end = 0, time.monotonic() + 60
    while read < 100 and time.monotonic() < end:
        read += sum(1 for message in reader.consume(50, 0.5) if not message.error())
    reader.commit(asynchronous=False)
    reader.close()
    nodes.tool("org.apache.kafka.tools.consumer.ConsoleShareConsumer", "--topic", "codec-none", "--group", SHARERS, "--max-messages", "7",
               "--timeout-ms", "60000")
    return read


def group_offsets(nodes):
    """{(topic, partition): offset} of the modern group, and what the share group's tool says."""
    asked = [ConsumerGroupTopicPartitions(MODERN)]
    client = AdminClient({"bootstrap.servers": nodes.bootstrap, "log_level": 0})  # one that remembers no coordinator
    answer = client.list_consumer_group_offsets(asked)[MODERN].result(30)
    found = {(one.topic, one.partition): one.offset for one in answer.topic_partitions}
    share = nodes.tool("org.apache.kafka.tools.consumer.group.ShareGroupCommand", "--describe", "--group", SHARERS, "--offsets")
    found["share"] = sorted(" ".join(line.split()[:4]) for line in share.splitlines() if SHARERS in line)
    return found


def open_transaction(nodes):
    """Writes into a transaction that nobody ends; the client is kept so that it does not abort at its end."""
    writer = producer(nodes, transactional_id="never-ends", transaction_timeout_ms="600000")
    writer.init_transactions(30)
    writer.begin_transaction()
    for number in range(5):
        writer.produce("open", f"open {number}".encode(), partition=0)
    writer.flush(30)
    write(nodes, "open", [(b"plain", b"behind", None, START_MS)])
    return writer


def facts(nodes):
    """Ids, partitions and configuration of all topics, dynamic configuration of broker and cluster."""
    client, found = admin(nodes), {}
    listed = client.list_topics(timeout=30).topics
    names = sorted(listed)
    for name, done in client.describe_topics(TopicCollection(names), request_timeout=30).items():
        topic = done.result(30)
        found[name] = (str(topic.topic_id), [(p.id, [n.id for n in p.replicas], [n.id for n in p.isr]) for p in topic.partitions])
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in names]
    resources += [ConfigResource(ConfigResource.Type.BROKER, "1")]
    dynamic = {ConfigSource.DYNAMIC_TOPIC_CONFIG.value, ConfigSource.DYNAMIC_BROKER_CONFIG.value,
               ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG.value}
    for resource, done in client.describe_configs(resources, request_timeout=30).items():
        entries = {key: entry for key, entry in done.result(30).items() if not key.startswith("headwater.")}
        whole = resource.restype == ConfigResource.Type.TOPIC
        found[f"configs of {resource.name}"] = sorted(
            (key, entry.value, int(entry.source)) for key, entry in entries.items() if whole or int(entry.source) in dynamic)
    return found


def fill_apache(nodes):
    nodes.format([])
    nodes.start_apache()
    apache_begins(nodes)
    change_topics(nodes)
    create(nodes, "open")
    set_restrictions(nodes)
    read = consume_in_groups(nodes)
    result("full: Apache Kafka's groups read", read < 100 and f"{read} records")
    nodes.unfinished = open_transaction(nodes)


def same(nodes, who, written, known, read=everything):
    result(f"full: {who} serves every record", difference(read(nodes), written))
    result(f"full: {who} has every topic and configuration", difference(facts(nodes), known))


def refusals(nodes):
    refused(nodes, "full", "with the authorizer", ["authorizer.class.name"], LOWER, NOT_ENFORCED, config=nodes.config)
    quotas = "client quotas (of 4 entities)"
    refused(nodes, "full", "without a word", [*DEFAULT_LEVELS, quotas, LOWER, NOT_ENFORCED])
    refused(nodes, "full", "with quotas in force", [quotas], LOWER)
    refused(nodes, "full", "with share groups", ["share.version 1"], LOWER.replace("share.version,", ""), NOT_ENFORCED)


def write_until_killed(nodes, after_s):
    """Writes with acks=all until the broker is killed; gives back what was acknowledged: offset and value."""
    acknowledged, number = [], 0
    sender = producer(nodes, message_timeout_ms="2000", retries="0", enable_idempotence="false")
    def report(error, message):
        if not error:
            acknowledged.append((message.offset(), message.value()))
    killer = threading.Timer(after_s, nodes.kill)
    killer.start()
    while killer.is_alive():
        sender.produce("again", b"%d " % number + b"x" * 500, partition=0, on_delivery=report)
        sender.poll(0)
        number += 1
        if number % 500 == 0:
            time.sleep(0.01)
    sender.flush(10)
    return acknowledged


def missing(nodes, topic, acknowledged):
    reader = Consumer({"bootstrap.servers": nodes.bootstrap, "group.id": "none", "enable.auto.commit": False, "log_level": 0})
    reader.assign([TopicPartition(topic, 0, 0)])
    wanted, end = dict(acknowledged), time.monotonic() + 30
    while wanted and time.monotonic() < end:
        for message in reader.consume(5000, 0.5):
            if not message.error() and wanted.get(message.offset()) == message.value():
                del wanted[message.offset()]
    reader.close()
    return wanted and f"{len(wanted)} of {len(acknowledged)}, the first at {min(wanted)}"


def headwater_takes_over(nodes, written, known):
    nodes.start_headwater(LOWER, NOT_ENFORCED)
    same(nodes, "Headwater", written, known)
    with open(os.path.join(nodes.directory, "headwater.log"), errors="replace") as log:
        named = [line for line in log if "a transaction is open" in line and "partition=open-0" in line]
    result("full: Headwater names the open transaction", not named and "not a line of it")
    nodes.stop()
    nodes.start_headwater(NOT_ENFORCED)  # the features were lowered for good
    result("full: Headwater continues", headwater_continues(nodes))
    alter(nodes, ConfigResource.Type.TOPIC, "altered", max_message_bytes="234567", retention_bytes="1000000000")
    admin(nodes).create_partitions([NewPartitions("grown", 11)])["grown"].result(30)
    write(nodes, "grown", some("headwater", 20), 10)
    create(nodes, "short-lived-1", 2)
    written, known = everything(nodes), facts(nodes)
    nodes.kill()
    return written, known


def apache_takes_back(nodes, written, known, restricted, offsets):
    nodes.start_apache()
    same(nodes, "Apache Kafka, behind kill -9 of ours,", written, known, settled)
    result("full: Apache Kafka has its users, quotas, ACLs and configurations", restrictions(nodes) != restricted and restrictions(nodes))
    nodes.tool(FEATURES, "upgrade", "--release-version", "4.3")
    found = settled_offsets(nodes, offsets)
    result("full: the groups have their offsets", difference(found, offsets))
    offset = committed_offset(nodes)
    result("full: the classic group has its offset", offset != 123 and f"{offset}")
    result("full: the consumer group goes on", consume_in_groups(nodes) < 80 and "it read too little")
    write_transactions(nodes, "apache again")
    fill(nodes, "apache again")
    written, known = settled(nodes), facts(nodes)
    nodes.stop()
    bad = [line for line in nodes.complaints("broker.log") if "never-ends" not in line]
    result("full: Apache Kafka complains of nothing", bad[:5])
    return written, known


def settled_offsets(nodes, offsets):
    """The coordinators load for a while."""
    end = time.monotonic() + 60
    while True:
        try:
            found = group_offsets(nodes)
        except (AssertionError, KafkaException, TimeoutError) as error:
            found = {"error": repr(error)}
        if found == offsets or time.monotonic() > end:
            return found
        time.sleep(0.5)


def full(work):
    options = ["num.partitions=3", "metadata.log.max.record.bytes.between.snapshots=4000", "log.cleaner.dedupe.buffer.size=2097152"]
    nodes = Nodes(os.path.join(work, "full"), "standalone", 3, options, AUTHORIZER)
    fill_apache(nodes)
    written, known, restricted, offsets = settled(nodes), facts(nodes), restrictions(nodes), group_offsets(nodes)
    nodes.stop()
    snapshots = glob.glob(os.path.join(nodes.log_dirs[0], "__cluster_metadata-0", "*.checkpoint"))
    used = [data for data in nodes.log_dirs if glob.glob(os.path.join(data, "*-[0-9]"))]
    short = len(snapshots) < 3 or len(used) < 3 or len(known) < 30
    result("full: Apache Kafka leaves a full directory", short and f"{len(snapshots)} snapshots, {used}, {len(known)} facts")
    refusals(nodes)
    written, known = headwater_takes_over(nodes, written, known)
    written, known = apache_takes_back(nodes, written, known, restricted, offsets)
    refused(nodes, "full", "with features raised again", DEFAULT_LEVELS, NOT_ENFORCED)
    nodes.start_headwater(LOWER, NOT_ENFORCED)
    same(nodes, "Headwater, the second time,", written, known)
    acknowledged = write_until_killed(nodes, 3)
    result("full: Headwater writes until it is killed", len(acknowledged) < 1000 and f"{len(acknowledged)} records")
    nodes.start_apache()
    settled(nodes)
    result("full: Apache Kafka has all that was acknowledged", missing(nodes, "again", acknowledged))
    nodes.stop()
    wrong, batches = nodes.dump_log()
    result("full: kafka-dump-log finds nothing wrong", wrong[:5] or batches < 100 and f"only {batches} batches")
    result("full: Headwater complains of nothing", nodes.complaints("headwater.log")[:5])
