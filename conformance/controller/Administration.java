import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsResponse;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.apache.kafka.common.requests.ElectLeadersResponse;
import org.apache.kafka.common.requests.ListPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.ListPartitionReassignmentsResponse;
import org.apache.kafka.common.requests.UpdateFeaturesRequest;
import org.apache.kafka.common.requests.UpdateFeaturesResponse;

/** CreatePartitions, ElectLeaders, reassignments and UpdateFeatures; administration.rs in the controller's tests says the same. */
class Administration {
    private static final int TIMEOUT_MS = 30_000;
    private final ControllerGolden golden;

    Administration(ControllerGolden golden) {
        this.golden = golden;
    }

    List<String> run(List<String> words, List<List<String>> items) throws Exception {
        switch (words.get(0)) {
            case "partitions": return partitions(words.contains("validate"), items);
            case "elect": return elect(words.get(1), words.contains("all"), items);
            case "reassign": return reassign(!words.contains("fixed-factor"), items);
            case "reassignments": return reassignments(words.contains("all"), items);
            case "features": return features(words, items);
            default: throw new IllegalArgumentException(words.get(0));
        }
    }

    private static List<Integer> list(String text) {
        if (text.isEmpty()) return List.of();
        return Arrays.stream(text.split(",")).map(Integer::parseInt).collect(Collectors.toList());
    }

