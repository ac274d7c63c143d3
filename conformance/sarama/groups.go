package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/IBM/sarama"
	. "headwater/conformance/frame"
)

func registerGroups() {
	check("group_reads_all", groupReadsAll)
	check("group_resumes", groupResumes)
	check("group_two_members", groupTwoMembers)
	check("group_static_member", groupStaticMember)
	check("group_from_the_end", groupFromTheEnd)
	check("describe_and_list_groups", describeAndListGroups)
	check("committed_offsets", committedOffsets)
	check("delete_groups", deleteGroups)
}

// member reads in a group until it leaves; what it read, and what it has now.
type member struct {
	group    sarama.ConsumerGroup
	topic    string
	stop     context.CancelFunc
	stopped  chan struct{}
	mutex    sync.Mutex
	found    []int
	owned    []int32
	sessions int
	session  sarama.ConsumerGroupSession
}

func join(group, topic string, change ...func(*sarama.Config)) *member {
	made, err := sarama.NewConsumerGroup([]string{Bootstrap}, group, settings(append([]func(*sarama.Config){func(made *sarama.Config) {
		made.Consumer.Offsets.Initial, made.Consumer.Offsets.AutoCommit.Enable = sarama.OffsetOldest, false
		made.Consumer.Group.Heartbeat.Interval, made.Consumer.Group.Session.Timeout = 200*time.Millisecond, 10*time.Second
	}}, change...)...))
	Must(err)
	ctx, cancel := context.WithCancel(context.Background())
	one := &member{group: made, topic: topic, stop: cancel, stopped: make(chan struct{})}
	go func() {
		for range made.Errors() {
		}
	}()
	go func() {
		defer close(one.stopped)
		for ctx.Err() == nil && !errors.Is(made.Consume(ctx, []string{topic}, one), sarama.ErrClosedConsumerGroup) {
		}
	}()
	return one
}

// Setup is called when a generation begins.
func (one *member) Setup(session sarama.ConsumerGroupSession) error {
	one.mutex.Lock()
	defer one.mutex.Unlock()
	one.session, one.owned = session, slices.Sorted(slices.Values(session.Claims()[one.topic]))
	one.sessions++
	return nil
}

// Cleanup is called when a generation ends.
func (one *member) Cleanup(sarama.ConsumerGroupSession) error {
	one.mutex.Lock()
	defer one.mutex.Unlock()
	one.owned = nil
	return nil
}

// ConsumeClaim reads one partition.
func (one *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for each := range claim.Messages() {
		number, _ := strconv.Atoi(string(each.Value))
		one.mutex.Lock()
		one.found = append(one.found, number)
		session.MarkMessage(each, "")
		one.mutex.Unlock()
	}
	return nil
}

func (one *member) commit() {
	one.mutex.Lock()
	defer one.mutex.Unlock()
	one.session.Commit()
}

func (one *member) leave() {
	one.stop()
	<-one.stopped
	Must(one.group.Close())
}

func (one *member) partitions() []int32 {
	one.mutex.Lock()
	defer one.mutex.Unlock()
	return slices.Clone(one.owned)
}

// take waits until the members together have read from, from+1 … end-1, each once, and forgets them.
func take(from, end int, members ...*member) {
	var found []int
	more := func() bool {
		for _, one := range members {
			one.mutex.Lock()
			found, one.found = append(found, one.found...), nil
			one.mutex.Unlock()
		}
		return len(found) >= end-from
	}
	Eventually("the records", more)
	time.Sleep(150 * time.Millisecond)
	more()
	slices.Sort(found)
	Equal(len(found), end-from, "records")
	for i, each := range found {
		Equal(each, from+i, "value")
	}
}

func write(topic string, partitions, from, end int) {
	var records []*sarama.ProducerMessage
	for i := from; i < end; i++ {
		records = append(records, message(topic, int32(i%partitions), fmt.Sprint(i)))
	}
	Must(send(records, idempotent))
}

func shareFour(one, two *member) {
	Eventually("two partitions each", func() bool {
		both := slices.Sorted(slices.Values(append(one.partitions(), two.partitions()...)))
		return slices.Equal(both, []int32{0, 1, 2, 3}) && len(one.partitions()) == 2
	})
}

func has(one *member, count int) {
	Eventually(fmt.Sprint(count, " partitions"), func() bool { return len(one.partitions()) == count })
}

func groupReadsAll() {
	topic := create("group", 3)
	write(topic, 3, 0, 300)
	one := join(Fresh("group"), topic)
	defer one.leave()
	take(0, 300, one)
}

func groupResumes() {
	topic, group := create("resume", 2), Fresh("resume")
	for from := 0; from < 300; from += 100 {
		write(topic, 2, from, from+100)
		one := join(group, topic)
		take(from, from+100, one)
		one.commit()
		one.leave()
	}
}

