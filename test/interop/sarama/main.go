// Sarama as a peer: an implementation of the protocol of its own, in Go.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

type record struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Key       string `json:"key"`
	Value     string `json:"value"`
}

const patience = 45 * time.Second

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func config() *sarama.Config {
	made := sarama.NewConfig()
	made.ClientID = "interop-sarama"
	made.Version = sarama.MaxVersion
	made.Producer.RequiredAcks = sarama.WaitForAll
	made.Producer.Return.Successes = true
	made.Consumer.Offsets.Initial = sarama.OffsetOldest
	made.Consumer.Offsets.AutoCommit.Enable = false
	made.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	made.Consumer.MaxWaitTime = 200 * time.Millisecond
	return made
}

type step struct {
	name string
	run  func() error
}

func runSteps(steps []step) {
	for _, each := range steps {
		if err := each.run(); err != nil {
			fmt.Printf("not ok %s: %v\n", each.name, err)
		} else {
			fmt.Printf("ok %s\n", each.name)
		}
	}
}

func must(holds bool, found any) error {
	if holds {
		return nil
	}
	return fmt.Errorf("unexpected: %v", found)
}

func produce(bootstrap, topic, file, compression, idempotence string) {
	made := config()
	check(made.Producer.Compression.UnmarshalText([]byte(compression)))
	made.Producer.Idempotent = idempotence == "idempotent"
	made.Net.MaxOpenRequests = 1
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, made)
	check(err)
	lines, err := os.Open(file)
	check(err)
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	var messages []*sarama.ProducerMessage
	for scanner.Scan() {
		var each record
		check(json.Unmarshal(scanner.Bytes(), &each))
		messages = append(messages, &sarama.ProducerMessage{Topic: topic, Key: sarama.StringEncoder(each.Key), Value: sarama.StringEncoder(each.Value)})
	}
	check(producer.SendMessages(messages))
	check(producer.Close())
}

// All that the topics hold now.
func readToEnd(made *sarama.Config, bootstrap string, topics []string) ([]*sarama.ConsumerMessage, error) {
	client, err := sarama.NewClient([]string{bootstrap}, made)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	consumer, err := sarama.NewConsumerFromClient(client)
	if err != nil {
		return nil, err
	}
	var read []*sarama.ConsumerMessage
	late := time.After(110 * time.Second)
	for _, topic := range topics {
		partitions, err := client.Partitions(topic)
		if err != nil {
			return nil, err
		}
		for _, partition := range partitions {
			end, err := client.GetOffset(topic, partition, sarama.OffsetNewest)
			if err != nil {
				return nil, err
			}
			start, err := client.GetOffset(topic, partition, sarama.OffsetOldest)
			if err != nil {
				return nil, err
			}
			if start == end {
				continue
			}
			one, err := consumer.ConsumePartition(topic, partition, sarama.OffsetOldest)
			if err != nil {
				return nil, err
			}
			for at := start; at < end; {
				select {
				case each := <-one.Messages():
					read = append(read, each)
					at = each.Offset + 1
				case <-late:
					return nil, fmt.Errorf("not all of %s was read: %d of %d", topic, at, end)
				}
			}
			if err := one.Close(); err != nil {
				return nil, err
			}
		}
	}
	return read, nil
}

func consume(bootstrap string, topics []string) {
	read, err := readToEnd(config(), bootstrap, topics)
	check(err)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, each := range read {
		line, err := json.Marshal(record{each.Topic, each.Partition, each.Offset, string(each.Key), string(each.Value)})
		check(err)
		fmt.Fprintf(out, "%s\n", line)
	}
}

