import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;

/** Consumer groups of the consumer protocol (KIP-848), and groups that change between it and the classic one. */
final class ConsumerGroupChecks {
    private static final String[] CLASSIC = {"heartbeat.interval.ms", "200", "session.timeout.ms", "10000",
        "partition.assignment.strategy", CooperativeStickyAssignor.class.getName()};

    private ConsumerGroupChecks() {}

    static void register(Frame frame) {
        frame.add("consumer_protocol_reads_all", ConsumerGroupChecks::readsAll);
        frame.add("consumer_protocol_two_members", ConsumerGroupChecks::twoMembers);
        frame.add("consumer_protocol_three_members", ConsumerGroupChecks::threeMembers);
        frame.add("consumer_protocol_static_member", ConsumerGroupChecks::staticMember);
        frame.add("consumer_protocol_pattern", ConsumerGroupChecks::pattern);
        frame.add("consumer_protocol_refused", ConsumerGroupChecks::refused);
        frame.add("consumer_protocol_new_partitions", ConsumerGroupChecks::newPartitions);
        frame.add("consumer_protocol_range", ConsumerGroupChecks::range);
        frame.add("consumer_protocol_paused_member", ConsumerGroupChecks::pausedMember);
        frame.add("consumer_protocol_described", ConsumerGroupChecks::described);
        frame.add("consumer_protocol_offsets", ConsumerGroupChecks::offsets);
        frame.add("group_goes_up", ConsumerGroupChecks::goesUp);
        frame.add("group_goes_down", ConsumerGroupChecks::goesDown);
        frame.add("consumer_group_configs", ConsumerGroupChecks::groupConfigs);
    }

