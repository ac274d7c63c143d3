package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// beMember is a member of a group until SIGTERM; what it says stands in groups/members.py.
func beMember(topic, group string, words []string) {
	options := map[string]string{}
	for _, each := range words {
		if key, value, found := strings.Cut(each, "="); found {
			options[key] = value
		}
	}
	var mutex sync.Mutex
	var owned []int32
	owns := func() { fmt.Println("owns", strings.Trim(strings.ReplaceAll(fmt.Sprint(owned), " ", ","), "[]")) }
	lose := func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
		mutex.Lock()
		defer mutex.Unlock()
		owned = slices.DeleteFunc(owned, func(each int32) bool { return slices.Contains(lost[topic], each) })
		owns()
	}
	settings := []kgo.Opt{kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.HeartbeatInterval(300 * time.Millisecond),
		kgo.SessionTimeout(4 * time.Second), kgo.RebalanceTimeout(5 * time.Second), kgo.Balancers(kgo.RangeBalancer()),
		kgo.OnPartitionsRevoked(lose), kgo.OnPartitionsLost(lose),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			mutex.Lock()
			defer mutex.Unlock()
			owned = slices.Compact(slices.Sorted(slices.Values(append(owned, got[topic]...))))
			owns()
		})}
	if options["assignor"] == "cooperative" {
		settings = append(settings, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	}
	if options["protocol"] == "consumer" {
		settings = append(settings, kgo.ServerSideBalancer())
	}
	if session, err := time.ParseDuration(options["session"] + "ms"); err == nil {
		settings = append(settings, kgo.SessionTimeout(session))
	}
	if options["instance"] != "" {
		settings = append(settings, kgo.InstanceID(options["instance"]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	one := client(settings...)
	for ctx.Err() == nil {
		records := one.PollFetches(ctx).Records()
		positions := map[int32]int64{}
		for _, each := range records {
			fmt.Println("read", each.Partition, each.Offset)
			positions[each.Partition] = each.Offset + 1
		}
		// A commit that is refused: somebody else reads them again.
		if len(records) > 0 && one.CommitRecords(context.Background(), records...) == nil {
			for partition, offset := range positions {
				fmt.Println("done", partition, offset)
			}
		}
		one.AllowRebalance()
	}
	one.CloseAllowingRebalance()
	fmt.Println("left")
	os.Exit(0)
}
