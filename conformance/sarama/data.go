package main

import (
	"crypto/rand"
	"slices"
	"time"

	"github.com/IBM/sarama"
	. "headwater/conformance/frame"
)

func registerData() {
	for _, name := range Codecs {
		check("codec-"+name, func() { codec(name) })
		check("topic_codec-"+name, func() { topicCodec(name) })
	}
	for name, acks := range map[string]sarama.RequiredAcks{"0": sarama.NoResponse, "1": sarama.WaitForLocal, "all": sarama.WaitForAll} {
		check("acks-"+name, func() {
			topic := create("acks", 1)
			Must(send(numbers(topic, 0, 100), func(made *sarama.Config) { made.Producer.RequiredAcks = acks }))
			sameNumbers(read(topic, 0, 0, 100), 0, 100)
		})
	}
	for _, version := range []sarama.KafkaVersion{sarama.V0_11_0_0, sarama.V2_0_0_0, sarama.V2_8_0_0, sarama.V3_6_0_0, sarama.V4_0_0_0} {
		check("as_version-"+version.String(), func() {
			topic := create("version", 1)
			as := func(made *sarama.Config) { made.Version = version }
			Must(send(numbers(topic, 0, 100), as))
			sameNumbers(read(topic, 0, 0, 100, as), 0, 100)
		})
	}
	check("idempotent_producer", idempotentProducer)
	check("headers", headers)
	check("null_and_empty", nullAndEmpty)
	check("one_megabyte", oneMegabyte)
	check("over_message_max_bytes", overMessageMaxBytes)
	check("create_time", createTime)
	check("log_append_time", logAppendTime)
	check("offsets_by_time", offsetsByTime)
	check("from_positions", fromPositions)
	check("out_of_range", outOfRange)
	check("ten_thousand_in_order", tenThousandInOrder)
	check("many_partitions", manyPartitions)
	check("small_max_bytes", smallMaxBytes)
	check("read_committed", readCommitted)
	check("auto_creation", autoCreation)
}

func codec(name string) {
	topic := create("codec", 1)
	Must(send(numbers(topic, 0, 500), func(made *sarama.Config) { made.Producer.Compression = codecs[name] }))
	sameNumbers(read(topic, 0, 0, 500), 0, 500)
}

func topicCodec(name string) {
	if name == "none" {
		name = "uncompressed"
	}
	topic := create("recompress", 1, "compression.type", name)
	Must(send(numbers(topic, 0, 200), func(made *sarama.Config) { made.Producer.Compression = sarama.CompressionGZIP }))
	sameNumbers(read(topic, 0, 0, 200), 0, 200)
}

func idempotentProducer() {
	topic := create("idempotent", 3)
	var records []*sarama.ProducerMessage
	for i, value := range Numbers(0, 3000) {
		records = append(records, message(topic, int32(i%3), value))
	}
	Must(send(records, idempotent, func(made *sarama.Config) { made.Producer.Flush.MaxMessages = 20 }))
	for i, each := range records {
		Equal(each.Offset, int64(i/3), "offset")
	}
	for partition := range int32(3) {
		for i, each := range read(topic, partition, 0, 1000) {
			Equal(string(each.Value), Numbers(i*3+int(partition), i*3+int(partition)+1)[0], "value")
		}
	}
}

func headers() {
	topic := create("headers", 1)
	one := message(topic, 0, "v")
	one.Headers = []sarama.RecordHeader{{Key: []byte("a"), Value: []byte("1")}, {Key: []byte("a"), Value: []byte("2")}, {Key: []byte("ünï"), Value: []byte("wörd")}}
	Must(send([]*sarama.ProducerMessage{one, message(topic, 0, "none")}))
	found := read(topic, 0, 0, 2)
	Equal(len(found[0].Headers), 3, "headers")
	for i, each := range found[0].Headers {
		Equal(string(each.Key)+"="+string(each.Value), string(one.Headers[i].Key)+"="+string(one.Headers[i].Value), "header")
	}
	Equal(len(found[1].Headers), 0, "headers of the second")
}

func nullAndEmpty() {
	topic := create("null", 1)
	wanted := [][2]sarama.Encoder{{nil, sarama.StringEncoder("v")}, {sarama.StringEncoder("k"), nil}, {sarama.StringEncoder(""), sarama.StringEncoder("v")},
		{sarama.StringEncoder("k"), sarama.StringEncoder("")}}
	var records []*sarama.ProducerMessage
	for _, each := range wanted {
		records = append(records, &sarama.ProducerMessage{Topic: topic, Key: each[0], Value: each[1]})
	}
	Must(send(records))
	for i, each := range read(topic, 0, 0, 4) {
		Equal(each.Key == nil, wanted[i][0] == nil, "null key")
		Equal(each.Value == nil, wanted[i][1] == nil, "null value")
	}
}

func oneMegabyte() {
	topic := create("megabyte", 1)
	value := make([]byte, 1_000_000)
	rand.Read(value)
	Must(send([]*sarama.ProducerMessage{message(topic, 0, string(value)), message(topic, 0, "after")},
		func(made *sarama.Config) { made.Producer.MaxMessageBytes = 1_040_000 }))
	Equal(values(read(topic, 0, 0, 2))[0], string(value), "value")
}

