// The Java client as a peer: the implementation that the others follow. Started from its source, without a build.

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.*;

public class Peer {
  interface Step {
    void run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    String[] rest = Arrays.copyOfRange(args, 2, args.length);
    switch (args[0]) {
      case "produce" -> produce(args[1], rest);
      case "consume" -> consume(args[1], List.of(rest));
      default -> administer(args[1], rest[0]);
    }
  }

  // Keys and values are base64 in a file of tab-separated lines: the JDK has no JSON parser.
  static byte[] bytes(String field) {
    return field.equals("-") ? null : Base64.getDecoder().decode(field);
  }

  static String text(byte[] bytes) {
    return bytes == null ? "-" : "=" + Base64.getEncoder().encodeToString(bytes);
  }

  static void produce(String bootstrap, String[] args) throws Exception {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("compression.type", args[2]);
    p.put("enable.idempotence", String.valueOf(args[3].equals("idempotent")));
    p.put("acks", "all");
    p.put("linger.ms", "5");
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (var producer = new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (String line : Files.readAllLines(Path.of(args[1]))) {
        String[] fields = line.split("\t");
        sent.add(producer.send(new ProducerRecord<>(args[0], bytes(fields[0]), bytes(fields[1]))));
      }
      for (Future<RecordMetadata> future : sent) future.get();
    }
  }

  static Consumer<byte[], byte[]> consumer(String bootstrap) {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("enable.auto.commit", "false");
    p.put("auto.offset.reset", "earliest");
    p.put("max.poll.records", "5000");
    return new KafkaConsumer<>(p, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static void consume(String bootstrap, List<String> topics) {
    try (var consumer = consumer(bootstrap)) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic : topics) consumer.partitionsFor(topic).forEach(i -> partitions.add(new TopicPartition(topic, i.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (partitions.stream().anyMatch(t -> consumer.position(t) < ends.get(t))) {
        if (System.nanoTime() > deadline) throw new IllegalStateException("not all was read within 60 s");
        StringBuilder lines = new StringBuilder();
        for (var r : consumer.poll(Duration.ofMillis(500))) {
          lines.append(r.topic()).append('\t').append(r.partition()).append('\t').append(r.offset()).append('\t');
          lines.append(text(r.key())).append('\t').append(text(r.value())).append('\n');
        }
        System.out.print(lines);
      }
    }
  }

  static void must(boolean condition, Object what) {
    if (!condition) throw new IllegalStateException("unexpected: " + what);
  }

  static void step(String name, Step step) {
    try {
      step.run();
      System.out.println("ok " + name);
    } catch (Exception error) {
      System.out.println("not ok " + name + ": " + error);
    }
  }

  static void administer(String bootstrap, String prefix) {
    String topic = prefix + "-admin";
    TopicPartition first = new TopicPartition(topic, 0);
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "default.api.timeout.ms", "20000", "request.timeout.ms", "15000"))) {
      step("creates a topic", () -> {
        var created = admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1).configs(Map.of("retention.ms", "7200000"))));
        must(created.numPartitions(topic).get() == 2, created.numPartitions(topic).get());
      });
      step("is told that a topic exists", () -> {
        try {
          admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
        } catch (ExecutionException error) {
          must(error.getCause() instanceof TopicExistsException, error);
          return;
        }
        must(false, "no error");
      });
      step("lists topics", () -> must(admin.listTopics().names().get().contains(topic), "not there"));
      step("adds partitions", () -> {
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all().get();
        var found = admin.describeTopics(Set.of(topic)).allTopicNames().get().get(topic);
        must(found.partitions().size() == 4, found);
      });
      step("describes the cluster", () -> {
        var found = admin.describeCluster();
        must(found.nodes().get().size() == 1 && found.clusterId().get() != null, found.nodes().get());
      });
      step("describes and alters configs", () -> {
        var set = new AlterConfigOp(new ConfigEntry("retention.ms", "3600000"), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
        var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        var found = admin.describeConfigs(Set.of(resource), options).all().get().get(resource).get("retention.ms");
        must(found.value().equals("3600000") && found.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, found);
      });
      step("refuses a config that is no number", () -> {
        var set = new AlterConfigOp(new ConfigEntry("retention.ms", "soon"), AlterConfigOp.OpType.SET);
        try {
          admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
        } catch (ExecutionException error) {
          must(error.getCause() instanceof org.apache.kafka.common.errors.InvalidConfigurationException, error);
          return;
        }
        must(false, "no error");
      });
      step("deletes records and lists offsets", () -> {
        Properties p = new Properties();
        p.put("bootstrap.servers", bootstrap);
        try (var producer = new KafkaProducer<>(p, new StringSerializer(), new StringSerializer())) {
          long now = System.currentTimeMillis();
          for (int n = 0; n < 10; n++) producer.send(new ProducerRecord<>(topic, 0, now + n, null, "" + n)).get();
        }
        long low = admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(4))).lowWatermarks().get(first).get().lowWatermark();
        long earliest = admin.listOffsets(Map.of(first, OffsetSpec.earliest())).partitionResult(first).get().offset();
        long latest = admin.listOffsets(Map.of(first, OffsetSpec.latest())).partitionResult(first).get().offset();
        long newest = admin.listOffsets(Map.of(first, OffsetSpec.maxTimestamp())).partitionResult(first).get().offset();
        must(low == 4 && earliest == 4 && latest == 10 && newest == 9, List.of(low, earliest, latest, newest));
      });
      step("finds offsets by timestamp", () -> {
        try (var consumer = consumer(bootstrap)) {
          var found = consumer.offsetsForTimes(Map.of(first, System.currentTimeMillis() - 3_600_000));
          must(found.get(first).offset() == 4, found);
        }
      });
      step("describes log directories", () -> {
        int broker = admin.describeCluster().nodes().get().iterator().next().id();
        var found = admin.describeLogDirs(Set.of(broker)).allDescriptions().get().get(broker);
        must(found.values().stream().anyMatch(d -> d.replicaInfos().containsKey(first)), found);
      });
      step("lists config resources", () -> {
        Collection<ConfigResource> found = admin.listConfigResources(Set.of(ConfigResource.Type.TOPIC), new ListConfigResourcesOptions()).all().get();
        must(found.contains(resource), found);
      });
      step("deletes a topic", () -> {
        admin.deleteTopics(Set.of(topic)).all().get();
        must(!admin.listTopics().names().get().contains(topic), "still there");
      });
    }
  }
}