func administer(bootstrap, prefix string) {
	admin, err := sarama.NewClusterAdmin([]string{bootstrap}, config())
	check(err)
	defer admin.Close()
	topic := prefix + "-admin"
	detail := &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1}
	hour := "3600000"
	runSteps([]step{
		{"creates a topic", func() error { return admin.CreateTopic(topic, detail, false) }},
		{"is told that a topic exists", func() error {
			err := admin.CreateTopic(topic, detail, false)
			return must(errors.Is(err, sarama.ErrTopicAlreadyExists), err)
		}},
		{"lists topics", func() error {
			found, err := admin.ListTopics()
			_, isThere := found[topic]
			return errors.Join(err, must(isThere, found))
		}},
		{"adds partitions", func() error {
			err := admin.CreatePartitions(topic, 4, nil, false)
			found, described := admin.DescribeTopics([]string{topic})
			return errors.Join(err, described, must(len(found[0].Partitions) == 4, found))
		}},
		{"describes the cluster", func() error {
			brokers, _, err := admin.DescribeCluster()
			return errors.Join(err, must(len(brokers) == 1, brokers))
		}},
		{"describes and alters configs", func() error {
			entries := map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &hour}}
			err := admin.IncrementalAlterConfig(sarama.TopicResource, topic, entries, false)
			found, described := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"retention.ms"}})
			return errors.Join(err, described, must(len(found) == 1 && found[0].Value == hour, found))
		}},
		{"deletes records and reads offsets", func() error {
			if err := send(bootstrap, topic, 0, 10, 1); err != nil {
				return err
			}
			if err := admin.DeleteRecords(topic, map[int32]int64{0: 4}); err != nil {
				return err
			}
			read, err := readToEnd(config(), bootstrap, []string{topic})
			return errors.Join(err, must(len(read) == 6 && read[0].Offset == 4, len(read)))
		}},
		{"describes log directories", func() error {
			brokers, _, err := admin.DescribeCluster()
			if err != nil {
				return err
			}
			found, err := admin.DescribeLogDirs([]int32{brokers[0].ID()})
			return errors.Join(err, must(len(found) == 1, found))
		}},
		{"deletes a topic", func() error {
			err := admin.DeleteTopic(topic)
			found, listed := admin.ListTopics()
			_, isThere := found[topic]
			return errors.Join(err, listed, must(!isThere, found))
		}},
	})
}

// Records of these numbers, over so many partitions.
func send(bootstrap, topic string, from, to, partitions int) error {
	made := config()
	made.Producer.Partitioner = sarama.NewManualPartitioner
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, made)
	if err != nil {
		return err
	}
	for n := from; n < to; n++ {
		one := &sarama.ProducerMessage{Topic: topic, Partition: int32(n % partitions), Value: sarama.StringEncoder(fmt.Sprint(n))}
		if _, _, err := producer.SendMessage(one); err != nil {
			return err
		}
	}
	return producer.Close()
}

// What a member of a group owns, and has read and marked of that.
type member struct {
	sync.Mutex
	session sarama.ConsumerGroupSession
	last    map[int32]int64
	values  []string
	group   sarama.ConsumerGroup
	cancel  context.CancelFunc
	done    chan struct{}
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.Lock()
	defer m.Unlock()
	m.session = session
	m.last = map[int32]int64{}
	return nil
}

func (m *member) Cleanup(session sarama.ConsumerGroupSession) error {
	m.Lock()
	defer m.Unlock()
	m.session = nil
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case each, isOpen := <-claim.Messages():
			if !isOpen {
				return nil
			}
			m.Lock()
			m.last[each.Partition] = each.Offset
			m.values = append(m.values, string(each.Value))
			session.MarkMessage(each, "")
			m.Unlock()
		case <-session.Context().Done():
			return nil
		}
	}
}

func join(bootstrap, topic string) (*member, error) {
	group, err := sarama.NewConsumerGroup([]string{bootstrap}, topic, config())
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.Background())
	joined := &member{group: group, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(joined.done)
		for running.Err() == nil {
			if err := group.Consume(running, []string{topic}, joined); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}()
	return joined, nil
}

