package main

import (
	"context"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func registerAdmin() {
	add("topic_life", topicLife)
	add("create_answers_configs", createAnswersConfigs)
	add("create_refusals", createRefusals)
	add("auto_creation", autoCreation)
	add("unknown_topic", unknownTopic)
	add("list_offsets_special", listOffsetsSpecial)
	add("offset_for_leader_epoch", offsetForLeaderEpoch)
	add("describe_cluster", describeCluster)
	add("describe_topic_partitions", describeTopicPartitions)
	add("find_coordinator", findCoordinator)
	add("init_producer_id", initProducerID)
}

func deleteTopic(ctx context.Context, name string) int16 {
	request := kmsg.NewPtrDeleteTopicsRequest()
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = kmsg.StringPtr(name)
	request.Topics, request.TopicNames, request.TimeoutMillis = []kmsg.DeleteTopicsRequestTopic{topic}, []string{name}, 30000
	answer, err := request.RequestWith(ctx, shared)
	must(err)
	return answer.Topics[0].ErrorCode
}

func topicLife(ctx context.Context) {
	name := create(ctx, "life", 3, nil)
	found := metadata(ctx, name)
	equal(len(found.Partitions), 3, "partitions")
	for _, each := range found.Partitions {
		equal(each.ErrorCode, 0, "error of a partition")
		equal(len(each.ISR), 1, "isr")
		equal(each.ISR[0], each.Leader, "isr")
	}
	equal(deleteTopic(ctx, name), 0, "delete")
	awaitListed(ctx, name, false)
	equal(deleteTopic(ctx, name), kerr.UnknownTopicOrPartition.Code, "delete again")
}

func createAnswersConfigs(ctx context.Context) {
	found := createRequest(ctx, fresh("configs"), 4, 1, config{"retention.ms": "77777"}, false)
	equal(found.ErrorCode, 0, "error")
	equal(found.NumPartitions, 4, "partitions")
	equal(found.ReplicationFactor, 1, "replication factor")
	settings := map[string]string{}
	for _, each := range found.Configs {
		if each.Value != nil {
			settings[each.Name] = *each.Value
		}
	}
	equal(settings["retention.ms"], "77777", "retention.ms")
	equal(settings["segment.bytes"], "1073741824", "segment.bytes")
}

func createRefusals(ctx context.Context) {
	name := create(ctx, "refuse", 1, nil)
	refuse := func(name string, partitions int32, replicas int16, settings config, wanted *kerr.Error) {
		found := createRequest(ctx, name, partitions, replicas, settings, false)
		equal(found.ErrorCode, wanted.Code, wanted.Message)
		equal(found.ErrorMessage != nil, true, "a message with "+wanted.Message)
	}
	refuse(name, 1, 1, nil, kerr.TopicAlreadyExists)
	for _, bad := range []string{"", ".", "..", "a b", "a/b", "ä", strings.Repeat("x", 250)} {
		refuse(bad, 1, 1, nil, kerr.InvalidTopicException)
	}
	refuse(fresh("rf"), 1, 3, nil, kerr.InvalidReplicationFactor)
	refuse(fresh("zero"), 0, 1, nil, kerr.InvalidPartitions)
	refuse(fresh("conf"), 1, 1, config{"no.such.key": "1"}, kerr.InvalidConfig)
	refuse(fresh("conf"), 1, 1, config{"min.insync.replicas": "0"}, kerr.InvalidConfig)
	validated := fresh("validate")
	equal(createRequest(ctx, validated, 1, 1, nil, true).ErrorCode, 0, "validate only")
	equal(metadata(ctx, validated).ErrorCode, kerr.UnknownTopicOrPartition.Code, "after validate only")
}

func autoCreation(ctx context.Context) {
	name := fresh("auto")
	must(send(ctx, numbers(name, 0, 3), kgo.AllowAutoTopicCreation()))
	sameNumbers(readFromStart(ctx, name, 3), 0, 3)
}

func unknownTopic(ctx context.Context) {
	equal(metadata(ctx, fresh("unknown")).ErrorCode, kerr.UnknownTopicOrPartition.Code, "metadata")
	refused(send(ctx, numbers(fresh("unknown"), 0, 1), kgo.UnknownTopicRetries(1)), kerr.UnknownTopicOrPartition)
}

// listOffset asks for one special or real timestamp of partition 0.
func listOffset(ctx context.Context, topic string, timestamp int64) kmsg.ListOffsetsResponseTopicPartition {
	request := kmsg.NewPtrListOffsetsRequest()
	one := kmsg.NewListOffsetsRequestTopic()
	partition := kmsg.NewListOffsetsRequestTopicPartition()
	partition.Timestamp = timestamp
	one.Topic, one.Partitions = topic, append(one.Partitions, partition)
	request.ReplicaID, request.Topics = -1, append(request.Topics, one)
	answer, err := request.RequestWith(ctx, shared.SeedBrokers()[0])
	must(err)
	return answer.Topics[0].Partitions[0]
}

func listOffsetsSpecial(ctx context.Context) {
	topic := create(ctx, "special", 1, nil)
	must(send(ctx, numbers(topic, 0, 10)))
	for _, each := range []struct{ timestamp, offset int64 }{{-1, 10}, {-2, 0}, {-4, 0}, {-5, -1}, {0, 0}} {
		found := listOffset(ctx, topic, each.timestamp)
		equal(found.ErrorCode, 0, "error")
		equal(found.Offset, each.offset, "offset")
	}
	if found := listOffset(ctx, topic, -3); found.Offset < 0 || found.Timestamp < 0 {
		fail("max timestamp: %+v", found)
	}
	equal(listOffset(ctx, fresh("unknown"), -1).ErrorCode, kerr.UnknownTopicOrPartition.Code, "unknown topic")
}

func offsetForLeaderEpoch(ctx context.Context) {
	topic := create(ctx, "epoch", 1, nil)
	must(send(ctx, numbers(topic, 0, 10)))
	ask := func(current, epoch int32) kmsg.OffsetForLeaderEpochResponseTopicPartition {
		request := kmsg.NewPtrOffsetForLeaderEpochRequest()
		one := kmsg.NewOffsetForLeaderEpochRequestTopic()
		partition := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
		partition.CurrentLeaderEpoch, partition.LeaderEpoch = current, epoch
		one.Topic, one.Partitions = topic, append(one.Partitions, partition)
		request.ReplicaID, request.Topics = -1, append(request.Topics, one)
		answer, err := request.RequestWith(ctx, shared)
		must(err)
		return answer.Topics[0].Partitions[0]
	}
	now := metadata(ctx, topic).Partitions[0].LeaderEpoch
	equal(ask(now, now).EndOffset, 10, "end of the current epoch")
	equal(ask(now, now).LeaderEpoch, now, "epoch")
	equal(ask(now+1, now).ErrorCode, kerr.UnknownLeaderEpoch.Code, "an epoch to come")
	equal(ask(-1, now+5).EndOffset, -1, "end of an epoch to come")
}

func describeCluster(ctx context.Context) {
	request := kmsg.NewPtrDescribeClusterRequest()
	request.EndpointType = 1
	answer, err := request.RequestWith(ctx, shared)
	must(err)
	equal(answer.ErrorCode, 0, "error")
	equal(len(answer.ClusterID), 22, "length of the cluster id")
	equal(len(answer.Brokers), 1, "brokers")
	equal(answer.ControllerID, answer.Brokers[0].NodeID, "controller")
}

func describeTopicPartitions(ctx context.Context) {
	topic := create(ctx, "pages", 10, nil)
	request := kmsg.NewPtrDescribeTopicPartitionsRequest()
	one := kmsg.NewDescribeTopicPartitionsRequestTopic()
	one.Topic = topic
	request.Topics, request.ResponsePartitionLimit = append(request.Topics, one), 4
	answer, err := request.RequestWith(ctx, shared)
	must(err)
	equal(len(answer.Topics[0].Partitions), 4, "partitions of the first page")
	if answer.NextCursor == nil {
		fail("no cursor")
	}
	equal(answer.NextCursor.Partition, 4, "partition of the cursor")
	equal(answer.NextCursor.Topic, topic, "topic of the cursor")
}

// While a node has no groups the honest answer is COORDINATOR_NOT_AVAILABLE, which clients retry.
func findCoordinator(ctx context.Context) {
	raw := client(kgo.RetryTimeout(0), kgo.RequestRetries(0))
	defer raw.Close()
	request := kmsg.NewPtrFindCoordinatorRequest()
	request.CoordinatorKey, request.CoordinatorKeys = "g", []string{"g"}
	answer, err := request.RequestWith(ctx, raw)
	must(err)
	equal(len(answer.Coordinators), 1, "coordinators")
	if code := answer.Coordinators[0].ErrorCode; code != 0 && code != kerr.CoordinatorNotAvailable.Code {
		fail("error %d", code)
	}
}

func initProducerID(ctx context.Context) {
	seen := map[int64]bool{}
	for range 20 {
		request := kmsg.NewPtrInitProducerIDRequest()
		request.ProducerID, request.ProducerEpoch = -1, -1
		answer, err := request.RequestWith(ctx, shared)
		must(err)
		must(kerr.ErrorForCode(answer.ErrorCode))
		equal(answer.ProducerEpoch, 0, "epoch")
		if answer.ProducerID < 0 || seen[answer.ProducerID] {
			fail("producer id %d", answer.ProducerID)
		}
		seen[answer.ProducerID] = true
	}
}
