import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.UnknownMemberIdException;

/** Consumer groups of the classic protocol, as the Java consumer and the admin client use them. */
final class GroupChecks {
    private GroupChecks() {}

    static void register(Frame frame) {
        frame.add("group_reads_all", GroupChecks::readsAll);
        frame.add("group_resumes", GroupChecks::resumes);
        frame.add("group_two_members", GroupChecks::twoMembers);
        frame.add("group_static_member", GroupChecks::staticMember);
        frame.add("group_static_member_fenced", GroupChecks::staticMemberFenced);
        frame.add("group_cooperative", GroupChecks::cooperative);
        frame.add("group_reset_policies", GroupChecks::resetPolicies);
        frame.add("group_removed_member", GroupChecks::removedMember);
        frame.add("describe_and_list_groups", GroupChecks::describeAndList);
        frame.add("committed_offsets", GroupChecks::committedOffsets);
        frame.add("delete_groups", GroupChecks::deleteGroups);
    }

    /** A consumer with what the rebalances took from it. */
    static final class Member implements AutoCloseable, ConsumerRebalanceListener {
        final KafkaConsumer<byte[], byte[]> consumer;
        final List<Integer> revoked = new ArrayList<>();
        int rebalances;

        Member(String group, String topic, String... config) {
            String[] usual = {"group.id", group, "auto.offset.reset", "earliest", "heartbeat.interval.ms", "200",
                "session.timeout.ms", "10000", "partition.assignment.strategy", RangeAssignor.class.getName()};
            String[] all = Arrays.copyOf(usual, usual.length + config.length);
            System.arraycopy(config, 0, all, usual.length, config.length);
            consumer = Kafka.consumer(all);
            consumer.subscribe(List.of(topic), this);
        }

        /** A member that subscribes by itself, and of which nothing is set but the group. */
        Member(String group, String[] config) {
            String[] usual = {"group.id", group, "auto.offset.reset", "earliest"};
            String[] all = Arrays.copyOf(usual, usual.length + config.length);
            System.arraycopy(config, 0, all, usual.length, config.length);
            consumer = Kafka.consumer(all);
        }

        @Override public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            rebalances++;
        }

        @Override public void onPartitionsRevoked(Collection<TopicPartition> taken) {
            taken.forEach(each -> revoked.add(each.partition()));
        }

        List<Integer> partitions() {
            return consumer.assignment().stream().map(TopicPartition::partition).sorted().toList();
        }

