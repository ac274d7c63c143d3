package main

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	. "headwater/conformance/frame"
)

func registerData() {
	for _, name := range Codecs {
		Add("codec-"+name, func(ctx context.Context) {
			topic := create(ctx, "codec", 1)
			Must(send(ctx, topic, 0, numbers(500), func(writer *kafka.Writer) { writer.Compression = codecs[name] }))
			sameNumbers(read(ctx, topic, 0, 0, 500), 0, 500)
		})
	}
	for name, acks := range map[string]kafka.RequiredAcks{"0": kafka.RequireNone, "1": kafka.RequireOne, "all": kafka.RequireAll} {
		Add("acks-"+name, func(ctx context.Context) {
			topic := create(ctx, "acks", 1)
			Must(send(ctx, topic, 0, numbers(100), func(writer *kafka.Writer) { writer.RequiredAcks = acks }))
			sameNumbers(read(ctx, topic, 0, 0, 100), 0, 100)
		})
	}
	Add("headers", headers)
	Add("null_and_empty", nullAndEmpty)
	Add("one_megabyte", oneMegabyte)
	Add("over_topic_max_message_bytes", overTopicMaxMessageBytes)
	Add("create_time", createTime)
	Add("from_positions", fromPositions)
	Add("from_a_time", fromATime)
	Add("out_of_range", outOfRange)
	Add("ten_thousand_in_order", tenThousandInOrder)
	Add("many_partitions", manyPartitions)
	Add("small_max_bytes", smallMaxBytes)
	Add("read_committed", readCommitted)
	Add("auto_creation", autoCreation)
	Add("one_connection", oneConnection)
	Add("fetch_request", fetchRequest)
}

func headers(ctx context.Context) {
	topic := create(ctx, "headers", 1)
	one := message("v")
	one.Headers = []kafka.Header{{Key: "a", Value: []byte("1")}, {Key: "a", Value: []byte("2")}, {Key: "ünï", Value: []byte("wörd")}}
	Must(send(ctx, topic, 0, []kafka.Message{one, message("none")}))
	found := read(ctx, topic, 0, 0, 2)
	Equal(len(found[0].Headers), 3, "headers")
	for i, each := range found[0].Headers {
		Equal(each.Key+"="+string(each.Value), one.Headers[i].Key+"="+string(one.Headers[i].Value), "header")
	}
	Equal(len(found[1].Headers), 0, "headers of the second")
}

func nullAndEmpty(ctx context.Context) {
	topic := create(ctx, "null", 1)
	Must(send(ctx, topic, 0, []kafka.Message{{Value: []byte("v")}, {Key: []byte("k")}, {Key: []byte{}, Value: []byte{}}}))
	found := read(ctx, topic, 0, 0, 3)
	Equal(len(found[0].Key), 0, "null key")
	Equal(string(found[0].Value), "v", "value")
	Equal(string(found[1].Key), "k", "key")
	Equal(len(found[1].Value), 0, "null value")
}

func oneMegabyte(ctx context.Context) {
	topic := create(ctx, "megabyte", 1)
	value := make([]byte, 1_000_000)
	rand.Read(value)
	Must(send(ctx, topic, 0, []kafka.Message{message(string(value)), message("after")}, func(writer *kafka.Writer) { writer.BatchBytes = 1_040_000 }))
	Equal(values(read(ctx, topic, 0, 0, 2))[0], string(value), "value")
}

func overTopicMaxMessageBytes(ctx context.Context) {
	topic := create(ctx, "toolarge", 1, "max.message.bytes", "1000")
	value := make([]byte, 2000)
	rand.Read(value)
	refused(send(ctx, topic, 0, []kafka.Message{message(string(value))}), kafka.MessageSizeTooLarge)
	Must(send(ctx, topic, 0, numbers(1)))
	sameNumbers(read(ctx, topic, 0, 0, 1), 0, 1)
}

func createTime(ctx context.Context) {
	topic := create(ctx, "createtime", 1)
	var records []kafka.Message
	for _, days := range []int{5, 0, 1} {
		one := message("v")
		one.Time = time.Now().AddDate(0, 0, -days)
		records = append(records, one)
	}
	Must(send(ctx, topic, 0, records))
	for i, each := range read(ctx, topic, 0, 0, 3) {
		Equal(each.Time.UnixMilli(), records[i].Time.UnixMilli(), "timestamp")
	}
}

func fromPositions(ctx context.Context) {
	topic := create(ctx, "middle", 1)
	Must(send(ctx, topic, 0, numbers(1000), func(writer *kafka.Writer) { writer.Compression = kafka.Lz4 }))
	sameNumbers(read(ctx, topic, 0, 623, 377), 623, 1000)
	sameNumbers(read(ctx, topic, 0, kafka.FirstOffset, 1000), 0, 1000)
	read(ctx, topic, 0, kafka.LastOffset, 0)
}

