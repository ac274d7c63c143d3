import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterPartitionReassignmentsOptions;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What an administrator does with partitions, leaders, feature levels and the quorum. */
final class ClusterChecks {
    private static final String UNKNOWN = "no-such-topic";

    private ClusterChecks() {}

    static void register(Frame frame) {
        frame.add("create_partitions", ClusterChecks::createPartitions);
        frame.add("create_partitions_by_hand", ClusterChecks::createPartitionsByHand);
        frame.add("create_partitions_refusals", ClusterChecks::createPartitionsRefusals);
        frame.add("new_partitions_reach_running_clients", ClusterChecks::runningClients);
        frame.add("elect_leaders", ClusterChecks::electLeaders);
        frame.add("partition_reassignments", ClusterChecks::reassignments);
        frame.add("metadata_quorum", ClusterChecks::quorum);
        frame.add("update_features", ClusterChecks::updateFeatures);
        frame.add("unregister_unknown_broker", ClusterChecks::unregister);
        frame.add("describe_cluster_with_fenced_brokers", ClusterChecks::fencedBrokers);
    }

    private static int count(String name) throws Exception {
        return Kafka.ADMIN.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().size();
    }

    /** The reference answers before its broker knows. */
    private static void awaitCount(String name, int expected) throws Exception {
        for (int i = 0; i < 200 && count(name) != expected; i++) Thread.sleep(20);
        Frame.equal(count(name), expected, "partitions");
    }

    private static int node() throws Exception {
        return Kafka.ADMIN.describeCluster().nodes().get().iterator().next().id();
    }

    private static void createPartitions() throws Exception {
        String name = Kafka.create("more", 1);
        Kafka.send(Kafka.numbers(name, 0, 5));
        Kafka.ADMIN.createPartitions(Map.of(name, NewPartitions.increaseTo(5)), new CreatePartitionsOptions().validateOnly(true)).all().get();
        Frame.equal(count(name), 1, "partitions after trying");
        Kafka.ADMIN.createPartitions(Map.of(name, NewPartitions.increaseTo(3))).all().get();
        awaitCount(name, 3);
        for (int partition = 1; partition < 3; partition++) Kafka.send(Kafka.numbers(name, partition, 4));
        Frame.equal(Kafka.values(Kafka.read(name, 5, 0)), Kafka.numbersAsText(0, 5), "what was there");
        Frame.equal(Kafka.readAll(name, 3, 13, 0).size(), 13, "records of all partitions");
    }

    private static void createPartitionsByHand() throws Exception {
        String name = Kafka.create("hand", 1);
        List<Integer> here = List.of(node());
        Kafka.ADMIN.createPartitions(Map.of(name, NewPartitions.increaseTo(3, List.of(here, here)))).all().get();
        awaitCount(name, 3);
        Frame.refused(InvalidReplicaAssignmentException.class,
            () -> Kafka.ADMIN.createPartitions(Map.of(name, NewPartitions.increaseTo(4, List.of(List.of(77))))).all().get());
        Frame.refused(InvalidReplicaAssignmentException.class,
            () -> Kafka.ADMIN.createPartitions(Map.of(name, NewPartitions.increaseTo(5, List.of(here)))).all().get());
    }

    private static void createPartitionsRefusals() throws Exception {
        String name = Kafka.create("fewer", 3);
        var fewer = Frame.refused(InvalidPartitionsException.class,
            () -> Kafka.ADMIN.createPartitions(Map.of(name, NewPartitions.increaseTo(2))).all().get());
        Frame.equal(fewer.getMessage(),
            "The topic " + name + " currently has 3 partition(s); 2 would not be an increase.", "message");
        var same = Frame.refused(InvalidPartitionsException.class,
            () -> Kafka.ADMIN.createPartitions(Map.of(name, NewPartitions.increaseTo(3))).all().get());
        Frame.equal(same.getMessage(), "Topic already has 3 partition(s).", "message");
        Frame.refused(UnknownTopicOrPartitionException.class,
            () -> Kafka.ADMIN.createPartitions(Map.of(UNKNOWN, NewPartitions.increaseTo(3))).all().get());
    }

    /** A producer learns of the partitions by itself; a consumer that follows one is not disturbed. */
    private static void runningClients() throws Exception {
        String name = Kafka.create("running", 1);
        try (KafkaProducer<byte[], byte[]> producer = Kafka.producer("metadata.max.age.ms", "100");
             KafkaConsumer<byte[], byte[]> consumer = Kafka.consumer("metadata.max.age.ms", "100")) {
            TopicPartition first = new TopicPartition(name, 0);
            consumer.assign(List.of(first));
            consumer.seek(first, 0);
            Set<Integer> written = new HashSet<>();
            int toFirst = 0, found = 0;
            long end = System.nanoTime() + 20_000_000_000L;
            for (int sent = 0; written.size() < 4 && System.nanoTime() < end; sent++) {
                if (sent == 50) Kafka.ADMIN.createPartitions(Map.of(name, NewPartitions.increaseTo(4))).all().get();
                int partition = producer.send(Kafka.record(name, "key " + sent, "" + sent)).get().partition();
                written.add(partition);
                if (partition == 0) toFirst++;
                found += consumer.poll(Duration.ofMillis(5)).count();
            }
            Frame.equal(written, Set.of(0, 1, 2, 3), "partitions that were written to");
            while (found < toFirst && System.nanoTime() < end) found += consumer.poll(Duration.ofMillis(100)).count();
            Frame.equal(found, toFirst, "records of the first partition");
        }
    }

