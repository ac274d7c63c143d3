// The reference's compaction of log folders, at a time that it is told (crates/core/log/tests/it/compact_reference.rs).
//
//   JOBS-FILE    with a line for each folder:
//                FOLDER NOW-MS CHECKPOINT SLOTS LOAD-FACTOR key=value,key=value…    (CHECKPOINT -1: none)
//
// Prints a line for each: FIRST-DIRTY FIRST-UNCLEANABLE RESET CLEAN-BYTES CLEANABLE-BYTES OVERDUE-MS END
// where END is the next CHECKPOINT; "-" when there is nothing to compact.

import java.io.File;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.CleanerStats;
import org.apache.kafka.storage.internals.log.LogCleanerManager;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

public class Compact {
    record At(long now) implements Time {
        public long milliseconds() {
            return now;
        }

        public long nanoseconds() {
            return now * 1_000_000;
        }

        public void sleep(long ms) {
        }

        public void waitObject(Object object, Supplier<Boolean> condition, long deadline) {
        }
    }

    public static void main(String[] args) throws Exception {
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            System.out.println(run(line.split(" ")));
        }
    }

    static String run(String[] job) throws Exception {
        long now = Long.parseLong(job[1]), checkpoint = Long.parseLong(job[2]);
        Time time = new At(now);
        Properties settings = new Properties();
        for (String setting : job[5].split(",")) {
            String[] parts = setting.split("=");
            settings.put(parts[0], parts[1]);
        }
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        UnifiedLog log = UnifiedLog.create(
            new File(job[0]), new LogConfig(settings), 0L, 0L, scheduler, new BrokerTopicStats(), time,
            Integer.MAX_VALUE, new ProducerStateManagerConfig(Integer.MAX_VALUE, false), Integer.MAX_VALUE,
            new LogDirFailureChannel(1), true, Optional.empty());
        log.updateHighWatermark(log.logEndOffset());
        String result = compact(log, time, checkpoint, job);
        log.close();
        scheduler.shutdown();
        return result;
    }

    static Object hidden(Object of, Class<?> in, String name, Object... args) throws Exception {
        for (Method method : in.getDeclaredMethods()) {
            if (method.getName().equals(name) && method.getParameterCount() == args.length) {
                method.setAccessible(true);
                return method.invoke(of, args);
            }
        }
        throw new NoSuchMethodException(name);
    }

    static String compact(UnifiedLog log, Time time, long checkpoint, String[] job) throws Exception {
        long now = time.milliseconds();
        Optional<Long> last = checkpoint < 0 ? Optional.empty() : Optional.of(checkpoint);
        Object range = hidden(null, LogCleanerManager.class, "cleanableOffsets", log, last, now);
        long first = (long) hidden(range, range.getClass(), "firstDirtyOffset");
        long upper = (long) hidden(range, range.getClass(), "firstUncleanableDirtyOffset");
        boolean reset = (boolean) hidden(range, range.getClass(), "forceUpdateCheckpoint");
        long overdue = (long) hidden(null, LogCleanerManager.class, "maxCompactionDelay", log, first, now);
        LogToClean cleanable = new LogToClean(log, first, upper, overdue > 0);
        String found = first + " " + cleanable.firstUncleanableOffset() + " " + reset + " " + cleanable.cleanBytes()
            + " " + cleanable.cleanableBytes() + " " + overdue + " ";
        if (cleanable.cleanableBytes() == 0) {
            return found + "-";
        }
        int slots = Integer.parseInt(job[3]);
        Throttler throttler = new Throttler(Double.MAX_VALUE, Long.MAX_VALUE, "io", "bytes", time);
        Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(slots * 24), 65536, 1 << 20,
            Double.parseDouble(job[4]), throttler, time, partition -> { });
        Map.Entry<Long, CleanerStats> done = cleaner.doClean(cleanable, now);
        return found + done.getKey();
    }
}