func fromATime(ctx context.Context) {
	topic := create(ctx, "bytime", 1)
	base := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	for i := range 5 { // a batch each
		one := message(Numbers(i, i+1)[0])
		one.Time = base.Add(time.Duration(i) * time.Second)
		Must(send(ctx, topic, 0, []kafka.Message{one}))
	}
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{Bootstrap}, Topic: topic, MaxWait: 100 * time.Millisecond})
	defer reader.Close()
	Must(reader.SetOffsetAt(ctx, base.Add(2500*time.Millisecond)))
	one, err := reader.ReadMessage(ctx)
	Must(err)
	Equal(one.Offset, 3, "offset")
	lag, err := reader.ReadLag(ctx)
	Must(err)
	Equal(lag, 1, "lag")
}

func outOfRange(ctx context.Context) {
	topic := create(ctx, "range", 1)
	Must(send(ctx, topic, 0, numbers(5)))
	answer, err := client.Fetch(ctx, &kafka.FetchRequest{Topic: topic, Offset: 99, MinBytes: 1, MaxBytes: 1000, MaxWait: 100 * time.Millisecond})
	Must(err)
	refused(answer.Error, kafka.OffsetOutOfRange)
}

func tenThousandInOrder(ctx context.Context) {
	topic := create(ctx, "order", 1)
	Must(send(ctx, topic, 0, numbers(10_000), func(writer *kafka.Writer) { writer.BatchSize = 970 }))
	sameNumbers(read(ctx, topic, 0, 0, 10_000), 0, 10_000)
}

func manyPartitions(ctx context.Context) {
	topic := create(ctx, "many", 5)
	for partition := range 5 {
		Must(send(ctx, topic, partition, numbers(10)))
	}
	for partition := range 5 {
		sameNumbers(read(ctx, topic, partition, 0, 10), 0, 10)
	}
}

func smallMaxBytes(ctx context.Context) {
	topic := create(ctx, "maxbytes", 1)
	var records []kafka.Message
	for range 50 {
		records = append(records, message(strings.Repeat("x", 900)))
	}
	Must(send(ctx, topic, 0, records, func(writer *kafka.Writer) { writer.BatchSize = 5 }))
	read(ctx, topic, 0, 0, 50, func(config *kafka.ReaderConfig) { config.MaxBytes = 6000 })
}

func readCommitted(ctx context.Context) {
	topic := create(ctx, "committed", 1)
	Must(send(ctx, topic, 0, numbers(50)))
	sameNumbers(read(ctx, topic, 0, 0, 50, func(config *kafka.ReaderConfig) { config.IsolationLevel = kafka.ReadCommitted }), 0, 50)
}

func autoCreation(ctx context.Context) {
	topic := Fresh("k-auto")
	Eventually("a topic is created by writing", func() bool {
		return send(ctx, topic, 0, numbers(1), func(writer *kafka.Writer) { writer.AllowAutoTopicCreation = true }) == nil
	})
	sameNumbers(read(ctx, topic, 0, 0, 1), 0, 1)
}

// oneConnection uses the client's older face, which speaks older versions of the requests over one connection.
func oneConnection(ctx context.Context) {
	topic := create(ctx, "conn", 1)
	connection, err := kafka.DialLeader(ctx, "tcp", Bootstrap, topic, 0)
	Must(err)
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(20 * time.Second))
	_, err = connection.WriteCompressedMessages(kafka.Snappy.Codec(), numbers(10)...)
	Must(err)
	first, last, err := connection.ReadOffsets()
	Must(err)
	Equal(first, 0, "first offset")
	Equal(last, 10, "last offset")
	_, err = connection.Seek(4, kafka.SeekAbsolute)
	Must(err)
	batch := connection.ReadBatch(1, 100_000)
	for _, wanted := range Numbers(4, 10) {
		one, err := batch.ReadMessage()
		Must(err)
		Equal(string(one.Value), wanted, "value")
	}
	Must(batch.Close())
	brokers, err := connection.Brokers()
	Must(err)
	Equal(len(brokers), 1, "brokers")
}

func fetchRequest(ctx context.Context) {
	topic := create(ctx, "fetch", 1)
	Must(send(ctx, topic, 0, numbers(10)))
	answer, err := client.Fetch(ctx, &kafka.FetchRequest{Topic: topic, MinBytes: 1, MaxBytes: 100_000, MaxWait: 100 * time.Millisecond})
	Must(err)
	Must(answer.Error)
	Equal(answer.HighWatermark, 10, "high watermark")
	Equal(answer.LastStableOffset, 10, "last stable offset")
	Equal(answer.LogStartOffset, 0, "log start offset")
}
