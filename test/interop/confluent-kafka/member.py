"""A librdkafka consumer of a group, which joins and leaves on command; ../member.ts says what it takes and prints."""

import json
import queue
import struct
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

settings = dict(arg.split("=", 1) for arg in sys.argv[1:])
topic = settings["topic"]
commands = queue.SimpleQueue()


def say(event, **more):
    sys.stdout.write(json.dumps({"at": int(time.time() * 1000), "event": event, **more}) + "\n")
    sys.stdout.flush()


def generation(consumer):
    # Opaque for users: "CGMDv2:", then the generation or member epoch.
    return struct.unpack_from("=i", bytes(consumer.consumer_group_metadata()), 7)[0]


class Member:
    def __init__(self, holding):
        self.holding = holding
        self.pending = {}
        self.batches = {}
        self.held_in = -1
        config = {
            "bootstrap.servers": settings["bootstrap"],
            "client.id": settings["name"],
            "group.id": settings["group"],
            "group.protocol": settings["protocol"],
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 200,
            "max.poll.interval.ms": max(int(settings["rebalance"]), int(settings["session"])),
        }
        if settings["protocol"] == "classic":
            config["session.timeout.ms"] = int(settings["session"])
            config["heartbeat.interval.ms"] = int(settings["heartbeat"])
            config["partition.assignment.strategy"] = settings.get("assignor", "range")
        if "instance" in settings:
            config["group.instance.id"] = settings["instance"]
        self.consumer = Consumer(config)
        self.consumer.subscribe([topic], on_assign=self.assigned, on_revoke=self.revoked, on_lost=self.lost)

    def assigned(self, consumer, partitions):
        numbers = [p.partition for p in partitions]
        say("assigned", partitions=numbers, generation=generation(consumer), member=consumer.memberid())

    def revoked(self, consumer, partitions):
        self.flush()
        if not self.holding:
            self.commit()
        self.give_up("revoked", partitions)

    def lost(self, consumer, partitions):
        self.flush()
        self.give_up("lost", partitions)

    def give_up(self, event, partitions):
        numbers = [p.partition for p in partitions]
        for partition in [] if self.holding else numbers:
            self.pending.pop(partition, None)
        if numbers:
            say(event, partitions=numbers)

    def commit(self):
        if not self.pending:
            return
        offsets = dict(self.pending)
        try:
            done = self.consumer.commit(offsets=[TopicPartition(topic, p, o) for p, o in offsets.items()], asynchronous=False)
            failed = [d.error for d in done if d.error is not None]
            if failed:
                raise KafkaException(failed[0])
            say("committed", offsets=offsets)
            for partition, offset in offsets.items():
                if self.pending.get(partition) == offset:
                    del self.pending[partition]
        except KafkaException as error:
            say("refused", error=f"{error.args[0].name()}: {error.args[0].str()}")

    def commit_held(self):
        # Its other thread may have joined anew by now: what was read before must not be committed under that membership.
        now = generation(self.consumer)
        if now in (self.held_in, -1):
            self.commit()
        else:
            say("refused", error=f"not tried in generation {now}: read in {self.held_in}")
        self.pending.clear()

    def flush(self):
        for partition, (offset, values) in self.batches.items():
            say("read", partition=partition, offset=offset, values=values)
        self.batches = {}

    def work(self):
        wait = 0.1
        for _ in range(500):
            record = self.consumer.poll(wait)
            if record is None:
                break
            if record.error() is not None:
                say("failed", error=record.error().str())
                continue
            wait = 0
            at = self.batches.setdefault(record.partition(), (record.offset(), []))
            at[1].append(int(record.value()))
            self.pending[record.partition()] = record.offset() + 1
        self.flush()
        if not self.holding:
            self.commit()

    def close(self):
        self.consumer.close()
        say("left")


def listen():
    for line in sys.stdin:
        commands.put(line.strip())
    commands.put("exit")


threading.Thread(target=listen, daemon=True).start()
say("ready")
member = None
while True:
    try:
        command = commands.get() if member is None else commands.get_nowait()
    except queue.Empty:
        member.work()
        continue
    if command == "join":
        member = Member(False)
    elif command == "hold":
        member.holding = True
        member.held_in = generation(member.consumer)
    elif command == "commit":
        member.holding = False
        member.commit_held()
    elif command in ("leave", "exit"):
        if member is not None:
            member.close()
        member = None
        if command == "exit":
            break
