import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.HashMap;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.CloseableIterator;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * The reference's side of the record tests. Given a folder and a seed it
 *
 *   writes  theirs.bin (random batches) and theirs.txt (what was put into them),
 *   reads   ours.bin with the reference's validators and writes ours.read.txt (what came out),
 *   judges  cases.bin (produce requests and topic settings) by appending to a real log, and writes verdicts.txt,
 *   hashes  some keys and writes murmur2.txt.
 *
 * The texts are compared line by line by the crate's tests; `print` below is their format.
 */
public class RecordChecks {
    static Path folder;
    static Random random;

    public static void main(String[] args) throws Exception {
        folder = Path.of(args[0]);
        random = new Random(Long.parseLong(args[1]));
        write();
        read();
        judge();
        murmur2();
    }

    static byte[] bytes(String name) throws IOException {
        return Files.readAllBytes(folder.resolve(name));
    }

    static void save(String name, List<String> lines) throws IOException {
        Files.write(folder.resolve(name), lines);
    }

    // ---- the common text ----

    static String show(ByteBuffer bytes) {
        if (bytes == null)
            return "null";
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        CRC32C crc = new CRC32C();
        crc.update(copy);
        return copy.length + ":" + Long.toHexString(crc.getValue());
    }

    static String show(byte[] bytes) {
        return show(bytes == null ? null : ByteBuffer.wrap(bytes));
    }

    static String headers(Header[] headers) {
        StringBuilder out = new StringBuilder("[");
        for (Header header : headers)
            out.append(show(header.key().getBytes(StandardCharsets.UTF_8))).append('=').append(show(header.value())).append(' ');
        return out.append(']').toString();
    }

    static String record(long offset, long timestamp, int sequence, String key, String value, String headers) {
        return " " + offset + " ts=" + timestamp + " seq=" + sequence + " " + key + " " + value + " " + headers;
    }

    static String batch(long base, long last, int epoch, CompressionType codec, TimestampType type, boolean transactional,
            boolean control, long producer, short producerEpoch, int sequence, int count, long maxTimestamp) {
        return "batch " + base + ".." + last + " epoch=" + epoch + " codec=" + codec.id + " " + type.name + " tx=" + transactional
            + " control=" + control + " producer=" + producer + "/" + producerEpoch + "/" + sequence + " count=" + count
            + " max=" + maxTimestamp;
    }

    static void print(RecordBatch b, List<String> lines) {
        lines.add(batch(b.baseOffset(), b.lastOffset(), b.partitionLeaderEpoch(), b.compressionType(), b.timestampType(),
            b.isTransactional(), b.isControlBatch(), b.producerId(), b.producerEpoch(), b.baseSequence(), b.countOrNull(),
            b.maxTimestamp()));
        for (Record r : b)
            lines.add(record(r.offset(), r.timestamp(), r.sequence(), show(r.key()), show(r.value()), headers(r.headers())));
    }

    // ---- their batches ----

    static Compression compression(int codec) {
        return switch (codec) {
            case 0 -> Compression.NONE;
            case 1 -> Compression.gzip().level(random.nextBoolean() ? -1 : 1 + random.nextInt(9)).build();
            case 2 -> Compression.snappy().build();
            case 3 -> Compression.lz4().level(1 + random.nextInt(17)).build();
            default -> Compression.zstd().level(random.nextInt(20) - 3).build();
        };
    }

    static byte[] randomBytes() {
        int size = switch (random.nextInt(12)) {
            case 0 -> { yield -1; }
            case 1 -> 0;
            case 2 -> 1000 + random.nextInt(5000);
            case 3 -> random.nextInt(20) == 0 ? 200_000 : 200;
            default -> random.nextInt(100);
        };
        if (size < 0)
            return null;
        byte[] out = new byte[size];
        if (random.nextBoolean())
            random.nextBytes(out);
        else
            for (int i = 0; i < size; i++)
                out[i] = (byte) ("abcdefgh".charAt((i / 3 + size) % 8));
        return out;
    }

    static Header[] randomHeaders() {
        Header[] out = new Header[random.nextInt(3) == 0 ? random.nextInt(6) : 0];
        for (int i = 0; i < out.length; i++)
            out[i] = new RecordHeader("h\u00e9\u4e16".repeat(random.nextInt(4)), randomBytes());
        return out;
    }

