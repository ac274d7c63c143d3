import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.io.StringReader;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.Endpoint;

/**
 * Puts node configurations through Apache Kafka's KafkaConfig and prints the case file again with its outcomes.
 * A case is a line "case NAME", the lines of a properties file, a line "---" and the outcome.
 */
public class NodeChecks {
    public static void main(String[] args) throws Exception {
        List<String> properties = null;
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            if (line.startsWith("case ")) properties = new ArrayList<>();
            else if (line.equals("---")) {
                System.out.println("---");
                for (String outcome : outcome(String.join("\n", properties))) System.out.println(outcome);
                System.out.println();
                properties = null;
                continue;
            } else if (properties != null) properties.add(line);
            else continue;
            System.out.println(line);
        }
    }

    static List<String> outcome(String text) throws Exception {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        try {
            KafkaConfig config = new KafkaConfig(properties);
            List<String> roles = new ArrayList<>();
            config.processRoles().foreach(role -> roles.add(role.toString()));
            roles.sort(null);
            List<String> lines = new ArrayList<>();
            lines.add("node " + config.nodeId() + " " + String.join(",", roles));
            lines.add("listeners " + endpoints(config.listeners()));
            lines.add("advertised " + endpoints(config.effectiveAdvertisedBrokerListeners()));
            lines.add("controller " + endpoints(config.effectiveAdvertisedControllerListeners()));
            lines.add("brokers use " + config.interBrokerListenerName().value());
            lines.add("directories " + String.join(",", config.logDirs()) + " metadata " + config.metadataLogDir());
            return lines;
        } catch (Exception e) {
            // Scala puts two words before some of the messages, which say nothing.
            return List.of("error " + e.getMessage().replace("requirement failed: ", ""));
        }
    }

    static String endpoints(scala.collection.Seq<Endpoint> endpoints) {
        List<String> texts = new ArrayList<>();
        endpoints.foreach(it -> texts.add(it.listener() + "://" + (it.host() == null ? "" : it.host()) + ":" + it.port() + "/" + it.securityProtocol()));
        return String.join(" ", texts);
    }
}
