// The reference's client for the crossing of log folders (crates/core/log/tests/it/reference.rs).
//
//   create BOOTSTRAP TOPIC [key=value…]     one partition
//   write  BOOTSTRAP TOPIC COUNT            COUNT records each: plain with every codec, idempotent, transactions of which
//                                           every third is aborted; prints how many records were acknowledged
//   read   BOOTSTRAP TOPIC ISOLATION        prints a line "offset timestamp key-hash value-hash" for every record
//   offsets BOOTSTRAP TOPIC TIMESTAMP…      prints the offset of each timestamp (-1 for none)

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class LogClient {
    public static void main(String[] args) throws Exception {
        String bootstrap = args[1], topic = args[2];
        String[] rest = Arrays.copyOfRange(args, 3, args.length);
        switch (args[0]) {
            case "create" -> create(bootstrap, topic, rest);
            case "write" -> write(bootstrap, topic, Integer.parseInt(rest[0]));
            case "read" -> read(bootstrap, topic, rest[0]);
            case "offsets" -> offsets(bootstrap, topic, rest);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    static void create(String bootstrap, String topic, String[] configs) throws Exception {
        Map<String, String> map = new HashMap<>();
        for (String config : configs) map.put(config.split("=")[0], config.split("=")[1]);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(map))).all().get();
        }
    }

    static Map<String, Object> producer(String bootstrap, Object... more) {
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "acks", "all", "linger.ms", 2));
        for (int at = 0; at < more.length; at += 2) config.put((String) more[at], more[at + 1]);
        return config;
    }

    static ProducerRecord<byte[], byte[]> record(String topic, Random random, int index) {
        byte[] value = new byte[random.nextInt(600)];
        random.nextBytes(value);
        byte[] key = index % 5 == 0 ? null : ("key-" + index).getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(topic, 0, 1_700_000_000_000L + index * 10L, key, index % 7 == 0 ? null : value);
        if (index % 3 == 0) record.headers().add("h", key).add("empty", new byte[0]);
        return record;
    }

    static void write(String bootstrap, String topic, int count) throws Exception {
        Random random = new Random(count);
        int index = 0;
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            boolean idempotent = !codec.equals("gzip");
            Map<String, Object> config =
                producer(bootstrap, "compression.type", codec, "enable.idempotence", idempotent);
            try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (int each = 0; each < count; each++) producer.send(record(topic, random, index++));
                producer.flush();
            }
        }
        Map<String, Object> config = producer(bootstrap, "transactional.id", "log-" + count);
        try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (int round = 0; round < 30; round++) {
                producer.beginTransaction();
                for (int each = 0; each < count / 30; each++) producer.send(record(topic, random, index++)).get();
                if (round % 3 == 0) producer.abortTransaction(); else producer.commitTransaction();
            }
        }
        System.out.println(index);
    }

    static KafkaConsumer<byte[], byte[]> consumer(String bootstrap, String isolation) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "isolation.level", isolation);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static String hash(byte[] bytes) {
        if (bytes == null) return "null";
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Long.toHexString(crc.getValue());
    }

    static void read(String bootstrap, String topic, String isolation) {
        TopicPartition partition = new TopicPartition(topic, 0);
        StringBuilder lines = new StringBuilder();
        try (var consumer = consumer(bootstrap, isolation)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofMillis(500))) {
                    lines.append(record.offset()).append(' ').append(record.timestamp()).append(' ')
                        .append(hash(record.key())).append(' ').append(hash(record.value())).append('\n');
                }
            }
        }
        System.out.print(lines);
    }

    static void offsets(String bootstrap, String topic, String[] timestamps) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> found = new ArrayList<>();
        try (var consumer = consumer(bootstrap, "read_uncommitted")) {
            for (String timestamp : timestamps) {
                var answer = consumer.offsetsForTimes(Map.of(partition, Long.parseLong(timestamp))).get(partition);
                found.add(Optional.ofNullable(answer).map(a -> Long.toString(a.offset())).orElse("-1"));
            }
        }
        System.out.println(String.join(" ", found));
    }
}
