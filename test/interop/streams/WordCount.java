// Counts words, exactly once: each word of a line is an event, each count that follows from it a record.
// Prints its states and what it restored; `store` on its input prints the state store, `exit` closes it.

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;

public class WordCount {
  static final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  static synchronized void say(String line) {
    out.println(line);
  }

  static Properties settings(String bootstrap, String application, String stateFolder) {
    Properties p = new Properties();
    p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    p.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder);
    p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
    // Every change of a count becomes a record.
    p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    p.put(StreamsConfig.REPARTITION_PURGE_INTERVAL_MS_CONFIG, 1000);
    // Who was killed is missed sooner than after 45 s.
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6000);
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 1000);
    return p;
  }

  static KafkaStreams streams(Properties settings, String lines, String counts) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(lines, Consumed.with(Serdes.String(), Serdes.String()))
      .flatMapValues(line -> Arrays.stream(line.split("[^\\p{L}\\p{N}]+")).filter(word -> !word.isEmpty()).toList())
      .groupBy((key, word) -> word, Grouped.with("words", Serdes.String(), Serdes.String()))
      .count(Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as("counts").withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
      .toStream()
      .to(counts, Produced.with(Serdes.String(), Serdes.Long()));
    return new KafkaStreams(builder.build(), settings);
  }

  static StateRestoreListener restoring() {
    return new StateRestoreListener() {
      public void onRestoreStart(TopicPartition partition, String store, long first, long last) { }

      public void onBatchRestored(TopicPartition partition, String store, long last, long count) { }

      public void onRestoreEnd(TopicPartition partition, String store, long count) {
        say("restored\t" + partition + "\t" + count);
      }
    };
  }

  static void printStore(KafkaStreams streams) {
    var store = streams.store(StoreQueryParameters.fromNameAndType("counts", QueryableStoreTypes.<String, Long>keyValueStore()));
    try (var entries = store.all()) {
      entries.forEachRemaining(entry -> say("count\t" + entry.key + "\t" + entry.value));
    }
    say("end of store");
  }

  public static void main(String[] args) throws Exception {
    Properties settings = settings(args[0], args[1], args[2]);
    settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, args[5]);
    KafkaStreams streams = streams(settings, args[3], args[4]);
    streams.setStateListener((now, before) -> say("state\t" + now));
    streams.setGlobalStateRestoreListener(restoring());
    streams.start();
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String command = commands.readLine(); command != null && !command.equals("exit"); command = commands.readLine()) {
      if (command.equals("store")) printStore(streams);
    }
    say(streams.close(Duration.ofSeconds(20)) ? "closed" : "not closed within 20 s");
    System.exit(0);
  }
}
