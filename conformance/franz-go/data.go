package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const day = 24 * time.Hour

func registerData() {
	for _, name := range codecNames {
		add("codec-"+name, func(ctx context.Context) { codec(ctx, name) })
		add("idempotent_producer-"+name, func(ctx context.Context) { idempotentProducer(ctx, name) })
	}
	for name, acks := range map[string]kgo.Acks{"0": kgo.NoAck(), "1": kgo.LeaderAck(), "all": kgo.AllISRAcks()} {
		add("acks-"+name, func(ctx context.Context) {
			topic := create(ctx, "acks", 1, nil)
			must(send(ctx, numbers(topic, 0, 100), kgo.RequiredAcks(acks), kgo.DisableIdempotentWrite()))
			sameNumbers(readFromStart(ctx, topic, 100), 0, 100)
		})
	}
	add("headers", headers)
	add("null_and_empty", nullAndEmpty)
	add("one_megabyte", oneMegabyte)
	add("over_message_max_bytes", overMessageMaxBytes)
	add("over_topic_max_message_bytes", overTopicMaxMessageBytes)
	add("create_time", createTime)
	add("log_append_time", logAppendTime)
	add("timestamp_in_the_future", timestampInTheFuture)
	add("from_a_middle_offset", fromAMiddleOffset)
	add("from_a_time", fromATime)
	add("relative_offsets", relativeOffsets)
	add("ten_thousand_in_order", tenThousandInOrder)
	add("out_of_range_resets", outOfRangeResets)
	add("long_poll_wakes_up", longPollWakesUp)
	add("small_max_bytes", smallMaxBytes)
	add("without_fetch_sessions", withoutFetchSessions)
	add("partitions_come_and_go", partitionsComeAndGo)
	add("many_partitions", manyPartitions)
	add("read_committed", readCommitted)
}

func codec(ctx context.Context, name string) {
	topic := create(ctx, "codec", 1, nil)
	var records []*kgo.Record
	for i := range 500 {
		records = append(records, record(topic, 0, fmt.Sprint("k", i%5), fmt.Sprint(i, strings.Repeat("abc", 50))))
	}
	must(send(ctx, records, kgo.ProducerBatchCompression(codecs[name])))
	found := readFromStart(ctx, topic, 500)
	for i, each := range found {
		equal(string(each.Key)+string(each.Value), string(records[i].Key)+string(records[i].Value), fmt.Sprint("record ", i))
	}
	want := map[string]uint8{"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}[name]
	equal(found[0].Attrs.CompressionType(), want, "codec of the stored batch")
}

func idempotentProducer(ctx context.Context, name string) {
	topic := create(ctx, "idempotent", 3, nil)
	var records []*kgo.Record
	for i := range 3000 {
		records = append(records, record(topic, int32(i%3), "k", fmt.Sprint(i/3)))
	}
	must(send(ctx, records, kgo.ProducerBatchMaxBytes(512), kgo.ProducerBatchCompression(codecs[name])))
	for i, each := range records {
		equal(each.Offset, int64(i/3), fmt.Sprint("offset of record ", i))
	}
	for partition := range int32(3) {
		sameNumbers(read(ctx, topic, []int32{partition}, kgo.NewOffset().At(0), 1000), 0, 1000)
	}
}

func headers(ctx context.Context) {
	topic := create(ctx, "headers", 1, nil)
	written := record(topic, 0, "k", "v")
	written.Headers = []kgo.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "a", Value: []byte("2")},
		{Key: "empty", Value: []byte{}}, {Key: "null"}, {Key: "ünï", Value: []byte("wörd")}}
	must(send(ctx, []*kgo.Record{written, record(topic, 0, "k", "none")}))
	found := readFromStart(ctx, topic, 2)
	equal(len(found[0].Headers), 5, "headers")
	for i, each := range found[0].Headers {
		equal(each.Key, written.Headers[i].Key, "key")
		equal(string(each.Value), string(written.Headers[i].Value), "value of "+each.Key)
		equal(each.Value == nil, written.Headers[i].Value == nil, "null of "+each.Key)
	}
	equal(len(found[1].Headers), 0, "headers of the second")
}

func nullAndEmpty(ctx context.Context) {
	topic := create(ctx, "null", 1, nil)
	wanted := []*kgo.Record{{Value: []byte("v")}, {Key: []byte("k")}, {Key: []byte{}, Value: []byte("v")},
		{Key: []byte("k"), Value: []byte{}}, {}}
	for _, each := range wanted {
		each.Topic = topic
	}
	must(send(ctx, wanted))
	for i, each := range readFromStart(ctx, topic, 5) {
		equal(each.Key == nil, wanted[i].Key == nil, fmt.Sprint("null key ", i))
		equal(each.Value == nil, wanted[i].Value == nil, fmt.Sprint("null value ", i))
		equal(string(each.Key)+"/"+string(each.Value), string(wanted[i].Key)+"/"+string(wanted[i].Value), "record")
	}
}

