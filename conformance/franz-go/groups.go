package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func registerGroups() {
	add("group_reads_all", groupReadsAll)
	add("group_resumes", groupResumes)
	add("group_two_members", func(ctx context.Context) { groupTwoMembers(ctx, kgo.RangeBalancer()) })
	add("group_cooperative", func(ctx context.Context) { groupTwoMembers(ctx, kgo.CooperativeStickyBalancer()) })
	add("group_static_member", groupStaticMember)
	add("group_from_the_end", groupFromTheEnd)
	add("describe_and_list_groups", describeAndListGroups)
	add("committed_offsets", committedOffsets)
	add("delete_groups", deleteGroups)
}

// member is a client that reads in a group, in its own goroutine, and what it read and was given.
type member struct {
	*kgo.Client
	mutex   sync.Mutex
	found   []string
	owned   []int32
	given   int // rebalances that gave something
	taken   []int32
	stopped chan struct{}
}

func join(group, topic string, options ...kgo.Opt) *member {
	one := &member{stopped: make(chan struct{})}
	lose := func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
		one.mutex.Lock()
		defer one.mutex.Unlock()
		one.taken = append(one.taken, lost[topic]...)
		one.owned = slices.DeleteFunc(one.owned, func(each int32) bool { return slices.Contains(lost[topic], each) })
	}
	one.Client = client(append([]kgo.Opt{kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.HeartbeatInterval(200 * time.Millisecond),
		kgo.SessionTimeout(10 * time.Second), kgo.Balancers(kgo.RangeBalancer()),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			one.mutex.Lock()
			defer one.mutex.Unlock()
			if len(got[topic]) > 0 {
				one.given++
			}
			one.owned = append(one.owned, got[topic]...)
		}), kgo.OnPartitionsRevoked(lose), kgo.OnPartitionsLost(lose)}, options...)...)
	go func() {
		defer close(one.stopped)
		for {
			fetches := one.PollFetches(context.Background())
			if fetches.IsClientClosed() {
				return
			}
			one.mutex.Lock()
			for _, each := range fetches.Records() {
				one.found = append(one.found, string(each.Value))
			}
			one.mutex.Unlock()
		}
	}()
	return one
}

// leave closes the client: a member without a name says good-bye.
func (one *member) leave() {
	one.Close()
	<-one.stopped
}

func (one *member) partitions() []int32 {
	one.mutex.Lock()
	defer one.mutex.Unlock()
	return slices.Sorted(slices.Values(one.owned))
}

// takeNumbers waits until the members together have read from, from+1 … end-1, each once, and forgets them.
func takeNumbers(from, end int, members ...*member) {
	var found []string
	take := func() bool {
		for _, one := range members {
			one.mutex.Lock()
			found, one.found = append(found, one.found...), nil
			one.mutex.Unlock()
		}
		return len(found) >= end-from
	}
	eventually("the records", take)
	time.Sleep(150 * time.Millisecond)
	take()
	var wanted []string
	for i := from; i < end; i++ {
		wanted = append(wanted, fmt.Sprintf("%06d", i))
	}
	slices.Sort(found)
	if !slices.Equal(found, wanted) {
		fail("values: found %d, %.200v", len(found), found)
	}
}

func sendNumbers(ctx context.Context, topic string, partitions, from, end int) {
	var records []*kgo.Record
	for i := from; i < end; i++ {
		records = append(records, record(topic, int32(i%partitions), "k", fmt.Sprintf("%06d", i)))
	}
	must(send(ctx, records))
}

func shareFour(one, two *member) {
	eventually("two partitions each", func() bool {
		both := append(one.partitions(), two.partitions()...)
		slices.Sort(both)
		return slices.Equal(both, []int32{0, 1, 2, 3}) && len(one.partitions()) == 2
	})
}

func groupReadsAll(ctx context.Context) {
	topic := create(ctx, "group", 3, nil)
	sendNumbers(ctx, topic, 3, 0, 300)
	one := join(fresh("group"), topic)
	defer one.leave()
	takeNumbers(0, 300, one)
}

func groupResumes(ctx context.Context) {
	topic, group := create(ctx, "resume", 2, nil), fresh("resume")
	for round := range 3 {
		sendNumbers(ctx, topic, 2, round*100, round*100+100)
		one := join(group, topic)
		takeNumbers(round*100, round*100+100, one)
		must(one.CommitUncommittedOffsets(ctx))
		one.leave()
	}
}

func groupTwoMembers(ctx context.Context, balancer kgo.GroupBalancer) {
	topic, group := create(ctx, "two", 4, nil), fresh("two")
	one := join(group, topic, kgo.Balancers(balancer))
	defer one.leave()
	eventually("all partitions", func() bool { return len(one.partitions()) == 4 })
	two := join(group, topic, kgo.Balancers(balancer))
	shareFour(one, two)
	if balancer.IsCooperative() {
		one.mutex.Lock()
		equal(len(one.taken), 2, "partitions taken")
		one.mutex.Unlock()
	}
	sendNumbers(ctx, topic, 4, 0, 400)
	takeNumbers(0, 400, one, two)
	must(one.CommitUncommittedOffsets(ctx))
	must(two.CommitUncommittedOffsets(ctx))
	two.leave()
	eventually("all partitions", func() bool { return len(one.partitions()) == 4 })
	sendNumbers(ctx, topic, 4, 400, 800)
	takeNumbers(400, 800, one)
}

