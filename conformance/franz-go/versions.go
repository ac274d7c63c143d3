package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"
)

// The request versions that this client would choose for brokers of older releases: walks the versions of Produce,
// Fetch, ListOffsets, Metadata and InitProducerId down to what a 4.x broker still serves.
func registerVersions() {
	for name, versions := range map[string]*kversion.Versions{"2.1": kversion.V2_1_0(), "2.4": kversion.V2_4_0(),
		"2.8": kversion.V2_8_0(), "3.0": kversion.V3_0_0(), "3.3": kversion.V3_3_0(), "3.6": kversion.V3_6_0(),
		"3.9": kversion.V3_9_0(), "4.0": kversion.V4_0_0(), "4.1": kversion.V4_1_0(), "4.3": kversion.V4_3_0()} {
		add("as_version-"+name, func(ctx context.Context) {
			topic := create(ctx, "version", 2, nil)
			ceiling := kgo.MaxVersions(versions)
			must(send(ctx, numbers(topic, 1, 300), ceiling, kgo.ProducerBatchMaxBytes(1024), kgo.ProducerBatchCompression(kgo.Lz4Compression())))
			sameNumbers(read(ctx, topic, []int32{0, 1}, kgo.NewOffset().AtStart(), 300, ceiling), 0, 300)
			sameNumbers(read(ctx, topic, []int32{1}, kgo.NewOffset().AfterMilli(1), 300, ceiling), 0, 300)
		})
	}
}