        @Override public void close() {
            consumer.close();
        }
    }

    static List<ConsumerRecord<byte[], byte[]>> until(String what, Callable<Boolean> holds, Member... members) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
        long end = System.nanoTime() + 20_000_000_000L;
        while (!holds.call()) {
            Frame.check(System.nanoTime() < end, "never: " + what);
            for (Member each : members) each.consumer.poll(Duration.ofMillis(50)).forEach(found::add);
        }
        return found;
    }

    /** Reads with the members until the values from, from+1 … end-1 are there, and makes sure that nothing comes twice. */
    static void read(int from, int end, Member... members) throws Exception {
        List<Integer> found = new ArrayList<>();
        until("the records", () -> {
            for (Member each : members) {
                each.consumer.poll(Duration.ofMillis(50)).forEach(record -> found.add(Integer.valueOf(Kafka.text(record.value()))));
            }
            return found.size() >= end - from;
        });
        for (Member each : members) {
            each.consumer.poll(Duration.ofMillis(50)).forEach(record -> found.add(Integer.valueOf(Kafka.text(record.value()))));
        }
        Frame.equal(found.stream().sorted().toList(), IntStream.range(from, end).boxed().toList(), "values");
    }

    static void send(String topic, int partitions, int from, int end) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = from; i < end; i++) records.add(Kafka.at(topic, i % partitions, null, "" + i));
        Kafka.send(records);
    }

    static void shareFour(Member one, Member two) throws Exception {
        until("two partitions each", () -> one.partitions().size() == 2 && two.partitions().size() == 2, one, two);
        Set<Integer> all = new TreeSet<>(one.partitions());
        all.addAll(two.partitions());
        Frame.equal(all.size(), 4, "partitions of both");
    }

    private static void readsAll() throws Exception {
        String topic = Kafka.create("group", 3);
        send(topic, 3, 0, 300);
        try (Member one = new Member(Frame.fresh("group"), topic)) {
            read(0, 300, one);
        }
    }

    private static void resumes() throws Exception {
        String topic = Kafka.create("resume", 2);
        String group = Frame.fresh("resume");
        for (int round = 0; round < 3; round++) {
            send(topic, 2, round * 100, round * 100 + 100);
            try (Member one = new Member(group, topic)) {
                read(round * 100, round * 100 + 100, one);
                one.consumer.commitSync();
            }
        }
        send(topic, 2, 300, 400);
        for (int again = 0; again < 2; again++) {                 // nothing was committed the first time
            try (Member one = new Member(group, topic)) {
                read(300, 400, one);
            }
        }
    }

    private static void twoMembers() throws Exception {
        String topic = Kafka.create("two", 4);
        String group = Frame.fresh("two");
        try (Member two = new Member(group, topic)) {
            try (Member one = new Member(group, topic)) {
                shareFour(one, two);
                send(topic, 4, 0, 400);
                read(0, 400, one, two);
                one.consumer.commitSync();
                two.consumer.commitSync();
            }
            until("all partitions", () -> two.partitions().size() == 4, two);
            send(topic, 4, 400, 800);
            read(400, 800, two);
        }
    }

    private static void staticMember() throws Exception {
        String topic = Kafka.create("static", 4);
        String group = Frame.fresh("static");
        try (Member two = new Member(group, topic, "group.instance.id", "two")) {
            Member one = new Member(group, topic, "group.instance.id", "one");
            shareFour(one, two);
            List<Integer> before = one.partitions();
            int rebalances = two.rebalances;
            one.close();
            try (Member back = new Member(group, topic, "group.instance.id", "one")) {
                until("the same partitions", () -> back.partitions().equals(before), back, two);
                send(topic, 4, 0, 100);
                read(0, 100, back, two);
                Frame.equal(two.rebalances, rebalances, "rebalances of the other");
            }
        }
    }

    private static void staticMemberFenced() throws Exception {
        String topic = Kafka.create("fenced", 1);
        String group = Frame.fresh("fenced");
        send(topic, 1, 0, 10);
        try (Member one = new Member(group, topic, "group.instance.id", "same")) {
            read(0, 10, one);
            try (Member two = new Member(group, topic, "group.instance.id", "same")) {
                read(0, 10, two);
                Frame.refused(FencedInstanceIdException.class, () -> one.consumer.commitSync());
                two.consumer.commitSync();
            }
        }
    }

    private static void cooperative() throws Exception {
        String topic = Kafka.create("cooperative", 4);
        String group = Frame.fresh("cooperative");
        String[] sticky = {"partition.assignment.strategy", CooperativeStickyAssignor.class.getName()};
        try (Member one = new Member(group, topic, sticky)) {
            until("all partitions", () -> one.partitions().size() == 4, one);
            try (Member two = new Member(group, topic, sticky)) {
                shareFour(one, two);
                Frame.equal(one.revoked.stream().sorted().toList(), two.partitions(), "revoked");
                send(topic, 4, 0, 400);
                read(0, 400, one, two);
                one.consumer.commitSync();
                two.consumer.commitSync();
            }
            until("all partitions", () -> one.partitions().size() == 4, one);
            send(topic, 4, 400, 500);
            read(400, 500, one);
        }
    }

    private static void resetPolicies() throws Exception {
        String topic = Kafka.create("reset", 1);
        send(topic, 1, 0, 10);
        try (Member one = new Member(Frame.fresh("none"), topic, "auto.offset.reset", "none")) {
            Frame.refused(NoOffsetForPartitionException.class, () -> until("the error", () -> false, one));
        }
        try (Member one = new Member(Frame.fresh("latest"), topic, "auto.offset.reset", "latest")) {
            until("its partition", () -> one.partitions().size() == 1, one);
            Frame.equal(one.consumer.position(new TopicPartition(topic, 0)), 10L, "position");
            send(topic, 1, 10, 20);
            read(10, 20, one);
        }
    }

    /** A member that an administrator removes may not commit any more, and comes back as a new one. */
    private static void removedMember() throws Exception {
        String topic = Kafka.create("removed", 1);
        String group = Frame.fresh("removed");
        send(topic, 1, 0, 10);
        try (Member one = new Member(group, topic, "group.instance.id", "here")) {
            read(0, 10, one);
            Kafka.ADMIN.removeMembersFromConsumerGroup(group,
                new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("here")))).all().get();
            Frame.equal(describe(group).members().size(), 0, "members");
            Frame.refused(CommitFailedException.class, () -> one.consumer.commitSync());
            read(0, 10, one);
            Frame.refused(UnknownMemberIdException.class, () -> Kafka.ADMIN.removeMembersFromConsumerGroup(group,
                new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("nobody")))).all().get());
        }
    }

    static ConsumerGroupDescription describe(String group) throws Exception {
        return Kafka.ADMIN.describeConsumerGroups(List.of(group)).all().get().get(group);
    }

    private static boolean listed(String group, GroupState... states) throws Exception {
        return Kafka.ADMIN.listGroups(new ListGroupsOptions().inGroupStates(Set.of(states))).all().get().stream()
            .anyMatch(each -> each.groupId().equals(group));
    }

    private static void describeAndList() throws Exception {
        String topic = Kafka.create("describe", 2);
        String group = Frame.fresh("described");
        Frame.refused(GroupIdNotFoundException.class, () -> describe(group));
        try (Member one = new Member(group, topic, "group.instance.id", "here", "client.id", "me")) {
            until("its partitions", () -> one.partitions().size() == 2, one);
            ConsumerGroupDescription found = describe(group);
            Frame.equal(found.groupState(), GroupState.STABLE, "state");
            Frame.equal(found.partitionAssignor(), "range", "assignor");
            Frame.equal(found.coordinator().id(), 1, "coordinator");
            Frame.equal(found.members().size(), 1, "members");
            found.members().forEach(member -> {
                Frame.equal(member.groupInstanceId().orElse(null), "here", "instance");
                Frame.equal(member.clientId(), "me", "client");
                Frame.equal(member.consumerId(), one.consumer.groupMetadata().memberId(), "member");
                Frame.equal(member.assignment().topicPartitions(), one.consumer.assignment(), "assignment");
            });
            Frame.check(listed(group) && listed(group, GroupState.STABLE) && !listed(group, GroupState.EMPTY), "listed wrongly");
            Frame.refused(GroupNotEmptyException.class, () -> Kafka.ADMIN.deleteConsumerGroups(List.of(group)).all().get());
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(String group) throws Exception {
        return Kafka.ADMIN.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    }

    private static void committedOffsets() throws Exception {
        String topic = Kafka.create("committed", 2);
        String group = Frame.fresh("offsets");
        send(topic, 2, 0, 100);
        TopicPartition zero = new TopicPartition(topic, 0);
        TopicPartition first = new TopicPartition(topic, 1);
        Map<TopicPartition, OffsetAndMetadata> wanted =
            Map.of(zero, new OffsetAndMetadata(7, "why"), first, new OffsetAndMetadata(50));
        Kafka.ADMIN.alterConsumerGroupOffsets(group, wanted).all().get();
        Frame.equal(offsets(group), wanted, "offsets");
        try (Member one = new Member(group, topic)) {
            until("its partitions", () -> one.partitions().size() == 2, one);
            Frame.equal(one.consumer.committed(Set.of(zero, first)), wanted, "as the member sees them");
            Frame.equal(one.consumer.position(first), 50L, "position");
            Frame.refused(UnknownMemberIdException.class, () -> Kafka.ADMIN.alterConsumerGroupOffsets(group, wanted).all().get());
            Frame.refused(GroupSubscribedToTopicException.class,
                () -> Kafka.ADMIN.deleteConsumerGroupOffsets(group, Set.of(zero)).all().get());
        }
        Frame.equal(describe(group).groupState(), GroupState.EMPTY, "state");
        Kafka.ADMIN.deleteConsumerGroupOffsets(group, Set.of(zero)).all().get();
        Frame.equal(offsets(group).keySet(), Set.of(first), "what is left");
    }

    private static void deleteGroups() throws Exception {
        String topic = Kafka.create("delete", 1);
        String group = Frame.fresh("deleted");
        send(topic, 1, 0, 10);
        try (Member one = new Member(group, topic)) {
            read(0, 10, one);
            one.consumer.commitSync();
        }
        Kafka.ADMIN.deleteConsumerGroups(List.of(group)).all().get();
        Frame.refused(GroupIdNotFoundException.class, () -> Kafka.ADMIN.deleteConsumerGroups(List.of(group)).all().get());
        Frame.check(!listed(group), "still listed");
        Frame.equal(offsets(group), Map.of(), "offsets");
        try (Member one = new Member(group, topic)) {
            read(0, 10, one);
        }
    }
}
