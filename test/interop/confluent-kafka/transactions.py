"""The transactional program and the transactional reader of confluent-kafka (librdkafka)."""

import json
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, OFFSET_BEGINNING, Producer, TopicPartition

action, bootstrap, topic, rest = sys.argv[1:5]
TIMEOUT = 20


def producer(name, timeout_ms=60000):
    made = Producer({"bootstrap.servers": bootstrap, "transactional.id": f"{rest}-{name}", "transaction.timeout.ms": timeout_ms})
    made.init_transactions(TIMEOUT)
    return made


def send(made, *values):
    for n, value in enumerate(values):
        made.produce(topic, partition=n % 3, value=value)
    made.flush(TIMEOUT)


def outcome(run, *args):
    try:
        run(*args)
        return "ok"
    except KafkaException as error:
        return "fenced" if error.args[0].code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED) else error.args[0].name()


def committed(group):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
    [found] = consumer.committed([TopicPartition(topic, 0)], TIMEOUT)
    consumer.close()
    return found.offset


def offsets(made, group, offset):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
    made.send_offsets_to_transaction([TopicPartition(topic, 0, offset)], consumer.consumer_group_metadata(), TIMEOUT)
    consumer.close()


def program():
    group = f"{rest}-group"
    results = {}
    one = producer("one")
    one.begin_transaction()
    send(one, "c0", "c1", "c2", "c3")
    results["commits"] = outcome(one.commit_transaction, TIMEOUT)
    one.begin_transaction()
    send(one, "a0", "a1", "a2", "a3")
    results["aborts"] = outcome(one.abort_transaction, TIMEOUT)
    one.begin_transaction()
    send(one, "o0")
    offsets(one, group, 3)
    one.commit_transaction(TIMEOUT)
    results["commits offsets"] = committed(group)
    one.begin_transaction()
    send(one, "a4")
    offsets(one, group, 9)
    one.abort_transaction(TIMEOUT)
    results["aborts offsets"] = committed(group)
    zombie = producer("two")
    zombie.begin_transaction()
    send(zombie, "f0")
    successor = producer("two")
    results["is fenced"] = outcome(zombie.commit_transaction, TIMEOUT)
    successor.begin_transaction()
    send(successor, "c4")
    results["succeeds"] = outcome(successor.commit_transaction, TIMEOUT)
    late = producer("three", 1500)
    late.begin_transaction()
    send(late, "t0")
    time.sleep(4)
    results["takes too long"] = "refused" if outcome(late.commit_transaction, TIMEOUT) != "ok" else "ok"
    print(json.dumps(results))


def read():
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "never-used",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": rest,
        }
    )
    open_ends = {0, 1, 2}
    consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in sorted(open_ends)])
    values = []
    deadline = time.monotonic() + 30
    while open_ends:
        if time.monotonic() > deadline:
            sys.exit("not all was read within 30 s")
        for r in consumer.consume(1000, 0.2):
            if r.error() is None:
                values.append(r.value().decode())
            elif r.error().code() == KafkaError._PARTITION_EOF:
                open_ends.discard(r.partition())
            else:
                sys.exit(str(r.error()))
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
            made.produce(topic, partition=n % 3, value=f"z{n + 3}")
            made.poll(0)
        except KafkaException:
            pass
    print("refused" if outcome(made.commit_transaction, TIMEOUT) != "ok" else "ok", flush=True)


def succeed():
    made = producer("zombie")
    made.begin_transaction()
    send(made, "s0", "s1", "s2")
    made.commit_transaction(TIMEOUT)


{"produce": program, "read": read, "zombie": zombie, "succeed": succeed}[action]()
