// A transactional program of the Java client: what it does, and what it is told, a line each. Run against our broker and against Kafka.

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

public class Transactions {
  static String bootstrap;
  static String topic;

  interface Step {
    Object run() throws Exception;
  }

  static Throwable cause(Throwable error) {
    return error instanceof java.util.concurrent.ExecutionException ? error.getCause() : error;
  }

  static void step(String name, Step step) {
    String result;
    try {
      result = String.valueOf(step.run());
    } catch (Throwable error) {
      result = cause(error).getClass().getSimpleName();
    }
    System.out.println(name + ": " + result);
    System.out.flush();
  }

  static String outcome(Runnable run) {
    try {
      run.run();
      return "ok";
    } catch (Throwable error) {
      return cause(error).getClass().getSimpleName();
    }
  }

  static KafkaProducer<String, String> producer(String id, int timeoutMs) {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("transactional.id", id);
    p.put("transaction.timeout.ms", String.valueOf(timeoutMs));
    p.put("max.block.ms", "20000");
    return new KafkaProducer<>(p, new StringSerializer(), new StringSerializer());
  }

  static KafkaConsumer<String, String> consumer(String isolation, String group) {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("isolation.level", isolation);
    p.put("enable.auto.commit", "false");
    p.put("auto.offset.reset", "earliest");
    if (group != null) p.put("group.id", group);
    return new KafkaConsumer<>(p, new StringDeserializer(), new StringDeserializer());
  }

  static void send(KafkaProducer<String, String> producer, String... values) {
    for (int n = 0; n < values.length; n++) producer.send(new ProducerRecord<>(topic, n % 3, null, values[n]));
    producer.flush();
  }

  static long committed(String group) {
    try (var consumer = consumer("read_committed", group)) {
      TopicPartition first = new TopicPartition(topic, 0);
      var found = consumer.committed(java.util.Set.of(first)).get(first);
      return found == null ? -1 : found.offset();
    }
  }

  static void produce(String prefix) throws Exception {
    TopicPartition first = new TopicPartition(topic, 0);
    String group = prefix + "-group";
    try (var p = producer(prefix + "-one", 60000)) {
      step("begins without initTransactions", () -> outcome(p::beginTransaction));
    }
    try (var p = producer(prefix + "-one", 60000)) {
      p.initTransactions();
      step("commits", () -> {
        p.beginTransaction();
        send(p, "c0", "c1", "c2", "c3");
        return outcome(p::commitTransaction);
      });
      step("aborts", () -> {
        p.beginTransaction();
        send(p, "a0", "a1", "a2", "a3");
        return outcome(p::abortTransaction);
      });
      step("commits nothing", () -> {
        p.beginTransaction();
        return outcome(p::commitTransaction);
      });
      step("aborts nothing", () -> {
        p.beginTransaction();
        return outcome(p::abortTransaction);
      });
      step("commits twice", () -> outcome(p::commitTransaction));
      step("commits offsets", () -> {
        p.beginTransaction();
        send(p, "o0");
        p.sendOffsetsToTransaction(Map.of(first, new OffsetAndMetadata(3)), new ConsumerGroupMetadata(group));
        p.commitTransaction();
        return committed(group);
      });
      step("aborts offsets", () -> {
        p.beginTransaction();
        send(p, "a4");
        p.sendOffsetsToTransaction(Map.of(first, new OffsetAndMetadata(9)), new ConsumerGroupMetadata(group));
        p.abortTransaction();
        return committed(group);
      });
      step("commits offsets of a member that is none", () -> {
        p.beginTransaction();
        String sent = outcome(() ->
          p.sendOffsetsToTransaction(Map.of(first, new OffsetAndMetadata(9)), new ConsumerGroupMetadata(group, 99, "stranger", Optional.empty())));
        String ended = outcome(p::commitTransaction);
        return sent + " " + ended + " " + outcome(p::abortTransaction) + " " + committed(group);
      });
      step("goes on after that", () -> {
        p.beginTransaction();
        send(p, "c4");
        return outcome(p::commitTransaction);
      });
      step("shows readers what is stable", () -> {
        try (var committed = consumer("read_committed", null); var all = consumer("read_uncommitted", null)) {
          long before = committed.endOffsets(List.of(first)).get(first);
          p.beginTransaction();
          send(p, "c5", "c6", "c7", "c8");
          long stable = committed.endOffsets(List.of(first)).get(first) - before;
          long written = all.endOffsets(List.of(first)).get(first) - before;
          p.commitTransaction();
          long after = 0;
          // The marker follows the answer.
          for (int tries = 0; tries < 200 && after == 0; tries++) {
            after = committed.endOffsets(List.of(first)).get(first) - before;
            Thread.sleep(10);
          }
          return stable + " " + written + " " + after;
        }
      });
    }
    step("is fenced by a successor", () -> {
      try (var one = producer(prefix + "-two", 60000); var other = producer(prefix + "-two", 60000)) {
        one.initTransactions();
        one.beginTransaction();
        send(one, "f0");
        other.initTransactions();
        String ended = outcome(one::commitTransaction);
        String again = outcome(one::beginTransaction);
        other.beginTransaction();
        send(other, "c9");
        return ended + " " + again + " " + outcome(other::commitTransaction);
      }
    });
    step("is fenced when it sends", () -> {
      try (var one = producer(prefix + "-three", 60000); var other = producer(prefix + "-three", 60000)) {
        one.initTransactions();
        other.initTransactions();
        one.beginTransaction();
        String sent;
        try {
          one.send(new ProducerRecord<>(topic, 0, null, "f1")).get();
          sent = "ok";
        } catch (Exception error) {
          sent = cause(error).getClass().getSimpleName();
        }
        return sent + " " + outcome(one::abortTransaction);
      }
    });
    step("takes too long", () -> {
      try (var p = producer(prefix + "-four", 1500)) {
        p.initTransactions();
        p.beginTransaction();
        send(p, "t0");
        Thread.sleep(5000);
        String ended = outcome(p::commitTransaction);
        return ended + " " + outcome(p::abortTransaction);
      }
    });
    step("sends after it took too long", () -> {
      try (var p = producer(prefix + "-five", 1500)) {
        p.initTransactions();
        p.beginTransaction();
        send(p, "t1");
        Thread.sleep(5000);
        String sent;
        try {
          p.send(new ProducerRecord<>(topic, 0, null, "t2")).get();
          sent = "ok";
        } catch (Exception error) {
          sent = cause(error).getClass().getSimpleName();
        }
        String aborted = outcome(p::abortTransaction);
        String next = outcome(() -> {
          p.beginTransaction();
          send(p, "x0");
          p.commitTransaction();
        });
        return sent + " " + aborted + " " + next;
      }
    });
    step("asks for too long a timeout", () -> {
      try (var p = producer(prefix + "-six", 1_000_000_000)) {
        return outcome(p::initTransactions);
      }
    });
    administer(prefix);
  }

