import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;

/**
 * Counts the words of the topic `lines` with Kafka Streams, at least once, and writes each new count to the topic `counts`.
 *
 *   WordCount BOOTSTRAP STATE_DIRECTORY
 *
 * The words are grouped by themselves (a repartition topic) and counted in a store (a compacted changelog), a second time in windows
 * of an hour (a changelog that is compacted and deleted). Says "running" each time it has its tasks; ends cleanly at SIGTERM.
 */
public final class WordCount {
    private WordCount() {}

    public static void main(String[] arguments) throws Exception {
        KafkaStreams streams = new KafkaStreams(topology().build(), settings(arguments[0], arguments[1]));
        CountDownLatch ended = new CountDownLatch(1);
        streams.setStateListener((now, before) -> {
            System.out.println("state " + now);
            if (now == KafkaStreams.State.RUNNING) System.out.println("running");
            if (now == KafkaStreams.State.ERROR) ended.countDown();
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            boolean clean = streams.close(CloseOptions.timeout(Duration.ofSeconds(20))
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
            System.out.println(clean ? "closed" : "not closed in time");
            ended.countDown();
        }));
        streams.start();
        ended.await();
    }

    private static StreamsBuilder topology() {
        StreamsBuilder builder = new StreamsBuilder();
        KGroupedStream<String, String> words = builder.stream("lines", Consumed.with(Serdes.String(), Serdes.String()))
            .flatMap((key, line) -> List.of(line.split(" ")).stream().map(word -> new KeyValue<>(word, word)).toList())
            .groupByKey(Grouped.with("words", Serdes.String(), Serdes.String()));
        words.count(Materialized.as("counts")).toStream().to("counts", Produced.with(Serdes.String(), Serdes.Long()));
        words.windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofHours(1))).count(Materialized.as("hourly"));
        return builder;
    }

    private static Properties settings(String bootstrap, String stateDirectory) {
        Properties settings = new Properties();
        settings.put("application.id", "word-count");
        settings.put("bootstrap.servers", bootstrap);
        settings.put("state.dir", stateDirectory);
        settings.put("processing.guarantee", "at_least_once");
        settings.put("group.protocol", "classic");
        settings.put("num.stream.threads", "1");
        settings.put("commit.interval.ms", "200");
        settings.put("repartition.purge.interval.ms", "500");
        settings.put("topology.optimization", "none");
        settings.put("reconnect.backoff.max.ms", "200");
        // A killed instance is gone after the shortest session that a broker allows by default.
        settings.put("session.timeout.ms", "6000");
        settings.put("heartbeat.interval.ms", "300");
        return settings;
    }
}
