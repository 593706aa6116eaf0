"""The transactional program and the transactional reader of kafka-python, which wrote its own implementation of the protocol."""

import json
import logging
import sys
import time

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError

logging.disable(logging.CRITICAL)
action, bootstrap, topic, rest = sys.argv[1:5]
TIMEOUT = 20


def producer(name, timeout_ms=60000):
    made = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{rest}-{name}", transaction_timeout_ms=timeout_ms)
    made.init_transactions()
    return made


def send(made, *values):
    sent = [made.send(topic, value.encode(), partition=n % 3) for n, value in enumerate(values)]
    made.flush(TIMEOUT)
    for future in sent:
        future.get(TIMEOUT)


def outcome(run, *args):
    try:
        run(*args)
        return "ok"
    except (ProducerFencedError, InvalidProducerEpochError):
        return "fenced"
    except KafkaError as error:
        return type(error).__name__


def member(group):
    return KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False, isolation_level="read_committed")


def committed(group):
    consumer = member(group)
    found = consumer.committed(TopicPartition(topic, 0))
    consumer.close()
    return found


def offsets(made, group, offset):
    consumer = member(group)
    made.send_offsets_to_transaction({TopicPartition(topic, 0): OffsetAndMetadata(offset, "", -1)}, consumer.group_metadata())
    consumer.close()


def program():
    group = f"{rest}-group"
    results = {}
    one = producer("one")
    one.begin_transaction()
    send(one, "c0", "c1", "c2", "c3")
    results["commits"] = outcome(one.commit_transaction)
    one.begin_transaction()
    send(one, "a0", "a1", "a2", "a3")
    results["aborts"] = outcome(one.abort_transaction)
    one.begin_transaction()
    send(one, "o0")
    offsets(one, group, 3)
    one.commit_transaction()
    results["commits offsets"] = committed(group)
    one.begin_transaction()
    send(one, "a4")
    offsets(one, group, 9)
    one.abort_transaction()
    results["aborts offsets"] = committed(group)
    zombie = producer("two")
    zombie.begin_transaction()
    send(zombie, "f0")
    successor = producer("two")
    results["is fenced"] = outcome(zombie.commit_transaction)
    successor.begin_transaction()
    send(successor, "c4")
    results["succeeds"] = outcome(successor.commit_transaction)
    late = producer("three", 1500)
    late.begin_transaction()
    send(late, "t0")
    time.sleep(4)
    results["takes too long"] = "refused" if outcome(late.commit_transaction) != "ok" else "ok"
    print(json.dumps(results))


def read():
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest", isolation_level=rest)
    partitions = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    values = []
    deadline = time.monotonic() + 30
    while any(consumer.position(p) < ends[p] for p in partitions):
        if time.monotonic() > deadline:
            sys.exit("not all was read within 30 s")
        for records in consumer.poll(timeout_ms=200).values():
            values += [r.value.decode() for r in records]
    consumer.close()
    print(json.dumps(sorted(values)))


def zombie():
    """Is stopped after `ready`, and goes on when another has its place."""
    made = producer("zombie")
    made.begin_transaction()
    send(made, "z0", "z1", "z2")
    print("ready", flush=True)
    for n in range(10):
        time.sleep(0.2)
        try:
            made.send(topic, f"z{n + 3}".encode(), partition=n % 3)
        except KafkaError:
            pass
    print("refused" if outcome(made.commit_transaction) != "ok" else "ok", flush=True)


def succeed():
    made = producer("zombie")
    made.begin_transaction()
    send(made, "s0", "s1", "s2")
    made.commit_transaction()


{"produce": program, "read": read, "zombie": zombie, "succeed": succeed}[action]()