// The partitions that it owns, when all ten records of each were read; else nothing.
func (m *member) finished(topic string) []int32 {
	m.Lock()
	defer m.Unlock()
	if m.session == nil {
		return nil
	}
	owned := m.session.Claims()[topic]
	for _, partition := range owned {
		if last, isRead := m.last[partition]; !isRead || last != 9 {
			return nil
		}
	}
	return owned
}

func (m *member) leave() error {
	m.cancel()
	<-m.done
	return m.group.Close()
}

func until(condition func() bool) error {
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("not in time")
		}
	}
	return nil
}

func joinGroups(bootstrap, prefix string) {
	topic := prefix + "-group"
	runSteps([]step{
		{"shares a topic with another member", func() error {
			if err := send(bootstrap, topic, 0, 30, 3); err != nil {
				return err
			}
			first, err := join(bootstrap, topic)
			if err != nil {
				return err
			}
			second, err := join(bootstrap, topic)
			if err != nil {
				return err
			}
			err = until(func() bool {
				one, other := first.finished(topic), second.finished(topic)
				return len(one) > 0 && len(other) > 0 && len(one)+len(other) == 3
			})
			for _, each := range []*member{first, second} {
				each.Lock()
				if each.session != nil {
					each.session.Commit()
				}
				each.Unlock()
			}
			return errors.Join(err, first.leave(), second.leave())
		}},
		{"goes on where its group committed", func() error {
			if err := send(bootstrap, topic, 30, 33, 3); err != nil {
				return err
			}
			alone, err := join(bootstrap, topic)
			if err != nil {
				return err
			}
			read := func() []string {
				alone.Lock()
				defer alone.Unlock()
				return append([]string{}, alone.values...)
			}
			err = errors.Join(until(func() bool { return len(read()) >= 3 }), alone.leave())
			values := read()
			sort.Strings(values)
			return errors.Join(err, must(fmt.Sprint(values) == "[30 31 32]", values))
		}},
	})
}

func transact(bootstrap, prefix string) {
	topic := prefix + "-transactions"
	runSteps([]step{{"commits and aborts, and reads what was committed", func() error {
		made := config()
		made.Producer.Idempotent = true
		made.Net.MaxOpenRequests = 1
		made.Producer.Transaction.ID = topic
		made.Producer.Partitioner = sarama.NewManualPartitioner
		producer, err := sarama.NewSyncProducer([]string{bootstrap}, made)
		if err != nil {
			return err
		}
		for _, each := range []struct {
			value string
			end   func() error
		}{{"kept", producer.CommitTxn}, {"dropped", producer.AbortTxn}, {"last", producer.CommitTxn}} {
			if err := producer.BeginTxn(); err != nil {
				return err
			}
			for n := 0; n < 2; n++ {
				if _, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(each.value)}); err != nil {
					return err
				}
			}
			if err := each.end(); err != nil {
				return err
			}
		}
		if err := producer.Close(); err != nil {
			return err
		}
		reading := config()
		reading.Consumer.IsolationLevel = sarama.ReadCommitted
		consumer, err := sarama.NewConsumer([]string{bootstrap}, reading)
		if err != nil {
			return err
		}
		defer consumer.Close()
		one, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
		if err != nil {
			return err
		}
		defer one.Close()
		var read []string
		for len(read) < 4 {
			select {
			case each := <-one.Messages():
				read = append(read, string(each.Value))
			case <-time.After(patience):
				return fmt.Errorf("not all was read: %v", read)
			}
		}
		return must(fmt.Sprint(read) == "[kept kept last last]", read)
	}}})
}

func main() {
	action, bootstrap, rest := os.Args[1], os.Args[2], os.Args[3:]
	switch action {
	case "produce":
		produce(bootstrap, rest[0], rest[1], rest[2], rest[3])
	case "consume":
		consume(bootstrap, rest)
	case "admin":
		administer(bootstrap, rest[0])
	case "groups":
		joinGroups(bootstrap, rest[0])
	case "transactions":
		transact(bootstrap, rest[0])
	default:
		check(fmt.Errorf("there is no %s", action))
	}
}
