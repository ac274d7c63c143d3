import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Runs Apache Kafka's tools in this JVM and ours as processes, with the same arguments on the same cluster, and compares standard output,
 * exit code and standard error. Of standard error the whole text, or its first line where the reference shows a stack trace.
 *
 *   Compare FOLDER [PART]     FOLDER/*.txt: cases; PART: only commands that contain it. SHOW=1 prints what both printed.
 *
 * A case file has a command a line:
 *
 *   kafka-topics --list       compared; words in '…' may have spaces
 *   &lt; LINE                    a line of its standard input
 *   ~ PATTERN =&gt; TEXT         what the pattern finds is replaced, in both outputs, before they are compared
 *   % unsorted                the lines may come in any order
 *   ! kafka-topics …          set-up: run once with Apache's tool, and no more
 *   @ FILE TEXT               writes {tmp}/FILE; \n divides lines
 *   # …                       a comment
 *
 * {b}: the broker, {n}: a name that nobody used before, another in each file; {s}: a letter of its own for each side, for what only one of
 * them can create; {tmp}: a folder, {dir}: the broker's data. A star in the last part of a path stands for the files that fit, with commas.
 */
public final class Compare {
    private record Result(int exit, String out, String err) {}

    private static final Pattern WORD = Pattern.compile("(?:'([^']*)'|([^\\s']+))+");
    private static final String BINARY = System.getenv("HEADWATER_BINARY");
    private static final Map<String, String> VARIABLES = new TreeMap<>();
    private static final Map<String, String> DIFFERENCES = new TreeMap<>();
    private static final List<String> MET = new ArrayList<>();
    private static int compared;
    private static int failed;

