import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Prints what Apache Kafka says about each of its configuration keys, one tab-separated line each, for the test that
 * compares Headwater's table with it:
 *
 *   key    table name type default validator importance internal scope-or-synonyms
 *   probe  table name value outcome
 *
 * A probe is one value put through the key's parser and validator; its outcome is the parsed value or the message.
 */
public class ConfigFacts {
    static final List<String> PROBES = List.of("", " ", "0", "1", "-1", "-2", "-3", "5", " 7 ", "+8", "1.5", "0.25d", "1e400",
        "NaN", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "9223372036854775808", "32768", "1024",
        "1048575", "1048576", "8388608", "true", "TRUE", " false", "yes", "delete", "compact", "compact,delete",
        "delete , compact", "delete,delete", "delete,", ",", "a,b", "a,a", "*", "0:1,1:2", "0:1,x", "broker", "broker,controller",
        "gzip", "producer", "GZIP", "zstd", "CreateTime", "LogAppendTime", "createtime", "PLAINTEXT", "SSL", "plaintext",
        "upgrade", "consumer,classic", "required", "ES256", "es256", "1@localhost:9093", "1@localhost", "x@localhost:1",
        "localhost:9093", "localhost", "PLAINTEXT://:9092", "1@0.0.0.0:0", "1@[::1]:9093,2@h:1");

    public static void main(String[] args) throws Exception {
        Map<String, String> modes = DynamicBrokerConfig.dynamicConfigUpdateModes();
        for (ConfigDef.ConfigKey key : new TreeMap<>(AbstractKafkaConfig.CONFIG_DEF.configKeys()).values())
            facts("node", key, modes.getOrDefault(key.name, "read-only"));
        for (ConfigDef.ConfigKey key : new TreeMap<>(LogConfig.configKeys()).values())
            facts("topic", key, synonyms(key.name));
    }

    static String synonyms(String topicKey) {
        List<String> names = new ArrayList<>();
        for (ConfigSynonym synonym : ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.getOrDefault(topicKey, List.of()))
            names.add(synonym.name() + "*" + synonym.converter().apply("1"));
        return String.join(" ", names);
    }

    static void facts(String table, ConfigDef.ConfigKey key, String extra) throws Exception {
        String value = !key.hasDefault() ? "<required>" : key.defaultValue == null ? "<null>"
            : ConfigDef.convertToString(key.defaultValue, key.type);
        line("key", table, key.name, key.type.toString(), value, validator(key.validator), key.importance.toString(),
            Boolean.toString(key.internalConfig), extra);
        if (key.type == ConfigDef.Type.CLASS) return;
        for (String probe : PROBES)
            line("probe", table, key.name, probe, outcome(key, probe));
    }

    static String outcome(ConfigDef.ConfigKey key, String probe) throws Exception {
        try {
            Object parsed = parse(key, probe);
            String text = key.type == ConfigDef.Type.PASSWORD
                ? ((org.apache.kafka.common.config.types.Password) parsed).value() : ConfigDef.convertToString(parsed, key.type);
            return "ok " + text;
        } catch (ConfigException e) {
            return "error " + e.getMessage();
        }
    }

    /** What ConfigDef.parse does with one key: it also drops duplicates from lists before it looks at them. */
    static Object parse(ConfigDef.ConfigKey key, String text) throws Exception {
        java.lang.reflect.Method parse =
            ConfigDef.class.getDeclaredMethod("parseValue", ConfigDef.ConfigKey.class, Object.class, boolean.class);
        parse.setAccessible(true);
        try {
            return parse.invoke(new ConfigDef(), key, text, true);
        } catch (java.lang.reflect.InvocationTargetException e) {
            throw e.getCause() instanceof ConfigException cause ? cause : e;
        }
    }

    static String validator(ConfigDef.Validator validator) throws Exception {
        if (validator == null) return "";
        String text = validator.getClass().getSimpleName() + " " + validator;
        if (validator instanceof ConfigDef.ValidList) {
            java.lang.reflect.Field field = ConfigDef.ValidList.class.getDeclaredField("isEmptyAllowed");
            field.setAccessible(true);
            if (field.getBoolean(validator)) text += " isEmptyAllowed";
        }
        return text;
    }

    static void line(String... fields) {
        System.out.println(String.join("\t", fields));
    }
}