func groupStaticMember(ctx context.Context) {
	topic, group := create(ctx, "static", 4, nil), fresh("static")
	one, two := join(group, topic, kgo.InstanceID("one")), join(group, topic, kgo.InstanceID("two"))
	defer two.leave()
	shareFour(one, two)
	before, given := one.partitions(), two.given
	one.leave()
	one = join(group, topic, kgo.InstanceID("one"))
	defer one.leave()
	eventually("the same partitions", func() bool { return slices.Equal(one.partitions(), before) })
	sendNumbers(ctx, topic, 4, 0, 100)
	takeNumbers(0, 100, one, two)
	equal(two.given, given, "rebalances of the other")
}

func groupFromTheEnd(ctx context.Context) {
	topic := create(ctx, "reset", 1, nil)
	sendNumbers(ctx, topic, 1, 0, 10)
	one := join(fresh("latest"), topic, kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()))
	defer one.leave()
	eventually("its partition", func() bool { return len(one.partitions()) == 1 })
	sent := 10
	eventually("something new", func() bool { // where the end is, is asked some time after the join
		sendNumbers(ctx, topic, 1, sent, sent+1)
		sent++
		one.mutex.Lock()
		defer one.mutex.Unlock()
		return len(one.found) > 0
	})
	if one.found[0] < "000010" {
		fail("an old record: %s", one.found[0])
	}
}

func describeAndListGroups(ctx context.Context) {
	admin := kadm.NewClient(shared)
	topic, group := create(ctx, "describe", 2, nil), fresh("described")
	one := join(group, topic, kgo.InstanceID("here"), kgo.ClientID("me"))
	defer one.leave()
	eventually("its partitions", func() bool { return len(one.partitions()) == 2 })
	described, err := admin.DescribeGroups(ctx, group)
	must(err)
	found := described[group]
	must(found.Err)
	equal(found.State+" "+found.ProtocolType+" "+found.Protocol, "Stable consumer range", "state, type, protocol")
	equal(len(found.Members), 1, "members")
	equal(*found.Members[0].InstanceID+" "+found.Members[0].ClientID, "here me", "member")
	assigned, _ := found.Members[0].Assigned.AsConsumer()
	equal(fmt.Sprint(assigned.Topics[0].Topic, assigned.Topics[0].Partitions), fmt.Sprint(topic, []int32{0, 1}), "assigned")
	for state, wanted := range map[string]bool{"Stable": true, "Empty": false} {
		listed, err := admin.ListGroups(ctx, state)
		must(err)
		equal(slices.Contains(listed.Groups(), group), wanted, "listed as "+state)
	}
	_, err = admin.DeleteGroup(ctx, group)
	refused(err, kerr.NonEmptyGroup)
}

func committedOffsets(ctx context.Context) {
	admin := kadm.NewClient(shared)
	topic, group := create(ctx, "committed", 2, nil), fresh("offsets")
	sendNumbers(ctx, topic, 2, 0, 100)
	var wanted kadm.Offsets
	wanted.Add(kadm.Offset{Topic: topic, Partition: 0, At: 7, LeaderEpoch: -1, Metadata: "why"})
	wanted.Add(kadm.Offset{Topic: topic, Partition: 1, At: 50, LeaderEpoch: -1})
	must(admin.CommitAllOffsets(ctx, group, wanted))
	found, err := admin.FetchOffsets(ctx, group)
	must(err)
	for partition, at := range []int64{7, 50} {
		equal(found[topic][int32(partition)].At, at, "committed")
	}
	equal(found[topic][0].Metadata, "why", "metadata")
	one := join(group, topic)
	eventually("43 records", func() bool {
		one.mutex.Lock()
		defer one.mutex.Unlock()
		return len(one.found) == 43
	})
	refused(admin.CommitAllOffsets(ctx, group, wanted), kerr.UnknownMemberID)
	zero := kadm.TopicsSet{}
	zero.Add(topic, 0)
	deleted, err := admin.DeleteOffsets(ctx, group, zero)
	must(err)
	refused(deleted.Error(), kerr.GroupSubscribedToTopic)
	one.leave()
	deleted, err = admin.DeleteOffsets(ctx, group, zero)
	must(err)
	must(deleted.Error())
	found, err = admin.FetchOffsets(ctx, group)
	must(err)
	equal(len(found[topic]), 1, "offsets left")
	equal(found[topic][1].At, 50, "what is left")
}

func deleteGroups(ctx context.Context) {
	admin := kadm.NewClient(shared)
	topic, group := create(ctx, "delete", 1, nil), fresh("deleted")
	sendNumbers(ctx, topic, 1, 0, 10)
	one := join(group, topic)
	takeNumbers(0, 10, one)
	must(one.CommitUncommittedOffsets(ctx))
	one.leave()
	_, err := admin.DeleteGroup(ctx, group)
	must(err)
	_, err = admin.DeleteGroup(ctx, group)
	refused(err, kerr.GroupIDNotFound)
	one = join(group, topic)
	defer one.leave()
	takeNumbers(0, 10, one)
}
