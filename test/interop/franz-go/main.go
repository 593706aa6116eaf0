// franz-go as a peer: an implementation of the protocol of its own, in Go.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

type record struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Key       string `json:"key"`
	Value     string `json:"value"`
}

var background = context.Background()

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func client(bootstrap string, options ...kgo.Opt) *kgo.Client {
	all := append([]kgo.Opt{kgo.SeedBrokers(bootstrap)}, options...)
	made, err := kgo.NewClient(all...)
	check(err)
	return made
}

type step struct {
	name string
	run  func(context.Context) error
}

func runSteps(steps []step) {
	for _, each := range steps {
		within, cancel := context.WithTimeout(background, 60*time.Second)
		if err := each.run(within); err != nil {
			fmt.Printf("not ok %s: %v\n", each.name, err)
		} else {
			fmt.Printf("ok %s\n", each.name)
		}
		cancel()
	}
}

func must(holds bool, found any) error {
	if holds {
		return nil
	}
	return fmt.Errorf("unexpected: %v", found)
}

// One that makes the topics that it writes to. An admin that may would make what it has just deleted.
func producing(bootstrap string, options ...kgo.Opt) *kgo.Client {
	return client(bootstrap, append(options, kgo.AllowAutoTopicCreation())...)
}

func produce(bootstrap, topic, file, compression, idempotence string) {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	options := []kgo.Opt{kgo.ProducerBatchCompression(codecs[compression]), kgo.DefaultProduceTopic(topic)}
	if idempotence == "plain" {
		options = append(options, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1))
	}
	made := producing(bootstrap, options...)
	defer made.Close()
	lines, err := os.Open(file)
	check(err)
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var each record
		check(json.Unmarshal(scanner.Bytes(), &each))
		made.Produce(background, &kgo.Record{Key: []byte(each.Key), Value: []byte(each.Value)}, func(_ *kgo.Record, err error) { check(err) })
	}
	check(made.Flush(background))
}

