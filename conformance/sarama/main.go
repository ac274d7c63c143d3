// Checks of sarama against the broker at $BOOTSTRAP; the arguments are those of frame.Run.
package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/IBM/sarama"
	. "headwater/conformance/frame"
)

var codecs = map[string]sarama.CompressionCodec{"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD}

// settings is a configuration as the newest release it knows, changed by the functions.
func settings(change ...func(*sarama.Config)) *sarama.Config {
	made := sarama.NewConfig()
	made.Version = sarama.MaxVersion
	made.Producer.Return.Successes, made.Consumer.Return.Errors = true, true
	made.Producer.RequiredAcks = sarama.WaitForAll
	made.Producer.Partitioner = sarama.NewManualPartitioner
	made.Producer.Retry.Max, made.Producer.Retry.Backoff = 50, 50*time.Millisecond
	made.Consumer.MaxWaitTime = 100 * time.Millisecond
	for _, each := range change {
		each(made)
	}
	return made
}

func idempotent(made *sarama.Config) {
	made.Producer.Idempotent, made.Net.MaxOpenRequests = true, 1
}

var sharedAdmin sarama.ClusterAdmin

func admin() sarama.ClusterAdmin {
	if sharedAdmin == nil {
		made, err := sarama.NewClusterAdmin([]string{Bootstrap}, settings())
		Must(err)
		sharedAdmin = made
	}
	return sharedAdmin
}

// create makes a topic and waits until the broker lists it.
func create(word string, partitions int32, configs ...string) string {
	name := Fresh("s-" + word)
	entries := map[string]*string{}
	for i := 0; i < len(configs); i += 2 {
		entries[configs[i]] = &configs[i+1]
	}
	Must(admin().CreateTopic(name, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: entries}, false))
	awaitListed(name, int(partitions))
	return name
}

// awaitListed waits until the topic has so many partitions.
func awaitListed(name string, partitions int) {
	Eventually(fmt.Sprint(name, " has ", partitions, " partitions"), func() bool {
		found, err := admin().DescribeTopics([]string{name})
		return err == nil && len(found[0].Partitions) == partitions
	})
}

func message(topic string, partition int32, value string) *sarama.ProducerMessage {
	return &sarama.ProducerMessage{Topic: topic, Partition: partition, Key: sarama.StringEncoder("k"), Value: sarama.StringEncoder(value)}
}

// numbers makes count records with the values 0, 1, 2 …
func numbers(topic string, partition int32, count int) []*sarama.ProducerMessage {
	var all []*sarama.ProducerMessage
	for _, each := range Numbers(0, count) {
		all = append(all, message(topic, partition, each))
	}
	return all
}

// send writes the records in one go and returns the first error.
func send(records []*sarama.ProducerMessage, change ...func(*sarama.Config)) error {
	producer, err := sarama.NewSyncProducer([]string{Bootstrap}, settings(change...))
	Must(err)
	defer producer.Close()
	err = producer.SendMessages(records)
	if several, ok := err.(sarama.ProducerErrors); ok && len(several) > 0 {
		return several[0].Err
	}
	return err
}

// read reads count records of a partition from offset on, then makes sure that there is no further one for a moment.
func read(topic string, partition int32, offset int64, count int, change ...func(*sarama.Config)) []*sarama.ConsumerMessage {
	consumer, err := sarama.NewConsumer([]string{Bootstrap}, settings(change...))
	Must(err)
	defer consumer.Close()
	one, err := consumer.ConsumePartition(topic, partition, offset)
	Must(err)
	defer one.Close()
	var found []*sarama.ConsumerMessage
	late := time.After(30 * time.Second)
	for {
		var quiet <-chan time.Time
		if len(found) >= count {
			quiet = time.After(150 * time.Millisecond)
		}
		select {
		case each := <-one.Messages():
			found = append(found, each)
			continue
		case err := <-one.Errors():
			Fail("consume: %v", err)
		case <-quiet:
		case <-late:
		}
		break
	}
	Equal(len(found), count, "records")
	return found
}

func values(records []*sarama.ConsumerMessage) []string {
	var all []string
	for _, each := range records {
		all = append(all, string(each.Value))
	}
	return all
}

func sameNumbers(records []*sarama.ConsumerMessage, from, end int) {
	if !slices.Equal(values(records), Numbers(from, end)) {
		Fail("values: found %.200v", values(records))
	}
}

// refused makes sure that the error, or what is inside it, is the wanted one.
func refused(err error, wanted sarama.KError) {
	if err == nil || !strings.Contains(err.Error(), wanted.Error()) {
		Fail("expected %q, found %v", wanted.Error(), err)
	}
}

func produceCrossing(topic string, count int, codec string) {
	var records []*sarama.ProducerMessage
	for i := range count {
		records = append(records, &sarama.ProducerMessage{Topic: topic, Key: sarama.ByteEncoder(CrossingKey(i)), Value: sarama.ByteEncoder(CrossingValue(i))})
	}
	Must(send(records, idempotent, func(made *sarama.Config) {
		made.Producer.Partitioner, made.Producer.Compression = sarama.NewHashPartitioner, codecs[codec]
	}))
}

func consumeCrossing(topic string, count int) {
	consumer, err := sarama.NewConsumer([]string{Bootstrap}, settings())
	Must(err)
	partitions, err := consumer.Partitions(topic)
	Must(err)
	all := make(chan *sarama.ConsumerMessage, 1000)
	for _, partition := range partitions {
		one, err := consumer.ConsumePartition(topic, partition, sarama.OffsetOldest)
		Must(err)
		go func() {
			for each := range one.Messages() {
				all <- each
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

func check(name string, run func()) { Add(name, func(context.Context) { run() }) }

func main() {
	registerData()
	registerAdmin()
	registerGroups()
	Member = beMember
	Run(produceCrossing, consumeCrossing)
}