    private Compare() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        String part = arguments.length > 1 ? arguments[1] : "";
        VARIABLES.put("{b}", System.getenv().getOrDefault("BOOTSTRAP", "127.0.0.1:1"));
        VARIABLES.put("{tmp}", Files.createTempDirectory("compare").toString());
        VARIABLES.put("{dir}", System.getenv().getOrDefault("BROKER_DIR", "/nowhere") + "/data");
        for (String line : Files.readAllLines(folder.resolve("../differences.txt"))) {
            if (line.isBlank() || line.startsWith("#")) continue;
            int at = line.indexOf(" | ");
            DIFFERENCES.put(line.substring(0, at).trim(), line.substring(at + 3));
        }
        List<Path> files;
        try (var all = Files.list(folder)) {
            files = all.filter(each -> each.toString().endsWith(".txt")).sorted().toList();
        }
        for (Path file : files) file(file, part);
        for (String each : DIFFERENCES.keySet()) {
            if (part.isEmpty() && !MET.contains(each)) System.out.println("note: nothing differs any more in: " + each);
        }
        System.out.println(MET.size() + " command lines differ for a reason");
        System.out.println(compared - failed + " passed, " + failed + " failed");
        System.out.flush();
        Runtime.getRuntime().halt(failed > 0 ? 1 : 0);
    }

    private static void file(Path file, String part) throws Exception {
        VARIABLES.put("{n}", "n" + Long.toString(System.nanoTime() & 0xffffff, 36));
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank() || line.startsWith("#")) continue;
            if (line.startsWith("@ ")) {
                String[] parts = line.substring(2).split(" ", 2);
                Path target = Path.of(VARIABLES.get("{tmp}"), parts[0]);
                Files.createDirectories(target.getParent());
                Files.writeString(target, filled(parts[1], "j").replace("\\n", "\n") + "\n");
                continue;
            }
            StringBuilder input = new StringBuilder();
            List<String[]> masks = new ArrayList<>();
            boolean unsorted = false;
            while (i + 1 < lines.size() && lines.get(i + 1).matches("[<~%] .*")) {
                String more = lines.get(++i);
                if (more.startsWith("< ")) input.append(more.substring(2)).append('\n');
                if (more.startsWith("~ ")) masks.add(more.substring(2).replace("{n}", VARIABLES.get("{n}")).split(" => ?", 2));
                if (more.equals("% unsorted")) unsorted = true;
            }
            if (line.startsWith("! ")) {
                Result setup = java(line.substring(2), input.toString());
                if (setup.exit != 0) System.out.println(file.getFileName() + ": set-up failed: " + line + "\n" + setup.out + setup.err);
            } else if (line.contains(part)) {
                compare(file, line, input.toString(), masks, unsorted);
            }
        }
    }

    private static void compare(Path file, String line, String input, List<String[]> masks, boolean unsorted) throws Exception {
        compared++;
        Result java = masked(line, java(line, input), "j", masks, unsorted);
        Result ours = masked(line, ours(line, input), "h", masks, unsorted);
        String javaErr = java.err;
        String oursErr = ours.err;
        if (javaErr.contains("\n\tat ") || javaErr.contains("(Commit:")) {
            javaErr = first(javaErr);
            oursErr = first(oursErr);
        }
        if (System.getenv("SHOW") != null) System.out.println("== " + line + "\n" + java + "\n" + ours);
        if (java.exit == ours.exit && java.out.equals(ours.out) && javaErr.equals(oursErr)) return;
        for (var each : DIFFERENCES.entrySet()) {
            if (line.contains(each.getKey())) {
                MET.add(each.getKey());
                return;
            }
        }
        failed++;
        System.out.println("FAIL " + file.getFileName() + ": " + line);
        if (java.exit != ours.exit) System.out.println("exit: Apache " + java.exit + ", ours " + ours.exit);
        show("out", java.out, ours.out);
        show("err", javaErr, oursErr);
    }

    /** The lines in which two texts differ. */
    private static void show(String name, String java, String ours) {
        if (java.equals(ours)) return;
        List<String> a = Arrays.asList(java.split("\n", -1));
        List<String> b = Arrays.asList(ours.split("\n", -1));
        int shown = 0;
        for (int i = 0; i < Math.max(a.size(), b.size()) && shown < 8; i++) {
            String left = i < a.size() ? a.get(i) : "(nothing)";
            String right = i < b.size() ? b.get(i) : "(nothing)";
            if (left.equals(right)) continue;
            System.out.println(name + " " + (i + 1) + " Apache: " + left + "\n" + name + " " + (i + 1) + " ours:   " + right);
            shown++;
        }
    }

    private static Result masked(String line, Result result, String side, List<String[]> masks, boolean unsorted) {
        String out = result.out;
        String err = String.join("\n", result.err.lines().filter(each -> !each.startsWith("SLF4J:") && !each.matches("(ERROR|WARN|INFO) .*\\([\\w.$]+\\)")).toList());
        if (!err.isEmpty()) err += "\n";
        for (String[] mask : masks) {
            out = Pattern.compile(mask[0], Pattern.MULTILINE).matcher(out).replaceAll(mask[1]);
            err = Pattern.compile(mask[0], Pattern.MULTILINE).matcher(err).replaceAll(mask[1]);
        }
        var own = Pattern.compile("\\{n\\}[-.\\w]*\\{s\\}").matcher(line);
        while (own.find()) {
            out = out.replace(filled(own.group(), side), own.group());
            err = err.replace(filled(own.group(), side), own.group());
        }
        if (unsorted) out = String.join("\n", out.lines().sorted().toList());
        return new Result(result.exit, out, err);
    }

    private static String first(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String filled(String text, String side) {
        for (var each : VARIABLES.entrySet()) text = text.replace(each.getKey(), each.getValue());
        return text.replace("{s}", side);
    }

    private static List<String> words(String line, String side) throws Exception {
        List<String> words = new ArrayList<>();
        var matcher = WORD.matcher(line);
        while (matcher.find()) words.add(expanded(filled(matcher.group().replace("'", ""), side)));
        return words;
    }

    /** The files that fit a path whose last part has a star, in order, with commas between them. */
    private static String expanded(String word) throws Exception {
        if (!word.startsWith("/") || !word.contains("*")) return word;
        List<String> found = new ArrayList<>();
        Path path = Path.of(word);
        try (var files = Files.newDirectoryStream(path.getParent(), path.getFileName().toString())) {
            for (Path each : files) found.add(each.toString());
        }
        found.sort(null);
        return String.join(",", found);
    }

    private static Result java(String line, String input) throws Exception {
        List<String> words = words(line, "j");
        Tool.Result result = Tool.exact(words.get(0), words.subList(1, words.size()), filled(input, "j"));
        return new Result(result.exit(), result.out(), result.err());
    }

    private static Result ours(String line, String input) throws Exception {
        List<String> words = words(line, "h");
        words.add(0, BINARY);
        Path in = Path.of(VARIABLES.get("{tmp}"), "in");
        Files.writeString(in, filled(input, "h"));
        File out = new File(VARIABLES.get("{tmp}"), "out");
        File err = new File(VARIABLES.get("{tmp}"), "err");
        Process process = new ProcessBuilder(words).redirectInput(in.toFile()).redirectOutput(out).redirectError(err).start();
        if (!process.waitFor(90, TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
        return new Result(process.exitValue(), Files.readString(out.toPath(), StandardCharsets.UTF_8), Files.readString(err.toPath(), StandardCharsets.UTF_8));
    }
}
