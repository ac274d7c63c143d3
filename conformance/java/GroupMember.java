import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** A member of a group until SIGTERM; what it says stands in groups/members.py. */
final class GroupMember implements ConsumerRebalanceListener {
    private final Set<Integer> owned = new TreeSet<>();

    private GroupMember() {}

    static void run(String topic, String group, List<String> words) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String each : words) options.put(each.split("=", 2)[0], each.split("=", 2)[1]);
        String session = options.getOrDefault("session", "4000");
        boolean cooperative = "cooperative".equals(options.get("assignor"));
        List<String> config = new ArrayList<>(List.of("group.id", group, "auto.offset.reset", "earliest", "max.poll.interval.ms", "5000"));
        config.addAll("consumer".equals(options.get("protocol")) ? List.of("group.protocol", "consumer")
            : List.of("heartbeat.interval.ms", "300", "session.timeout.ms", session, "partition.assignment.strategy",
                (cooperative ? CooperativeStickyAssignor.class : RangeAssignor.class).getName()));
        if (options.containsKey("instance")) config.addAll(List.of("group.instance.id", options.get("instance")));
        Thread main = Thread.currentThread();
        boolean[] stop = {false};
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop[0] = true;
            try {
                main.join(20_000);
            } catch (InterruptedException ignored) {
                // the JVM ends anyway
            }
        }));
        KafkaConsumer<byte[], byte[]> consumer = Kafka.consumer(config.toArray(String[]::new));
        consumer.subscribe(List.of(topic), new GroupMember());
        while (!stop[0]) {
            step(consumer);
            while (Files.exists(Path.of(options.get("pause")))) Thread.sleep(50);
        }
        consumer.close();
        System.out.println("left");
    }

    private static void step(KafkaConsumer<byte[], byte[]> consumer) {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(100))) {
            System.out.println("read " + each.partition() + " " + each.offset());
            positions.put(new TopicPartition(each.topic(), each.partition()), new OffsetAndMetadata(each.offset() + 1));
        }
        if (positions.isEmpty()) return;
        try {
            consumer.commitSync(positions);
        } catch (KafkaException error) {
            return;                                               // no longer a member: somebody else reads them again
        }
        positions.forEach((partition, position) -> System.out.println("done " + partition.partition() + " " + position.offset()));
    }

    private void say() {
        System.out.println("owns " + owned.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    @Override public void onPartitionsAssigned(Collection<TopicPartition> given) {
        given.forEach(each -> owned.add(each.partition()));
        say();
    }

    @Override public void onPartitionsRevoked(Collection<TopicPartition> taken) {
        taken.forEach(each -> owned.remove(each.partition()));
        say();
    }
}
