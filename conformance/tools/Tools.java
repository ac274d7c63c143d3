import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Apache Kafka's own tools against the broker at $BOOTSTRAP, one after the other in this JVM.
 *
 *   Tools CASES [PART OF A NAME]       CASES: the folder of case files, see Script; UPDATE=1 writes what failing commands printed into the cases
 */
public final class Tools {
    private Tools() {}

    public static void main(String[] arguments) throws Exception {
        Frame frame = new Frame();
        List<Path> files;
        try (var all = Files.list(Path.of(arguments[0]))) {
            files = all.filter(each -> each.toString().endsWith(".txt")).sorted().toList();
        }
        List<List<Script>> scripts = new ArrayList<>();
        for (Path file : files) scripts.add(Script.read(file));
        scripts.forEach(file -> file.forEach(each -> frame.add(each.name, each::run)));
        int failed = frame.run(arguments.length > 1 ? arguments[1] : null);
        if (System.getenv("UPDATE") != null) {
            for (List<Script> file : scripts) Script.rewrite(file);
        }
        System.out.flush();
        Runtime.getRuntime().halt(failed > 0 ? 1 : 0);
    }
}
