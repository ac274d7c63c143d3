import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.PartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.RangeAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;

/**
 * The reference's side of the assignors' tests. Reads cases from a file and prints what the reference assigns:
 *
 *   group uniform|range homogeneous|heterogeneous
 *   topic HIGH LOW PARTITIONS
 *   member ID INSTANCE|- TOPIC,TOPIC|- TOPIC:P,P;TOPIC:P|-      (topics by their place in the list above)
 *   end
 */
public class Assign {
    static List<Uuid> topics = new ArrayList<>();
    static Map<Uuid, Integer> counts = new HashMap<>();
    static Map<String, MemberSubscriptionAndAssignmentImpl> members = new LinkedHashMap<>();
    static Map<Uuid, Map<Integer, String>> owners = new HashMap<>();

    public static void main(String[] args) throws Exception {
        StringBuilder out = new StringBuilder();
        String[] group = null;
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "group" -> {
                    group = words;
                    topics.clear();
                    counts.clear();
                    members.clear();
                    owners.clear();
                }
                case "topic" -> {
                    Uuid id = new Uuid(Long.parseLong(words[1]), Long.parseLong(words[2]));
                    topics.add(id);
                    counts.put(id, Integer.parseInt(words[3]));
                }
                case "member" -> member(words);
                default -> assign(group, out);
            }
        }
        System.out.print(out);
    }

    static void member(String[] words) {
        Set<Uuid> subscribed = new LinkedHashSet<>();
        if (!words[3].equals("-")) {
            for (String topic : words[3].split(",")) subscribed.add(topics.get(Integer.parseInt(topic)));
        }
        Map<Uuid, Set<Integer>> assigned = new LinkedHashMap<>();
        if (!words[4].equals("-")) {
            for (String entry : words[4].split(";")) {
                String[] sides = entry.split(":");
                Uuid topic = topics.get(Integer.parseInt(sides[0]));
                Set<Integer> partitions = new TreeSet<>();
                for (String partition : sides[1].split(",")) {
                    partitions.add(Integer.parseInt(partition));
                    owners.computeIfAbsent(topic, any -> new HashMap<>()).put(Integer.parseInt(partition), words[1]);
                }
                assigned.put(topic, partitions);
            }
        }
        Optional<String> instance = words[2].equals("-") ? Optional.empty() : Optional.of(words[2]);
        members.put(words[1], new MemberSubscriptionAndAssignmentImpl(
            Optional.empty(), instance, subscribed, new Assignment(Collections.unmodifiableMap(assigned))));
    }

    static void assign(String[] group, StringBuilder out) {
        PartitionAssignor assignor = group[1].equals("range") ? new RangeAssignor() : new UniformAssignor();
        SubscriptionType type = SubscriptionType.valueOf(group[2].toUpperCase());
        SubscribedTopicDescriber describer = new SubscribedTopicDescriber() {
            public int numPartitions(Uuid topic) {
                return counts.getOrDefault(topic, -1);
            }

            public Set<String> racksForPartition(Uuid topic, int partition) {
                return Set.of();
            }
        };
        var result = assignor.assign(new GroupSpecImpl(members, type, owners), describer).members();
        for (String member : members.keySet()) {
            Map<Uuid, Set<Integer>> partitions = result.containsKey(member) ? result.get(member).partitions() : Map.of();
            TreeMap<Integer, String> entries = new TreeMap<>();
            partitions.forEach((topic, set) -> {
                List<String> texts = new TreeSet<>(set).stream().map(String::valueOf).toList();
                if (!texts.isEmpty()) entries.put(topics.indexOf(topic), topics.indexOf(topic) + ":" + String.join(",", texts));
            });
            out.append(entries.isEmpty() ? "-" : String.join(";", entries.values())).append('\n');
        }
    }
}
