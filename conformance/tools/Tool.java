import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;

/** Runs one of Apache Kafka's tools inside this JVM: its exit becomes a number, what it prints a text. */
final class Tool {
    /** Exit code (0: it returned), standard output and standard error. */
    record Result(int exit, String out, String err) {}

    /** What a tool's call of exit becomes. A tool that catches everything may print it; the first exit counts. */
    private static final class Exited extends RuntimeException {
        Exited(int code) {
            super("exit " + code, null, false, false);
        }
    }

    /** The tools by the names of their scripts. */
    private static final Map<String, String> CLASSES = Map.ofEntries(
        Map.entry("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
        Map.entry("kafka-configs", "kafka.admin.ConfigCommand"),
        Map.entry("kafka-get-offsets", "org.apache.kafka.tools.GetOffsetShell"),
        Map.entry("kafka-delete-records", "org.apache.kafka.tools.DeleteRecordsCommand"),
        Map.entry("kafka-log-dirs", "org.apache.kafka.tools.LogDirsCommand"),
        Map.entry("kafka-broker-api-versions", "org.apache.kafka.tools.BrokerApiVersionsCommand"),
        Map.entry("kafka-cluster", "org.apache.kafka.tools.ClusterTool"),
        Map.entry("kafka-features", "org.apache.kafka.tools.FeatureCommand"),
        Map.entry("kafka-storage", "kafka.tools.StorageTool"),
        Map.entry("kafka-dump-log", "org.apache.kafka.tools.DumpLogSegments"),
        Map.entry("kafka-metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand"),
        Map.entry("kafka-leader-election", "org.apache.kafka.tools.LeaderElectionCommand"),
        Map.entry("kafka-reassign-partitions", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"),
        Map.entry("kafka-transactions", "org.apache.kafka.tools.TransactionsCommand"),
        Map.entry("kafka-client-metrics", "org.apache.kafka.tools.ClientMetricsCommand"),
        Map.entry("kafka-console-producer", "org.apache.kafka.tools.ConsoleProducer"),
        Map.entry("kafka-console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
        Map.entry("kafka-producer-perf-test", "org.apache.kafka.tools.ProducerPerformance"),
        Map.entry("kafka-consumer-perf-test", "org.apache.kafka.tools.ConsumerPerformance"),
        Map.entry("kafka-verifiable-producer", "org.apache.kafka.tools.VerifiableProducer"),
        Map.entry("kafka-consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
        Map.entry("kafka-groups", "org.apache.kafka.tools.GroupsCommand"),
        Map.entry("kafka-verifiable-consumer", "org.apache.kafka.tools.VerifiableConsumer"),
        Map.entry("kafka-e2e-latency", "org.apache.kafka.tools.EndToEndLatency"),
        Map.entry("kafka-client-compatibility-test", "org.apache.kafka.tools.ClientCompatibilityTest"),
        Map.entry("kafka-replica-verification", "org.apache.kafka.tools.ReplicaVerificationTool"));

    private Tool() {}

    /** Runs `name` (of a script) with `arguments`; `input` is its standard input. */
    static Result run(String name, List<String> arguments, String input) throws Exception {
        return run(name, arguments, input, false);
    }

    /** The same, without what a tool prints after its exit, which ends the process of a script. */
    static Result exact(String name, List<String> arguments, String input) throws Exception {
        return run(name, arguments, input, true);
    }

    private static Result run(String name, List<String> arguments, String input, boolean exact) throws Exception {
        if (!CLASSES.containsKey(name)) throw new IllegalArgumentException("no tool " + name);
        Integer[] exit = {null};
        ByteArrayOutputStream caughtOut = new ByteArrayOutputStream();
        ByteArrayOutputStream caughtErr = new ByteArrayOutputStream();
        byte[][] atExit = {null, null};
        List<Runnable> hooks = new ArrayList<>();
        Exit.Procedure leave = (code, message) -> {
            if (exit[0] == null) {
                exit[0] = code;
                if (message != null && !exact) System.err.println(message);
                atExit[0] = caughtOut.toByteArray();
                atExit[1] = caughtErr.toByteArray();
            }
            throw new Exited(code);
        };
        Exit.setExitProcedure(leave);
        Exit.setHaltProcedure(leave);
        Exit.setShutdownHookAdder((ignored, hook) -> hooks.add(hook));
        InputStream in = System.in;
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        System.setOut(new PrintStream(caughtOut, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(caughtErr, true, StandardCharsets.UTF_8));
        try {
            call(CLASSES.get(name), arguments.toArray(new String[0]), exit);
            if (exact && atExit[0] != null) {
                caughtOut.reset();
                caughtErr.reset();
                caughtOut.writeBytes(atExit[0]);
                caughtErr.writeBytes(atExit[1]);
            }
            hooks.forEach(Runnable::run);
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
            Exit.resetShutdownHookAdder();
        }
        return new Result(exit[0] == null ? 0 : exit[0], caughtOut.toString(StandardCharsets.UTF_8), caughtErr.toString(StandardCharsets.UTF_8));
    }

    private static void call(String type, String[] arguments, Integer[] exit) throws Exception {
        // Kafka's Scala tools print through this; it would keep the stream that it saw first.
        scala.Console$.MODULE$.withOut(System.out, () -> scala.Console$.MODULE$.withErr(System.err, () -> {
            try {
                Class.forName(type).getMethod("main", String[].class).invoke(null, (Object) arguments);
            } catch (InvocationTargetException thrown) {
                if (!(thrown.getCause() instanceof Exited)) {
                    // The JVM of a script would print it and end with 1.
                    System.err.println("Exception in thread \"main\" " + thrown.getCause());
                    if (exit[0] == null) exit[0] = 1;
                }
            } catch (ReflectiveOperationException impossible) {
                throw new IllegalStateException(impossible);
            }
            return null;
        }));
    }
}
