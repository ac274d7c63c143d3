package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var codecs = map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
var codecNames = []string{"none", "gzip", "snappy", "lz4", "zstd"}

func client(options ...kgo.Opt) *kgo.Client {
	options = append([]kgo.Opt{kgo.SeedBrokers(bootstrap), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.MetadataMinAge(50 * time.Millisecond), kgo.DisableClientMetrics()}, options...)
	made, err := kgo.NewClient(options...)
	must(err)
	return made
}

var shared = client()

type config map[string]string

// createRequest asks for one topic and returns what the answer says of it.
func createRequest(ctx context.Context, name string, partitions int32, replicas int16, settings config, validateOnly bool) kmsg.CreateTopicsResponseTopic {
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, replicas
	for key, value := range settings {
		one := kmsg.NewCreateTopicsRequestTopicConfig()
		one.Name, one.Value = key, kmsg.StringPtr(value)
		topic.Configs = append(topic.Configs, one)
	}
	request := kmsg.NewPtrCreateTopicsRequest()
	request.Topics, request.TimeoutMillis, request.ValidateOnly = []kmsg.CreateTopicsRequestTopic{topic}, 30000, validateOnly
	answer, err := request.RequestWith(ctx, shared)
	must(err)
	return answer.Topics[0]
}

// create makes a topic and waits until the broker lists it: the reference answers earlier.
func create(ctx context.Context, word string, partitions int32, settings config) string {
	name := fresh(word)
	must(kerr.ErrorForCode(createRequest(ctx, name, partitions, 1, settings, false).ErrorCode))
	awaitListed(ctx, name, true)
	return name
}

func metadata(ctx context.Context, name string) kmsg.MetadataResponseTopic {
	request := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(name)
	request.Topics = append(request.Topics, topic)
	answer, err := request.RequestWith(ctx, shared)
	must(err)
	return answer.Topics[0]
}

func awaitListed(ctx context.Context, name string, listed bool) {
	for range 200 {
		if (metadata(ctx, name).ErrorCode == 0) == listed {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	fail("%s: listed is not %v", name, listed)
}

func record(topic string, partition int32, key, value string) *kgo.Record {
	return &kgo.Record{Topic: topic, Partition: partition, Key: []byte(key), Value: []byte(value)}
}

// numbers makes count records with the values 0, 1, 2 …
func numbers(topic string, partition int32, count int) []*kgo.Record {
	made := make([]*kgo.Record, count)
	for i := range made {
		made[i] = record(topic, partition, "k", fmt.Sprint(i))
	}
	return made
}

// send writes the records and returns the first error.
func send(ctx context.Context, records []*kgo.Record, options ...kgo.Opt) error {
	producer := client(options...)
	defer producer.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return producer.ProduceSync(ctx, records...).FirstErr()
}

// read reads count records of the partitions from offset on, then makes sure that there is no further one for a moment.
func read(ctx context.Context, topic string, partitions []int32, offset kgo.Offset, count int, options ...kgo.Opt) []*kgo.Record {
	assigned := map[int32]kgo.Offset{}
	for _, partition := range partitions {
		assigned[partition] = offset
	}
	consumer := client(append(options, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: assigned}))...)
	defer consumer.Close()
	var found []*kgo.Record
	take := func(ctx context.Context) {
		fetches := consumer.PollFetches(ctx)
		for _, each := range fetches.Errors() {
			if each.Err != context.DeadlineExceeded {
				fail("fetch: %v", each.Err)
			}
		}
		found = append(found, fetches.Records()...)
	}
	waiting, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for len(found) < count && waiting.Err() == nil {
		take(waiting)
	}
	moment, end := context.WithTimeout(ctx, 150*time.Millisecond)
	defer end()
	take(moment)
	equal(len(found), count, "records")
	return found
}

func readFromStart(ctx context.Context, topic string, count int, options ...kgo.Opt) []*kgo.Record {
	return read(ctx, topic, []int32{0}, kgo.NewOffset().At(0), count, options...)
}

func values(records []*kgo.Record) []string {
	var all []string
	for _, each := range records {
		all = append(all, string(each.Value))
	}
	return all
}

// sameNumbers makes sure that the values are from, from+1 … end-1.
func sameNumbers(records []*kgo.Record, from, end int) {
	var wanted []string
	for i := from; i < end; i++ {
		wanted = append(wanted, fmt.Sprint(i))
	}
	if !slices.Equal(values(records), wanted) {
		fail("values: found %.200v", values(records))
	}
}

func refused(err error, wanted *kerr.Error) {
	if err == nil || kerr.TypedErrorForCode(wanted.Code) == nil || !isError(err, wanted) {
		fail("expected %s, found %v", wanted.Message, err)
	}
}

func isError(err error, wanted *kerr.Error) bool {
	for err != nil {
		if err == error(wanted) {
			return true
		}
		unwrapping, ok := err.(interface{ Unwrap() error })
		if !ok {
			return false
		}
		err = unwrapping.Unwrap()
	}
	return false
}
