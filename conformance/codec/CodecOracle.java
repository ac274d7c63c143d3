import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.ArrayOf;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.NullableSchema;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.share.ShareCoordinatorRecordSerde;
import org.apache.kafka.coordinator.transaction.TransactionCoordinatorRecordSerde;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Answers questions about the reference's message classes.
 *
 * <p>A question is: operation (byte), name of the message, version (short), then what the operation takes. An answer is
 * 1 and what the operation gives, or 0 and the reason. Names, reasons and bytes have their length (int) in front.
 *
 * <ul>
 *   <li>1: takes bytes and JSON; gives the bytes read and written again, the JSON read and written as bytes, and the
 *       bytes read, turned to JSON and back, and written.
 *   <li>2: takes a seed (long); gives the bytes of a random value.
 *   <li>3: takes bytes; gives how many were not read (int), and a boolean that says whether the value could be written
 *       again, with its bytes behind it.
 *   <li>4: takes nothing; gives a line of text per API, as {@link #apis} writes it.
 *   <li>5: takes key and value of a record of the log that the name says; gives both, read and written again.
 * </ul>
 */
public final class CodecOracle {
    private static final String[] PACKAGES = {
        "org.apache.kafka.common.message.",
        "org.apache.kafka.common.metadata.",
        "org.apache.kafka.coordinator.group.generated.",
        "org.apache.kafka.coordinator.transaction.generated.",
        "org.apache.kafka.coordinator.share.generated.",
        "org.apache.kafka.raft.generated.",
        "org.apache.kafka.server.log.remote.metadata.storage.generated.",
        "org.apache.kafka.storage.internals.log.",
        "org.apache.kafka.server.log.internals.",
        "org.apache.kafka.storage.internals.generated.",
    };

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Class<?>> CLASSES = new HashMap<>();

    public static void main(String[] arguments) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in, 1 << 16));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 16));
        while (true) {
            int operation;
            try {
                operation = in.readByte();
            } catch (EOFException end) {
                return;
            }
            String name = new String(bytes(in), StandardCharsets.UTF_8);
            short version = in.readShort();
            byte[] first = operation == 2 || operation == 4 ? null : bytes(in);
            byte[] second = operation == 1 || operation == 5 ? bytes(in) : null;
            long seed = operation == 2 ? in.readLong() : 0;
            try {
                answer(out, operation, name, version, first, second, seed);
            } catch (Exception | StackOverflowError refused) {
                Throwable cause = refused.getCause() == null ? refused : refused.getCause();
                out.writeByte(0);
                put(out, cause.toString().getBytes(StandardCharsets.UTF_8));
            }
            out.flush();
        }
    }

    private static void answer(DataOutputStream out, int operation, String name, short version, byte[] first,
            byte[] second, long seed) throws Exception {
        switch (operation) {
            case 1 -> {
                Message message = read(name, version, first, true);
                byte[] again = write(message, version);
                byte[] fromJson = write(fromJson(name, version, JSON.readTree(second)), version);
                byte[] throughJson = write(fromJson(name, version, toJson(message, version)), version);
                out.writeByte(1);
                put(out, again);
                put(out, fromJson);
                put(out, throughJson);
            }
            case 2 -> {
                Message message = read(name, version, random(name, version, seed), true);
                byte[] bytes = write(message, version);
                out.writeByte(1);
                put(out, bytes);
            }
            case 4 -> {
                byte[] text = apis().getBytes(StandardCharsets.UTF_8);
                out.writeByte(1);
                put(out, text);
            }
            case 5 -> {
                byte[][] record = record(name, first, second);
                out.writeByte(1);
                put(out, record[0]);
                put(out, record[1]);
            }
            default -> {
                ByteBuffer buffer = ByteBuffer.wrap(first);
                Message message = empty(name);
                message.read(new ByteBufferAccessor(buffer), version);
                int left = buffer.remaining();
                byte[] again = null;
                try {
                    again = write(message, version);
                } catch (RuntimeException notInOrder) {
                    // It keeps unknown tagged fields in any order, but writes none that are out of order.
                    again = null;
                }
                out.writeByte(1);
                out.writeInt(left);
                out.writeBoolean(again != null);
                if (again != null) put(out, again);
            }
        }
    }

    /** Key, name, versions, whether the last one is unstable, listeners, header versions of requests and responses. */
    private static String apis() {
        StringBuilder text = new StringBuilder();
        for (ApiKeys api : ApiKeys.values()) {
            if (!api.hasValidVersion()) continue;
            boolean unstable = api.latestVersion(false) != api.latestVersion(true);
            text.append(api.id).append(' ').append(api.name).append(' ').append(api.oldestVersion()).append(' ')
                .append(api.latestVersion(true)).append(' ').append(unstable);
            text.append(' ').append(api.inScope(ApiMessageType.ListenerType.BROKER));
            text.append(' ').append(api.inScope(ApiMessageType.ListenerType.CONTROLLER));
            for (short version = api.oldestVersion(); version <= api.latestVersion(true); version++) {
                text.append(' ').append(api.requestHeaderVersion(version));
                text.append('/').append(api.responseHeaderVersion(version));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static byte[][] record(String log, byte[] key, byte[] value) {
        if (log.equals("metadata")) {
            ByteBufferAccessor in = new ByteBufferAccessor(ByteBuffer.wrap(value));
            ApiMessageAndVersion record = MetadataRecordSerde.INSTANCE.read(in, value.length);
            ObjectSerializationCache cache = new ObjectSerializationCache();
            ByteBuffer out = ByteBuffer.allocate(MetadataRecordSerde.INSTANCE.recordSize(record, cache));
            MetadataRecordSerde.INSTANCE.write(record, cache, new ByteBufferAccessor(out));
            return new byte[][] {key, out.array()};
        }
        CoordinatorRecordSerde serde = switch (log) {
            case "group" -> new GroupCoordinatorRecordSerde();
            case "share" -> new ShareCoordinatorRecordSerde();
            default -> new TransactionCoordinatorRecordSerde();
        };
        CoordinatorRecord record = serde.deserialize(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
        return new byte[][] {serde.serializeKey(record), serde.serializeValue(record)};
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    private static void put(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static Class<?> classOf(String name) {
        return CLASSES.computeIfAbsent(name, wanted -> {
            for (String folder : PACKAGES) {
                for (String suffix : new String[] {"Data", ""}) {
                    try {
                        Class<?> found = Class.forName(folder + wanted + suffix);
                        if (Message.class.isAssignableFrom(found)) return found;
                    } catch (ClassNotFoundException | NoClassDefFoundError next) {
                        continue;
                    }
                }
            }
            throw new IllegalArgumentException("no class for " + wanted);
        });
    }

    private static Message empty(String name) throws ReflectiveOperationException {
        return (Message) classOf(name).getConstructor().newInstance();
    }

    private static Message read(String name, short version, byte[] bytes, boolean whole) throws Exception {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        Message message = empty(name);
        message.read(new ByteBufferAccessor(buffer), version);
        if (whole && buffer.hasRemaining()) throw new IllegalStateException(buffer.remaining() + " bytes left");
        return message;
    }

    private static byte[] write(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        if (buffer.hasRemaining()) throw new IllegalStateException("the size is not the size");
        return buffer.array();
    }

    private static Class<?> converter(String name) throws ReflectiveOperationException {
        return Class.forName(classOf(name).getName() + "JsonConverter");
    }

    private static Message fromJson(String name, short version, JsonNode json) throws ReflectiveOperationException {
        return (Message) converter(name).getMethod("read", JsonNode.class, short.class).invoke(null, json, version);
    }

    private static JsonNode toJson(Message message, short version) throws ReflectiveOperationException {
        Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
        return (JsonNode) converter.getMethod("write", message.getClass(), short.class).invoke(null, message, version);
    }

    private static byte[] random(String name, short version, long seed) throws ReflectiveOperationException {
        Schema schema = (Schema) classOf(name).getField("SCHEMA_" + version).get(null);
        Object value = random(schema, new Random(seed ^ name.hashCode() ^ ((long) version << 32)));
        ByteBuffer buffer = ByteBuffer.allocate(schema.sizeOf(value));
        schema.write(buffer, value);
        return buffer.array();
    }

    private static Object random(Type type, Random random) {
        if (type.isNullable() && random.nextInt(4) == 0) return null;
        if (type instanceof Schema schema) {
            Struct struct = new Struct(schema);
            for (BoundField field : schema.fields()) struct.set(field, random(field.def.type, random));
            return struct;
        }
        if (type instanceof ArrayOf || type instanceof CompactArrayOf) {
            Object[] elements = new Object[random.nextInt(4)];
            for (int i = 0; i < elements.length; i++) elements[i] = random(type.arrayElementType().get(), random);
            return elements;
        }
        if (type instanceof TaggedFields tagged) {
            TreeMap<Integer, Object> chosen = new TreeMap<>();
            for (Map.Entry<Integer, Field> field : tagged.fields().entrySet()) {
                Object value = random(field.getValue().type, random);
                // The reference's schemas and classes disagree about the mark of a null structure in a tagged field.
                if (value == null && field.getValue().type instanceof NullableSchema) continue;
                if (random.nextBoolean()) chosen.put(field.getKey(), value);
            }
            return chosen;
        }
        return switch (type.toString()) {
            case "BOOLEAN" -> random.nextBoolean();
            case "INT8" -> (byte) random.nextInt();
            case "INT16" -> (short) random.nextInt();
            case "UINT16" -> random.nextInt(1 << 16);
            case "INT32" -> random.nextInt();
            case "UINT32", "UNSIGNED_INT32" -> random.nextInt() & 0xffffffffL;
            case "INT64" -> random.nextLong();
            case "FLOAT64" -> random.nextGaussian();
            case "UUID" -> new Uuid(random.nextLong(), random.nextLong());
            case "STRING", "COMPACT_STRING", "NULLABLE_STRING", "COMPACT_NULLABLE_STRING" -> text(random);
            case "BYTES", "COMPACT_BYTES", "NULLABLE_BYTES", "COMPACT_NULLABLE_BYTES" -> some(random);
            case "RECORDS", "COMPACT_RECORDS", "NULLABLE_RECORDS", "COMPACT_NULLABLE_RECORDS" ->
                MemoryRecords.readableRecords(some(random));
            default -> throw new IllegalArgumentException("type " + type);
        };
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(random.nextInt(10) == 0 ? 200 : 12); length > 0; length--) {
            text.appendCodePoint("aZ9._-é→\uD83D\uDE00".codePointAt(random.nextInt(8)));
        }
        return text.toString();
    }

    private static ByteBuffer some(Random random) {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}