func overMessageMaxBytes() {
	topic := create("toolarge", 1, "max.message.bytes", "1000")
	value := make([]byte, 2000)
	rand.Read(value)
	refused(send([]*sarama.ProducerMessage{message(topic, 0, string(value))}), sarama.ErrMessageSizeTooLarge)
	Must(send(numbers(topic, 0, 1)))
	sameNumbers(read(topic, 0, 0, 1), 0, 1)
}

func createTime() {
	topic := create("createtime", 1)
	var stamps []time.Time
	for _, days := range []int{5, 0, 1} {
		stamps = append(stamps, time.Now().AddDate(0, 0, -days).Truncate(time.Millisecond))
	}
	var records []*sarama.ProducerMessage
	for _, stamp := range stamps {
		one := message(topic, 0, "v")
		one.Timestamp = stamp
		records = append(records, one)
	}
	Must(send(records))
	for i, each := range read(topic, 0, 0, 3) {
		Equal(each.Timestamp.UnixMilli(), stamps[i].UnixMilli(), "timestamp")
	}
}

func logAppendTime() {
	topic := create("logappend", 1, "message.timestamp.type", "LogAppendTime")
	one := message(topic, 0, "v")
	one.Timestamp = time.UnixMilli(12345)
	before := time.Now()
	Must(send([]*sarama.ProducerMessage{one}))
	if stamp := read(topic, 0, 0, 1)[0].Timestamp; stamp.Before(before.Add(-time.Second)) || stamp.After(time.Now().Add(time.Second)) {
		Fail("%v is not the time of the append", stamp)
	}
}

func offsetsByTime() {
	topic := create("bytime", 1)
	base := time.Now().Add(-time.Hour).UnixMilli()
	for i := range int64(5) { // a batch each
		one := message(topic, 0, "v")
		one.Timestamp = time.UnixMilli(base + i*1000)
		Must(send([]*sarama.ProducerMessage{one}))
	}
	client, err := sarama.NewClient([]string{Bootstrap}, settings())
	Must(err)
	defer client.Close()
	for stamp, wanted := range map[int64]int64{0: 0, base + 1: 1, base + 4000: 4, base + 4001: -1, sarama.OffsetNewest: 5, sarama.OffsetOldest: 0} {
		found, err := client.GetOffset(topic, 0, stamp)
		Must(err)
		Equal(found, wanted, "offset")
	}
}

func fromPositions() {
	topic := create("middle", 1)
	Must(send(numbers(topic, 0, 1000), idempotent))
	sameNumbers(read(topic, 0, 623, 377), 623, 1000)
	sameNumbers(read(topic, 0, sarama.OffsetOldest, 1000), 0, 1000)
	read(topic, 0, sarama.OffsetNewest, 0)
}

func outOfRange() {
	topic := create("range", 1)
	Must(send(numbers(topic, 0, 5)))
	consumer, err := sarama.NewConsumer([]string{Bootstrap}, settings())
	Must(err)
	defer consumer.Close()
	_, err = consumer.ConsumePartition(topic, 0, 99)
	refused(err, sarama.ErrOffsetOutOfRange)
}

func tenThousandInOrder() {
	topic := create("order", 1)
	Must(send(numbers(topic, 0, 10_000), idempotent, func(made *sarama.Config) { made.Producer.Flush.MaxMessages = 97 }))
	sameNumbers(read(topic, 0, 0, 10_000), 0, 10_000)
}

func manyPartitions() {
	topic := create("many", 10)
	var records []*sarama.ProducerMessage
	for partition := range int32(10) {
		records = append(records, numbers(topic, partition, 10)...)
	}
	Must(send(records))
	consumer, err := sarama.NewConsumer([]string{Bootstrap}, settings())
	Must(err)
	defer consumer.Close()
	for partition := range int32(10) {
		one, err := consumer.ConsumePartition(topic, partition, 0)
		Must(err)
		var found []string
		for range 10 {
			select {
			case each := <-one.Messages():
				found = append(found, string(each.Value))
			case <-time.After(10 * time.Second):
				Fail("partition %d: only %d records", partition, len(found))
			}
		}
		Equal(slices.Equal(found, Numbers(0, 10)), true, "values in order")
	}
}

func smallMaxBytes() {
	topic := create("maxbytes", 1)
	Must(send(numbers(topic, 0, 300), func(made *sarama.Config) { made.Producer.Flush.MaxMessages = 5 }))
	sameNumbers(read(topic, 0, 0, 300, func(made *sarama.Config) { made.Consumer.Fetch.Default, made.Consumer.Fetch.Max = 100, 100_000 }), 0, 300)
}

func readCommitted() {
	topic := create("committed", 1)
	Must(send(numbers(topic, 0, 50)))
	sameNumbers(read(topic, 0, 0, 50, func(made *sarama.Config) { made.Consumer.IsolationLevel = sarama.ReadCommitted }), 0, 50)
}

func autoCreation() {
	topic := Fresh("s-auto")
	Must(send(numbers(topic, 0, 3)))
	sameNumbers(read(topic, 0, 0, 3), 0, 3)
}
