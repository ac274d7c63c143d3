// Checks of segmentio/kafka-go against the broker at $BOOTSTRAP; the arguments are those of frame.Run.
package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"
	. "headwater/conformance/frame"
)

var codecs = map[string]kafka.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}

var client = &kafka.Client{Addr: kafka.TCP(Bootstrap), Timeout: 30 * time.Second}

// createError asks for a topic and returns what the answer says of it.
func createError(ctx context.Context, topic kafka.TopicConfig) error {
	answer, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{topic}})
	Must(err)
	return answer.Errors[topic.Topic]
}

// create makes a topic and waits until the broker lists it.
func create(ctx context.Context, word string, partitions int, configs ...string) string {
	topic := kafka.TopicConfig{Topic: Fresh("k-" + word), NumPartitions: partitions, ReplicationFactor: 1}
	for i := 0; i < len(configs); i += 2 {
		topic.ConfigEntries = append(topic.ConfigEntries, kafka.ConfigEntry{ConfigName: configs[i], ConfigValue: configs[i+1]})
	}
	Must(createError(ctx, topic))
	awaitListed(ctx, topic.Topic, partitions)
	return topic.Topic
}

func metadata(ctx context.Context, topic string) kafka.Topic {
	// A transport keeps metadata for some seconds; a new one asks.
	fresh := &kafka.Client{Addr: client.Addr, Timeout: client.Timeout, Transport: &kafka.Transport{}}
	answer, err := fresh.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	fresh.Transport.(*kafka.Transport).CloseIdleConnections()
	Must(err)
	return answer.Topics[0]
}

func awaitListed(ctx context.Context, topic string, partitions int) {
	Eventually(fmt.Sprint(topic, " has ", partitions, " partitions"), func() bool {
		return len(metadata(ctx, topic).Partitions) == partitions
	})
}

func message(value string) kafka.Message {
	return kafka.Message{Key: []byte("k"), Value: []byte(value)}
}

// numbers makes count records with the values 0, 1, 2 …
func numbers(count int) []kafka.Message {
	var all []kafka.Message
	for _, each := range Numbers(0, count) {
		all = append(all, message(each))
	}
	return all
}

// send writes the records to one partition; the first error.
func send(ctx context.Context, topic string, partition int, records []kafka.Message, change ...func(*kafka.Writer)) error {
	writer := &kafka.Writer{Addr: client.Addr, Topic: topic, RequiredAcks: kafka.RequireAll, BatchTimeout: 5 * time.Millisecond,
		Balancer: kafka.BalancerFunc(func(kafka.Message, ...int) int { return partition }), Transport: &kafka.Transport{}}
	for _, each := range change {
		each(writer)
	}
	defer writer.Transport.(*kafka.Transport).CloseIdleConnections()
	defer writer.Close()
	err := writer.WriteMessages(ctx, records...)
	if several, ok := err.(kafka.WriteErrors); ok {
		for _, each := range several {
			if each != nil {
				return each
			}
		}
	}
	return err
}

// read reads count records of a partition from offset on, then makes sure that there is no further one for a moment.
func read(ctx context.Context, topic string, partition int, offset int64, count int, change ...func(*kafka.ReaderConfig)) []kafka.Message {
	config := kafka.ReaderConfig{Brokers: []string{Bootstrap}, Topic: topic, Partition: partition, MaxWait: 100 * time.Millisecond,
		MinBytes: 1, MaxBytes: 10_000_000}
	for _, each := range change {
		each(&config)
	}
	reader := kafka.NewReader(config)
	defer reader.Close()
	Must(reader.SetOffset(offset))
	var found []kafka.Message
	for {
		patience := 30 * time.Second
		if len(found) >= count {
			patience = 200 * time.Millisecond
		}
		waiting, cancel := context.WithTimeout(ctx, patience)
		one, err := reader.ReadMessage(waiting)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		Must(err)
		found = append(found, one)
	}
	Equal(len(found), count, "records")
	return found
}

func values(records []kafka.Message) []string {
	var all []string
	for _, each := range records {
		all = append(all, string(each.Value))
	}
	return all
}

func sameNumbers(records []kafka.Message, from, end int) {
	if !slices.Equal(values(records), Numbers(from, end)) {
		Fail("values: found %.200v", values(records))
	}
}

func refused(err error, wanted kafka.Error) {
	if !errors.Is(err, wanted) {
		Fail("expected %q, found %v", wanted.Title(), err)
	}
}

func produceCrossing(topic string, count int, codec string) {
	var records []kafka.Message
	for i := range count {
		records = append(records, kafka.Message{Key: CrossingKey(i), Value: CrossingValue(i)})
	}
	Must(send(context.Background(), topic, 0, records, func(writer *kafka.Writer) {
		writer.Balancer, writer.Compression = &kafka.Hash{}, codecs[codec]
	}))
}

func consumeCrossing(topic string, count int) {
	ctx := context.Background()
	all := make(chan kafka.Message, 1000)
	for _, partition := range metadata(ctx, topic).Partitions {
		reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{Bootstrap}, Topic: topic, Partition: partition.ID, MaxWait: 100 * time.Millisecond})
		go func() {
			for {
				one, err := reader.ReadMessage(ctx)
				if err != nil {
					return
				}
				all <- one
			}
		}()
	}
	var reader CrossingReader
	for range count {
		each := <-all
		reader.Take(each.Key, each.Value)
	}
	reader.Finish(count)
}

func main() {
	registerData()
	registerAdmin()
	registerGroups()
	Member = beMember
	Run(produceCrossing, consumeCrossing)
}
