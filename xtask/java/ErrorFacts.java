import org.apache.kafka.common.protocol.Errors;

/** Prints one line per error code: code, name, whether a client may try again, default message. */
public final class ErrorFacts {
    public static void main(String[] arguments) {
        for (Errors error : Errors.values()) {
            boolean retriable = error.exception() instanceof org.apache.kafka.common.errors.RetriableException;
            String message = error == Errors.NONE ? "" : error.message().replace('\n', ' ');
            System.out.println((error.code() + " " + error.name() + " " + (retriable ? "retriable" : "final")
                    + " " + message).trim());
        }
    }
}
