package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The stream that one client writes and another reads; see lib/checks.py.
func crossingKey(i int) []byte   { return fmt.Appendf(nil, "k%d", i%7) }
func crossingValue(i int) []byte { return fmt.Appendf(nil, "%d:%s", i, strings.Repeat("x", i*31%97)) }

func produceCrossing(topic string, count int, codec string) {
	var records []*kgo.Record
	for i := range count {
		records = append(records, &kgo.Record{Topic: topic, Key: crossingKey(i), Value: crossingValue(i)})
	}
	must(send(context.Background(), records, kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), kgo.ProducerBatchCompression(codecs[codec])))
}

func consumeCrossing(topic string, count int) {
	ctx := context.Background()
	var partitions []int32
	for _, each := range metadata(ctx, topic).Partitions {
		partitions = append(partitions, each.Partition)
	}
	next := map[string]int{}
	for _, each := range read(ctx, topic, partitions, kgo.NewOffset().At(0), count) {
		key := string(each.Key)
		i, known := next[key]
		if !known {
			fmt.Sscanf(key, "k%d", &i)
		}
		if !bytes.Equal(each.Value, crossingValue(i)) {
			fail("record %d: found %q", i, each.Value)
		}
		next[key] = i + 7
	}
	fmt.Println(count, "records, every byte and the order of each key as written")
}

// hashTopic reads count records from the start and prints for each key, in order of the keys: key, number of records,
// SHA-256 over the records' values in the order in which they came, each with its length (8 bytes, big-endian) before it.
func hashTopic(topic string, count int) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	assigned := map[int32]kgo.Offset{}
	for _, each := range metadata(ctx, topic).Partitions {
		assigned[each.Partition] = kgo.NewOffset().At(0)
	}
	consumer := client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: assigned}))
	defer consumer.Close()
	sums, counts := map[string]hash.Hash{}, map[string]int{}
	for seen := 0; seen < count; {
		fetches := consumer.PollFetches(ctx)
		must(fetches.Err())
		for records := fetches.RecordIter(); !records.Done(); seen++ {
			each := records.Next()
			key := string(each.Key)
			if sums[key] == nil {
				sums[key] = sha256.New()
			}
			sums[key].Write(binary.BigEndian.AppendUint64(nil, uint64(len(each.Value))))
			sums[key].Write(each.Value)
			counts[key]++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(sums)) {
		fmt.Printf("%s %d %x\n", key, counts[key], sums[key].Sum(nil))
	}
}