    private static String[] with(String[] config, String... more) {
        List<String> all = new ArrayList<>(List.of(config));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static GroupChecks.Member member(String group, String topic, String... config) {
        GroupChecks.Member member = new GroupChecks.Member(group, with(config, "group.protocol", "consumer"));
        member.consumer.subscribe(List.of(topic), member);
        return member;
    }

    private static GroupChecks.Member classic(String group, String topic) {
        GroupChecks.Member member = new GroupChecks.Member(group, CLASSIC);
        member.consumer.subscribe(List.of(topic), member);
        return member;
    }

    private static ConfigResource resource(String group) {
        return new ConfigResource(ConfigResource.Type.GROUP, group);
    }

    private static void configure(String group, String... config) throws Exception {
        List<AlterConfigOp> changes = new ArrayList<>();
        for (int i = 0; i < config.length; i += 2) {
            changes.add(new AlterConfigOp(new ConfigEntry(config[i], config[i + 1]), AlterConfigOp.OpType.SET));
        }
        Kafka.ADMIN.incrementalAlterConfigs(Map.of(resource(group), (Collection<AlterConfigOp>) changes)).all().get();
    }

    /** A new group whose members talk several times a second. */
    private static String quick(String word) throws Exception {
        String group = Frame.fresh(word);
        configure(group, "consumer.heartbeat.interval.ms", "300");
        return group;
    }

    private static void readsAll() throws Exception {
        String topic = Kafka.create("modern", 3);
        String group = quick("modern");
        GroupChecks.send(topic, 3, 0, 300);
        for (int round = 0; round < 2; round++) {
            try (GroupChecks.Member one = member(group, topic)) {
                GroupChecks.read(round * 300, round * 300 + 300, one);
                one.consumer.commitSync();
            }
            GroupChecks.send(topic, 3, round * 300 + 300, round * 300 + 600);
        }
    }

    private static void twoMembers() throws Exception {
        String topic = Kafka.create("modern-two", 4);
        String group = quick("modern-two");
        try (GroupChecks.Member two = member(group, topic)) {
            GroupChecks.until("all partitions", () -> two.partitions().size() == 4, two);
            try (GroupChecks.Member one = member(group, topic)) {
                GroupChecks.shareFour(one, two);
                Frame.equal(two.revoked.stream().sorted().toList(), one.partitions(), "only what moves is revoked");
                GroupChecks.send(topic, 4, 0, 400);
                GroupChecks.read(0, 400, one, two);
                one.consumer.commitSync();
                two.consumer.commitSync();
            }
            GroupChecks.until("all partitions", () -> two.partitions().size() == 4, two);
            GroupChecks.send(topic, 4, 400, 800);
            GroupChecks.read(400, 800, two);
        }
    }

    /** Three members of five partitions: two have two, and whoever joins takes only what is too much elsewhere. */
    private static void threeMembers() throws Exception {
        String topic = Kafka.create("modern-three", 5);
        String group = quick("modern-three");
        try (GroupChecks.Member one = member(group, topic); GroupChecks.Member two = member(group, topic);
             GroupChecks.Member three = member(group, topic)) {
            GroupChecks.Member[] all = {one, two, three};
            GroupChecks.until("a fair share", () -> sizes(all).equals(List.of(1, 2, 2)), all);
            GroupChecks.send(topic, 5, 0, 500);
            GroupChecks.read(0, 500, all);
            for (GroupChecks.Member each : all) each.consumer.commitSync();
            three.consumer.unsubscribe();
            GroupChecks.until("a share of two", () -> one.partitions().size() + two.partitions().size() == 5, one, two);
            GroupChecks.send(topic, 5, 500, 600);
            GroupChecks.read(500, 600, one, two);
        }
    }

    private static List<Integer> sizes(GroupChecks.Member... members) {
        Set<Integer> distinct = new TreeSet<>();
        List<Integer> sizes = new ArrayList<>();
        for (GroupChecks.Member each : members) {
            distinct.addAll(each.partitions());
            sizes.add(each.partitions().size());
        }
        sizes.sort(null);
        return distinct.size() == sizes.stream().mapToInt(size -> size).sum() ? sizes : List.of();
    }

    private static void staticMember() throws Exception {
        String topic = Kafka.create("modern-static", 4);
        String group = quick("modern-static");
        try (GroupChecks.Member two = member(group, topic, "group.instance.id", "two")) {
            GroupChecks.Member one = member(group, topic, "group.instance.id", "one");
            GroupChecks.shareFour(one, two);
            List<Integer> before = one.partitions();
            try (GroupChecks.Member twin = member(group, topic, "group.instance.id", "one")) {
                Frame.refused(UnreleasedInstanceIdException.class, () -> GroupChecks.until("the error", () -> false, twin));
            }
            int rebalances = two.rebalances;
            one.close();
            try (GroupChecks.Member back = member(group, topic, "group.instance.id", "one")) {
                GroupChecks.until("the same partitions", () -> back.partitions().equals(before), back, two);
                GroupChecks.send(topic, 4, 0, 100);
                GroupChecks.read(0, 100, back, two);
                Frame.equal(two.rebalances, rebalances, "rebalances of the other");
            }
        }
    }

    /** A pattern that the broker looks up finds topics that come later. */
    private static void pattern() throws Exception {
        String word = Frame.fresh("pattern");
        String first = Kafka.create(word + "-a", 1);
        String other = Kafka.create("not-" + word, 1);
        GroupChecks.send(first, 1, 0, 10);
        GroupChecks.send(other, 1, 0, 10);
        String group = quick("modern-pattern");
        try (GroupChecks.Member one = new GroupChecks.Member(group, new String[] {"group.protocol", "consumer", "metadata.max.age.ms", "500"})) {
            one.consumer.subscribe(new SubscriptionPattern("jv-" + word + "-[a-c]-.*"), one);
            GroupChecks.read(0, 10, one);
            String second = Kafka.create(word + "-b", 2);
            GroupChecks.until("the new topic", () -> one.consumer.assignment().size() == 3, one);
            GroupChecks.send(second, 2, 10, 30);
            GroupChecks.read(10, 30, one);
            Kafka.ADMIN.deleteTopics(List.of(first)).all().get();
            GroupChecks.until("the topic is gone", () -> one.consumer.assignment().size() == 2, one);
        }
    }

    private static void refused() throws Exception {
        String topic = Kafka.create("modern-refused", 1);
        try (GroupChecks.Member one = new GroupChecks.Member(Frame.fresh("refused"), new String[] {"group.protocol", "consumer"})) {
            one.consumer.subscribe(new SubscriptionPattern("(?=a)"), one);
            Frame.refused(InvalidRegularExpression.class, () -> GroupChecks.until("the error", () -> false, one));
        }
        try (GroupChecks.Member one = member(Frame.fresh("refused"), topic, "group.remote.assignor", "best")) {
            Frame.refused(UnsupportedAssignorException.class, () -> GroupChecks.until("the error", () -> false, one));
        }
    }

    private static void newPartitions() throws Exception {
        String topic = Kafka.create("modern-more", 1);
        String group = quick("modern-more");
        try (GroupChecks.Member one = member(group, topic, "metadata.max.age.ms", "500")) {
            GroupChecks.until("its partition", () -> one.partitions().size() == 1, one);
            Kafka.ADMIN.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get();
            GroupChecks.until("three partitions", () -> one.partitions().size() == 3, one);
            GroupChecks.send(topic, 3, 0, 30);
            GroupChecks.read(0, 30, one);
        }
    }

    /** With `range` members get neighbouring partitions, and the same ones of each topic. */
    private static void range() throws Exception {
        String left = Kafka.create("modern-left", 4);
        String right = Kafka.create("modern-right", 4);
        String group = quick("modern-range");
        String[] config = {"group.protocol", "consumer", "group.remote.assignor", "range"};
        try (GroupChecks.Member one = new GroupChecks.Member(group, config); GroupChecks.Member two = new GroupChecks.Member(group, config)) {
            for (GroupChecks.Member each : List.of(one, two)) each.consumer.subscribe(List.of(left, right), each);
            List<Integer> low = List.of(0, 0, 1, 1);
            List<Integer> high = List.of(2, 2, 3, 3);
            GroupChecks.until("a half each", () -> Set.of(one.partitions(), List.of(-1)).contains(low) && two.partitions().equals(high)
                || one.partitions().equals(high) && two.partitions().equals(low), one, two);
            Frame.equal(GroupChecks.describe(group).partitionAssignor(), "range", "assignor");
        }
    }

    /** A member that does not poll leaves by itself, and comes back when it polls again. */
    private static void pausedMember() throws Exception {
        String topic = Kafka.create("modern-paused", 4);
        String group = quick("modern-paused");
        try (GroupChecks.Member one = member(group, topic, "max.poll.interval.ms", "2000"); GroupChecks.Member two = member(group, topic)) {
            GroupChecks.shareFour(one, two);
            GroupChecks.until("all partitions", () -> two.partitions().size() == 4, two);
            GroupChecks.send(topic, 4, 0, 100);
            GroupChecks.read(0, 100, two);
            two.consumer.commitSync();
            GroupChecks.shareFour(one, two);
        }
    }

    private static void described() throws Exception {
        String topic = Kafka.create("modern-described", 3);
        String group = quick("modern-described");
        try (GroupChecks.Member one = member(group, topic, "group.instance.id", "here", "client.id", "me", "client.rack", "r1")) {
            GroupChecks.until("its partitions", () -> one.partitions().size() == 3, one);
            GroupChecks.until("stable", () -> GroupChecks.describe(group).groupState() == GroupState.STABLE, one);
            ConsumerGroupDescription found = GroupChecks.describe(group);
            Frame.equal(found.type(), GroupType.CONSUMER, "type");
            Frame.equal(found.partitionAssignor(), "uniform", "assignor");
            Frame.equal(found.coordinator().id(), 1, "coordinator");
            Frame.equal(found.groupEpoch(), found.targetAssignmentEpoch(), "epochs");
            Frame.equal(found.members().size(), 1, "members");
            MemberDescription member = found.members().iterator().next();
            Frame.equal(member.groupInstanceId().orElse(null), "here", "instance");
            Frame.equal(member.rackId().orElse(null), "r1", "rack");
            Frame.equal(member.clientId(), "me", "client");
            Frame.equal(member.consumerId(), one.consumer.groupMetadata().memberId(), "member");
            Frame.equal(member.memberEpoch().get(), one.consumer.groupMetadata().generationId(), "member epoch");
            Frame.equal(member.assignment().topicPartitions(), one.consumer.assignment(), "assignment");
            Frame.equal(member.targetAssignment().get().topicPartitions(), one.consumer.assignment(), "target");
            Frame.equal(member.upgraded().orElse(null), true, "speaks the protocol");
            Frame.check(listed(group, GroupType.CONSUMER) && !listed(group, GroupType.CLASSIC), "listed wrongly");
            Frame.refused(GroupNotEmptyException.class, () -> Kafka.ADMIN.deleteConsumerGroups(List.of(group)).all().get());
        }
        // A static member that closes is only away.
        Frame.equal(GroupChecks.describe(group).members().size(), 1, "members");
    }

    private static boolean listed(String group, GroupType type) throws Exception {
        return Kafka.ADMIN.listGroups(new ListGroupsOptions().withTypes(Set.of(type))).all().get().stream()
            .anyMatch(each -> each.groupId().equals(group));
    }

    private static void offsets() throws Exception {
        String topic = Kafka.create("modern-offsets", 2);
        String group = quick("modern-offsets");
        GroupChecks.send(topic, 2, 0, 100);
        TopicPartition zero = new TopicPartition(topic, 0);
        Map<TopicPartition, OffsetAndMetadata> wanted = Map.of(zero, new OffsetAndMetadata(7, "why"));
        Kafka.ADMIN.alterConsumerGroupOffsets(group, wanted).all().get();
        try (GroupChecks.Member one = member(group, topic)) {
            // The poll that brings the partitions may bring records too.
            long read = GroupChecks.until("its partitions", () -> one.partitions().size() == 2, one).stream()
                .filter(each -> each.partition() == 0).count();
            Frame.equal(one.consumer.committed(Set.of(zero)), wanted, "as the member sees them");
            Frame.equal(one.consumer.position(zero), 7L + read, "position");
            Frame.refused(UnknownMemberIdException.class, () -> Kafka.ADMIN.alterConsumerGroupOffsets(group, wanted).all().get());
            Frame.refused(GroupSubscribedToTopicException.class,
                () -> Kafka.ADMIN.deleteConsumerGroupOffsets(group, Set.of(zero)).all().get());
            one.consumer.commitSync(Map.of(zero, new OffsetAndMetadata(9)));
        }
        Frame.equal(Kafka.ADMIN.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(zero).offset(), 9L, "committed");
        Kafka.ADMIN.deleteConsumerGroupOffsets(group, Set.of(zero)).all().get();
        Kafka.ADMIN.deleteConsumerGroups(List.of(group)).all().get();
    }

    /** Classic members are replaced one by one; nothing is skipped. */
    private static void goesUp() throws Exception {
        String topic = Kafka.create("up", 4);
        String group = quick("up");
        GroupChecks.send(topic, 4, 0, 100);
        try (GroupChecks.Member old = classic(group, topic)) {
            GroupChecks.read(0, 100, old);
            old.consumer.commitSync();
            Frame.equal(GroupChecks.describe(group).type(), GroupType.CLASSIC, "type");
            try (GroupChecks.Member one = member(group, topic)) {
                GroupChecks.shareFour(old, one);
                Frame.equal(GroupChecks.describe(group).type(), GroupType.CONSUMER, "type of the mixed group");
                GroupChecks.send(topic, 4, 100, 300);
                GroupChecks.read(100, 300, old, one);
                old.consumer.commitSync();
                one.consumer.commitSync();
                old.close();
                GroupChecks.until("all partitions", () -> one.partitions().size() == 4, one);
                GroupChecks.send(topic, 4, 300, 400);
                GroupChecks.read(300, 400, one);
                one.consumer.commitSync();
            }
            Frame.equal(GroupChecks.describe(group).type(), GroupType.CONSUMER, "type in the end");
        }
    }

    /** And back: the last member of the consumer protocol goes, and the group is a classic one. */
    private static void goesDown() throws Exception {
        String topic = Kafka.create("down", 4);
        String group = quick("down");
        GroupChecks.send(topic, 4, 0, 100);
        GroupChecks.Member one = member(group, topic);
        GroupChecks.read(0, 100, one);
        one.consumer.commitSync();
        try (GroupChecks.Member old = classic(group, topic)) {
            GroupChecks.shareFour(old, one);
            GroupChecks.send(topic, 4, 100, 300);
            GroupChecks.read(100, 300, old, one);
            old.consumer.commitSync();
            one.consumer.commitSync();
            one.close();
            GroupChecks.until("all partitions", () -> old.partitions().size() == 4, old);
            Frame.equal(GroupChecks.describe(group).type(), GroupType.CLASSIC, "type");
            GroupChecks.send(topic, 4, 300, 400);
            GroupChecks.read(300, 400, old);
            old.consumer.commitSync();
        }
    }

    private static void groupConfigs() throws Exception {
        String group = Frame.fresh("configured");
        configure(group, "consumer.session.timeout.ms", "50000", "consumer.heartbeat.interval.ms", "6000");
        var found = Kafka.ADMIN.describeConfigs(List.of(resource(group))).all().get().get(resource(group));
        Frame.equal(found.get("consumer.session.timeout.ms").value(), "50000", "session");
        Frame.equal(found.get("consumer.heartbeat.interval.ms").source(), ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG, "source");
        for (String[] wrong : new String[][] {{"consumer.session.timeout.ms", "60001"}, {"consumer.heartbeat.interval.ms", "1"},
            {"consumer.assignment.interval.ms", "15001"}, {"no.such.key", "1"}}) {
            Frame.refused(InvalidConfigurationException.class, () -> configure(group, wrong));
        }
        Kafka.ADMIN.incrementalAlterConfigs(Map.of(resource(group), List.of(new AlterConfigOp(
            new ConfigEntry("consumer.session.timeout.ms", ""), AlterConfigOp.OpType.DELETE)))).all().get();
        found = Kafka.ADMIN.describeConfigs(List.of(resource(group))).all().get().get(resource(group));
        Frame.equal(found.get("consumer.session.timeout.ms").value(), "45000", "session after all");
    }
}
