import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import kafka.tools.StorageTool;

/**
 * Runs Apache Kafka's kafka-storage once for each line of standard input (arguments between tabs), for the test that
 * compares `headwater storage` with it. Prints what each run says, then `= CODE MESSAGE` as its main method would end.
 */
public class StorageCases {
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int code;
            String message = "";
            try {
                code = StorageTool.execute(line.split("\t"), out);
            } catch (Exception problem) {
                code = 1;
                message = problem.getMessage();
            }
            out.println("= " + code + " " + message);
        }
    }
}
