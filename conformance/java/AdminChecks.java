import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Topics and the cluster, as the Java admin client sees them. */
final class AdminChecks {
    private AdminChecks() {}

    static void register(Frame frame) {
        frame.add("topic_life", AdminChecks::topicLife);
        frame.add("topic_by_id", AdminChecks::topicById);
        frame.add("create_answers_configs", AdminChecks::createAnswersConfigs);
        frame.add("create_refusals", AdminChecks::createRefusals);
        frame.add("create_refusal_messages", AdminChecks::createRefusalMessages);
        frame.add("create_with_assignment", AdminChecks::createWithAssignment);
        frame.add("create_many_at_once", AdminChecks::createManyAtOnce);
        frame.add("describe_many_pages", AdminChecks::describeManyPages);
        frame.add("describe_unknown", AdminChecks::describeUnknown);
        frame.add("delete_unknown", AdminChecks::deleteUnknown);
        frame.add("again_after_delete", AdminChecks::againAfterDelete);
        frame.add("auto_creation", AdminChecks::autoCreation);
        frame.add("no_auto_creation_by_a_careful_consumer", AdminChecks::noAutoCreation);
        frame.add("list_offsets_special", AdminChecks::listOffsetsSpecial);
        frame.add("list_offsets_unknown", AdminChecks::listOffsetsUnknown);
        frame.add("describe_cluster", AdminChecks::describeCluster);
        frame.add("describe_features", AdminChecks::describeFeatures);
    }

    private static TopicDescription describe(String name) throws Exception {
        return Kafka.ADMIN.describeTopics(List.of(name)).allTopicNames().get().get(name);
    }

    private static void topicLife() throws Exception {
        String name = Kafka.create("life", 3);
        TopicDescription found = describe(name);
        Frame.equal(found.partitions().size(), 3, "partitions");
        for (int i = 0; i < 3; i++) {
            Frame.equal(found.partitions().get(i).partition(), i, "partition");
            Frame.equal(found.partitions().get(i).isr(), found.partitions().get(i).replicas(), "isr");
            Frame.check(found.partitions().get(i).leader() != null, "no leader");
        }
        Frame.check(!found.isInternal() && !found.topicId().equals(Uuid.ZERO_UUID), "internal or no id");
        Kafka.ADMIN.deleteTopics(List.of(name)).all().get();
        Kafka.awaitListed(name, false);
    }

    private static void topicById() throws Exception {
        String name = Kafka.create("byid", 2);
        Uuid id = describe(name).topicId();
        TopicDescription found = Kafka.ADMIN.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get().get(id);
        Frame.equal(found.name(), name, "name");
        Kafka.ADMIN.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();
        Kafka.awaitListed(name, false);
        Frame.refused(UnknownTopicIdException.class, () -> Kafka.ADMIN.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get());
    }

    private static void createAnswersConfigs() throws Exception {
        String name = Frame.fresh("configs");
        CreateTopicsResult result = Kafka.ADMIN.createTopics(List.of(
            new NewTopic(name, 4, (short) 1).configs(Map.of("retention.ms", "77777", "cleanup.policy", "compact,delete"))));
        Frame.equal(result.numPartitions(name).get(), 4, "partitions");
        Frame.equal(result.replicationFactor(name).get(), 1, "replication factor");
        Frame.equal(result.config(name).get().get("retention.ms").value(), "77777", "retention.ms");
        Frame.equal(result.config(name).get().get("retention.ms").isDefault(), false, "is default");
        Frame.equal(result.config(name).get().get("cleanup.policy").value(), "compact,delete", "cleanup.policy");
        Frame.equal(result.config(name).get().get("max.message.bytes").value(), "1048588", "max.message.bytes");
        Frame.equal(result.config(name).get().get("max.message.bytes").isDefault(), true, "is default");
        Kafka.awaitListed(name, true);
        Frame.equal(result.topicId(name).get(), describe(name).topicId(), "id");
    }

    private static void create(NewTopic topic) throws Exception {
        Kafka.ADMIN.createTopics(List.of(topic)).all().get();
    }

