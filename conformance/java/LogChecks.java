import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.errors.LogDirNotFoundException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;

/** Logs as the Java admin client sees them; retention and compaction as a reader does. */
final class LogChecks {
    private LogChecks() {}

    static void register(Frame frame) {
        frame.add("delete_records", LogChecks::deleteRecords);
        frame.add("describe_log_dirs", LogChecks::describeLogDirs);
        frame.add("alter_replica_log_dirs", LogChecks::alterReplicaLogDirs);
        frame.add("describe_producers", LogChecks::describeProducers);
        frame.add("retention_by_time", LogChecks::retentionByTime);
        frame.add("retention_by_size", LogChecks::retentionBySize);
        frame.add("compaction", LogChecks::compaction);
        frame.add("compaction_removes_tombstones", LogChecks::tombstones);
    }

    private static long earliest(String topic) throws Exception {
        return Kafka.ADMIN.listOffsets(Map.of(new TopicPartition(topic, 0), OffsetSpec.earliest())).partitionResult(new TopicPartition(topic, 0)).get().offset();
    }

    private static long delete(String topic, long before) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return Kafka.ADMIN.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before))).lowWatermarks().get(partition).get().lowWatermark();
    }

    private static void deleteRecords() throws Exception {
        String topic = Kafka.create("deleterecords", 1);
        Kafka.send(Kafka.numbers(topic, 0, 100), "batch.size", "200");
        Frame.equal(delete(topic, 40), 40L, "low watermark");
        Frame.equal(earliest(topic), 40L, "earliest");
        Frame.equal(Kafka.values(Kafka.read(topic, 60, 40)), Kafka.numbersAsText(40, 100), "values");
        Frame.refused(org.apache.kafka.clients.consumer.OffsetOutOfRangeException.class, () -> Kafka.read(topic, 1, 39));
        Frame.refused(OffsetOutOfRangeException.class, () -> delete(topic, 101));
        Frame.equal(delete(topic, 10), 40L, "low watermark of less");
        Frame.equal(delete(topic, -1), 100L, "low watermark of all");
        Kafka.send(Kafka.numbers(topic, 0, 5));
        Frame.equal(Kafka.values(Kafka.read(topic, 5, 100)), Kafka.numbersAsText(0, 5), "values after it");
    }

    private static void describeLogDirs() throws Exception {
        String topic = Kafka.create("logdirs", 2);
        Kafka.send(Kafka.numbers(topic, 1, 100));
        Map<String, LogDirDescription> found = Kafka.ADMIN.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
        Frame.equal(found.size(), 1, "directories");
        LogDirDescription dir = found.values().iterator().next();
        Frame.check(dir.error() == null && !dir.isCordoned(), "error " + dir.error());
        Frame.check(dir.totalBytes().getAsLong() > 0 && dir.usableBytes().getAsLong() > 0, "volume " + dir);
        for (int partition = 0; partition < 2; partition++) {
            ReplicaInfo replica = dir.replicaInfos().get(new TopicPartition(topic, partition));
            Frame.equal(replica.size() > 0, partition == 1, "has bytes");
            Frame.equal(replica.offsetLag(), 0L, "lag");
            Frame.check(!replica.isFuture(), "future");
        }
        TopicPartitionReplica replica = new TopicPartitionReplica(topic, 1, 1);
        var where = Kafka.ADMIN.describeReplicaLogDirs(List.of(replica)).all().get().get(replica);
        Frame.equal(where.getCurrentReplicaLogDir(), found.keySet().iterator().next(), "directory");
        Frame.check(where.getFutureReplicaLogDir() == null, "future directory");
    }

    private static void alterReplicaLogDirs() throws Exception {
        String topic = Kafka.create("move", 1);
        TopicPartitionReplica replica = new TopicPartitionReplica(topic, 0, 1);
        String dir = Kafka.ADMIN.describeLogDirs(List.of(1)).allDescriptions().get().get(1).keySet().iterator().next();
        Kafka.ADMIN.alterReplicaLogDirs(Map.of(replica, dir)).all().get();
        Frame.refused(LogDirNotFoundException.class, () -> Kafka.ADMIN.alterReplicaLogDirs(Map.of(replica, "/no/such/directory")).all().get());
    }

    private static void describeProducers() throws Exception {
        String topic = Kafka.create("producers", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        Frame.equal(Kafka.ADMIN.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers(), List.of(), "producers");
        List<RecordMetadata> sent = Kafka.send(Kafka.numbers(topic, 0, 10), "enable.idempotence", "true");
        PartitionProducerState found = Kafka.ADMIN.describeProducers(List.of(partition)).partitionResult(partition).get();
        Frame.equal(found.activeProducers().size(), 1, "producers");
        ProducerState one = found.activeProducers().get(0);
        Frame.equal(one.lastSequence(), 9, "last sequence");
        Frame.equal(one.producerEpoch(), 0, "epoch");
        Frame.equal(one.lastTimestamp(), sent.get(9).timestamp(), "last timestamp");
        Frame.equal(one.coordinatorEpoch().orElse(-1), -1, "coordinator epoch");
        Frame.check(one.currentTransactionStartOffset().isEmpty(), "a transaction");
    }

    // What follows needs a broker that looks at its logs several times a second; conformance/run starts one.

    private static void retentionByTime() throws Exception {
        String topic = Kafka.create("retention", 1, "retention.ms", "600000", "file.delete.delay.ms", "100");
        long old = System.currentTimeMillis() - 3_600_000;
        for (int i = 0; i < 10; i++) Kafka.send(List.of(Kafka.at(topic, 0, old, "" + i)));
        ConfigChecks.eventually("the old records are gone", () -> earliest(topic) == 10);
        Kafka.send(Kafka.numbers(topic, 0, 5));
        Frame.equal(Kafka.values(Kafka.read(topic, 5, 10)), Kafka.numbersAsText(0, 5), "values");
        Frame.refused(org.apache.kafka.clients.consumer.OffsetOutOfRangeException.class, () -> Kafka.read(topic, 1, 9));
        ConfigChecks.set(ConfigChecks.topic(topic), "retention.ms", "1");
        ConfigChecks.eventually("a shorter retention is obeyed", () -> earliest(topic) == 15);
    }

    private static void retentionBySize() throws Exception {
        String topic = Kafka.create("retention", 1, "segment.bytes", "1048576", "retention.bytes", "1500000", "file.delete.delay.ms", "100");
        byte[] value = new byte[10_000];
        for (int i = 0; i < 4; i++) {
            Kafka.send(java.util.stream.IntStream.range(0, 100).mapToObj(j -> new org.apache.kafka.clients.producer.ProducerRecord<byte[], byte[]>(topic, value)).toList());
        }
        ConfigChecks.eventually("the first segment is gone", () -> earliest(topic) > 0);
        Frame.check(earliest(topic) <= 250, "too much is gone: the first offset is " + earliest(topic));
        Kafka.read(topic, (int) (400 - earliest(topic)), earliest(topic), "fetch.max.bytes", "60000000", "max.partition.fetch.bytes", "50000000");
    }

    private static final String[] COMPACT = {"cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01", "segment.ms", "200", "delete.retention.ms", "200",
        "file.delete.delay.ms", "100", "max.compaction.lag.ms", "500"};

    /** The values of all keys but those that begin with "roll", in the order of the log. */
    private static List<String> kept(String topic) throws Exception {
        try (var consumer = Kafka.consumer()) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<String> found = new java.util.ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(java.time.Duration.ofMillis(200)).forEach(each -> {
                    if (!Kafka.text(each.key()).startsWith("roll")) found.add(Kafka.text(each.key()) + "=" + Kafka.text(each.value()));
                });
            }
            return found;
        }
    }

    private static void compaction() throws Exception {
        String topic = Kafka.create("compact", 1, COMPACT);
        for (int round = 0; round < 5; round++) {
            int r = round;
            Kafka.send(java.util.stream.IntStream.range(0, 50).mapToObj(i -> Kafka.record(topic, "k" + i % 10, r + "-" + i)).toList());
        }
        List<String> wanted = java.util.stream.IntStream.range(40, 50).mapToObj(i -> "k" + i % 10 + "=4-" + i).toList();
        ConfigChecks.eventually("the last value of each key is left", () -> {
            Kafka.send(List.of(Kafka.record(topic, "roll", "x")));
            Thread.sleep(200);
            return kept(topic).equals(wanted);
        });
        Frame.equal(earliest(topic), 0L, "first offset");
    }

    private static void tombstones() throws Exception {
        String topic = Kafka.create("tombstones", 1, COMPACT);
        Kafka.send(List.of(Kafka.record(topic, "a", "1"), Kafka.record(topic, "b", "1"), Kafka.record(topic, "a", null)));
        ConfigChecks.eventually("the deleted key is gone, and its tombstone", () -> {
            Kafka.send(List.of(Kafka.record(topic, "roll", "x")));
            Thread.sleep(200);
            return kept(topic).equals(List.of("b=1"));
        });
    }
}