    static void write() throws IOException {
        List<String> lines = new ArrayList<>();
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(folder.resolve("theirs.bin")))) {
            for (int round = 0; round < 300; round++) {
                MemoryRecords records = random.nextInt(15) == 0 ? marker(lines) : plain(round % 5, lines);
                ByteBuffer buffer = records.buffer();
                byte[] copy = new byte[buffer.remaining()];
                buffer.duplicate().get(copy);
                out.write(copy);
            }
        }
        save("theirs.txt", lines);
    }

    static MemoryRecords marker(List<String> lines) {
        long base = random.nextInt(1000);
        long now = random.nextInt(1_000_000);
        int coordinator = random.nextInt(50);
        ControlRecordType type = random.nextBoolean() ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
        EndTransactionMarker marker = new EndTransactionMarker(type, coordinator);
        MemoryRecords records = MemoryRecords.withEndTransactionMarker(base, now, 4, 77L, (short) 5, marker);
        lines.add(batch(base, base, 4, CompressionType.NONE, TimestampType.CREATE_TIME, true, true, 77, (short) 5, -1, 1, now));
        lines.add(" marker commit=" + (type == ControlRecordType.COMMIT) + " coordinator=" + coordinator + " ts=" + now);
        return records;
    }

    static MemoryRecords plain(int codec, List<String> lines) {
        Compression compression = compression(codec);
        boolean append = random.nextInt(4) == 0;
        boolean idempotent = random.nextBoolean();
        long base = random.nextInt(10) == 0 ? Long.MAX_VALUE / 2 : random.nextInt(100_000);
        long now = 1_700_000_000_000L + random.nextInt(1_000_000);
        long producer = idempotent ? random.nextInt(1_000_000) : -1;
        short epoch = (short) (idempotent ? random.nextInt(32768) : -1);
        int sequence = idempotent ? (random.nextInt(5) == 0 ? Integer.MAX_VALUE - 1 : random.nextInt(1000)) : -1;
        boolean transactional = idempotent && random.nextBoolean();
        int leaderEpoch = random.nextInt(20) - 1;
        TimestampType type = append ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), RecordBatch.MAGIC_VALUE_V2, compression,
            type, base, append ? now : -1, producer, epoch, sequence, transactional, false, leaderEpoch);
        int count = 1 + random.nextInt(random.nextInt(6) == 0 ? 300 : 20);
        int delta = 0;
        long max = -1;
        List<String> body = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long timestamp = random.nextInt(8) == 0 ? -1 : now + random.nextInt(2_000_000) - 1_000_000;
            byte[] key = randomBytes();
            byte[] value = randomBytes();
            Header[] headers = randomHeaders();
            // A compacted batch has gaps.
            if (i > 0)
                delta += random.nextInt(20) == 0 ? 7 : 1;
            builder.appendWithOffset(base + delta, timestamp, key, value, headers);
            int number = sequence < 0 ? -1 : (int) ((sequence + (long) delta) & Integer.MAX_VALUE);
            body.add(record(base + delta, append ? now : timestamp, number, show(key), show(value), headers(headers)));
            max = Math.max(max, timestamp);
        }
        lines.add(batch(base, base + delta, leaderEpoch, CompressionType.forId(codec), type, transactional, false, producer, epoch,
            sequence, count, append ? now : max));
        lines.addAll(body);
        return builder.build();
    }

    // ---- our batches ----

    static void read() throws IOException {
        List<String> lines = new ArrayList<>();
        BufferSupplier buffers = BufferSupplier.create();
        int end = 0;
        byte[] all = bytes("ours.bin");
        for (RecordBatch batch : MemoryRecords.readableRecords(ByteBuffer.wrap(all)).batches()) {
            batch.ensureValid();
            print(batch, lines);
            end += batch.sizeInBytes();
            // The iterator of the broker's own validation sees as many.
            int seen = 0;
            try (CloseableIterator<Record> brief = ((org.apache.kafka.common.record.internal.MutableRecordBatch) batch).skipKeyValueIterator(buffers)) {
                for (; brief.hasNext(); seen++)
                    brief.next();
            }
            if (seen != batch.countOrNull())
                lines.add("brief iterator saw " + seen);
        }
        lines.add("read " + end + " of " + all.length);
        save("ours.read.txt", lines);
    }

    // ---- verdicts ----

    static String text(DataInputStream in) throws IOException {
        byte[] out = new byte[in.readShort()];
        in.readFully(out);
        return new String(out, StandardCharsets.UTF_8);
    }

    static void judge() throws Exception {
        List<String> lines = new ArrayList<>();
        NoScheduler scheduler = new NoScheduler();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(folder.resolve("cases.bin")))) {
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                String name = text(in);
                short version = in.readShort();
                int maxBytes = in.readInt();
                boolean compacted = in.readBoolean();
                boolean appendTime = in.readBoolean();
                long before = in.readLong();
                long after = in.readLong();
                String compression = text(in);
                long now = in.readLong();
                byte[] request = new byte[in.readInt()];
                in.readFully(request);
                Map<String, String> config = new HashMap<>();
                config.put("max.message.bytes", Integer.toString(maxBytes));
                config.put("cleanup.policy", compacted ? "compact" : "delete");
                config.put("message.timestamp.type", appendTime ? "LogAppendTime" : "CreateTime");
                config.put("message.timestamp.before.max.ms", Long.toString(before));
                config.put("message.timestamp.after.max.ms", Long.toString(after));
                config.put("compression.type", compression);
                lines.add("case " + name);
                verdict(scheduler, version, new LogConfig(config), now, request, lines);
            }
        }
        scheduler.shutdown();
        save("verdicts.txt", lines);
    }

    static void verdict(Scheduler scheduler, short version, LogConfig config, long now, byte[] request, List<String> lines) throws Exception {
        Path parent = Files.createTempDirectory("records");
        File dir = Files.createDirectory(parent.resolve("topic-3")).toFile();
        UnifiedLog log = UnifiedLog.create(dir, config, 0, 0, scheduler, new BrokerTopicStats(), new FixedTime(now), 900_000,
            new ProducerStateManagerConfig(86_400_000, true), 600_000, new LogDirFailureChannel(1), true, Optional.of(Uuid.ONE_UUID));
        try {
            MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(request));
            ProduceRequest.validateRecords(version, records);
            log.appendAsLeader(records, 6);
            for (RecordBatch batch : log.read(0, Integer.MAX_VALUE, FetchIsolation.LOG_END, true).records.batches()) {
                batch.ensureValid();
                print(batch, lines);
            }
        } catch (RecordValidationException e) {
            lines.add("refused " + Errors.forException(e.invalidException()) + ": " + e.invalidException().getMessage());
            for (ProduceResponse.RecordError error : e.recordErrors())
                lines.add(" " + error.batchIndex + ": " + error.message);
        } catch (Exception e) {
            lines.add("refused " + Errors.forException(e) + ": " + e.getMessage());
        } finally {
            log.closeHandlers();
            try (var files = Files.walk(parent)) {
                for (Path path : files.sorted(Comparator.reverseOrder()).toList())
                    Files.delete(path);
            }
        }
    }

    /** Takes tasks and never runs them. */
    static class NoScheduler implements Scheduler {
        final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
        public void startup() { }
        public void shutdown() { executor.shutdownNow(); }
        public ScheduledFuture<?> schedule(String name, Runnable task, long delayMs, long periodMs) {
            return executor.schedule(task, 1, TimeUnit.DAYS);
        }
        public void resizeThreadPool(int newSize) { }
    }

    record FixedTime(long now) implements Time {
        public long milliseconds() { return now; }
        public long nanoseconds() { return now * 1_000_000; }
        public void sleep(long ms) { }
        public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) { }
    }

    // ---- partitioner ----

    static void murmur2() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] key = new byte[i < 40 ? i : random.nextInt(200)];
            random.nextBytes(key);
            StringBuilder hex = new StringBuilder();
            for (byte b : key)
                hex.append(String.format("%02x", b));
            lines.add(hex + " " + Utils.murmur2(key));
        }
        save("murmur2.txt", lines);
    }
}