func random(count int) string {
	bytes := make([]byte, count)
	rand.Read(bytes)
	return string(bytes)
}

func oneMegabyte(ctx context.Context) {
	topic := create(ctx, "megabyte", 1, nil)
	value := random(1_000_000)
	must(send(ctx, []*kgo.Record{record(topic, 0, "k", value), record(topic, 0, "k", "after")}, kgo.ProducerBatchMaxBytes(1_048_588)))
	if found := values(readFromStart(ctx, topic, 2)); found[0] != value || found[1] != "after" {
		fail("other values came back")
	}
}

func overMessageMaxBytes(ctx context.Context) {
	topic := create(ctx, "toolarge", 1, nil)
	err := send(ctx, []*kgo.Record{record(topic, 0, "k", random(2_000_000))}, kgo.ProducerBatchMaxBytes(5_000_000))
	refused(err, kerr.MessageTooLarge)
	readFromStart(ctx, topic, 0)
}

func overTopicMaxMessageBytes(ctx context.Context) {
	topic := create(ctx, "toolarge", 1, config{"max.message.bytes": "1000"})
	refused(send(ctx, []*kgo.Record{record(topic, 0, "k", random(2000))}), kerr.MessageTooLarge)
	must(send(ctx, numbers(topic, 0, 1)))
	readFromStart(ctx, topic, 1)
}

func createTime(ctx context.Context) {
	topic := create(ctx, "createtime", 1, nil)
	now := time.Now().Truncate(time.Millisecond)
	stamps := []time.Time{now.Add(-5 * day), now, now.Add(-day)}
	records := numbers(topic, 0, 3)
	for i, each := range records {
		each.Timestamp = stamps[i]
	}
	must(send(ctx, records))
	for i, each := range readFromStart(ctx, topic, 3) {
		equal(each.Timestamp.UnixMilli(), stamps[i].UnixMilli(), "timestamp")
		equal(each.Attrs.TimestampType(), int8(0), "type")
	}
}

func logAppendTime(ctx context.Context) {
	topic := create(ctx, "logappend", 1, config{"message.timestamp.type": "LogAppendTime"})
	records := numbers(topic, 0, 2)
	records[0].Timestamp, records[1].Timestamp = time.UnixMilli(12345), time.UnixMilli(1)
	before := time.Now().Add(-time.Millisecond)
	must(send(ctx, records, kgo.ProducerBatchCompression(kgo.ZstdCompression())))
	for _, each := range readFromStart(ctx, topic, 2) {
		equal(each.Attrs.TimestampType(), int8(1), "type")
		if each.Timestamp.Before(before) || each.Timestamp.After(time.Now()) {
			fail("timestamp %v is not the time of the append", each.Timestamp)
		}
	}
}

func timestampInTheFuture(ctx context.Context) {
	topic := create(ctx, "future", 1, nil)
	records := numbers(topic, 0, 1)
	records[0].Timestamp = time.Now().Add(3 * day)
	refused(send(ctx, records), kerr.InvalidTimestamp)
}

func fromAMiddleOffset(ctx context.Context) {
	topic := create(ctx, "middle", 1, nil)
	must(send(ctx, numbers(topic, 0, 1000), kgo.ProducerBatchCompression(kgo.SnappyCompression()), kgo.ProducerLinger(50*time.Millisecond)))
	found := read(ctx, topic, []int32{0}, kgo.NewOffset().At(623), 377)
	equal(found[0].Offset, 623, "first offset")
	sameNumbers(found, 623, 1000)
}

func fromATime(ctx context.Context) {
	topic := create(ctx, "bytime", 1, nil)
	base := time.Now().Add(-day).Truncate(time.Millisecond)
	records := numbers(topic, 0, 100)
	for i, each := range records {
		each.Timestamp = base.Add(time.Duration(i) * time.Second)
	}
	must(send(ctx, records[:50]))
	must(send(ctx, records[50:]))
	sameNumbers(read(ctx, topic, []int32{0}, kgo.NewOffset().AfterMilli(base.UnixMilli()+41_500), 58), 42, 100)
	sameNumbers(read(ctx, topic, []int32{0}, kgo.NewOffset().AfterMilli(base.UnixMilli()+90_000), 10), 90, 100)
}

func relativeOffsets(ctx context.Context) {
	topic := create(ctx, "relative", 1, nil)
	must(send(ctx, numbers(topic, 0, 20)))
	sameNumbers(read(ctx, topic, []int32{0}, kgo.NewOffset().AtStart(), 20), 0, 20)
	sameNumbers(read(ctx, topic, []int32{0}, kgo.NewOffset().AtEnd().Relative(-5), 5), 15, 20)
	sameNumbers(read(ctx, topic, []int32{0}, kgo.NewOffset().AtEnd(), 0), 0, 0)
}

