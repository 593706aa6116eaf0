"""aiokafka as a peer: asyncio, and an implementation of the protocol of its own."""

import asyncio
import json
import sys
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError


def text(data):
    return None if data is None else data.decode("utf-8")


def data(value):
    return None if value is None else value.encode("utf-8")


async def run_steps(steps):
    for name, step in steps.items():
        try:
            await asyncio.wait_for(step(), 60)
            print(f"ok {name}")
        except Exception as error:
            print(f"not ok {name}: {type(error).__name__} {error}")


async def produce(bootstrap, topic, path, compression, idempotence):
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        linger_ms=5,
        compression_type=None if compression == "none" else compression,
        enable_idempotence=idempotence == "idempotent",
    )
    await producer.start()
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    sent = [await producer.send(topic, key=data(r["key"]), value=data(r["value"])) for r in records]
    await asyncio.gather(*sent)
    await producer.stop()


async def read_to_end(bootstrap, partitions, **config):
    """All records of the partitions as they are now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest", **config)
    await consumer.start()
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    ends = await consumer.end_offsets(partitions)
    read = []
    deadline = time.monotonic() + 110
    while any([await consumer.position(p) < ends[p] for p in partitions]):
        if time.monotonic() > deadline:
            sys.exit("not all was read within 110 s")
        for records in (await consumer.getmany(timeout_ms=500, max_records=5000)).values():
            read += records
    await consumer.stop()
    return read


async def consume(bootstrap, *topics):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    found = await admin.describe_topics(list(topics))
    await admin.close()
    partitions = [TopicPartition(t["topic"], p["partition"]) for t in found for p in t["partitions"]]
    for r in await read_to_end(bootstrap, partitions):
        print(json.dumps({"topic": r.topic, "partition": r.partition, "offset": r.offset, "key": text(r.key), "value": text(r.value)}))


async def administer(bootstrap, prefix):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    topic = f"{prefix}-admin"

    async def creates():
        answer = await admin.create_topics([NewTopic(topic, 2, 1, topic_configs={"retention.ms": "7200000"})])
        assert answer.topic_errors[0][1] == 0, answer

    async def exists():
        answer = await admin.create_topics([NewTopic(topic, 2, 1)])
        assert answer.topic_errors[0][1] == TopicAlreadyExistsError.errno, answer

    async def lists():
        assert topic in await admin.list_topics()

    async def partitions():
        await admin.create_partitions({topic: NewPartitions(4)})
        found = await admin.describe_topics([topic])
        assert len(found[0]["partitions"]) == 4, found

    async def cluster():
        found = await admin.describe_cluster()
        assert len(found["brokers"]) == 1, found

    async def configs():
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "3600000"})])
        found = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        assert "3600000" in str(found), found

    async def records():
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
        await producer.start()
        for n in range(10):
            await producer.send_and_wait(topic, str(n).encode(), partition=0)
        await producer.stop()
        p = TopicPartition(topic, 0)
        await admin.delete_records({p: RecordsToDelete(before_offset=4)})
        read = await read_to_end(bootstrap, [p])
        assert [r.offset for r in read] == [4, 5, 6, 7, 8, 9], read

    async def deletes():
        await admin.delete_topics([topic])
        assert topic not in await admin.list_topics()

    await run_steps(
        {
            "creates a topic": creates,
            "is told that a topic exists": exists,
            "lists topics": lists,
            "adds partitions": partitions,
            "describes the cluster": cluster,
            "describes and alters configs": configs,
            "deletes records and reads offsets": records,
            "deletes a topic": deletes,
        }
    )
    await admin.close()


async def send(bootstrap, topic, values):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for value in values:
        await producer.send_and_wait(topic, str(value).encode(), partition=value % 3)
    await producer.stop()


async def join_groups(bootstrap, prefix):
    topic = group = f"{prefix}-group"

    async def member():
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await consumer.start()
        return consumer

    async def shares():
        await send(bootstrap, topic, range(30))
        members = [await member(), await member()]
        deadline = time.monotonic() + 40
        while not all(m.assignment() for m in members) and time.monotonic() < deadline:
            for m in members:
                await m.getmany(timeout_ms=100, max_records=1)
        owned = [p for m in members for p in m.assignment()]
        assert sorted(p.partition for p in owned) == [0, 1, 2] and all(m.assignment() for m in members), owned
        for m in members:
            await m.seek_to_beginning(*m.assignment())
        read = set()
        while len(read) < 30 and time.monotonic() < deadline:
            for m in members:
                for records in (await m.getmany(timeout_ms=200)).values():
                    read |= {int(r.value) for r in records}
        assert read == set(range(30)), read
        for m in members:
            await m.commit()
            await m.stop()

    async def goes_on():
        await send(bootstrap, topic, range(30, 33))
        consumer = await member()
        read = []
        deadline = time.monotonic() + 20
        while len(read) < 3 and time.monotonic() < deadline:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                read += [int(r.value) for r in records]
        await consumer.stop()
        assert sorted(read) == [30, 31, 32], read

    await run_steps({"shares a topic with another member": shares, "goes on where its group committed": goes_on})


async def transact(bootstrap, prefix):
    topic = f"{prefix}-transactions"

    async def commits():
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=topic)
        await producer.start()
        for value, ends in ((b"kept", producer.commit_transaction), (b"dropped", producer.abort_transaction)):
            await producer.begin_transaction()
            for _ in range(5):
                await producer.send_and_wait(topic, value, partition=0)
            await ends()
        await producer.stop()
        read = await read_to_end(bootstrap, [TopicPartition(topic, 0)], isolation_level="read_committed")
        assert [r.value for r in read] == [b"kept"] * 5, read

    await run_steps({"commits and aborts, and reads what was committed": commits})


actions = {"produce": produce, "consume": consume, "admin": administer, "groups": join_groups, "transactions": transact}
asyncio.run(actions[sys.argv[1]](*sys.argv[2:]))
