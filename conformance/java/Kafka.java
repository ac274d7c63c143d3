import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Short words for what the checks do with a producer, a consumer and the admin client. */
final class Kafka {
    static final String BOOTSTRAP = System.getenv().getOrDefault("BOOTSTRAP", "127.0.0.1:9092");
    static final Admin ADMIN = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP));

    private Kafka() {}

    static String create(String word, int partitions, String... config) throws Exception {
        String name = Frame.fresh(word);
        Map<String, String> configs = new HashMap<>();
        for (int i = 0; i < config.length; i += 2) configs.put(config[i], config[i + 1]);
        ADMIN.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configs))).all().get();
        awaitListed(name, true);
        return name;
    }

    /** The reference answers CreateTopics and DeleteTopics before its broker knows of it. */
    static void awaitListed(String name, boolean listed) throws Exception {
        for (int i = 0; i < 200; i++) {
            if (ADMIN.listTopics().names().get().contains(name) == listed) return;
            Thread.sleep(20);
        }
        throw new AssertionError(name + (listed ? " is not listed" : " is still listed"));
    }

    static KafkaProducer<byte[], byte[]> producer(String... config) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", BOOTSTRAP, "linger.ms", "5"));
        for (int i = 0; i < config.length; i += 2) all.put(config[i], config[i + 1]);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static KafkaConsumer<byte[], byte[]> consumer(String... config) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", BOOTSTRAP, "enable.auto.commit", "false",
            "auto.offset.reset", "none", "fetch.max.wait.ms", "100", "check.crcs", "true"));
        for (int i = 0; i < config.length; i += 2) all.put(config[i], config[i + 1]);
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static ProducerRecord<byte[], byte[]> record(String topic, String key, String value) {
        return new ProducerRecord<>(topic, bytes(key), bytes(value));
    }

    static ProducerRecord<byte[], byte[]> at(String topic, int partition, Long timestamp, String value) {
        return new ProducerRecord<>(topic, partition, timestamp, bytes("k"), bytes(value));
    }

    /** Writes the records; returns their metadata in order. */
    static List<RecordMetadata> send(List<ProducerRecord<byte[], byte[]>> records, String... config) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(config)) {
            List<Future<RecordMetadata>> futures = new ArrayList<>();
            for (ProducerRecord<byte[], byte[]> each : records) futures.add(producer.send(each));
            producer.flush();
            List<RecordMetadata> sent = new ArrayList<>();
            for (Future<RecordMetadata> each : futures) sent.add(each.get());
            return sent;
        }
    }

    /** `count` records with the values 0, 1, 2 … */
    static List<ProducerRecord<byte[], byte[]>> numbers(String topic, int partition, int count) {
        return IntStream.range(0, count).mapToObj(i -> at(topic, partition, null, "" + i)).toList();
    }

    /** Reads `count` records from `offset` by assignment, then makes sure there is no further one for a moment. */
    static List<ConsumerRecord<byte[], byte[]>> read(String topic, int count, long offset, String... config) {
        return readAll(topic, 1, count, offset, config);
    }

    static List<ConsumerRecord<byte[], byte[]>> readAll(String topic, int partitions, int count, long offset, String... config) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(config)) {
            List<TopicPartition> assigned =
                IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
            consumer.assign(assigned);
            for (TopicPartition each : assigned) consumer.seek(each, offset);
            List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
            long end = System.nanoTime() + 30_000_000_000L;
            while (found.size() < count && System.nanoTime() < end) {
                consumer.poll(Duration.ofMillis(500)).forEach(found::add);
            }
            consumer.poll(Duration.ofMillis(150)).forEach(found::add);
            Frame.equal(found.size(), count, "records");
            return found;
        }
    }

    static List<String> values(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(each -> text(each.value())).toList();
    }

    static List<String> numbersAsText(int from, int end) {
        return IntStream.range(from, end).mapToObj(i -> "" + i).toList();
    }

    static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