// All that the topics hold now.
func readToEnd(ctx context.Context, bootstrap string, topics []string, options ...kgo.Opt) ([]*kgo.Record, error) {
	made := client(bootstrap, append(options, kgo.ConsumeTopics(topics...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	defer made.Close()
	ends, err := kadm.NewClient(made).ListEndOffsets(ctx, topics...)
	if err != nil {
		return nil, err
	}
	var read []*kgo.Record
	left := map[string]bool{}
	place := func(topic string, partition int32) string { return fmt.Sprintf("%s/%d", topic, partition) }
	ends.Each(func(end kadm.ListedOffset) {
		if end.Offset > 0 {
			left[place(end.Topic, end.Partition)] = true
		}
	})
	for len(left) > 0 {
		fetches := made.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(each *kgo.Record) {
			read = append(read, each)
			end, _ := ends.Lookup(each.Topic, each.Partition)
			if each.Offset+1 >= end.Offset {
				delete(left, place(each.Topic, each.Partition))
			}
		})
	}
	return read, nil
}

func consume(bootstrap string, topics []string) {
	within, cancel := context.WithTimeout(background, 110*time.Second)
	defer cancel()
	read, err := readToEnd(within, bootstrap, topics)
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
	// Or else it answers from what it knew a moment ago.
	made := client(bootstrap, kgo.MetadataMinAge(10*time.Millisecond))
	defer made.Close()
	admin := kadm.NewClient(made)
	topic := prefix + "-admin"
	retention := func(ctx context.Context) (string, error) {
		found, err := admin.DescribeTopicConfigs(ctx, topic)
		if err != nil {
			return "", err
		}
		one, err := found.On(topic, nil)
		for _, config := range one.Configs {
			if config.Key == "retention.ms" {
				return config.MaybeValue(), err
			}
		}
		return "", errors.New("there is no retention.ms")
	}
	hour := "3600000"
	runSteps([]step{
		{"creates a topic", func(ctx context.Context) error {
			_, err := admin.CreateTopic(ctx, 2, 1, nil, topic)
			return err
		}},
		{"is told that a topic exists", func(ctx context.Context) error {
			_, err := admin.CreateTopic(ctx, 2, 1, nil, topic)
			return must(errors.Is(err, kerr.TopicAlreadyExists), err)
		}},
		{"lists topics", func(ctx context.Context) error {
			found, err := admin.ListTopics(ctx)
			return errors.Join(err, must(found.Has(topic), found.Names()))
		}},
		{"adds partitions", func(ctx context.Context) error {
			_, err := admin.UpdatePartitions(ctx, 4, topic)
			found, listed := admin.ListTopics(ctx, topic)
			return errors.Join(err, listed, must(len(found[topic].Partitions) == 4, found))
		}},
		{"describes the cluster", func(ctx context.Context) error {
			found, err := admin.BrokerMetadata(ctx)
			return errors.Join(err, must(len(found.Brokers) == 1 && found.Controller == found.Brokers[0].NodeID, found))
		}},
		{"describes and alters configs", func(ctx context.Context) error {
			_, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Name: "retention.ms", Value: &hour}}, topic)
			found, described := retention(ctx)
			return errors.Join(err, described, must(found == hour, found))
		}},
		{"deletes records and reads offsets", func(ctx context.Context) error {
			producer := producing(bootstrap, kgo.RecordPartitioner(kgo.ManualPartitioner()))
			defer producer.Close()
			for n := 0; n < 10; n++ {
				one := &kgo.Record{Topic: topic, Value: []byte(fmt.Sprint(n))}
				if err := producer.ProduceSync(ctx, one).FirstErr(); err != nil {
					return err
				}
			}
			offsets := kadm.Offsets{}
			offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: 4})
			_, err := admin.DeleteRecords(ctx, offsets)
			starts, listed := admin.ListStartOffsets(ctx, topic)
			start, _ := starts.Lookup(topic, 0)
			return errors.Join(err, listed, must(start.Offset == 4, start))
		}},
		{"finds offsets by timestamp", func(ctx context.Context) error {
			found, err := admin.ListOffsetsAfterMilli(ctx, time.Now().Add(-time.Hour).UnixMilli(), topic)
			first, _ := found.Lookup(topic, 0)
			return errors.Join(err, must(first.Offset == 4, first))
		}},
		{"describes log directories", func(ctx context.Context) error {
			found, err := admin.DescribeAllLogDirs(ctx, kadm.TopicsSet{topic: {0: {}}})
			return errors.Join(err, must(len(found) == 1, found))
		}},
		{"deletes a topic", func(ctx context.Context) error {
			_, err := admin.DeleteTopic(ctx, topic)
			found, listed := admin.ListTopics(ctx)
			return errors.Join(err, listed, must(!found.Has(topic), found.Names()))
		}},
	})
}

func send(ctx context.Context, bootstrap, topic string, from, to int) error {
	producer := producing(bootstrap, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer producer.Close()
	for n := from; n < to; n++ {
		one := &kgo.Record{Topic: topic, Partition: int32(n % 3), Value: []byte(fmt.Sprint(n))}
		if err := producer.ProduceSync(ctx, one).FirstErr(); err != nil {
			return err
		}
	}
	return nil
}

type member struct {
	client *kgo.Client
	owned  map[int32]bool
	// By partition: the last that was read of those that are its own.
	last map[int32]*kgo.Record
}

func join(bootstrap, topic string, balancer kgo.GroupBalancer) *member {
	joined := &member{owned: map[int32]bool{}, last: map[int32]*kgo.Record{}}
	gone := func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
		for _, partition := range lost[topic] {
			delete(joined.owned, partition)
			delete(joined.last, partition)
		}
	}
	joined.client = client(bootstrap, kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.Balancers(balancer), kgo.HeartbeatInterval(500*time.Millisecond), kgo.BlockRebalanceOnPoll(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.OnPartitionsRevoked(gone), kgo.OnPartitionsLost(gone),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			for _, partition := range got[topic] {
				joined.owned[partition] = true
			}
		}))
	return joined
}

