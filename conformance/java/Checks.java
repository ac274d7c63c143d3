import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Checks of the Java client against the broker at $BOOTSTRAP.
 *
 *   Checks [PART OF A NAME]
 *   Checks produce TOPIC COUNT CODEC | consume TOPIC COUNT      (for conformance/crossing)
 *   Checks member TOPIC GROUP [key=value…]                      (for conformance/groups)
 */
public final class Checks {
    private Checks() {}

    public static void main(String[] arguments) throws Exception {
        int code = 0;
        if (arguments.length > 2 && arguments[0].equals("member")) {
            GroupMember.run(arguments[1], arguments[2], List.of(arguments).subList(3, arguments.length));
            return;
        }
        if (arguments.length > 2 && arguments[0].equals("produce")) {
            produce(arguments[1], Integer.parseInt(arguments[2]), arguments[3]);
        } else if (arguments.length > 2 && arguments[0].equals("consume")) {
            consume(arguments[1], Integer.parseInt(arguments[2]));
        } else {
            Frame frame = new Frame();
            DataChecks.register(frame);
            AdminChecks.register(frame);
            ClusterChecks.register(frame);
            ConfigChecks.register(frame);
            LogChecks.register(frame);
            GroupChecks.register(frame);
        ConsumerGroupChecks.register(frame);
            code = frame.run(arguments.length > 0 ? arguments[0] : null) > 0 ? 1 : 0;
        }
        System.out.flush();
        Runtime.getRuntime().halt(code);
    }

    private static void produce(String topic, int count, String codec) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) records.add(Kafka.record(topic, Frame.crossingKey(i), Frame.crossingValue(i)));
        Kafka.send(records, "compression.type", codec);
    }

    private static void consume(String topic, int count) throws Exception {
        int partitions = Kafka.ADMIN.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
        Map<String, Integer> next = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> each : Kafka.readAll(topic, partitions, count, 0)) {
            String key = Kafka.text(each.key());
            int i = next.getOrDefault(key, Integer.parseInt(key.substring(1)));
            Frame.equal(Kafka.text(each.value()), Frame.crossingValue(i), "value of record " + i);
            next.put(key, i + 7);
        }
        System.out.println(count + " records, every byte and the order of each key as written");
    }
}
