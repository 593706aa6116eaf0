import com.fasterxml.jackson.databind.JsonNode;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordJsonConverters;
import org.apache.kafka.tools.consumer.CoordinatorRecordMessageFormatter;

/** Prints records of every kind: Kafka's own formatters print offsets and classic groups only, one kind each. */
public class GroupRecordFormatter extends CoordinatorRecordMessageFormatter {
  public GroupRecordFormatter() {
    super(new GroupCoordinatorRecordSerde());
  }

  @Override
  protected boolean isRecordTypeAllowed(short type) {
    return true;
  }

  @Override
  protected JsonNode keyAsJson(ApiMessage message) {
    return CoordinatorRecordJsonConverters.writeRecordKeyAsJson(message);
  }

  @Override
  protected JsonNode valueAsJson(ApiMessage message, short version) {
    return CoordinatorRecordJsonConverters.writeRecordValueAsJson(message, version);
  }
}
