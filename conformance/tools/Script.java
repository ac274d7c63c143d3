import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A case: commands of Apache Kafka's tools, and what they have to print.
 *
 *   # NAME                     begins a case
 *   $ kafka-topics --list      a command; `$~` instead of `$`: repeated until it prints this, for 15 s
 *   &lt; LINE                     a line of its standard input
 *   @ FILE TEXT                writes a file into {tmp} before the next command; \n divides lines
 *   exit N                     its exit code, if it is not 0
 *   LINE                       a line of its output, standard error after standard output, the latter behind `err: `
 *   ...                        any number of lines
 *
 * In a line of output {*} stands for any text. {b} is host:port of the broker, {t} a topic name that nobody used before, {dir} the broker's data directory, {tmp} an empty
 * one; words in a command are divided by spaces, unless they stand in '…'. Stack traces are left out of what is compared.
 */
final class Script {
    private static final long PATIENCE_NS = 15_000_000_000L;
    private static final boolean UPDATING = System.getenv("UPDATE") != null;

    /** One command with the numbers of the lines, in the file, of its expected output. */
    private record Command(boolean patient, List<String> words, String input, List<String> files, int exit, int from, int end) {}

    private final Path file;
    final String name;
    private final List<Command> commands = new ArrayList<>();
    private final Map<String, String> variables;
    private final Map<Command, List<String>> updates = new IdentityHashMap<>();
    /** The whole file, into which UPDATE=1 writes what was found. */
    private final List<String> lines;

    private Script(Path file, String name, List<String> lines) throws Exception {
        this.file = file;
        this.name = name;
        this.lines = lines;
        Path data = Path.of(System.getenv().getOrDefault("BROKER_DIR", "/nowhere"), "data");
        variables = Map.of("b", Kafka.BOOTSTRAP, "t", Frame.fresh("tool"), "dir", data.toString(),
            "tmp", Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "case").toString());
    }

    /** All cases of a file. */
    static List<Script> read(Path file) throws Exception {
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        List<Script> all = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("# ")) all.add(new Script(file, lines.get(i).substring(2).trim(), lines));
        }
        for (Script each : all) each.parse(each.lines.indexOf("# " + each.name) + 1);
        return all;
    }

    private void parse(int from) {
        List<String> files = new ArrayList<>();
        int i = from;
        while (i < lines.size() && !lines.get(i).startsWith("# ")) {
            String line = lines.get(i++);
            if (line.startsWith("@ ")) {
                files.add(line.substring(2));
            } else if (line.startsWith("$")) {
                StringBuilder input = new StringBuilder();
                while (i < lines.size() && lines.get(i).startsWith("< ")) input.append(lines.get(i++).substring(2)).append('\n');
                int exit = 0;
                if (i < lines.size() && lines.get(i).startsWith("exit ")) exit = Integer.parseInt(lines.get(i++).substring(5).trim());
                int begin = i;
                while (i < lines.size() && !lines.get(i).isEmpty() && !lines.get(i).matches("[$@#] .*|\\$~ .*")) i++;
                boolean patient = line.startsWith("$~");
                commands.add(new Command(patient, words(line.substring(patient ? 2 : 1)), input.toString(), List.copyOf(files), exit, begin, i));
                files.clear();
            } else if (!line.isEmpty() && !line.startsWith("//")) {
                throw new IllegalArgumentException(file + ":" + i + ": " + line);
            }
        }
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        var matcher = Pattern.compile("'([^']*)'|(\\S+)").matcher(text);
        while (matcher.find()) words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
        return words;
    }

    void run() throws Exception {
        String first = null;
        for (Command each : commands) {
            for (String text : each.files) {
                String[] parts = text.split(" ", 2);
                Files.writeString(Path.of(variables.get("tmp"), parts[0]), filled(parts[1]).replace("\\n", "\n") + "\n");
            }
            if (UPDATING && each.patient) Thread.sleep(1500);
            long end = System.nanoTime() + (UPDATING ? 0 : PATIENCE_NS);
            String why;
            while ((why = attempt(each)) != null && each.patient && System.nanoTime() < end) Thread.sleep(50);
            if (why != null && first == null) first = String.join(" ", each.words) + ": " + why;
            if (first != null && !UPDATING) break;
        }
        if (first != null) throw new AssertionError(first);
    }

    /** Runs a command; returns how its output differs, or null. */
    private String attempt(Command command) throws Exception {
        List<String> arguments = new ArrayList<>(command.words.subList(1, command.words.size()).stream().map(this::filled).toList());
        Tool.Result result = Tool.run(command.words.get(0), arguments, filled(command.input));
        List<String> found = new ArrayList<>(tidy(result.out(), ""));
        found.addAll(tidy(result.err(), "err: "));
        List<String> expected = lines.subList(command.from, command.end).stream().map(this::filled).toList();
        boolean fits = fits(found, 0, expected, 0) && result.exit() == command.exit;
        if (fits) return null;
        if (UPDATING) show(command, result.exit(), found);
        return "exit " + result.exit() + ", " + String.join(" | ", found);
    }

    /** Keeps what a command printed, for `rewrite`. */
    private void show(Command command, int exit, List<String> found) {
        List<String> text = new ArrayList<>();
        if (exit != 0) text.add("exit " + exit);
        for (String line : found) {
            for (var variable : variables.entrySet()) line = line.replace(variable.getValue(), "{" + variable.getKey() + "}");
            text.add(line);
        }
        updates.put(command, text);
    }

    /** Writes what the commands of `all`, cases of one file, printed into that file; a person then makes patterns of it. */
    static void rewrite(List<Script> all) throws Exception {
        List<String> lines = new ArrayList<>(all.get(0).lines);
        List<Script> backwards = new ArrayList<>(all);
        Collections.reverse(backwards);
        for (Script script : backwards) {
            List<Command> commands = new ArrayList<>(script.commands);
            Collections.reverse(commands);
            for (Command command : commands) {
                List<String> text = script.updates.get(command);
                if (text == null) continue;
                List<String> old = lines.subList(command.exit == 0 ? command.from : command.from - 1, command.end);
                old.clear();
                old.addAll(text);
            }
        }
        Files.write(all.get(0).file, lines);
    }

    private String filled(String text) {
        for (var each : variables.entrySet()) text = text.replace("{" + each.getKey() + "}", each.getValue());
        return text;
    }

    private static List<String> tidy(String text, String before) {
        List<String> found = new ArrayList<>();
        for (String line : text.split("\n")) {
            if (line.isBlank() || line.matches("\\s+(at |\\.\\.\\. ).*|Caused by: .*|(Tool\\$Exited: )?exit \\d+")) continue;
            found.add(before + line.stripTrailing());
        }
        return found;
    }

    private static boolean fits(List<String> found, int i, List<String> expected, int j) {
        if (j == expected.size()) return i == found.size();
        String wanted = expected.get(j);
        if (wanted.equals("...")) {
            for (int k = i; k <= found.size(); k++) {
                if (fits(found, k, expected, j + 1)) return true;
            }
            return false;
        }
        if (i == found.size()) return false;
        boolean same = Pattern.matches(Pattern.quote(wanted.stripTrailing()).replace("{*}", "\\E.*\\Q"), found.get(i));
        return same && fits(found, i + 1, expected, j + 1);
    }
}
