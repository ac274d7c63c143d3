import static java.util.Arrays.asList;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;

/** What goes in and out of partitions: Produce, Fetch and ListOffsets as the Java client uses them. */
final class DataChecks {
    private static final long DAY_MS = 24 * 3600 * 1000L;
    private static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};

    private DataChecks() {}

    static void register(Frame frame) {
        for (String codec : CODECS) {
            frame.add("codec-" + codec, () -> codec(codec));
            frame.add("topic_codec-" + codec, () -> topicCodec(codec));
            frame.add("idempotent_producer-" + codec, () -> idempotentProducer(codec));
        }
        for (String acks : new String[] {"0", "1", "all"}) frame.add("acks-" + acks, () -> acks(acks));
        frame.add("headers", DataChecks::headers);
        frame.add("null_and_empty", DataChecks::nullAndEmpty);
        frame.add("one_megabyte", DataChecks::oneMegabyte);
        frame.add("over_message_max_bytes", DataChecks::overMessageMaxBytes);
        frame.add("over_topic_max_message_bytes", DataChecks::overTopicMaxMessageBytes);
        frame.add("create_time", DataChecks::createTime);
        frame.add("log_append_time", DataChecks::logAppendTime);
        frame.add("timestamp_out_of_bounds", DataChecks::timestampOutOfBounds);
        frame.add("record_error_in_a_batch", DataChecks::recordErrorInABatch);
        frame.add("offsets_by_time", DataChecks::offsetsByTime);
        frame.add("from_a_middle_offset", DataChecks::fromAMiddleOffset);
        frame.add("seek_with_an_epoch", DataChecks::seekWithAnEpoch);
        frame.add("ten_thousand_in_order", DataChecks::tenThousandInOrder);
        frame.add("out_of_range", DataChecks::outOfRange);
        frame.add("long_poll_wakes_up", DataChecks::longPollWakesUp);
        frame.add("min_bytes_wait", DataChecks::minBytesWait);
        frame.add("small_max_bytes", DataChecks::smallMaxBytes);
        frame.add("fetch_session_changes", DataChecks::fetchSessionChanges);
        frame.add("many_partitions", DataChecks::manyPartitions);
        frame.add("read_committed", DataChecks::readCommitted);
        frame.add("two_writers_one_partition", DataChecks::twoWritersOnePartition);
        frame.add("lag_and_ends", DataChecks::lagAndEnds);
    }

    private static void codec(String codec) throws Exception {
        String topic = Kafka.create("codec", 1);
        List<ProducerRecord<byte[], byte[]>> records = IntStream.range(0, 500)
            .mapToObj(i -> Kafka.record(topic, "k" + i % 5, "value " + i + "abc".repeat(50))).toList();
        Kafka.send(records, "compression.type", codec);
        Frame.equal(Kafka.values(Kafka.read(topic, 500, 0)), records.stream().map(r -> Kafka.text(r.value())).toList(), "values");
    }

    private static void topicCodec(String codec) throws Exception {
        String topic = Kafka.create("recompress", 1, "compression.type", codec.equals("none") ? "uncompressed" : codec);
        Kafka.send(Kafka.numbers(topic, 0, 300), "compression.type", "lz4", "linger.ms", "50");
        Frame.equal(Kafka.values(Kafka.read(topic, 300, 0)), Kafka.numbersAsText(0, 300), "values");
    }

    private static void idempotentProducer(String codec) throws Exception {
        String topic = Kafka.create("idempotent", 3);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 3000; i++) records.add(Kafka.at(topic, i % 3, null, "" + i));
        List<RecordMetadata> sent =
            Kafka.send(records, "enable.idempotence", "true", "compression.type", codec, "batch.size", "300");
        for (int i = 0; i < 3000; i++) Frame.equal(sent.get(i).offset(), (long) (i / 3), "offset of " + i);
        List<ConsumerRecord<byte[], byte[]>> found = Kafka.readAll(topic, 3, 3000, 0);
        for (int partition = 0; partition < 3; partition++) {
            int p = partition;
            Frame.equal(Kafka.values(found.stream().filter(r -> r.partition() == p).toList()),
                IntStream.range(0, 1000).mapToObj(i -> "" + (i * 3 + p)).toList(), "values");
        }
    }

    private static void acks(String acks) throws Exception {
        String topic = Kafka.create("acks", 1);
        Kafka.send(Kafka.numbers(topic, 0, 100), "acks", acks, "enable.idempotence", "false");
        Frame.equal(Kafka.values(Kafka.read(topic, 100, 0)), Kafka.numbersAsText(0, 100), "values");
    }

    private static void headers() throws Exception {
        String topic = Kafka.create("headers", 1);
        List<Header> wanted = List.of(new RecordHeader("a", Kafka.bytes("1")), new RecordHeader("a", Kafka.bytes("2")),
            new RecordHeader("empty", new byte[0]), new RecordHeader("null", (byte[]) null), new RecordHeader("ünï", Kafka.bytes("wörd")));
        Kafka.send(List.of(new ProducerRecord<>(topic, 0, Kafka.bytes("k"), Kafka.bytes("v"), wanted), Kafka.record(topic, "k", "none")));
        List<ConsumerRecord<byte[], byte[]>> found = Kafka.read(topic, 2, 0);
        Frame.equal(asList(found.get(0).headers().toArray()), wanted, "headers");
        Frame.equal(found.get(1).headers().toArray().length, 0, "headers of the second");
    }

    private static void nullAndEmpty() throws Exception {
        String topic = Kafka.create("null", 1);
        String[][] wanted = {{null, "v"}, {"k", null}, {"", "v"}, {"k", ""}, {null, null}};
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (String[] pair : wanted) records.add(Kafka.record(topic, pair[0], pair[1]));
        Kafka.send(records);
        List<ConsumerRecord<byte[], byte[]>> found = Kafka.read(topic, 5, 0);
        for (int i = 0; i < 5; i++) {
            Frame.equal(new String[] {Kafka.text(found.get(i).key()), Kafka.text(found.get(i).value())}, wanted[i], "record " + i);
        }
    }

    private static void oneMegabyte() throws Exception {
        String topic = Kafka.create("megabyte", 1);
        byte[] value = new byte[1_000_000];
        new Random(7).nextBytes(value);
        Kafka.send(List.of(new ProducerRecord<>(topic, value), Kafka.record(topic, "k", "after")));
        List<ConsumerRecord<byte[], byte[]>> found = Kafka.read(topic, 2, 0);
        Frame.equal(found.get(0).value(), value, "value");
        Frame.equal(Kafka.text(found.get(1).value()), "after", "the second");
    }

    private static void overMessageMaxBytes() throws Exception {
        String topic = Kafka.create("toolarge", 1);
        Frame.refused(RecordTooLargeException.class, () ->
            Kafka.send(List.of(new ProducerRecord<>(topic, new byte[2_000_000])), "max.request.size", "5000000", "buffer.memory", "50000000"));
        Kafka.read(topic, 0, 0);
    }

    private static void overTopicMaxMessageBytes() throws Exception {
        String topic = Kafka.create("toolarge", 1, "max.message.bytes", "1000");
        byte[] value = new byte[2000];
        new Random(7).nextBytes(value);
        Frame.refused(RecordTooLargeException.class, () -> Kafka.send(List.of(new ProducerRecord<>(topic, value))));
        Kafka.send(List.of(Kafka.record(topic, "k", "small")));
        Kafka.read(topic, 1, 0);
    }

    private static void createTime() throws Exception {
        String topic = Kafka.create("createtime", 1);
        long now = System.currentTimeMillis();
        Long[] stamps = {now - 5 * DAY_MS, now, now - DAY_MS};
        Kafka.send(asList(stamps).stream().map(stamp -> Kafka.at(topic, 0, stamp, "v")).toList());
        List<ConsumerRecord<byte[], byte[]>> found = Kafka.read(topic, 3, 0);
        Frame.equal(found.stream().map(ConsumerRecord::timestamp).toList(), asList(stamps), "timestamps");
        Frame.equal(found.get(0).timestampType(), TimestampType.CREATE_TIME, "type");
    }

    private static void logAppendTime() throws Exception {
        String topic = Kafka.create("logappend", 1, "message.timestamp.type", "LogAppendTime");
        long before = System.currentTimeMillis();
        List<RecordMetadata> sent = Kafka.send(List.of(Kafka.at(topic, 0, 12345L, "v"), Kafka.at(topic, 0, 1L, "w")), "compression.type", "gzip");
        long after = System.currentTimeMillis();
        for (ConsumerRecord<byte[], byte[]> each : Kafka.read(topic, 2, 0)) {
            Frame.equal(each.timestampType(), TimestampType.LOG_APPEND_TIME, "type");
            Frame.check(before <= each.timestamp() && each.timestamp() <= after, "timestamp " + each.timestamp());
        }
        Frame.check(before <= sent.get(0).timestamp() && sent.get(0).timestamp() <= after, "answered timestamp");
    }

    private static void timestampOutOfBounds() throws Exception {
        String topic = Kafka.create("bounds", 1, "message.timestamp.before.max.ms", "" + DAY_MS);
        long now = System.currentTimeMillis();
        Frame.refused(InvalidTimestampException.class, () -> Kafka.send(List.of(Kafka.at(topic, 0, now + 2 * DAY_MS, "v"))));
        Frame.refused(InvalidTimestampException.class, () -> Kafka.send(List.of(Kafka.at(topic, 0, now - 2 * DAY_MS, "v"))));
        Kafka.send(List.of(Kafka.at(topic, 0, now, "v")));
        Kafka.read(topic, 1, 0);
    }

    /** One bad record refuses its batch; the answer names the record (record_errors of Produce 8+). */
    private static void recordErrorInABatch() throws Exception {
        String topic = Kafka.create("compacted", 1, "cleanup.policy", "compact");
        try (KafkaProducer<byte[], byte[]> producer = Kafka.producer("linger.ms", "500")) {
            var good = producer.send(Kafka.record(topic, "k", "v"));
            var bad = producer.send(new ProducerRecord<>(topic, 0, null, Kafka.bytes("no key")));
            producer.flush();
            InvalidRecordException error = Frame.refused(InvalidRecordException.class, bad::get);
            Frame.check(error.getMessage().contains("Compacted topic cannot accept message without key"), error.getMessage());
            Frame.refused(Exception.class, good::get);
        }
        Kafka.read(topic, 0, 0);
    }

    private static void offsetsByTime() throws Exception {
        String topic = Kafka.create("bytime", 1);
        long base = System.currentTimeMillis() - DAY_MS;
        for (int i = 0; i < 5; i++) Kafka.send(List.of(Kafka.at(topic, 0, base + i * 1000L, "" + i)));
        TopicPartition partition = new TopicPartition(topic, 0);
        long[][] wanted = {{0, 0}, {base + 1, 1}, {base + 3000, 3}, {base + 4000, 4}, {base + 4001, -1}};
        try (KafkaConsumer<byte[], byte[]> consumer = Kafka.consumer()) {
            for (long[] each : wanted) {
                OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, each[0])).get(partition);
                Frame.equal(found == null ? -1 : found.offset(), each[1], "first offset at base+" + (each[0] - base));
                if (found != null) Frame.equal(found.timestamp(), base + each[1] * 1000, "its timestamp");
                if (found != null) Frame.check(found.leaderEpoch().isPresent(), "no leader epoch");
            }
        }
    }

    private static void fromAMiddleOffset() throws Exception {
        String topic = Kafka.create("middle", 1);
        Kafka.send(Kafka.numbers(topic, 0, 1000), "linger.ms", "50", "compression.type", "zstd");
        List<ConsumerRecord<byte[], byte[]>> found = Kafka.read(topic, 377, 623);
        Frame.equal(found.get(0).offset(), 623L, "first offset");
        Frame.equal(Kafka.values(found), Kafka.numbersAsText(623, 1000), "values");
    }

    /** A position with a leader epoch is validated with OffsetForLeaderEpoch before the first fetch. */
    private static void seekWithAnEpoch() throws Exception {
        String topic = Kafka.create("epoch", 1);
        Kafka.send(Kafka.numbers(topic, 0, 10));
        int epoch = Kafka.read(topic, 10, 0).get(0).leaderEpoch().orElseThrow();
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = Kafka.consumer()) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, new OffsetAndMetadata(4, Optional.of(epoch), ""));
            List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
            for (int i = 0; i < 50 && found.size() < 6; i++) consumer.poll(Duration.ofMillis(200)).forEach(found::add);
            Frame.equal(Kafka.values(found), Kafka.numbersAsText(4, 10), "values");
        }
    }

    private static void tenThousandInOrder() throws Exception {
        String topic = Kafka.create("order", 1);
        List<RecordMetadata> sent = Kafka.send(Kafka.numbers(topic, 0, 10_000), "batch.size", "1000");
        for (int i = 0; i < 10_000; i++) Frame.equal(sent.get(i).offset(), (long) i, "offset");
        Frame.equal(Kafka.values(Kafka.read(topic, 10_000, 0)), Kafka.numbersAsText(0, 10_000), "values");
    }

    private static void outOfRange() throws Exception {
        String topic = Kafka.create("range", 1);
        Kafka.send(Kafka.numbers(topic, 0, 5));
        OffsetOutOfRangeException error = Frame.refused(OffsetOutOfRangeException.class, () -> Kafka.read(topic, 1, 99));
        Frame.equal(error.offsetOutOfRangePartitions(), Map.of(new TopicPartition(topic, 0), 99L), "partitions");
        Frame.equal(Kafka.values(Kafka.read(topic, 5, 99, "auto.offset.reset", "earliest")), Kafka.numbersAsText(0, 5), "values");
    }

    private static void longPollWakesUp() throws Exception {
        String topic = Kafka.create("longpoll", 1);
        try (KafkaConsumer<byte[], byte[]> consumer = Kafka.consumer("fetch.max.wait.ms", "4000")) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seek(new TopicPartition(topic, 0), 0);
            Frame.check(consumer.poll(Duration.ofMillis(1000)).isEmpty(), "a record out of nothing");
            Kafka.send(Kafka.numbers(topic, 0, 1));
            long begun = System.nanoTime();
            int count = consumer.poll(Duration.ofSeconds(9)).count();
            double took = (System.nanoTime() - begun) / 1e9;
            Frame.check(count == 1 && took < 2.5, count + " records after " + took + " s");
        }
    }

    private static void minBytesWait() throws Exception {
        String topic = Kafka.create("minbytes", 1);
        Kafka.send(Kafka.numbers(topic, 0, 1));
        try (KafkaConsumer<byte[], byte[]> consumer = Kafka.consumer("fetch.max.wait.ms", "2000", "fetch.min.bytes", "100000")) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seek(new TopicPartition(topic, 0), 0);
            long begun = System.nanoTime();
            int count = consumer.poll(Duration.ofSeconds(9)).count();
            double took = (System.nanoTime() - begun) / 1e9;
            Frame.check(count == 1 && took > 1.8 && took < 5, count + " records after " + took + " s");
        }
    }

    private static void smallMaxBytes() throws Exception {
        String topic = Kafka.create("maxbytes", 3);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 300; i++) records.add(Kafka.at(topic, i % 3, null, i + "x".repeat(900)));
        Kafka.send(records, "batch.size", "2000");
        List<ConsumerRecord<byte[], byte[]>> found = Kafka.readAll(topic, 3, 300, 0, "fetch.max.bytes", "1000", "max.partition.fetch.bytes", "100");
        for (ConsumerRecord<byte[], byte[]> each : found) {
            Frame.equal(Kafka.text(each.value()), each.offset() * 3 + each.partition() + "x".repeat(900), "value");
        }
    }

    /** Partitions come and go in one incremental fetch session; nothing is missed or read twice. */
    private static void fetchSessionChanges() throws Exception {
        String topic = Kafka.create("session", 4);
        try (KafkaConsumer<byte[], byte[]> consumer = Kafka.consumer()) {
            long[] next = new long[4];
            int written = 0;
            for (Set<Integer> partitions : List.of(Set.of(0, 1), Set.of(0, 1, 2), Set.of(2, 3), Set.of(0, 3), Set.of(0, 1, 2, 3))) {
                List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
                for (int partition = 0; partition < 4; partition++) {
                    for (int i = 0; i < 10; i++) records.add(Kafka.at(topic, partition, null, "" + (written + i)));
                }
                written += 10;
                Kafka.send(records);
                consumer.assign(partitions.stream().map(p -> new TopicPartition(topic, p)).toList());
                for (int partition : partitions) consumer.seek(new TopicPartition(topic, partition), next[partition]);
                long end = System.nanoTime() + 10_000_000_000L;
                while (!readUpTo(written, next, partitions) && System.nanoTime() < end) {
                    for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
                        Frame.equal(each.offset(), next[each.partition()], "offset of partition " + each.partition());
                        Frame.equal(Kafka.text(each.value()), "" + next[each.partition()], "value");
                        next[each.partition()]++;
                    }
                }
                for (int partition : partitions) Frame.equal(next[partition], (long) written, "read of partition " + partition);
            }
        }
    }

    private static boolean readUpTo(long end, long[] next, Set<Integer> partitions) {
        return partitions.stream().allMatch(partition -> next[partition] == end);
    }

    private static void manyPartitions() throws Exception {
        String topic = Kafka.create("many", 100);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 1000; i++) records.add(Kafka.at(topic, i % 100, null, "" + i / 100));
        Kafka.send(records);
        for (ConsumerRecord<byte[], byte[]> each : Kafka.readAll(topic, 100, 1000, 0)) {
            Frame.equal(Kafka.text(each.value()), "" + each.offset(), "value");
        }
    }

    private static void readCommitted() throws Exception {
        String topic = Kafka.create("committed", 1);
        Kafka.send(Kafka.numbers(topic, 0, 50));
        Frame.equal(Kafka.values(Kafka.read(topic, 50, 0, "isolation.level", "read_committed")), Kafka.numbersAsText(0, 50), "values");
    }

    private static void twoWritersOnePartition() throws Exception {
        String topic = Kafka.create("two", 1);
        List<Thread> writers = new ArrayList<>();
        for (String who : new String[] {"a", "b"}) {
            Thread writer = new Thread(() -> {
                try {
                    Kafka.send(IntStream.range(0, 2000).mapToObj(i -> Kafka.record(topic, who, "" + i)).toList(), "batch.size", "500");
                } catch (Exception error) {
                    throw new RuntimeException(error);
                }
            });
            writer.start();
            writers.add(writer);
        }
        for (Thread writer : writers) writer.join();
        List<ConsumerRecord<byte[], byte[]>> found = Kafka.read(topic, 4000, 0);
        for (String who : new String[] {"a", "b"}) {
            Frame.equal(Kafka.values(found.stream().filter(r -> Kafka.text(r.key()).equals(who)).toList()), Kafka.numbersAsText(0, 2000), who);
        }
    }

    private static void lagAndEnds() throws Exception {
        String topic = Kafka.create("ends", 1);
        Kafka.send(Kafka.numbers(topic, 0, 30));
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = Kafka.consumer()) {
            Frame.equal(consumer.beginningOffsets(List.of(partition)), Map.of(partition, 0L), "beginning");
            Frame.equal(consumer.endOffsets(List.of(partition)), Map.of(partition, 30L), "end");
            consumer.assign(List.of(partition));
            consumer.seekToEnd(List.of(partition));
            Frame.equal(consumer.position(partition), 30L, "position");
            Frame.equal(consumer.currentLag(partition).orElse(0), 0L, "lag");
        }
    }
}
