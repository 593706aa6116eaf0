import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs the main method of one of Kafka's tools for each line of its input: the class, how long it may take in milliseconds, its
 * input as base64, and each argument as base64, between tabs. Answers with a line: the exit code, and what it printed, as base64.
 * One process for all, because each would take a second to start.
 */
public class AdminTools {
  private static final class Exited extends RuntimeException {
    final int code;

    Exited(int code) {
      super(null, null, false, false);
      this.code = code;
    }
  }

  public static void main(String[] args) throws Exception {
    Exit.setExitProcedure((code, message) -> { throw new Exited(code); });
    Exit.setHaltProcedure((code, message) -> { throw new Exited(code); });
    Exit.setShutdownHookAdder((name, hook) -> { });
    PrintStream out = System.out;
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.split("\t", -1);
      String[] words = Arrays.stream(parts).skip(3).map(AdminTools::text).toArray(String[]::new);
      ByteArrayOutputStream printed = new ByteArrayOutputStream();
      PrintStream capture = new PrintStream(printed, true, StandardCharsets.UTF_8);
      System.setIn(new ByteArrayInputStream(Base64.getDecoder().decode(parts[2])));
      System.setOut(capture);
      System.setErr(capture);
      int code = run(parts[0], words, Long.parseLong(parts[1]), capture);
      out.println(code + "\t" + Base64.getEncoder().encodeToString(printed.toByteArray()));
      out.flush();
    }
    // Threads of tools that had to be interrupted may still run.
    Runtime.getRuntime().halt(0);
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  /** -1: it threw; -2: it had to be interrupted, which is how tools that run for ever end. */
  private static int run(String name, String[] words, long milliseconds, PrintStream capture) throws Exception {
    int[] code = {0};
    Thread thread = new Thread(() -> {
      try {
        Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) words);
      } catch (InvocationTargetException failure) {
        code[0] = ended(failure.getCause(), capture);
      } catch (Throwable failure) {
        code[0] = ended(failure, capture);
      }
    }, "tool");
    thread.setDaemon(true);
    thread.start();
    thread.join(milliseconds);
    if (!thread.isAlive()) return code[0];
    thread.interrupt();
    thread.join(2000);
    return -2;
  }

  private static int ended(Throwable failure, PrintStream capture) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Exited exited) return exited.code;
    }
    failure.printStackTrace(capture);
    return -1;
  }
}
