package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"
	. "headwater/conformance/frame"
)

// beMember is a member of a group until SIGTERM; what it says stands in groups/members.py.
func beMember(topic, group string, _ map[string]string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	one, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{ID: group, Brokers: []string{Bootstrap}, Topics: []string{topic},
		HeartbeatInterval: 300 * time.Millisecond, SessionTimeout: 4 * time.Second, RebalanceTimeout: 5 * time.Second,
		JoinGroupBackoff: 200 * time.Millisecond, StartOffset: kafka.FirstOffset})
	Must(err)
	for ctx.Err() == nil {
		generation, err := one.Next(ctx)
		if err != nil { // its session ended, or the broker is away: it joins again
			continue
		}
		var owned []int
		for _, each := range generation.Assignments[topic] {
			owned = append(owned, each.ID)
			generation.Start(func(ctx context.Context) { readPartition(ctx, generation, topic, each) })
		}
		slices.Sort(owned)
		fmt.Println("owns", strings.Trim(strings.ReplaceAll(fmt.Sprint(owned), " ", ","), "[]"))
	}
	Must(one.Close())
	fmt.Println("left")
}

// readPartition reads one partition as long as the generation lasts.
func readPartition(ctx context.Context, generation *kafka.Generation, topic string, assigned kafka.PartitionAssignment) {
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{Bootstrap}, Topic: topic, Partition: assigned.ID, MinBytes: 1,
		MaxBytes: 10_000_000, MaxWait: 100 * time.Millisecond})
	defer reader.Close()
	Must(reader.SetOffset(assigned.Offset))
	for {
		each, err := reader.ReadMessage(ctx)
		if errors.Is(err, kafka.ErrGenerationEnded) || ctx.Err() != nil {
			return
		}
		Must(err)
		fmt.Println("read", each.Partition, each.Offset)
		// A commit that is refused: somebody else reads it again.
		if generation.CommitOffsets(map[string]map[int]int64{topic: {each.Partition: each.Offset + 1}}) == nil {
			fmt.Println("done", each.Partition, each.Offset+1)
		}
	}
}