func groupTwoMembers() {
	topic, group := create("two", 4), Fresh("two")
	one := join(group, topic)
	has(one, 4)
	two := join(group, topic)
	defer two.leave()
	shareFour(one, two)
	write(topic, 4, 0, 400)
	take(0, 400, one, two)
	one.commit()
	two.commit()
	one.leave()
	has(two, 4)
	write(topic, 4, 400, 800)
	take(400, 800, two)
}

func groupStaticMember() {
	named := func(name string) func(*sarama.Config) {
		return func(made *sarama.Config) { made.Consumer.Group.InstanceId = name }
	}
	topic, group := create("static", 4), Fresh("static")
	one, two := join(group, topic, named("one")), join(group, topic, named("two"))
	defer two.leave()
	shareFour(one, two)
	before, sessions := one.partitions(), two.sessions
	one.leave()
	one = join(group, topic, named("one"))
	defer one.leave()
	Eventually("the same partitions", func() bool { return slices.Equal(one.partitions(), before) })
	write(topic, 4, 0, 100)
	take(0, 100, one, two)
	Equal(two.sessions, sessions, "generations of the other")
}

func groupFromTheEnd() {
	topic := create("latest", 1)
	write(topic, 1, 0, 10)
	one := join(Fresh("latest"), topic, func(made *sarama.Config) { made.Consumer.Offsets.Initial = sarama.OffsetNewest })
	defer one.leave()
	has(one, 1)
	sent := 10
	Eventually("something new", func() bool { // where the end is, is asked some time after the join
		write(topic, 1, sent, sent+1)
		sent++
		one.mutex.Lock()
		defer one.mutex.Unlock()
		return len(one.found) > 0
	})
	if one.found[0] < 10 {
		Fail("an old record: %d", one.found[0])
	}
}

func describeAndListGroups() {
	topic, group := create("describe", 2), Fresh("described")
	one := join(group, topic, func(made *sarama.Config) { made.Consumer.Group.InstanceId, made.ClientID = "here", "me" })
	defer one.leave()
	has(one, 2)
	described, err := admin().DescribeConsumerGroups([]string{group})
	Must(err)
	found := described[0]
	Equal(found.State+" "+found.ProtocolType+" "+found.Protocol, "Stable consumer range", "state, type, protocol")
	Equal(len(found.Members), 1, "members")
	for _, each := range found.Members {
		Equal(*each.GroupInstanceId+" "+each.ClientId, "here me", "member")
		assigned, err := each.GetMemberAssignment()
		Must(err)
		Equal(fmt.Sprint(assigned.Topics[topic]), "[0 1]", "assigned")
	}
	listed, err := admin().ListConsumerGroups()
	Must(err)
	Equal(listed[group], "consumer", "listed")
	refused(admin().DeleteConsumerGroup(group), sarama.ErrNonEmptyGroup)
}

func committedOffsets() {
	topic, group := create("committed", 2), Fresh("offsets")
	write(topic, 2, 0, 100)
	alter := func() sarama.KError {
		answer, err := admin().AlterConsumerGroupOffsets(group,
			map[string]map[int32]sarama.OffsetAndMetadata{topic: {0: {Offset: 7, LeaderEpoch: -1, Metadata: "why"}, 1: {Offset: 50, LeaderEpoch: -1}}}, nil)
		Must(err)
		return answer.Errors[topic][0]
	}
	Equal(alter(), sarama.ErrNoError, "alter")
	committed := func() string {
		answer, err := admin().ListConsumerGroupOffsets(group, map[string][]int32{topic: {0, 1}})
		Must(err)
		zero, first := answer.GetBlock(topic, 0), answer.GetBlock(topic, 1)
		return fmt.Sprint(zero.Offset, " ", zero.Metadata, " ", first.Offset)
	}
	Equal(committed(), "7 why 50", "committed")
	one := join(group, topic)
	Eventually("43 records", func() bool {
		one.mutex.Lock()
		defer one.mutex.Unlock()
		return len(one.found) == 43
	})
	Equal(alter(), sarama.ErrUnknownMemberId, "with a member")
	refused(admin().DeleteConsumerGroupOffset(group, topic, 0), sarama.ErrGroupSubscribedToTopic)
	one.leave()
	Must(admin().DeleteConsumerGroupOffset(group, topic, 0))
	Equal(committed(), "-1  50", "what is left")
}

func deleteGroups() {
	topic, group := create("delete", 1), Fresh("deleted")
	write(topic, 1, 0, 10)
	one := join(group, topic)
	take(0, 10, one)
	one.commit()
	one.leave()
	Must(admin().DeleteConsumerGroup(group))
	refused(admin().DeleteConsumerGroup(group), sarama.ErrGroupIDNotFound)
	one = join(group, topic)
	defer one.leave()
	take(0, 10, one)
}
