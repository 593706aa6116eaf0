"""A kafka-python consumer of a group, which joins and leaves on command; ../member.ts says what it takes and prints."""

import json
import logging
import queue
import sys
import threading
import time

from kafka import AsyncConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import KafkaError

logging.disable(logging.CRITICAL)
settings = dict(arg.split("=", 1) for arg in sys.argv[1:])
topic = settings["topic"]
commands = queue.SimpleQueue()
ASSIGNORS = {"range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor, "cooperative-sticky": CooperativeStickyAssignor}


def say(event, **more):
    sys.stdout.write(json.dumps({"at": int(time.time() * 1000), "event": event, **more}) + "\n")
    sys.stdout.flush()


def positions(offsets):
    return {TopicPartition(topic, p): OffsetAndMetadata(o, "", -1) for p, o in offsets.items()}


class Member(AsyncConsumerRebalanceListener):
    def __init__(self):
        self.holding = False
        self.pending = {}
        config = {}
        if "instance" in settings:
            config["group_instance_id"] = settings["instance"]
        self.consumer = KafkaConsumer(
            bootstrap_servers=settings["bootstrap"],
            client_id=settings["name"],
            group_id=settings["group"],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=200,
            session_timeout_ms=int(settings["session"]),
            heartbeat_interval_ms=int(settings["heartbeat"]),
            max_poll_interval_ms=max(int(settings["rebalance"]), int(settings["session"])),
            partition_assignment_strategy=[ASSIGNORS[settings.get("assignor", "range")]],
            **config,
        )
        self.consumer.subscribe([topic], listener=self)
        # Before it joins, it knows the topic's partitions: see kafka-python/FINDINGS.md, 1.
        self.consumer.topics()

    async def on_partitions_assigned(self, assigned):
        numbers = sorted(p.partition for p in assigned)
        group = self.consumer.group_metadata()
        say("assigned", partitions=numbers, generation=group.generation_id, member=group.member_id)

    async def on_partitions_revoked(self, revoked):
        if self.pending and not self.holding:
            offsets = dict(self.pending)
            try:
                await self.consumer.commit_async(positions(offsets))
                self.took(offsets)
            except KafkaError as error:
                self.refused(error)
        self.give_up("revoked", revoked)

    async def on_partitions_lost(self, lost):
        self.give_up("lost", lost)

    def give_up(self, event, partitions):
        numbers = sorted(p.partition for p in partitions)
        for partition in [] if self.holding else numbers:
            self.pending.pop(partition, None)
        if numbers:
            say(event, partitions=numbers)

    def commit(self):
        if not self.pending:
            return
        offsets = dict(self.pending)
        try:
            self.consumer.commit(positions(offsets))
            self.took(offsets)
        except KafkaError as error:
            self.refused(error)

    def took(self, offsets):
        say("committed", offsets=offsets)
        for partition, offset in offsets.items():
            if self.pending.get(partition) == offset:
                del self.pending[partition]

    def refused(self, error):
        say("refused", error=f"{type(error).__name__}: {error}")

    def work(self):
        for at, records in self.consumer.poll(timeout_ms=100).items():
            say("read", partition=at.partition, offset=records[0].offset, values=[int(r.value) for r in records])
            self.pending[at.partition] = records[-1].offset + 1
        if not self.holding:
            self.commit()

    def close(self):
        self.consumer.close(autocommit=False)
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
        member = Member()
    elif command == "hold":
        member.holding = True
    elif command == "commit":
        member.holding = False
        member.commit()
        member.pending.clear()
    elif command in ("leave", "exit"):
        if member is not None:
            member.close()
        member = None
        if command == "exit":
            break
