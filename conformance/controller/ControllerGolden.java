import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * Sends the requests of a script to a broker and writes the answers into the script: what stands between "----" and
 * the next empty line. The same scripts are read by the controller's tests, which must give the same answers.
 */
public class ControllerGolden {
    private final Socket socket;
    private final Map<String, Uuid> ids = new HashMap<>();
    private int correlation;

    private ControllerGolden(String host, int port) throws Exception {
        socket = new Socket(host, port);
    }

    public static void main(String[] args) throws Exception {
        ControllerGolden golden = new ControllerGolden(args[0], Integer.parseInt(args[1]));
        Path script = Path.of(args[2]);
        List<String> out = new ArrayList<>();
        List<String> command = new ArrayList<>();
        boolean answering = false;
        for (String line : Files.readAllLines(script)) {
            if (answering && !line.isEmpty()) continue;
            if (line.equals("----")) {
                out.add(line);
                out.addAll(golden.run(command));
                command.clear();
                answering = true;
                continue;
            }
            answering = false;
            out.add(line);
            if (!line.isEmpty() && !line.startsWith("#")) command.add(line);
        }
        Files.writeString(script, String.join("\n", out) + "\n");
    }

    private List<String> run(List<String> command) throws Exception {
        List<String> words = words(command.get(0));
        short version = 7;
        boolean validate = false, show = false;
        if (words.get(0).equals("delete")) version = 6;
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("version=")) version = Short.parseShort(word.substring(8));
            if (word.equals("validate")) validate = true;
            if (word.equals("show")) show = true;
        }
        List<List<String>> items = command.stream().skip(1).map(ControllerGolden::words).collect(Collectors.toList());
        List<String> answer;
        switch (words.get(0)) {
            case "create": answer = create(items, version, validate, show); break;
            case "delete": answer = delete(items, version); break;
            default: answer = new Administration(this).run(words, items);
        }
        answer.sort(String::compareTo);
        return answer;
    }

    /** Words between blanks; text in quotes is one word; x*250 is 250 times x. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false, any = false;
        for (char c : line.toCharArray()) {
            if (c == '"') {
                quoted = !quoted;
                any = true;
            } else if (c == ' ' && !quoted) {
                if (any) words.add(expand(word.toString()));
                word.setLength(0);
                any = false;
            } else {
                word.append(c);
                any = true;
            }
        }
        if (any) words.add(expand(word.toString()));
        return words;
    }

    private static String expand(String word) {
        int star = word.lastIndexOf('*');
        if (star < 1 || !word.substring(star + 1).matches("[0-9]+")) return word;
        return word.substring(0, star - 1) + word.substring(star - 1, star).repeat(Integer.parseInt(word.substring(star + 1)));
    }

    private List<String> create(List<List<String>> items, short version, boolean validate, boolean show) throws Exception {
        CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(30000).setValidateOnly(validate);
        for (List<String> item : items) {
            CreateTopicsRequestData.CreatableTopic topic =
                new CreateTopicsRequestData.CreatableTopic().setName(item.get(0)).setNumPartitions(-1).setReplicationFactor((short) -1);
            for (String word : item.subList(1, item.size())) {
                String key = word.substring(0, word.indexOf('=')), value = word.substring(word.indexOf('=') + 1);
                switch (key) {
                    case "partitions": topic.setNumPartitions(Integer.parseInt(value)); break;
                    case "factor": topic.setReplicationFactor(Short.parseShort(value)); break;
                    case "assign":
                        String[] parts = value.split(":", -1);
                        List<Integer> brokers = parts[1].isEmpty() ? List.of()
                            : Arrays.stream(parts[1].split(",")).map(Integer::parseInt).collect(Collectors.toList());
                        topic.assignments().add(new CreateTopicsRequestData.CreatableReplicaAssignment()
                            .setPartitionIndex(Integer.parseInt(parts[0])).setBrokerIds(brokers));
                        break;
                    default:
                        topic.configs().add(new CreateTopicsRequestData.CreatableTopicConfig()
                            .setName(key).setValue(value.equals("null") ? null : value));
                }
            }
            data.topics().add(topic);
        }
        CreateTopicsResponse response =
            (CreateTopicsResponse) send(new CreateTopicsRequest.Builder(data).build(version), ApiKeys.CREATE_TOPICS, version);
        List<String> lines = new ArrayList<>();
        for (CreateTopicsResponseData.CreatableTopicResult result : response.data().topics()) {
            String line = shortName(result.name()) + ": " + error(result.errorCode(), result.errorMessage());
            if (result.errorCode() == 0 && version >= 5) {
                line += " partitions=" + result.numPartitions() + " factor=" + result.replicationFactor();
                for (CreateTopicsResponseData.CreatableTopicConfigs config : result.configs()) {
                    if (show) lines.add("  " + config.name() + "=" + config.value() + " from " + config.configSource());
                    else if (config.configSource() == 1) line += " " + config.name() + "=" + config.value();
                }
            }
            if (result.errorCode() == 0 && version >= 7 && !validate) ids.put(result.name(), result.topicId());
            lines.add(line);
        }
        return lines;
    }

    private List<String> delete(List<List<String>> items, short version) throws Exception {
        DeleteTopicsRequestData data = new DeleteTopicsRequestData().setTimeoutMs(30000);
        for (List<String> item : items) {
            String what = item.get(0);
            if (version < 6) {
                data.topicNames().add(item.get(1));
                continue;
            }
            DeleteTopicsRequestData.DeleteTopicState state = new DeleteTopicsRequestData.DeleteTopicState();
            if (what.equals("name") || what.equals("both")) state.setName(item.get(1));
            else state.setName(null);
            if (what.equals("id") || what.equals("both")) state.setTopicId(id(item.get(1)));
            data.topics().add(state);
        }
        DeleteTopicsResponse response =
            (DeleteTopicsResponse) send(new DeleteTopicsRequest.Builder(data).build(version), ApiKeys.DELETE_TOPICS, version);
        List<String> lines = new ArrayList<>();
        for (DeleteTopicsResponseData.DeletableTopicResult result : response.data().responses()) {
            String name = result.name() == null ? "null" : shortName(result.name());
            lines.add(name + " " + idName(result.topicId()) + ": " + error(result.errorCode(), result.errorMessage()));
        }
        return lines;
    }

    private Uuid id(String name) {
        if (name.matches("[0-9]+")) return new Uuid(77L, Long.parseLong(name));
        return ids.getOrDefault(name, new Uuid(78L, 0L));
    }

    private String idName(Uuid id) {
        if (id.equals(Uuid.ZERO_UUID)) return "none";
        if (id.getMostSignificantBits() == 77L) return "id(" + id.getLeastSignificantBits() + ")";
        for (Map.Entry<String, Uuid> entry : ids.entrySet()) if (entry.getValue().equals(id)) return "id(" + entry.getKey() + ")";
        return "id(?)";
    }

    static String shortName(String name) {
        return name.length() > 60 ? name.substring(0, 20) + "...(" + name.length() + ")" : "\"" + name + "\"";
    }

    static String error(short code, String message) {
        return Errors.forCode(code).name() + (message == null ? "" : ": " + message);
    }

    AbstractResponse send(AbstractRequest request, ApiKeys key, short version) throws Exception {
        RequestHeader header = new RequestHeader(key, version, "golden", correlation++);
        ByteBuffer bytes = request.serializeWithHeader(header);
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(bytes.remaining());
        out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        out.flush();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        return AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header);
    }
}
