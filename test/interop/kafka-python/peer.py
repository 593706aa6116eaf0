"""kafka-python as a peer: its own implementation of the protocol, in Python."""

import json
import sys
import time

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError


def text(data):
    return None if data is None else data.decode("utf-8")


def data(value):
    return None if value is None else value.encode("utf-8")


def produce(bootstrap, topic, path, compression, idempotence):
    producer = KafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        linger_ms=5,
        compression_type=None if compression == "none" else compression,
        enable_idempotence=idempotence == "idempotent",
    )
    sent = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            sent.append(producer.send(topic, key=data(record["key"]), value=data(record["value"])))
    producer.flush(60)
    for future in sent:
        future.get(60)
    producer.close()


def consume(bootstrap, *topics):
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    partitions = [TopicPartition(t, p) for t in topics for p in sorted(consumer.partitions_for_topic(t))]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    deadline = time.monotonic() + 110
    while any(consumer.position(p) < ends[p] for p in partitions):
        if time.monotonic() > deadline:
            sys.exit("not all was read within 110 s")
        for records in consumer.poll(timeout_ms=500, max_records=5000).values():
            for r in records:
                print(json.dumps({"topic": r.topic, "partition": r.partition, "offset": r.offset, "key": text(r.key), "value": text(r.value)}))
    consumer.close()


def administer(bootstrap, prefix):
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    topic = f"{prefix}-admin"

    def creates():
        admin.create_topics({topic: {"num_partitions": 2, "configs": {"retention.ms": "7200000"}}})

    def exists():
        try:
            admin.create_topics({topic: {"num_partitions": 2}})
        except TopicAlreadyExistsError:
            return
        raise AssertionError("no error")

    def lists():
        assert topic in admin.list_topics(), admin.list_topics()

    def partitions():
        admin.create_partitions({topic: 4})
        found = admin.describe_topics([topic])
        assert len(found[0]["partitions"]) == 4, found

    def topic_partitions():
        found = admin.describe_topic_partitions([topic])
        assert len(found["topics"][0]["partitions"]) == 4, found

    def cluster():
        found = admin.describe_cluster()
        assert len(found["brokers"]) == 1, found

    def configs():
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "3600000"})])
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
        assert "3600000" in json.dumps(found, default=str), found

    def resets():
        admin.reset_configs([ConfigResource(ConfigResourceType.TOPIC, topic, ["retention.ms"])])
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="modified")
        assert "3600000" not in json.dumps(found, default=str), found

    def records():
        producer = KafkaProducer(bootstrap_servers=bootstrap)
        for n in range(10):
            producer.send(topic, str(n).encode(), partition=0).get(30)
        producer.close()
        p = TopicPartition(topic, 0)
        admin.delete_records({p: 4})
        consumer = KafkaConsumer(bootstrap_servers=bootstrap)
        low, high = consumer.beginning_offsets([p])[p], consumer.end_offsets([p])[p]
        consumer.close()
        assert (low, high) == (4, 10), (low, high)

    def timestamps():
        p = TopicPartition(topic, 0)
        consumer = KafkaConsumer(bootstrap_servers=bootstrap)
        found = consumer.offsets_for_times({p: int(time.time() * 1000) - 3600_000})
        consumer.close()
        assert found[p].offset == 4, found

    def log_dirs():
        found = admin.describe_log_dirs()
        assert topic in json.dumps(found, default=str), found

    def resources():
        found = admin.list_config_resources(["TOPIC"])
        assert topic in json.dumps(found, default=str), found

    def deletes():
        admin.delete_topics([topic])
        assert topic not in admin.list_topics(), admin.list_topics()

    steps = {
        "creates a topic": creates,
        "is told that a topic exists": exists,
        "lists topics": lists,
        "adds partitions": partitions,
        "describes topic partitions": topic_partitions,
        "describes the cluster": cluster,
        "describes and alters configs": configs,
        "resets configs": resets,
        "deletes records and reads offsets": records,
        "finds offsets by timestamp": timestamps,
        "describes log directories": log_dirs,
        "lists config resources": resources,
        "deletes a topic": deletes,
    }
    for name, step in steps.items():
        try:
            step()
            print(f"ok {name}")
        except Exception as error:
            print(f"not ok {name}: {type(error).__name__} {error}")
    admin.close()


if __name__ == "__main__":
    {"produce": produce, "consume": consume, "admin": administer}[sys.argv[1]](*sys.argv[2:])
