import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.consumer.group.ConsumerGroupCommand;

/**
 * Runs kafka-consumer-groups once for each line of its input, the arguments between tabs, and answers with a line: the exit
 * code, and what it printed as base64. One process for all, because each would take a second to start.
 */
public class Tools {
  private static final class Exited extends RuntimeException {
    final int code;

    Exited(int code) {
      this.code = code;
    }
  }

  public static void main(String[] args) throws Exception {
    Exit.setExitProcedure((code, message) -> { throw new Exited(code); });
    PrintStream out = System.out;
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ByteArrayOutputStream printed = new ByteArrayOutputStream();
      PrintStream capture = new PrintStream(printed, true, StandardCharsets.UTF_8);
      System.setOut(capture);
      System.setErr(capture);
      int code = 0;
      try {
        ConsumerGroupCommand.main(line.split("\t"));
      } catch (Exited exited) {
        code = exited.code;
      } catch (Throwable failure) {
        failure.printStackTrace(capture);
        code = -1;
      }
      out.println(code + "\t" + Base64.getEncoder().encodeToString(printed.toByteArray()));
      out.flush();
    }
  }
}
