package main

import (
	"context"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	. "headwater/conformance/frame"
)

func registerAdmin() {
	Add("topic_life", topicLife)
	Add("create_refusals", createRefusals)
	Add("create_partitions", createPartitions)
	Add("describe_configs", describeConfigs)
	Add("alter_configs", alterConfigs)
	Add("incremental_alter_configs", incrementalAlterConfigs)
	Add("broker_configs", brokerConfigs)
	Add("list_offsets", listOffsets)
	Add("describe_cluster", describeCluster)
	Add("elect_leaders", electLeaders)
	Add("reassignments", reassignments)
	Add("init_producer_id", initProducerID)
}

func deleteTopic(ctx context.Context, name string) error {
	answer, err := client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{name}})
	Must(err)
	return answer.Errors[name]
}

func topicLife(ctx context.Context) {
	name := create(ctx, "life", 3)
	for i, each := range metadata(ctx, name).Partitions {
		Equal(each.ID, i, "partition")
		Must(each.Error)
		Equal(each.Isr[0].ID, each.Leader.ID, "isr")
	}
	Must(deleteTopic(ctx, name))
	awaitListed(ctx, name, 0)
	refused(deleteTopic(ctx, name), kafka.UnknownTopicOrPartition)
}

func createRefusals(ctx context.Context) {
	name := create(ctx, "refuse", 1)
	refuse := func(name string, partitions, replicas int, wanted kafka.Error, configs ...kafka.ConfigEntry) {
		refused(createError(ctx, kafka.TopicConfig{Topic: name, NumPartitions: partitions, ReplicationFactor: replicas, ConfigEntries: configs}), wanted)
	}
	refuse(name, 1, 1, kafka.TopicAlreadyExists)
	for _, bad := range []string{"", ".", "..", "a b", strings.Repeat("x", 250)} {
		refuse(bad, 1, 1, kafka.InvalidTopic)
	}
	refuse(Fresh("rf"), 1, 3, kafka.InvalidReplicationFactor)
	refuse(Fresh("zero"), 0, 1, kafka.InvalidPartitionNumber)
	refuse(Fresh("conf"), 1, 1, kafka.InvalidConfiguration, kafka.ConfigEntry{ConfigName: "no.such.key", ConfigValue: "1"})
}

func createPartitions(ctx context.Context) {
	topic := create(ctx, "grow", 2)
	grow := func(topic string, count int32, validateOnly bool, assignment ...kafka.TopicPartitionAssignment) error {
		answer, err := client.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{ValidateOnly: validateOnly,
			Topics: []kafka.TopicPartitionsConfig{{Name: topic, Count: count, TopicPartitionAssignments: assignment}}})
		Must(err)
		return answer.Errors[topic]
	}
	Must(grow(topic, 4, true))
	Must(grow(topic, 4, false))
	awaitListed(ctx, topic, 4)
	Must(send(ctx, topic, 3, numbers(10)))
	sameNumbers(read(ctx, topic, 3, 0, 10), 0, 10)
	refused(grow(topic, 3, false), kafka.InvalidPartitionNumber)
	refused(grow(Fresh("unknown"), 3, false), kafka.UnknownTopicOrPartition)
	refused(grow(topic, 5, false, kafka.TopicPartitionAssignment{BrokerIDs: []int32{77}}), kafka.InvalidReplicaAssignment)
}

// entry is one configuration as the broker describes it.
func entry(ctx context.Context, resource kafka.ResourceType, name, key string) kafka.DescribeConfigResponseConfigEntry {
	answer, err := client.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{IncludeSynonyms: true, IncludeDocumentation: true,
		Resources: []kafka.DescribeConfigRequestResource{{ResourceType: resource, ResourceName: name, ConfigNames: []string{key}}}})
	Must(err)
	Must(answer.Resources[0].Error)
	Equal(len(answer.Resources[0].ConfigEntries), 1, "configurations")
	return answer.Resources[0].ConfigEntries[0]
}

// The numbers of configuration sources on the wire.
const topicSource, staticSource, defaultSource = 1, 4, 5

func awaitEntry(ctx context.Context, topic, key, value string, source int8) {
	Eventually(topic+" has "+key+"="+value, func() bool {
		found := entry(ctx, kafka.ResourceTypeTopic, topic, key)
		return found.ConfigValue == value && found.ConfigSource == source
	})
}

func describeConfigs(ctx context.Context) {
	topic := create(ctx, "configs", 1, "retention.ms", "77777")
	found := entry(ctx, kafka.ResourceTypeTopic, topic, "retention.ms")
	Equal(found.ConfigValue, "77777", "value")
	Equal(found.ConfigSource, topicSource, "source")
	Equal(found.ReadOnly || found.IsSensitive, false, "read only or sensitive")
	found = entry(ctx, kafka.ResourceTypeTopic, topic, "cleanup.policy")
	Equal(found.ConfigValue, "delete", "value")
	Equal(found.ConfigSource, defaultSource, "source")
}

func alterConfigs(ctx context.Context) {
	topic := create(ctx, "alter", 1, "retention.ms", "77777", "segment.ms", "88888")
	alter := func(value string, validateOnly bool) error {
		answer, err := client.AlterConfigs(ctx, &kafka.AlterConfigsRequest{ValidateOnly: validateOnly, Resources: []kafka.AlterConfigRequestResource{{
			ResourceType: kafka.ResourceTypeTopic, ResourceName: topic, Configs: []kafka.AlterConfigRequestConfig{{Name: "retention.ms", Value: value}}}}})
		Must(err)
		for _, each := range answer.Errors {
			return each
		}
		return nil
	}
	Must(alter("99999", true))
	Equal(entry(ctx, kafka.ResourceTypeTopic, topic, "retention.ms").ConfigValue, "77777", "after validate only")
	Must(alter("99999", false))
	awaitEntry(ctx, topic, "retention.ms", "99999", topicSource)
	awaitEntry(ctx, topic, "segment.ms", "604800000", defaultSource)
	refused(alter("soon", false), kafka.InvalidConfiguration)
}