  static void administer(String prefix) throws Exception {
    TopicPartition first = new TopicPartition(topic, 0);
    String id = prefix + "-seven";
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap)); var p = producer(id, 60000)) {
      p.initTransactions();
      p.beginTransaction();
      send(p, "d0");
      step("describes a transaction", () -> {
        var found = admin.describeTransactions(List.of(id)).description(id).get();
        return found.state() + " " + found.topicPartitions().size() + " " + found.producerEpoch() + " " + found.transactionTimeoutMs()
          + " " + (found.transactionStartTimeMs().isPresent() ? "started" : "not started");
      });
      step("describes an unknown id", () -> admin.describeTransactions(List.of("nobody")).description("nobody").get());
      step("lists transactions", () -> admin.listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING))).all().get()
        .stream().filter(t -> t.transactionalId().startsWith(prefix)).map(t -> t.transactionalId().substring(prefix.length()) + " " + t.state()).collect(Collectors.toList()));
      step("describes producers", () -> {
        var found = admin.describeProducers(List.of(first)).partitionResult(first).get().activeProducers();
        var open = found.stream().filter(s -> s.currentTransactionStartOffset().isPresent()).collect(Collectors.toList());
        return open.size() + " " + open.get(0).producerEpoch() + " " + open.get(0).lastSequence();
      });
      step("aborts a transaction from outside", () -> {
        var open = admin.describeProducers(List.of(first)).partitionResult(first).get().activeProducers().stream()
          .filter(s -> s.currentTransactionStartOffset().isPresent()).findFirst().get();
        admin.abortTransaction(new AbortTransactionSpec(first, open.producerId(), (short) open.producerEpoch(), open.coordinatorEpoch().orElse(0))).all().get();
        return admin.describeProducers(List.of(first)).partitionResult(first).get().activeProducers().stream()
          .filter(s -> s.currentTransactionStartOffset().isPresent()).count();
      });
      step("commits what was aborted from outside", () -> outcome(p::commitTransaction));
      step("fences producers", () -> {
        admin.fenceProducers(List.of(id)).all().get();
        return outcome(() -> {
          p.beginTransaction();
          send(p, "f2");
          p.commitTransaction();
        });
      });
    }
  }

  static void read(String isolation) {
    try (var consumer = consumer(isolation, null)) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer.partitionsFor(topic).forEach(i -> partitions.add(new TopicPartition(topic, i.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<String> values = new ArrayList<>();
      long deadline = System.nanoTime() + 30_000_000_000L;
      while (partitions.stream().anyMatch(t -> consumer.position(t) < ends.get(t))) {
        if (System.nanoTime() > deadline) throw new IllegalStateException("not all was read within 30 s");
        for (var r : consumer.poll(Duration.ofMillis(200))) values.add(r.value());
      }
      System.out.println(values.stream().sorted().collect(Collectors.joining(" ")));
    }
  }

  // Is stopped after `ready`, and goes on when another has its place.
  static void zombie(String prefix) throws Exception {
    try (var p = producer(prefix + "-zombie", 60000)) {
      p.initTransactions();
      p.beginTransaction();
      send(p, "z0", "z1", "z2");
      System.out.println("ready");
      System.out.flush();
      for (int n = 3; n < 13; n++) {
        Thread.sleep(200);
        String value = "z" + n;
        outcome(() -> p.send(new ProducerRecord<>(topic, 0, null, value)));
      }
      System.out.println(outcome(p::commitTransaction).equals("ok") ? "ok" : "refused");
    }
  }

  static void succeed(String prefix) {
    try (var p = producer(prefix + "-zombie", 60000)) {
      p.initTransactions();
      p.beginTransaction();
      send(p, "s0", "s1", "s2");
      p.commitTransaction();
    }
  }

  public static void main(String[] args) throws Exception {
    bootstrap = args[1];
    topic = args[2];
    if (args[0].equals("read")) read(args[3]);
    else if (args[0].equals("zombie")) zombie(args[3]);
    else if (args[0].equals("succeed")) succeed(args[3]);
    else {
      if (args.length > 4) {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap))) {
          admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all().get();
        }
      }
      produce(args[3]);
    }
  }
}
