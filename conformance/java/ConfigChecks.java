import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.record.TimestampType;

/** The configuration APIs, as the Java admin client sees them, and whether a change takes effect. */
final class ConfigChecks {
    private ConfigChecks() {}

    static void register(Frame frame) {
        frame.add("describe_topic_configs", ConfigChecks::describeTopic);
        frame.add("describe_broker_configs", ConfigChecks::describeBroker);
        frame.add("describe_chosen_keys", ConfigChecks::describeChosenKeys);
        frame.add("incremental_alter_topic", ConfigChecks::incrementalAlter);
        frame.add("incremental_alter_refusals", ConfigChecks::incrementalRefusals);
        frame.add("incremental_alter_several", ConfigChecks::alterSeveral);
        frame.add("legacy_alter_configs", ConfigChecks::legacyAlter);
        frame.add("dynamic_broker_configs", ConfigChecks::dynamicBroker);
        frame.add("dynamic_broker_refusals", ConfigChecks::dynamicBrokerRefusals);
        frame.add("broker_default_reaches_topics", ConfigChecks::brokerDefaultReachesTopics);
        frame.add("change_takes_effect", ConfigChecks::changeTakesEffect);
        frame.add("broker_loggers", ConfigChecks::brokerLoggers);
        frame.add("client_metrics_resources", ConfigChecks::clientMetrics);
        frame.add("group_configs", ConfigChecks::groupConfigs);
        frame.add("list_config_resources", ConfigChecks::listResources);
    }

    static ConfigResource topic(String name) {
        return new ConfigResource(Type.TOPIC, name);
    }

    static final ConfigResource BROKER = new ConfigResource(Type.BROKER, "1");
    private static final ConfigResource ALL_BROKERS = new ConfigResource(Type.BROKER, "");