func incrementalAlterConfigs(ctx context.Context) {
	topic := create(ctx, "incremental", 1, "retention.ms", "77777")
	alter := func(key string, operation kafka.ConfigOperation, value string) error {
		answer, err := client.IncrementalAlterConfigs(ctx, &kafka.IncrementalAlterConfigsRequest{Resources: []kafka.IncrementalAlterConfigsRequestResource{{
			ResourceType: kafka.ResourceTypeTopic, ResourceName: topic,
			Configs: []kafka.IncrementalAlterConfigsRequestConfig{{Name: key, Value: value, ConfigOperation: operation}}}}})
		Must(err)
		return answer.Resources[0].Error
	}
	Must(alter("max.message.bytes", kafka.ConfigOperationSet, "2000"))
	awaitEntry(ctx, topic, "max.message.bytes", "2000", topicSource)
	Must(alter("cleanup.policy", kafka.ConfigOperationAppend, "compact"))
	awaitEntry(ctx, topic, "cleanup.policy", "delete,compact", topicSource)
	Must(alter("cleanup.policy", kafka.ConfigOperationSubtract, "delete"))
	awaitEntry(ctx, topic, "cleanup.policy", "compact", topicSource)
	Must(alter("retention.ms", kafka.ConfigOperationDelete, ""))
	awaitEntry(ctx, topic, "retention.ms", "604800000", defaultSource)
	refused(alter("retention.ms", kafka.ConfigOperationAppend, "1"), kafka.InvalidConfiguration)
	refused(alter("no.such.key", kafka.ConfigOperationSet, "1"), kafka.InvalidConfiguration)
}

func brokerConfigs(ctx context.Context) {
	found := entry(ctx, kafka.ResourceTypeBroker, "1", "node.id")
	Equal(found.ConfigValue, "1", "node.id")
	Equal(found.ReadOnly, true, "read only")
	Equal(found.ConfigSource, staticSource, "source")
	Equal(entry(ctx, kafka.ResourceTypeBroker, "1", "log.retention.ms").ReadOnly, false, "log.retention.ms is read only")
}

func listOffsets(ctx context.Context) {
	topic := create(ctx, "offsets", 2)
	Must(send(ctx, topic, 1, numbers(10)))
	answer, err := client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{
		topic: {kafka.FirstOffsetOf(1), kafka.LastOffsetOf(1)}}})
	Must(err)
	found := answer.Topics[topic][0]
	Must(found.Error)
	Equal(found.FirstOffset, 0, "first offset")
	Equal(found.LastOffset, 10, "last offset")
}

func describeCluster(ctx context.Context) {
	answer, err := client.Metadata(ctx, &kafka.MetadataRequest{})
	Must(err)
	Equal(len(answer.ClusterID), 22, "length of the cluster id")
	Equal(len(answer.Brokers), 1, "brokers")
	Equal(answer.Controller.ID, answer.Brokers[0].ID, "controller")
	versions, err := client.ApiVersions(ctx, &kafka.ApiVersionsRequest{})
	Must(err)
	Must(versions.Error)
	Equal(len(versions.ApiKeys) > 10, true, "several APIs")
}

func electLeaders(ctx context.Context) {
	topic := create(ctx, "elect", 2)
	answer, err := client.ElectLeaders(ctx, &kafka.ElectLeadersRequest{Topic: topic, Partitions: []int{0, 9}, Timeout: 10 * time.Second})
	Must(err)
	Must(answer.Error)
	for _, each := range answer.PartitionResults {
		if each.Partition == 0 {
			refused(each.Error, kafka.ElectionNotNeeded)
		} else {
			refused(each.Error, kafka.UnknownTopicOrPartition)
		}
	}
	Equal(len(answer.PartitionResults), 2, "results")
}

func reassignments(ctx context.Context) {
	topic := create(ctx, "reassign", 2)
	alter := func(broker int) error {
		answer, err := client.AlterPartitionReassignments(ctx, &kafka.AlterPartitionReassignmentsRequest{Timeout: 10 * time.Second,
			Assignments: []kafka.AlterPartitionReassignmentsRequestAssignment{{Topic: topic, PartitionID: 1, BrokerIDs: []int{broker}}}})
		Must(err)
		Must(answer.Error)
		return answer.PartitionResults[0].Error
	}
	Must(alter(metadata(ctx, topic).Partitions[0].Leader.ID))
	refused(alter(77), kafka.InvalidReplicaAssignment)
	answer, err := client.ListPartitionReassignments(ctx, &kafka.ListPartitionReassignmentsRequest{Timeout: 10 * time.Second})
	Must(err)
	Must(answer.Error)
	Equal(len(answer.Topics[topic].Partitions), 0, "reassignments under way")
}

func initProducerID(ctx context.Context) {
	seen := map[int]bool{}
	for range 5 {
		answer, err := client.InitProducerID(ctx, &kafka.InitProducerIDRequest{})
		Must(err)
		Must(answer.Error)
		Equal(seen[answer.Producer.ProducerID], false, "seen before")
		seen[answer.Producer.ProducerID] = true
	}
}
