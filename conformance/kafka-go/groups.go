package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
	. "headwater/conformance/frame"
)

func registerGroups() {
	Add("group_reads_all", groupReadsAll)
	Add("group_resumes", groupResumes)
	Add("group_two_members", groupTwoMembers)
	Add("describe_and_list_groups", describeAndListGroups)
	Add("committed_offsets", committedOffsets)
	Add("delete_groups", deleteGroups)
}

// member is a reader in a group.
func member(group, topic string) *kafka.Reader {
	return kafka.NewReader(kafka.ReaderConfig{Brokers: []string{Bootstrap}, GroupID: group, Topic: topic, MinBytes: 1, MaxBytes: 10_000_000,
		MaxWait: 100 * time.Millisecond, HeartbeatInterval: 200 * time.Millisecond, SessionTimeout: 10 * time.Second,
		RebalanceTimeout: 10 * time.Second, JoinGroupBackoff: 100 * time.Millisecond, StartOffset: kafka.FirstOffset})
}

// fetch reads from, from+1 … end-1 with the members, each once, and nothing more for a moment; commits if it shall.
func fetch(ctx context.Context, from, end int, commit bool, members ...*kafka.Reader) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	all := make(chan int, 10_000)
	failed := make(chan error, len(members))
	for _, one := range members {
		go func() {
			for {
				each, err := one.FetchMessage(ctx)
				if err == nil && commit {
					err = one.CommitMessages(ctx, each)
				}
				if err != nil {
					failed <- err
					return
				}
				number, _ := strconv.Atoi(string(each.Value))
				all <- number
			}
		}()
	}
	var found []int
	for quiet := false; !quiet; {
		var moment <-chan time.Time
		if len(found) >= end-from {
			moment = time.After(150 * time.Millisecond)
		}
		select {
		case each := <-all:
			found = append(found, each)
		case <-moment:
			quiet = true
		case <-ctx.Done():
			Fail("%d of %d records", len(found), end-from)
		}
	}
	cancel()
	for range members {
		if err := <-failed; !errors.Is(err, context.Canceled) {
			Must(err)
		}
	}
	slices.Sort(found)
	Equal(len(found), end-from, "records")
	for i, each := range found {
		Equal(each, from+i, "value")
	}
}

// write sends the values from … end-1, the same number to each partition.
func write(ctx context.Context, topic string, partitions, from, end int) {
	for partition := range partitions {
		var records []kafka.Message
		for i := from + partition; i < end; i += partitions {
			records = append(records, message(strconv.Itoa(i)))
		}
		Must(send(ctx, topic, partition, records))
	}
}

func describe(ctx context.Context, group string) kafka.DescribeGroupsResponseGroup {
	answer, err := client.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{group}})
	Must(err)
	Must(answer.Groups[0].Error)
	return answer.Groups[0]
}

// shared waits until the group is stable with so many members, of which each has so many partitions.
func shared(ctx context.Context, group string, members, partitions int) {
	Eventually(fmt.Sprint(members, " members with ", partitions, " partitions"), func() bool {
		found := describe(ctx, group)
		for _, each := range found.Members {
			if len(each.MemberAssignments.Topics) != 1 || len(each.MemberAssignments.Topics[0].Partitions) != partitions {
				return false
			}
		}
		return found.GroupState == "Stable" && len(found.Members) == members
	})
}

func groupReadsAll(ctx context.Context) {
	topic := create(ctx, "group", 3)
	write(ctx, topic, 3, 0, 300)
	one := member(Fresh("group"), topic)
	defer one.Close()
	fetch(ctx, 0, 300, false, one)
}

func groupResumes(ctx context.Context) {
	topic, group := create(ctx, "resume", 2), Fresh("resume")
	for from := 0; from < 300; from += 100 {
		write(ctx, topic, 2, from, from+100)
		one := member(group, topic)
		fetch(ctx, from, from+100, true, one)
		Must(one.Close())
	}
}

func groupTwoMembers(ctx context.Context) {
	topic, group := create(ctx, "two", 4), Fresh("two")
	one, two := member(group, topic), member(group, topic)
	defer two.Close()
	shared(ctx, group, 2, 2)
	write(ctx, topic, 4, 0, 100)
	fetch(ctx, 0, 100, true, one, two)
	Must(one.Close())
	shared(ctx, group, 1, 4)
	write(ctx, topic, 4, 100, 200)
	fetch(ctx, 100, 200, true, two)
}

func describeAndListGroups(ctx context.Context) {
	topic, group := create(ctx, "describe", 2), Fresh("described")
	one := member(group, topic)
	shared(ctx, group, 1, 2)
	answer, err := client.ListGroups(ctx, &kafka.ListGroupsRequest{})
	Must(err)
	Must(answer.Error)
	Equal(slices.ContainsFunc(answer.Groups, func(each kafka.ListGroupsResponseGroup) bool { return each.GroupID == group }), true, "listed")
	Equal(errors.Is(deleteGroup(ctx, group), kafka.NonEmptyGroup), true, "not empty")
	Must(one.Close())
	Equal(describe(ctx, group).GroupState, "Empty", "state")
}

func deleteGroup(ctx context.Context, group string) error {
	answer, err := client.DeleteGroups(ctx, &kafka.DeleteGroupsRequest{GroupIDs: []string{group}})
	Must(err)
	return answer.Errors[group]
}

func committed(ctx context.Context, group, topic string) string {
	answer, err := client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: {0, 1}}})
	Must(err)
	Must(answer.Error)
	var found [2]int64
	for _, each := range answer.Topics[topic] {
		found[each.Partition] = each.CommittedOffset
	}
	return fmt.Sprint(found)
}

func committedOffsets(ctx context.Context) {
	topic, group := create(ctx, "committed", 2), Fresh("offsets")
	write(ctx, topic, 2, 0, 100)
	answer, err := client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{GroupID: group, GenerationID: -1,
		Topics: map[string][]kafka.OffsetCommit{topic: {{Partition: 0, Offset: 50}, {Partition: 1, Offset: 48}}}})
	Must(err)
	Must(answer.Topics[topic][0].Error)
	Equal(committed(ctx, group, topic), "[50 48]", "committed")
	one := member(group, topic)
	defer one.Close()
	for _, wanted := range []string{"97", "99"} {
		each, err := one.FetchMessage(ctx)
		Must(err)
		Equal(string(each.Value), wanted, "value")
	}
}

func deleteGroups(ctx context.Context) {
	topic, group := create(ctx, "delete", 2), Fresh("deleted")
	write(ctx, topic, 2, 0, 10)
	one := member(group, topic)
	fetch(ctx, 0, 10, true, one)
	Must(one.Close())
	Must(deleteGroup(ctx, group))
	Equal(errors.Is(deleteGroup(ctx, group), kafka.GroupIdNotFound), true, "deleted twice")
	Equal(committed(ctx, group, topic), "[-1 -1]", "committed")
}