    private static Config describe(ConfigResource resource) throws Exception {
        return Kafka.ADMIN.describeConfigs(List.of(resource), new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true))
            .all().get().get(resource);
    }

    private static AlterConfigOp op(OpType type, String key, String value) {
        return new AlterConfigOp(new ConfigEntry(key, value), type);
    }

    /** Sets a key, or deletes it if the value is null, and waits until it is described so. */
    static void set(ConfigResource resource, String key, String value) throws Exception {
        alter(resource, op(value == null ? OpType.DELETE : OpType.SET, key, value));
        ConfigSource source = switch (resource.type()) {
            case TOPIC -> ConfigSource.DYNAMIC_TOPIC_CONFIG;
            case BROKER -> resource.isDefault() ? ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG : ConfigSource.DYNAMIC_BROKER_CONFIG;
            case CLIENT_METRICS -> ConfigSource.DYNAMIC_CLIENT_METRICS_CONFIG;
            case GROUP -> ConfigSource.DYNAMIC_GROUP_CONFIG;
            default -> throw new IllegalArgumentException();
        };
        eventually(key + " is " + value, () -> {
            ConfigEntry found = describe(resource).get(key);
            boolean dynamic = found != null && found.source() == source;
            return value == null ? !dynamic : dynamic && value.equals(found.value());
        });
    }

    private static void alter(ConfigResource resource, AlterConfigOp... operations) throws Exception {
        Kafka.ADMIN.incrementalAlterConfigs(Map.of(resource, List.of(operations))).all().get();
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    /** Repeats for 20 s: the reference answers a change before its broker has applied it. */
    static void eventually(String what, Condition condition) throws Exception {
        for (int i = 0; i < 400; i++) {
            if (condition.holds()) return;
            Thread.sleep(50);
        }
        throw new AssertionError("never: " + what);
    }

    private static void describeTopic() throws Exception {
        String name = Kafka.create("describe", 1, "retention.ms", "77777", "cleanup.policy", "compact,delete");
        Config found = describe(topic(name));
        Set<String> keys = found.entries().stream().map(ConfigEntry::name).collect(Collectors.toSet());
        for (String key : new String[] {"cleanup.policy", "compression.gzip.level", "compression.lz4.level", "compression.type", "compression.zstd.level",
            "delete.retention.ms", "file.delete.delay.ms", "flush.messages", "flush.ms", "follower.replication.throttled.replicas", "index.interval.bytes",
            "leader.replication.throttled.replicas", "local.retention.bytes", "local.retention.ms", "max.compaction.lag.ms", "max.message.bytes",
            "message.timestamp.after.max.ms", "message.timestamp.before.max.ms", "message.timestamp.type", "min.cleanable.dirty.ratio",
            "min.compaction.lag.ms", "min.insync.replicas", "preallocate", "remote.log.copy.disable", "remote.log.delete.on.disable",
            "remote.storage.enable", "retention.bytes", "retention.ms", "segment.bytes", "segment.index.bytes", "segment.jitter.ms", "segment.ms",
            "unclean.leader.election.enable"}) {
            Frame.check(keys.contains(key), "no " + key);
            Frame.check(found.get(key).documentation() != null && found.get(key).documentation().length() > 20, "no documentation of " + key);
            Frame.check(!found.get(key).isReadOnly() && !found.get(key).isSensitive(), key + " is read only or sensitive");
        }
        Frame.equal(found.get("retention.ms").value(), "77777", "retention.ms");
        Frame.equal(found.get("retention.ms").source(), ConfigSource.DYNAMIC_TOPIC_CONFIG, "source");
        Frame.equal(found.get("retention.ms").type(), ConfigEntry.ConfigType.LONG, "type");
        Frame.equal(found.get("cleanup.policy").type(), ConfigEntry.ConfigType.LIST, "type");
        Frame.equal(found.get("min.cleanable.dirty.ratio").type(), ConfigEntry.ConfigType.DOUBLE, "type");
        Frame.equal(found.get("preallocate").type(), ConfigEntry.ConfigType.BOOLEAN, "type");
        Frame.equal(found.get("segment.bytes").type(), ConfigEntry.ConfigType.INT, "type");
        Frame.equal(found.get("compression.type").type(), ConfigEntry.ConfigType.STRING, "type");
        Frame.equal(found.get("cleanup.policy").synonyms().stream().map(s -> s.name() + "=" + s.value() + " " + s.source()).toList(),
            List.of("cleanup.policy=compact,delete DYNAMIC_TOPIC_CONFIG", "log.cleanup.policy=delete DEFAULT_CONFIG"), "synonyms");
        Frame.refused(UnknownTopicOrPartitionException.class, () -> describe(topic(Frame.fresh("unknown"))));
    }

    private static void describeBroker() throws Exception {
        Config found = describe(BROKER);
        Frame.equal(found.get("node.id").value(), "1", "node.id");
        Frame.check(found.get("node.id").isReadOnly(), "node.id is not read only");
        Frame.equal(found.get("log.retention.hours").value(), "168", "log.retention.hours");
        Frame.equal(found.get("log.retention.hours").source(), ConfigSource.DEFAULT_CONFIG, "source");
        Frame.check(!found.get("log.retention.ms").isReadOnly(), "log.retention.ms is read only");
        Frame.check(found.get("log.retention.ms").value() == null, "log.retention.ms has a value");
        Frame.check(found.get("ssl.keystore.password").isSensitive(), "a password is not sensitive");
        Frame.check(found.entries().size() > 250, "only " + found.entries().size() + " keys");
    }

    private static void describeChosenKeys() throws Exception {
        String name = Kafka.create("chosen", 1);
        Map<ConfigResource, Config> found = Kafka.ADMIN.describeConfigs(List.of(topic(name), BROKER)).all().get();
        Frame.equal(found.size(), 2, "resources");
        Frame.check(found.get(topic(name)).get("retention.ms").synonyms().isEmpty(), "synonyms that nobody asked for");
        Frame.check(found.get(topic(name)).get("retention.ms").documentation() == null, "documentation that nobody asked for");
    }

    private static void incrementalAlter() throws Exception {
        ConfigResource resource = topic(Kafka.create("incremental", 1));
        set(resource, "retention.ms", "5000");
        alter(resource, op(OpType.APPEND, "cleanup.policy", "compact"));
        eventually("appended", () -> describe(resource).get("cleanup.policy").value().equals("delete,compact"));
        alter(resource, op(OpType.SUBTRACT, "cleanup.policy", "delete"));
        eventually("subtracted", () -> describe(resource).get("cleanup.policy").value().equals("compact"));
        set(resource, "retention.ms", null);
        Frame.equal(describe(resource).get("retention.ms").value(), "604800000", "retention.ms after its deletion");
        set(resource, "no.such.key", null);
        Kafka.ADMIN.incrementalAlterConfigs(Map.of(resource, List.of(op(OpType.SET, "retention.ms", "1"))), new AlterConfigsOptions().validateOnly(true)).all().get();
        Frame.equal(describe(resource).get("retention.ms").value(), "604800000", "retention.ms after validate only");
    }

    private static void incrementalRefusals() throws Exception {
        ConfigResource resource = topic(Kafka.create("refuse", 1));
        Object[][] cases = {
            {InvalidConfigurationException.class, op(OpType.SET, "no.such.key", "1"), "Unknown topic config name: no.such.key"},
            {InvalidConfigurationException.class, op(OpType.SET, "retention.ms", "soon"), "Invalid value soon for configuration retention.ms: Not a number of type LONG"},
            {InvalidConfigurationException.class, op(OpType.SET, "retention.ms", "-2"), "Invalid value -2 for configuration retention.ms: Value must be at least -1"},
            {InvalidConfigurationException.class, op(OpType.SET, "cleanup.policy", "burn"), null},
            {InvalidConfigurationException.class, op(OpType.APPEND, "retention.ms", "5"), "Can't APPEND to key retention.ms because its type is not LIST."},
            {InvalidConfigurationException.class, op(OpType.SUBTRACT, "segment.bytes", "5"), "Can't SUBTRACT to key segment.bytes because its type is not LIST."},
            {InvalidConfigurationException.class, op(OpType.SET, "min.insync.replicas", "0"), "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1"},
        };
        for (Object[] each : cases) {
            @SuppressWarnings("unchecked")
            Throwable error = Frame.refused((Class<? extends Throwable>) each[0], () -> alter(resource, (AlterConfigOp) each[1]));
            if (each[2] != null) Frame.equal(error.getMessage(), each[2], "message");
        }
        Frame.refused(UnknownTopicOrPartitionException.class, () -> alter(topic(Frame.fresh("unknown")), op(OpType.SET, "retention.ms", "1")));
        Frame.refused(InvalidRequestException.class, () -> alter(resource, op(OpType.SET, "retention.ms", "1"), op(OpType.DELETE, "retention.ms", "")));
        Frame.equal(describe(resource).get("retention.ms").value(), "604800000", "retention.ms after refusals");
    }

    /** Resources of one request are independent of each other; keys of one resource are not. */
    private static void alterSeveral() throws Exception {
        ConfigResource good = topic(Kafka.create("good", 1));
        ConfigResource bad = topic(Kafka.create("bad", 1));
        Map<ConfigResource, Collection<AlterConfigOp>> both = Map.of(good, List.of(op(OpType.SET, "segment.ms", "60000")),
            bad, List.of(op(OpType.SET, "segment.ms", "60000"), op(OpType.SET, "retention.ms", "soon")));
        var values = Kafka.ADMIN.incrementalAlterConfigs(both).values();
        values.get(good).get();
        Frame.refused(InvalidConfigurationException.class, () -> values.get(bad).get());
        eventually("the good one is altered", () -> describe(good).get("segment.ms").value().equals("60000"));
        Frame.equal(describe(bad).get("segment.ms").value(), "604800000", "segment.ms of the refused one");
    }

    /** The older AlterConfigs, which replaces all: this client has it no more; franz-go, sarama and aiokafka check it. */
    private static void legacyAlter() throws Exception {
        ConfigResource resource = topic(Kafka.create("replace", 1, "retention.ms", "77777"));
        alter(resource, op(OpType.DELETE, "retention.ms", null), op(OpType.SET, "segment.ms", "88888"));
        eventually("replaced", () -> describe(resource).get("segment.ms").value().equals("88888")
            && describe(resource).get("retention.ms").value().equals("604800000"));
    }

    private static void dynamicBroker() throws Exception {
        try {
            set(ALL_BROKERS, "log.cleaner.delete.retention.ms", "70000");
            eventually("the default is seen", () -> describe(BROKER).get("log.cleaner.delete.retention.ms").value().equals("70000"));
            set(BROKER, "log.cleaner.delete.retention.ms", "71000");
            Frame.equal(describe(BROKER).get("log.cleaner.delete.retention.ms").synonyms().stream().map(s -> s.value() + " " + s.source()).toList(),
                List.of("71000 DYNAMIC_BROKER_CONFIG", "70000 DYNAMIC_DEFAULT_BROKER_CONFIG", "86400000 DEFAULT_CONFIG"), "synonyms");
        } finally {
            set(BROKER, "log.cleaner.delete.retention.ms", null);
            set(ALL_BROKERS, "log.cleaner.delete.retention.ms", null);
        }
        eventually("it is the default again", () -> describe(BROKER).get("log.cleaner.delete.retention.ms").source() == ConfigSource.DEFAULT_CONFIG);
    }

    private static void dynamicBrokerRefusals() {
        Throwable error = Frame.refused(InvalidRequestException.class, () -> alter(BROKER, op(OpType.SET, "node.id", "7")));
        Frame.equal(error.getMessage(), "Cannot update these configs dynamically: [node.id]", "message");
        Frame.refused(InvalidRequestException.class, () -> alter(ALL_BROKERS, op(OpType.SET, "listeners", "PLAINTEXT://:1")));
        Frame.refused(InvalidRequestException.class, () -> alter(BROKER, op(OpType.SET, "log.retention.ms", "soon")));
    }

    private static void brokerDefaultReachesTopics() throws Exception {
        String name = Kafka.create("inherit", 1);
        try {
            set(ALL_BROKERS, "message.max.bytes", "3000");
            ConfigEntry[] found = {null};
            eventually("the topic has it", () -> (found[0] = describe(topic(name)).get("max.message.bytes")).value().equals("3000"));
            Frame.equal(found[0].source(), ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, "source");
            eventually("it is in force", () -> isRefused(name, 5000));
        } finally {
            set(ALL_BROKERS, "message.max.bytes", null);
        }
        eventually("it is no longer in force", () -> !isRefused(name, 5000));
    }

    private static boolean isRefused(String topic, int bytes) throws Exception {
        try {
            Kafka.send(List.of(new ProducerRecord<>(topic, new byte[bytes])));
            return false;
        } catch (ExecutionException error) {
            if (error.getCause() instanceof RecordTooLargeException) return true;
            throw error;
        }
    }

    private static void changeTakesEffect() throws Exception {
        String name = Kafka.create("effect", 1);
        set(topic(name), "max.message.bytes", "1000");
        eventually("the smaller limit is in force", () -> isRefused(name, 3000));
        set(topic(name), "max.message.bytes", null);
        eventually("the larger limit is in force", () -> !isRefused(name, 3000));
        set(topic(name), "message.timestamp.type", "LogAppendTime");
        eventually("the time is the log's", () -> {
            long end = Kafka.send(List.of(Kafka.at(name, 0, 12345L, "v"))).get(0).offset();
            return Kafka.read(name, 1, end).get(0).timestampType() == TimestampType.LOG_APPEND_TIME;
        });
    }

    private static void brokerLoggers() throws Exception {
        ConfigResource loggers = new ConfigResource(Type.BROKER_LOGGER, "1");
        Config found = describe(loggers);
        Frame.check(!found.entries().isEmpty(), "no loggers");
        Frame.equal(found.entries().iterator().next().source(), ConfigSource.DYNAMIC_BROKER_LOGGER_CONFIG, "source");
        String logger = "root";
        String before = found.get(logger).value();
        alter(loggers, op(OpType.SET, logger, "ERROR"));
        eventually("the level is changed", () -> describe(loggers).get(logger).value().equals("ERROR"));
        alter(loggers, op(OpType.SET, logger, before));
        Frame.refused(InvalidConfigurationException.class, () -> alter(loggers, op(OpType.SET, logger, "LOUD")));
        Frame.refused(InvalidConfigurationException.class, () -> alter(loggers, op(OpType.SET, "no.such.logger", "INFO")));
    }

    private static void clientMetrics() throws Exception {
        ConfigResource resource = new ConfigResource(Type.CLIENT_METRICS, Frame.fresh("metrics"));
        set(resource, "interval.ms", "60000");
        Set<String> names = Kafka.ADMIN.listConfigResources(Set.of(Type.CLIENT_METRICS), new ListConfigResourcesOptions()).all().get()
            .stream().map(ConfigResource::name).collect(Collectors.toSet());
        Frame.check(names.contains(resource.name()), "not listed");
        Frame.refused(InvalidRequestException.class, () -> alter(resource, op(OpType.SET, "interval.ms", "5")));
        Frame.refused(InvalidRequestException.class, () -> alter(resource, op(OpType.SET, "no.such.key", "5")));
        alter(resource, op(OpType.DELETE, "interval.ms", null));
    }

    private static void groupConfigs() throws Exception {
        ConfigResource resource = new ConfigResource(Type.GROUP, Frame.fresh("group"));
        set(resource, "consumer.session.timeout.ms", "50000");
        Frame.refused(InvalidConfigurationException.class, () -> alter(resource, op(OpType.SET, "consumer.session.timeout.ms", "1")));
        set(resource, "consumer.session.timeout.ms", null);
    }

    private static void listResources() throws Exception {
        String name = Kafka.create("resources", 1);
        Map<Type, List<String>> found = new HashMap<>();
        for (ConfigResource each : Kafka.ADMIN.listConfigResources().all().get()) {
            found.computeIfAbsent(each.type(), ignored -> new ArrayList<>()).add(each.name());
        }
        Frame.check(found.get(Type.TOPIC).contains(name), "topics: " + found.get(Type.TOPIC));
        Frame.equal(found.get(Type.BROKER), List.of("1"), "brokers");
        Frame.equal(found.get(Type.BROKER_LOGGER), List.of("1"), "loggers");
    }
}