func (m *member) poll(ctx context.Context, take func(*kgo.Record)) error {
	within, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	fetches := m.client.PollFetches(within)
	defer m.client.AllowRebalance()
	fetches.EachRecord(func(each *kgo.Record) {
		m.last[each.Partition] = each
		take(each)
	})
	if err := fetches.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return ctx.Err()
}

func joinGroups(bootstrap, prefix string) {
	balancers := map[string]kgo.GroupBalancer{"range": kgo.RangeBalancer(), "cooperative-sticky": kgo.CooperativeStickyBalancer()}
	for _, name := range []string{"range", "cooperative-sticky"} {
		topic := prefix + "-group-" + name
		runSteps([]step{
			{"shares a topic with another member (" + name + ")", func(ctx context.Context) error {
				if err := send(ctx, bootstrap, topic, 0, 30); err != nil {
					return err
				}
				members := []*member{join(bootstrap, topic, balancers[name]), join(bootstrap, topic, balancers[name])}
				done := func() bool {
					owned := map[int32]bool{}
					for _, each := range members {
						for partition := range each.owned {
							last := each.last[partition]
							if owned[partition] || last == nil || last.Offset != 9 {
								return false
							}
							owned[partition] = true
						}
					}
					return len(owned) == 3 && len(members[0].owned) > 0 && len(members[1].owned) > 0
				}
				for !done() {
					for _, each := range members {
						if err := each.poll(ctx, func(*kgo.Record) {}); err != nil {
							return fmt.Errorf("%w: %v and %v", err, members[0].owned, members[1].owned)
						}
					}
				}
				var committed error
				for _, each := range members {
					for partition := range each.owned {
						committed = errors.Join(committed, each.client.CommitRecords(ctx, each.last[partition]))
					}
				}
				for _, each := range members {
					each.client.Close()
				}
				return committed
			}},
			{"goes on where its group committed (" + name + ")", func(ctx context.Context) error {
				if err := send(ctx, bootstrap, topic, 30, 33); err != nil {
					return err
				}
				alone := join(bootstrap, topic, balancers[name])
				defer alone.client.Close()
				var read []string
				for len(read) < 3 {
					if err := alone.poll(ctx, func(each *kgo.Record) { read = append(read, string(each.Value)) }); err != nil {
						return err
					}
				}
				sort.Strings(read)
				return must(fmt.Sprint(read) == "[30 31 32]", read)
			}},
		})
	}
}

func transact(bootstrap, prefix string) {
	topic := prefix + "-transactions"
	runSteps([]step{{"commits and aborts, and reads what was committed", func(ctx context.Context) error {
		producer := producing(bootstrap, kgo.TransactionalID(topic), kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		defer producer.Close()
		for _, each := range []struct {
			value string
			end   kgo.TransactionEndTry
		}{{"kept", kgo.TryCommit}, {"dropped", kgo.TryAbort}, {"last", kgo.TryCommit}} {
			if err := producer.BeginTransaction(); err != nil {
				return err
			}
			if err := producer.ProduceSync(ctx, kgo.StringRecord(each.value), kgo.StringRecord(each.value)).FirstErr(); err != nil {
				return err
			}
			if err := producer.EndTransaction(ctx, each.end); err != nil {
				return err
			}
		}
		reader := client(bootstrap, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		defer reader.Close()
		var read []string
		for len(read) == 0 || read[len(read)-1] != "last" || len(read) < 4 {
			fetches := reader.PollFetches(ctx)
			if err := fetches.Err(); err != nil {
				return fmt.Errorf("%w: %v", err, read)
			}
			fetches.EachRecord(func(each *kgo.Record) { read = append(read, string(each.Value)) })
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
