// A Java consumer of a group, which joins and leaves on command; ../member.ts says what it takes and prints.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Member implements ConsumerRebalanceListener {
  static final Map<String, String> settings = new HashMap<>();
  static final Map<String, Class<?>> assignors = Map.of(
      "range", RangeAssignor.class,
      "roundrobin", RoundRobinAssignor.class,
      "sticky", StickyAssignor.class,
      "cooperative-sticky", CooperativeStickyAssignor.class);

  final KafkaConsumer<String, String> consumer;
  final Map<TopicPartition, OffsetAndMetadata> pending = new HashMap<>();
  final Set<TopicPartition> owned = new HashSet<>();
  boolean isHolding;
  int heldIn;

  static synchronized void say(String event, String more) {
    System.out.println("{\"at\":" + System.currentTimeMillis() + ",\"event\":\"" + event + "\"" + more + "}");
    System.out.flush();
  }

  static String numbers(Collection<TopicPartition> partitions) {
    return ",\"partitions\":[" + partitions.stream().map(t -> "" + t.partition()).collect(Collectors.joining(",")) + "]";
  }

  static String error(Throwable error) {
    String text = error.getClass().getSimpleName() + ": " + error.getMessage();
    return ",\"error\":\"" + text.replace("\\", "/").replace("\"", "'").replace("\n", " ") + "\"";
  }

  Member() {
    Properties p = new Properties();
    p.put("bootstrap.servers", settings.get("bootstrap"));
    p.put("client.id", settings.get("name"));
    p.put("group.id", settings.get("group"));
    p.put("group.protocol", settings.get("protocol"));
    p.put("enable.auto.commit", "false");
    p.put("auto.offset.reset", "earliest");
    p.put("fetch.max.wait.ms", "200");
    p.put("max.poll.interval.ms", settings.get("rebalance"));
    if (settings.containsKey("instance")) p.put("group.instance.id", settings.get("instance"));
    if (settings.get("protocol").equals("classic")) {
      p.put("session.timeout.ms", settings.get("session"));
      p.put("heartbeat.interval.ms", settings.get("heartbeat"));
      p.put("partition.assignment.strategy", assignors.get(settings.getOrDefault("assignor", "range")).getName());
    }
    consumer = new KafkaConsumer<>(p, new StringDeserializer(), new StringDeserializer());
    consumer.subscribe(List.of(settings.get("topic")), this);
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    owned.addAll(partitions);
    ConsumerGroupMetadata group = consumer.groupMetadata();
    say("assigned", numbers(partitions) + ",\"generation\":" + group.generationId() + ",\"member\":\"" + group.memberId() + "\"");
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (!isHolding) commit();
    giveUp("revoked", partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    giveUp("lost", partitions);
  }

  void giveUp(String event, Collection<TopicPartition> partitions) {
    owned.removeAll(partitions);
    if (!isHolding) pending.keySet().removeAll(partitions);
    if (!partitions.isEmpty()) say(event, numbers(partitions));
  }

  void commit() {
    if (pending.isEmpty()) return;
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>(pending);
    try {
      consumer.commitSync(offsets);
      String said = offsets.entrySet().stream().map(e -> "\"" + e.getKey().partition() + "\":" + e.getValue().offset()).collect(Collectors.joining(","));
      say("committed", ",\"offsets\":{" + said + "}");
      pending.entrySet().removeAll(offsets.entrySet());
    } catch (KafkaException error) {
      say("refused", error(error));
    }
  }

  // Its other thread may have joined anew by now: what was read before must not be committed under that membership.
  void commitHeld() {
    int now = consumer.groupMetadata().generationId();
    if (now == heldIn || now < 0) commit();
    else say("refused", ",\"error\":\"not tried in generation " + now + ": read in " + heldIn + "\"");
    pending.clear();
  }

  void work() {
    ConsumerRecords<String, String> found = consumer.poll(Duration.ofMillis(100));
    for (TopicPartition at : found.partitions()) {
      // In a consumer group, one that was just told to have lost all may still hand out what it had fetched.
      if (!owned.contains(at)) {
        say("failed", ",\"error\":\"handed out records of " + at.partition() + ", which is not its own\"");
        continue;
      }
      List<ConsumerRecord<String, String>> records = found.records(at);
      String values = records.stream().map(ConsumerRecord::value).collect(Collectors.joining(","));
      say("read", ",\"partition\":" + at.partition() + ",\"offset\":" + records.get(0).offset() + ",\"values\":[" + values + "]");
      pending.put(at, new OffsetAndMetadata(records.get(records.size() - 1).offset() + 1));
    }
    if (!isHolding) commit();
  }

  void close() {
    consumer.close();
    say("left", "");
  }

  public static void main(String[] args) throws Exception {
    for (String arg : args) settings.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    LinkedBlockingQueue<String> commands = new LinkedBlockingQueue<>();
    Thread listener = new Thread(() -> {
      try (var lines = new BufferedReader(new InputStreamReader(System.in))) {
        lines.lines().forEach(commands::add);
      } catch (java.io.IOException ignored) {
      }
      commands.add("exit");
    });
    listener.setDaemon(true);
    listener.start();
    say("ready", "");
    Member member = null;
    while (true) {
      String command = member == null ? commands.take() : commands.poll();
      if (command == null) {
        try {
          member.work();
        } catch (KafkaException | IllegalStateException error) {
          // The second: in a consumer group, poll may look for a partition that was lost a moment before.
          say("failed", error(error));
        }
        continue;
      }
      switch (command) {
        case "join" -> member = new Member();
        case "hold" -> {
          member.isHolding = true;
          member.heldIn = member.consumer.groupMetadata().generationId();
        }
        case "commit" -> {
          member.isHolding = false;
          member.commitHeld();
        }
        default -> {
          if (member != null) member.close();
          member = null;
          if (command.equals("exit")) return;
        }
      }
    }
  }
}