    private static String shown(List<Integer> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static List<Integer> rest(List<String> words) {
        return words.stream().skip(1).map(Integer::parseInt).collect(Collectors.toList());
    }

    private List<String> partitions(boolean validate, List<List<String>> items) throws Exception {
        CreatePartitionsRequestData data = new CreatePartitionsRequestData().setTimeoutMs(TIMEOUT_MS).setValidateOnly(validate);
        for (List<String> item : items) {
            CreatePartitionsRequestData.CreatePartitionsTopic topic =
                new CreatePartitionsRequestData.CreatePartitionsTopic().setName(item.get(0)).setAssignments(null);
            List<CreatePartitionsRequestData.CreatePartitionsAssignment> assignments = new ArrayList<>();
            for (String word : item.subList(1, item.size())) {
                if (word.startsWith("count=")) topic.setCount(Integer.parseInt(word.substring(6)));
                if (word.startsWith("assign="))
                    assignments.add(new CreatePartitionsRequestData.CreatePartitionsAssignment().setBrokerIds(list(word.substring(7))));
            }
            if (!assignments.isEmpty() || item.contains("no-assignments")) topic.setAssignments(assignments);
            data.topics().add(topic);
        }
        CreatePartitionsResponse response = (CreatePartitionsResponse)
            golden.send(new CreatePartitionsRequest.Builder(data).build((short) 3), ApiKeys.CREATE_PARTITIONS, (short) 3);
        List<String> lines = new ArrayList<>();
        for (CreatePartitionsResponseData.CreatePartitionsTopicResult r : response.data().results())
            lines.add(ControllerGolden.shortName(r.name()) + ": " + ControllerGolden.error(r.errorCode(), r.errorMessage()));
        return lines;
    }

    private List<String> elect(String type, boolean all, List<List<String>> items) throws Exception {
        byte code = type.equals("preferred") ? 0 : type.equals("unclean") ? 1 : Byte.parseByte(type);
        ElectLeadersRequestData data = new ElectLeadersRequestData().setElectionType(code).setTimeoutMs(TIMEOUT_MS);
        data.setTopicPartitions(all ? null : new ElectLeadersRequestData.TopicPartitionsCollection());
        for (List<String> item : items)
            data.topicPartitions().add(new ElectLeadersRequestData.TopicPartitions().setTopic(item.get(0)).setPartitions(rest(item)));
        // The builder of requests takes no election type that is unknown.
        ElectLeadersRequest request = ElectLeadersRequest.parse(bytes(data, (short) 2), (short) 2);
        ElectLeadersResponse response = (ElectLeadersResponse) golden.send(request, ApiKeys.ELECT_LEADERS, (short) 2);
        List<String> lines = new ArrayList<>();
        for (ElectLeadersResponseData.ReplicaElectionResult topic : response.data().replicaElectionResults()) {
            String name = ControllerGolden.shortName(topic.topic());
            if (topic.partitionResult().isEmpty()) lines.add(name + ": no partitions");
            for (ElectLeadersResponseData.PartitionResult r : topic.partitionResult())
                lines.add(name + "-" + r.partitionId() + ": " + ControllerGolden.error(r.errorCode(), r.errorMessage()));
        }
        lines.add(ControllerGolden.error(response.data().errorCode(), null));
        return lines;
    }

    private List<String> reassign(boolean mayChangeFactor, List<List<String>> items) throws Exception {
        AlterPartitionReassignmentsRequestData data =
            new AlterPartitionReassignmentsRequestData().setTimeoutMs(TIMEOUT_MS).setAllowReplicationFactorChange(mayChangeFactor);
        for (List<String> item : items) {
            AlterPartitionReassignmentsRequestData.ReassignableTopic topic =
                new AlterPartitionReassignmentsRequestData.ReassignableTopic().setName(item.get(0));
            for (String word : item.subList(1, item.size())) {
                String[] pair = word.split("=", -1);
                topic.partitions().add(new AlterPartitionReassignmentsRequestData.ReassignablePartition()
                    .setPartitionIndex(Integer.parseInt(pair[0])).setReplicas(pair[1].equals("null") ? null : list(pair[1])));
            }
            data.topics().add(topic);
        }
        AlterPartitionReassignmentsResponseData response = ((AlterPartitionReassignmentsResponse) golden.send(
            new AlterPartitionReassignmentsRequest.Builder(data).build((short) 1), ApiKeys.ALTER_PARTITION_REASSIGNMENTS, (short) 1)).data();
        List<String> lines = new ArrayList<>();
        for (AlterPartitionReassignmentsResponseData.ReassignableTopicResponse topic : response.responses())
            for (AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse r : topic.partitions())
                lines.add(ControllerGolden.shortName(topic.name()) + "-" + r.partitionIndex() + ": "
                    + ControllerGolden.error(r.errorCode(), r.errorMessage()));
        lines.add(ControllerGolden.error(response.errorCode(), response.errorMessage())
            + (response.allowReplicationFactorChange() ? "" : " fixed-factor"));
        return lines;
    }

    private List<String> reassignments(boolean all, List<List<String>> items) throws Exception {
        ListPartitionReassignmentsRequestData data = new ListPartitionReassignmentsRequestData().setTimeoutMs(TIMEOUT_MS);
        data.setTopics(all ? null : new ArrayList<>());
        for (List<String> item : items)
            data.topics().add(new ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics()
                .setName(item.get(0)).setPartitionIndexes(rest(item)));
        ListPartitionReassignmentsResponseData response = ((ListPartitionReassignmentsResponse) golden.send(
            new ListPartitionReassignmentsRequest.Builder(data).build((short) 0), ApiKeys.LIST_PARTITION_REASSIGNMENTS, (short) 0)).data();
        List<String> lines = new ArrayList<>();
        for (ListPartitionReassignmentsResponseData.OngoingTopicReassignment topic : response.topics())
            for (ListPartitionReassignmentsResponseData.OngoingPartitionReassignment p : topic.partitions())
                lines.add(ControllerGolden.shortName(topic.name()) + "-" + p.partitionIndex() + ": replicas=" + shown(p.replicas())
                    + " adding=" + shown(p.addingReplicas()) + " removing=" + shown(p.removingReplicas()));
        lines.add(ControllerGolden.error(response.errorCode(), response.errorMessage()));
        return lines;
    }

    private List<String> features(List<String> words, List<List<String>> items) throws Exception {
        short version = 2;
        for (String word : words) if (word.startsWith("version=")) version = Short.parseShort(word.substring(8));
        UpdateFeaturesRequestData data = new UpdateFeaturesRequestData().setTimeoutMs(TIMEOUT_MS).setValidateOnly(words.contains("validate"));
        for (List<String> item : items) {
            String[] pair = item.get(0).split("=", -1);
            String type = item.get(1);
            data.featureUpdates().add(new UpdateFeaturesRequestData.FeatureUpdateKey()
                .setFeature(pair[0]).setMaxVersionLevel(Short.parseShort(pair[1]))
                .setUpgradeType(type.equals("upgrade") ? 1 : type.equals("safe") ? 2 : type.equals("unsafe") ? 3 : Byte.parseByte(type)));
        }
        UpdateFeaturesRequest request = UpdateFeaturesRequest.parse(bytes(data, version), version);
        UpdateFeaturesResponseData response =
            ((UpdateFeaturesResponse) golden.send(request, ApiKeys.UPDATE_FEATURES, version)).data();
        List<String> lines = new ArrayList<>();
        for (UpdateFeaturesResponseData.UpdatableFeatureResult r : response.results())
            lines.add(r.feature() + ": " + ControllerGolden.error(r.errorCode(), r.errorMessage()));
        lines.add(ControllerGolden.error(response.errorCode(), response.errorMessage()));
        return lines;
    }

    private static ByteBufferAccessor bytes(org.apache.kafka.common.protocol.ApiMessage message, short version) {
        return org.apache.kafka.common.protocol.MessageUtil.toByteBufferAccessor(message, version);
    }
}
