package main

import (
	"context"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/IBM/sarama"
	. "headwater/conformance/frame"
)

// speaker says what sarama tells it; a session's commit has no result, so there is no "done".
type speaker struct{ topic string }

func (one speaker) Setup(session sarama.ConsumerGroupSession) error {
	owned := slices.Sorted(slices.Values(session.Claims()[one.topic]))
	fmt.Println("owns", strings.Trim(strings.ReplaceAll(fmt.Sprint(owned), " ", ","), "[]"))
	return nil
}

func (one speaker) Cleanup(session sarama.ConsumerGroupSession) error {
	session.Commit()
	fmt.Println("owns")
	return nil
}

func (one speaker) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for each := range claim.Messages() {
		if session.Context().Err() != nil {
			break
		}
		fmt.Println("read", each.Partition, each.Offset)
		session.MarkMessage(each, "")
	}
	return nil
}

// beMember is a member of a group until SIGTERM; what it says stands in groups/members.py.
func beMember(topic, group string, options map[string]string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	one, err := sarama.NewConsumerGroup([]string{Bootstrap}, group, settings(func(made *sarama.Config) {
		made.Consumer.Offsets.Initial, made.Consumer.Offsets.AutoCommit.Interval = sarama.OffsetOldest, 100*time.Millisecond
		made.Consumer.Group.Heartbeat.Interval, made.Consumer.Group.Session.Timeout = 300*time.Millisecond, 4*time.Second
		if session, err := time.ParseDuration(options["session"] + "ms"); err == nil {
			made.Consumer.Group.Session.Timeout = session
		}
		made.Consumer.Group.Rebalance.Timeout = 5 * time.Second
		made.Consumer.Group.InstanceId = options["instance"]
	}))
	Must(err)
	go func() {
		for range one.Errors() {
		}
	}()
	for ctx.Err() == nil {
		one.Consume(ctx, []string{topic}, speaker{topic})
	}
	Must(one.Close())
	fmt.Println("left")
}