    private static void createRefusals() throws Exception {
        String name = Kafka.create("refuse", 1);
        Frame.refused(TopicExistsException.class, () -> create(new NewTopic(name, 1, (short) 1)));
        for (String bad : new String[] {".", "..", "a b", "a/b", "ä", "x".repeat(250)}) {
            Frame.refused(InvalidTopicException.class, () -> create(new NewTopic(bad, 1, (short) 1)));
        }
        Frame.refused(InvalidReplicationFactorException.class, () -> create(new NewTopic(Frame.fresh("rf"), 1, (short) 3)));
        Frame.refused(InvalidReplicationFactorException.class, () -> create(new NewTopic(Frame.fresh("rf"), 1, (short) 0)));
        Frame.refused(InvalidPartitionsException.class, () -> create(new NewTopic(Frame.fresh("zero"), 0, (short) 1)));
        Frame.refused(InvalidConfigurationException.class,
            () -> create(new NewTopic(Frame.fresh("conf"), 1, (short) 1).configs(Map.of("no.such.key", "1"))));
        Frame.refused(InvalidConfigurationException.class,
            () -> create(new NewTopic(Frame.fresh("conf"), 1, (short) 1).configs(Map.of("retention.ms", "soon"))));
        String validated = Frame.fresh("validate");
        Kafka.ADMIN.createTopics(List.of(new NewTopic(validated, 1, (short) 1)), new CreateTopicsOptions().validateOnly(true)).all().get();
        Frame.check(!Kafka.ADMIN.listTopics().names().get().contains(validated), "validate only created it");
    }

    /** The words of the refusals, as they stand in Apache Kafka's answers. */
    private static void createRefusalMessages() throws Exception {
        String name = Kafka.create("words", 1);
        String[][] wanted = {
            {name, "1", "1", "Topic '" + name + "' already exists."},
            {Frame.fresh("w"), "0", "1", "Number of partitions was set to an invalid non-positive value."},
            {Frame.fresh("w"), "1", "0", "Replication factor must be larger than 0, or -1 to use the default value."},
            {Frame.fresh("w"), "1", "3", "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned."},
        };
        for (String[] each : wanted) {
            Throwable error = Frame.refused(ExecutionException.class,
                () -> create(new NewTopic(each[0], Integer.parseInt(each[1]), Short.parseShort(each[2])))).getCause();
            Frame.equal(error.getMessage(), each[3], "message");
        }
    }

    private static void createWithAssignment() throws Exception {
        int node = Kafka.ADMIN.describeCluster().nodes().get().iterator().next().id();
        String name = Frame.fresh("assigned");
        create(new NewTopic(name, Map.of(0, List.of(node), 1, List.of(node))));
        Kafka.awaitListed(name, true);
        Frame.equal(describe(name).partitions().size(), 2, "partitions");
        Frame.refused(InvalidReplicaAssignmentException.class, () -> create(new NewTopic(Frame.fresh("a"), Map.of(0, List.of(node + 77)))));
        Frame.refused(InvalidReplicaAssignmentException.class, () -> create(new NewTopic(Frame.fresh("a"), Map.of(1, List.of(node)))));
    }

    private static void createManyAtOnce() throws Exception {
        List<String> names = List.of(Frame.fresh("m"), Frame.fresh("m"), Frame.fresh("m"));
        CreateTopicsResult result = Kafka.ADMIN.createTopics(List.of(new NewTopic(names.get(0), 1, (short) 1),
            new NewTopic(names.get(1), 1, (short) 9), new NewTopic(names.get(2), Optional.empty(), Optional.empty())));
        result.values().get(names.get(0)).get();
        result.values().get(names.get(2)).get();
        Frame.refused(InvalidReplicationFactorException.class, () -> result.values().get(names.get(1)).get());
        Kafka.awaitListed(names.get(2), true);
        Map<String, TopicListing> listed = Kafka.ADMIN.listTopics().namesToListings().get();
        Frame.check(listed.containsKey(names.get(0)) && listed.containsKey(names.get(2)) && !listed.containsKey(names.get(1)), "listing");
    }

    /** DescribeTopicPartitions pages: the cursor has to lead through all partitions, each once. */
    private static void describeManyPages() throws Exception {
        String one = Kafka.create("pages-a", 70);
        String two = Kafka.create("pages-b", 5);
        Map<String, TopicDescription> found = Kafka.ADMIN.describeTopics(List.of(one, two),
            new DescribeTopicsOptions().partitionSizeLimitPerResponse(16)).allTopicNames().get();
        Frame.equal(found.get(one).partitions().stream().map(p -> p.partition()).toList(),
            java.util.stream.IntStream.range(0, 70).boxed().toList(), "partitions");
        Frame.equal(found.get(two).partitions().size(), 5, "partitions of the second");
    }

    private static void describeUnknown() {
        Frame.refused(UnknownTopicOrPartitionException.class, () -> describe(Frame.fresh("unknown")));
        Frame.refused(UnknownTopicIdException.class,
            () -> Kafka.ADMIN.describeTopics(TopicCollection.ofTopicIds(List.of(Uuid.randomUuid()))).allTopicIds().get());
    }

