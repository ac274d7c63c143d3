import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The frame of the Java checks: one line of output for each check, then the sum; see lib/checks.py. */
final class Frame {
    interface Check {
        void run() throws Exception;
    }

    private record Named(String name, Check check) {}

    private static final int SECONDS_PER_CHECK = 60;
    private static final Random RANDOM = new Random();
    private final List<Named> checks = new ArrayList<>();

    void add(String name, Check check) {
        checks.add(new Named(name, check));
    }

    /** Runs the checks whose name contains `only` (all if null); returns how many failed. */
    int run(String only) {
        ExecutorService runner = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        int passed = 0;
        int failed = 0;
        for (Named each : checks) {
            if (only != null && !each.name.contains(only)) continue;
            Future<?> done = runner.submit(() -> {
                each.check.run();
                return null;
            });
            long begun = System.nanoTime();
            String why = null;
            try {
                done.get(SECONDS_PER_CHECK, TimeUnit.SECONDS);
            } catch (ExecutionException failure) {
                why = String.valueOf(failure.getCause());
            } catch (TimeoutException late) {
                done.cancel(true);
                why = "not done within " + SECONDS_PER_CHECK + " s";
            } catch (InterruptedException interrupted) {
                why = "interrupted";
            }
            if (why == null) {
                passed++;
                System.out.println("ok " + each.name);
            } else {
                failed++;
                why = why.replace('\n', ' ');
                System.out.println("FAIL " + each.name + " " + why.substring(0, Math.min(400, why.length())));
            }
            if (System.getenv("TIMES") != null) System.out.println("  " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        }
        System.out.println(passed + " passed, " + failed + " failed");
        return failed;
    }

    static void equal(Object found, Object expected, String what) {
        if (!Objects.deepEquals(found, expected)) {
            throw new AssertionError(what + ": found " + cut(found) + ", expected " + cut(expected));
        }
    }

    static void check(boolean condition, String why) {
        if (!condition) throw new AssertionError(why);
    }

    /** `action` has to end in `error`, directly or as the cause; returns it. */
    static <E extends Throwable> E refused(Class<E> error, Check action) {
        Throwable thrown = null;
        try {
            action.run();
        } catch (Throwable any) {
            thrown = any;
        }
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            if (error.isInstance(each)) return error.cast(each);
        }
        throw new AssertionError("expected " + error.getSimpleName() + ", found " + thrown);
    }

    /** A topic name nobody used before. */
    static String fresh(String word) {
        return String.format("jv-%s-%010x", word, RANDOM.nextLong() & 0xffffffffffL);
    }

    private static String cut(Object value) {
        String text = String.valueOf(value);
        return text.substring(0, Math.min(200, text.length()));
    }

    // The stream that one client writes and another reads; see lib/checks.py.
    static String crossingKey(int i) {
        return "k" + i % 7;
    }

    static String crossingValue(int i) {
        return i + ":" + "x".repeat(i * 31 % 97);
    }
}