func tenThousandInOrder(ctx context.Context) {
	topic := create(ctx, "order", 1, nil)
	must(send(ctx, numbers(topic, 0, 10_000), kgo.ProducerBatchMaxBytes(1024)))
	sameNumbers(readFromStart(ctx, topic, 10_000), 0, 10_000)
}

func outOfRangeResets(ctx context.Context) {
	topic := create(ctx, "range", 1, nil)
	must(send(ctx, numbers(topic, 0, 5)))
	sameNumbers(read(ctx, topic, []int32{0}, kgo.NewOffset().At(99), 5, kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())), 0, 5)
}

func longPollWakesUp(ctx context.Context) {
	topic := create(ctx, "longpoll", 1, nil)
	consumer := client(kgo.FetchMaxWait(10*time.Second), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))
	defer consumer.Close()
	moment, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	equal(consumer.PollFetches(moment).NumRecords(), 0, "records out of nothing")
	must(send(ctx, numbers(topic, 0, 1)))
	begun := time.Now()
	equal(consumer.PollFetches(ctx).NumRecords(), 1, "records")
	if took := time.Since(begun); took > 3*time.Second {
		fail("came after %v", took)
	}
}

func smallMaxBytes(ctx context.Context) {
	topic := create(ctx, "maxbytes", 3, nil)
	var records []*kgo.Record
	for i := range 300 {
		records = append(records, record(topic, int32(i%3), "k", fmt.Sprint(i/3)))
		records[i].Headers = []kgo.RecordHeader{{Key: "filler", Value: []byte(random(900))}}
	}
	must(send(ctx, records, kgo.ProducerBatchMaxBytes(2048)))
	found := read(ctx, topic, []int32{0, 1, 2}, kgo.NewOffset().At(0), 300, kgo.FetchMaxBytes(1000), kgo.FetchMaxPartitionBytes(100))
	for partition := range int32(3) {
		sameNumbers(slices.DeleteFunc(slices.Clone(found), func(each *kgo.Record) bool { return each.Partition != partition }), 0, 100)
	}
}

func withoutFetchSessions(ctx context.Context) {
	topic := create(ctx, "sessionless", 1, nil)
	must(send(ctx, numbers(topic, 0, 100)))
	sameNumbers(readFromStart(ctx, topic, 100, kgo.DisableFetchSessions()), 0, 100)
}

// Partitions enter and leave one consumer while its fetch session goes on.
func partitionsComeAndGo(ctx context.Context) {
	topic := create(ctx, "session", 4, nil)
	for partition := range int32(4) {
		must(send(ctx, numbers(topic, partition, 50)))
	}
	consumer := client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))
	defer consumer.Close()
	next := map[int32]int{}
	poll := func(total int) {
		waiting, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		for sum(next) < total {
			must(waiting.Err())
			for _, each := range consumer.PollFetches(waiting).Records() {
				equal(string(each.Value), fmt.Sprint(next[each.Partition]), "value")
				next[each.Partition]++
			}
		}
	}
	poll(50)
	consumer.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: {1: kgo.NewOffset().At(0), 2: kgo.NewOffset().At(0)}})
	poll(150)
	consumer.RemoveConsumePartitions(map[string][]int32{topic: {0, 2}})
	more := numbers(topic, 1, 60)[50:]
	must(send(ctx, append(more, numbers(topic, 0, 60)[50:]...)))
	poll(160)
	equal(next[0], 50, "records of a partition that was given up")
	consumer.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(50), 3: kgo.NewOffset().At(0)}})
	poll(220)
}

func sum(counts map[int32]int) (total int) {
	for _, count := range counts {
		total += count
	}
	return total
}

func manyPartitions(ctx context.Context) {
	topic := create(ctx, "many", 100, nil)
	var records []*kgo.Record
	var partitions []int32
	for i := range 1000 {
		records = append(records, record(topic, int32(i%100), "k", fmt.Sprint(i/100)))
	}
	for partition := range int32(100) {
		partitions = append(partitions, partition)
	}
	must(send(ctx, records))
	for _, each := range read(ctx, topic, partitions, kgo.NewOffset().At(0), 1000) {
		equal(string(each.Value), fmt.Sprint(each.Offset), "value")
	}
}

func readCommitted(ctx context.Context) {
	topic := create(ctx, "committed", 1, nil)
	must(send(ctx, numbers(topic, 0, 50)))
	sameNumbers(readFromStart(ctx, topic, 50, kgo.FetchIsolationLevel(kgo.ReadCommitted())), 0, 50)
}