    private static void deleteUnknown() {
        Frame.refused(UnknownTopicOrPartitionException.class, () -> Kafka.ADMIN.deleteTopics(List.of(Frame.fresh("unknown"))).all().get());
    }

    private static void againAfterDelete() throws Exception {
        String name = Kafka.create("again", 2);
        Uuid old = describe(name).topicId();
        Kafka.send(Kafka.numbers(name, 0, 5));
        Kafka.ADMIN.deleteTopics(List.of(name)).all().get();
        Kafka.awaitListed(name, false);
        create(new NewTopic(name, 1, (short) 1));
        Kafka.awaitListed(name, true);
        Frame.check(!describe(name).topicId().equals(old), "same id");
        Kafka.send(Kafka.numbers(name, 0, 3));
        Frame.equal(Kafka.values(Kafka.read(name, 3, 0)), Kafka.numbersAsText(0, 3), "values");
    }

    private static void autoCreation() throws Exception {
        String name = Frame.fresh("auto");
        Kafka.send(Kafka.numbers(name, 0, 3));
        Kafka.read(name, 3, 0);
    }

    private static void noAutoCreation() throws Exception {
        String name = Frame.fresh("careful");
        try (KafkaConsumer<byte[], byte[]> consumer = Kafka.consumer("allow.auto.create.topics", "false")) {
            Frame.equal(consumer.partitionsFor(name), List.of(), "partitions");
        }
        Frame.check(!Kafka.ADMIN.listTopics().names().get().contains(name), "was created");
    }

    private static void listOffsetsSpecial() throws Exception {
        String name = Kafka.create("special", 1);
        long base = System.currentTimeMillis() - 1_000_000;
        TopicPartition partition = new TopicPartition(name, 0);
        ListOffsetsResultInfo empty = Kafka.ADMIN.listOffsets(Map.of(partition, OffsetSpec.maxTimestamp())).all().get().get(partition);
        Frame.equal(empty.offset(), -1L, "max timestamp of an empty partition");
        Kafka.send(List.of(Kafka.at(name, 0, base, "0"), Kafka.at(name, 0, base + 90, "1"), Kafka.at(name, 0, base + 20, "2")));
        Object[][] wanted = {{OffsetSpec.earliest(), 0L, -1L}, {OffsetSpec.latest(), 3L, -1L}, {OffsetSpec.maxTimestamp(), 1L, base + 90},
            {OffsetSpec.forTimestamp(base + 1), 1L, base + 90}, {OffsetSpec.earliestLocal(), 0L, -1L}, {OffsetSpec.latestTiered(), -1L, -1L},
            {OffsetSpec.earliestPendingUpload(), -1L, -1L}};
        for (Object[] each : wanted) {
            for (IsolationLevel isolation : IsolationLevel.values()) {
                ListOffsetsResultInfo found = Kafka.ADMIN.listOffsets(Map.of(partition, (OffsetSpec) each[0]), new ListOffsetsOptions(isolation))
                    .all().get().get(partition);
                String what = each[0].getClass().getSimpleName();
                Frame.equal(found.offset(), each[1], what + " offset");
                Frame.equal(found.timestamp(), each[2], what + " timestamp");
            }
        }
    }

    private static void listOffsetsUnknown() throws Exception {
        String name = Kafka.create("known", 1);
        Frame.refused(Exception.class, () -> Kafka.ADMIN.listOffsets(Map.of(new TopicPartition(name, 5), OffsetSpec.latest()),
            new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED).timeoutMs(3000)).all().get());
    }

    private static void describeCluster() throws Exception {
        DescribeClusterResult found = Kafka.ADMIN.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(false));
        Frame.equal(found.clusterId().get().length(), 22, "length of the cluster id");
        Frame.equal(found.nodes().get().size(), 1, "nodes");
        var node = found.nodes().get().iterator().next();
        Frame.equal(node.host() + ":" + node.port(), Kafka.BOOTSTRAP, "address");
        Frame.equal(found.controller().get().id(), node.id(), "controller");
        Frame.check(found.authorizedOperations().get() == null || found.authorizedOperations().get().isEmpty(), "operations");
    }

    private static void describeFeatures() throws Exception {
        var found = Kafka.ADMIN.describeFeatures().featureMetadata().get();
        Set<String> finalized = found.finalizedFeatures().keySet();
        Frame.check(finalized.contains("metadata.version"), "finalized: " + finalized);
        Frame.check(found.supportedFeatures().get("metadata.version").maxVersion() >= found.finalizedFeatures().get("metadata.version").maxVersionLevel(), "levels");
    }
}