    private static void electLeaders() throws Exception {
        String name = Kafka.create("elected", 2);
        for (ElectionType type : ElectionType.values()) {
            Set<TopicPartition> asked = Set.of(new TopicPartition(name, 0), new TopicPartition(name, 1), new TopicPartition(name, 9));
            Map<TopicPartition, Optional<Throwable>> answers = Kafka.ADMIN.electLeaders(type, asked).partitions().get();
            for (int partition = 0; partition < 2; partition++)
                Frame.check(answers.get(new TopicPartition(name, partition)).get() instanceof ElectionNotNeededException, type + ": " + answers);
            Frame.check(answers.get(new TopicPartition(name, 9)).get() instanceof UnknownTopicOrPartitionException, type + ": " + answers);
            Frame.equal(Kafka.ADMIN.electLeaders(type, null).partitions().get(), Map.of(), "elections of all");
        }
    }

    private static void reassignments() throws Exception {
        String name = Kafka.create("moved", 1);
        TopicPartition partition = new TopicPartition(name, 0);
        int node = node();
        Kafka.ADMIN.alterPartitionReassignments(Map.of(partition, Optional.of(new NewPartitionReassignment(List.of(node))))).all().get();
        Frame.equal(Kafka.ADMIN.listPartitionReassignments().reassignments().get(), Map.of(), "reassignments");
        Frame.refused(NoReassignmentInProgressException.class,
            () -> Kafka.ADMIN.alterPartitionReassignments(Map.of(partition, Optional.empty())).all().get());
        Frame.refused(InvalidReplicaAssignmentException.class, () -> Kafka.ADMIN.alterPartitionReassignments(
            Map.of(partition, Optional.of(new NewPartitionReassignment(List.of(node, 77))))).all().get());
        Frame.refused(UnknownTopicOrPartitionException.class, () -> Kafka.ADMIN.alterPartitionReassignments(
            Map.of(new TopicPartition(UNKNOWN, 0), Optional.of(new NewPartitionReassignment(List.of(node))))).all().get());
        Frame.refused(InvalidReplicaAssignmentException.class, () -> Kafka.ADMIN.alterPartitionReassignments(
            Map.of(partition, Optional.of(new NewPartitionReassignment(List.of(node, node)))),
            new AlterPartitionReassignmentsOptions().allowReplicationFactorChange(false)).all().get());
        Kafka.send(Kafka.numbers(name, 0, 3));
        Kafka.read(name, 3, 0);
    }

    private static void quorum() throws Exception {
        QuorumInfo found = Kafka.ADMIN.describeMetadataQuorum().quorumInfo().get();
        int node = node();
        Frame.equal(found.leaderId(), node, "leader");
        Frame.check(found.leaderEpoch() > 0, "epoch " + found.leaderEpoch());
        Frame.equal(found.voters().size(), 1, "voters");
        QuorumInfo.ReplicaState voter = found.voters().get(0);
        Frame.equal(voter.replicaId(), node, "voter");
        Frame.check(found.highWatermark() > 0 && found.highWatermark() <= voter.logEndOffset(), found.toString());
        long age = System.currentTimeMillis() - voter.lastCaughtUpTimestamp().getAsLong();
        Frame.check(Math.abs(age) < 30_000, "caught up " + age + " ms ago");
        Frame.equal(found.observers(), List.of(), "observers");
        Frame.equal(found.nodes().get(node).endpoints().size(), 1, "endpoints");
    }

    private static void updateFeatures() throws Exception {
        short now = Kafka.ADMIN.describeFeatures().featureMetadata().get().finalizedFeatures().get("metadata.version").maxVersionLevel();
        FeatureUpdate same = new FeatureUpdate(now, FeatureUpdate.UpgradeType.UPGRADE);
        Kafka.ADMIN.updateFeatures(Map.of("metadata.version", same), new UpdateFeaturesOptions().validateOnly(true)).all().get();
        Kafka.ADMIN.updateFeatures(Map.of("metadata.version", same), new UpdateFeaturesOptions()).all().get();
        FeatureUpdate lower = new FeatureUpdate((short) (now - 1), FeatureUpdate.UpgradeType.SAFE_DOWNGRADE);
        Frame.refused(InvalidUpdateVersionException.class,
            () -> Kafka.ADMIN.updateFeatures(Map.of("metadata.version", lower), new UpdateFeaturesOptions()).all().get());
        FeatureUpdate any = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE);
        var refused = Frame.refused(InvalidUpdateVersionException.class,
            () -> Kafka.ADMIN.updateFeatures(Map.of("no.such.feature", any), new UpdateFeaturesOptions()).all().get());
        Frame.check(refused.getMessage().endsWith("does not support this feature."), refused.getMessage());
    }

    private static void unregister() throws Exception {
        var refused = Frame.refused(BrokerIdNotRegisteredException.class, () -> Kafka.ADMIN.unregisterBroker(77).all().get());
        Frame.equal(refused.getMessage(), "Broker ID 77 is not currently registered", "message");
    }

    private static void fencedBrokers() throws Exception {
        var found = Kafka.ADMIN.describeCluster(new DescribeClusterOptions().includeFencedBrokers(true)).nodes().get();
        Frame.equal(found.stream().filter(Node::isFenced).count(), 0L, "fenced brokers");
        Frame.equal(found.size(), 1, "brokers");
    }
}
