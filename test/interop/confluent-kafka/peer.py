"""confluent-kafka as a peer: librdkafka, the C implementation under many languages."""

import json
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition, TopicCollection, OFFSET_BEGINNING
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec, ResourceType


def text(data):
    return None if data is None else data.decode("utf-8")


def produce(bootstrap, topic, path, compression, idempotence):
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": compression,
            "enable.idempotence": idempotence == "idempotent",
            "acks": "all",
            "linger.ms": 5,
        }
    )
    failures = []

    def delivered(error, _):
        if error is not None:
            failures.append(str(error))

    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            while True:
                try:
                    producer.produce(topic, key=record["key"], value=record["value"], on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.1)
    left = producer.flush(60)
    if failures or left:
        sys.exit(f"{len(failures)} failed, {left} left: {failures[:1]}")


def consumer_of(bootstrap):
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "never-used",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
        }
    )


def consume(bootstrap, *topics):
    consumer = consumer_of(bootstrap)
    found = consumer.list_topics(timeout=10).topics
    partitions = [TopicPartition(t, p, OFFSET_BEGINNING) for t in topics for p in sorted(found[t].partitions)]
    consumer.assign(partitions)
    open_ends = {(p.topic, p.partition) for p in partitions}
    deadline = time.monotonic() + 110
    while open_ends:
        if time.monotonic() > deadline:
            sys.exit("not all was read within 110 s")
        for r in consumer.consume(1000, 0.2):
            if r.error() is None:
                print(json.dumps({"topic": r.topic(), "partition": r.partition(), "offset": r.offset(), "key": text(r.key()), "value": text(r.value())}))
            elif r.error().code() == KafkaError._PARTITION_EOF:
                open_ends.discard((r.topic(), r.partition()))
            else:
                sys.exit(str(r.error()))
    consumer.close()


def administer(bootstrap, prefix):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    topic = f"{prefix}-admin"

    def each(futures):
        return {name: future.result(30) for name, future in futures.items()}

    def creates():
        each(admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1, config={"retention.ms": "7200000"})]))

    def exists():
        try:
            each(admin.create_topics([NewTopic(topic, 2, 1)]))
        except KafkaException as error:
            assert error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS, error
            return
        raise AssertionError("no error")

    def lists():
        found = admin.list_topics(timeout=10).topics
        assert topic in found, found

    def partitions():
        each(admin.create_partitions([NewPartitions(topic, 4)]))
        found = admin.list_topics(topic, timeout=10).topics[topic].partitions
        assert len(found) == 4, found

    def describes():
        found = each(admin.describe_topics(TopicCollection([topic])))[topic]
        assert len(found.partitions) == 4 and not found.is_internal, found

    def cluster():
        found = admin.describe_cluster().result(30)
        assert len(found.nodes) == 1 and found.controller is not None, found

    def configs():
        resource = ConfigResource(ResourceType.TOPIC, topic)
        resource.add_incremental_config(
            ConfigEntry("retention.ms", "3600000", incremental_operation=AlterConfigOpType.SET)
        )
        each(admin.incremental_alter_configs([resource]))
        wanted = ConfigResource(ResourceType.TOPIC, topic)
        found = each(admin.describe_configs([wanted]))[wanted]
        assert found["retention.ms"].value == "3600000", found["retention.ms"]

    def broker_configs():
        broker = str(admin.describe_cluster().result(30).nodes[0].id)
        wanted = ConfigResource(ResourceType.BROKER, broker)
        found = each(admin.describe_configs([wanted]))[wanted]
        assert "log.segment.bytes" in found and len(found) > 100, len(found)

    def records():
        producer = Producer({"bootstrap.servers": bootstrap})
        now = int(time.time() * 1000)
        for n in range(10):
            producer.produce(topic, str(n), partition=0, timestamp=now + n)
        assert producer.flush(30) == 0
        each(admin.delete_records([TopicPartition(topic, 0, 4)]))
        consumer = consumer_of(bootstrap)
        found = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10, cached=False)
        consumer.close()
        assert found == (4, 10), found

    def offsets():
        p = TopicPartition(topic, 0)
        found = each(admin.list_offsets({p: OffsetSpec.latest()}))[p]
        assert found.offset == 10, found
        found = each(admin.list_offsets({p: OffsetSpec.max_timestamp()}))[p]
        assert found.offset == 9, found

    def timestamps():
        consumer = consumer_of(bootstrap)
        found = consumer.offsets_for_times([TopicPartition(topic, 0, int(time.time() * 1000) - 3600_000)], timeout=10)
        consumer.close()
        assert found[0].offset == 4, found

    def deletes():
        each(admin.delete_topics([topic]))
        assert topic not in admin.list_topics(timeout=10).topics

    steps = {
        "creates a topic": creates,
        "is told that a topic exists": exists,
        "lists topics": lists,
        "adds partitions": partitions,
        "describes topics": describes,
        "describes the cluster": cluster,
        "describes and alters configs": configs,
        "describes the broker's configs": broker_configs,
        "deletes records and reads watermarks": records,
        "lists offsets": offsets,
        "finds offsets by timestamp": timestamps,
        "deletes a topic": deletes,
    }
    for name, step in steps.items():
        try:
            step()
            print(f"ok {name}")
        except Exception as error:
            print(f"not ok {name}: {type(error).__name__} {error}")


if __name__ == "__main__":
    {"produce": produce, "consume": consume, "admin": administer}[sys.argv[1]](*sys.argv[2:])
