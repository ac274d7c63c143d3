import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The reference's side of the expressions' tests: for each line of a file, whether RE2/J takes it, else what is wrong, and
 * which of the names that follow as arguments it fits.
 */
public class Expressions {
    public static void main(String[] args) throws Exception {
        StringBuilder out = new StringBuilder();
        for (String line : Files.readString(Path.of(args[0]), StandardCharsets.UTF_8).split("\n", -1)) {
            try {
                Pattern pattern = Pattern.compile(line);
                for (int i = 1; i < args.length; i++) out.append(pattern.matches(args[i]) ? '1' : '0');
            } catch (PatternSyntaxException e) {
                out.append(e.getDescription());
            } catch (RuntimeException e) {
                out.append("failed");
            }
            out.append('\n');
        }
        System.out.print(out);
    }
}
