package main

import (
	"strings"

	"github.com/IBM/sarama"
	. "headwater/conformance/frame"
)

func registerAdmin() {
	check("topic_life", topicLife)
	check("create_refusals", createRefusals)
	check("create_partitions", createPartitions)
	check("describe_configs", describeConfigs)
	check("alter_configs", alterConfigs)
	check("incremental_alter_configs", incrementalAlterConfigs)
	check("broker_configs", brokerConfigs)
	check("delete_records", deleteRecords)
	check("list_offsets", listOffsets)
	check("describe_cluster", describeCluster)
	check("describe_log_dirs", describeLogDirs)
	check("elect_leaders", electLeaders)
	check("reassignments", reassignments)
	check("update_features", updateFeatures)
}

func topicLife() {
	name := create("life", 3, "retention.ms", "123456")
	found, err := admin().DescribeTopics([]string{name})
	Must(err)
	Equal(len(found[0].Partitions), 3, "partitions")
	for _, each := range found[0].Partitions {
		Equal(each.Err, sarama.ErrNoError, "error")
		Equal(each.Isr[0], each.Leader, "isr")
	}
	topics, err := admin().ListTopics()
	Must(err)
	Equal(topics[name].NumPartitions, 3, "listed partitions")
	Equal(*topics[name].ConfigEntries["retention.ms"], "123456", "listed retention.ms")
	Must(admin().DeleteTopic(name))
	awaitListed(name, 0)
	refused(admin().DeleteTopic(name), sarama.ErrUnknownTopicOrPartition)
}

func createRefusals() {
	name := create("refuse", 1)
	refuse := func(name string, partitions int32, replicas int16, key, value string, wanted sarama.KError) {
		entries := map[string]*string{}
		if key != "" {
			entries[key] = &value
		}
		detail := &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: replicas, ConfigEntries: entries}
		refused(admin().CreateTopic(name, detail, false), wanted)
	}
	refuse(name, 1, 1, "", "", sarama.ErrTopicAlreadyExists)
	for _, bad := range []string{".", "..", "a b", strings.Repeat("x", 250)} {
		refuse(bad, 1, 1, "", "", sarama.ErrInvalidTopic)
	}
	refuse(Fresh("rf"), 1, 3, "", "", sarama.ErrInvalidReplicationFactor)
	refuse(Fresh("zero"), 0, 1, "", "", sarama.ErrInvalidPartitions)
	refuse(Fresh("conf"), 1, 1, "no.such.key", "1", sarama.ErrInvalidConfig)
	validated := Fresh("validate")
	Must(admin().CreateTopic(validated, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, true))
	found, err := admin().DescribeTopics([]string{validated})
	Must(err)
	Equal(found[0].Err, sarama.ErrUnknownTopicOrPartition, "after validate only")
}

func createPartitions() {
	topic := create("grow", 2)
	Must(admin().CreatePartitions(topic, 4, nil, true))
	Must(admin().CreatePartitions(topic, 4, nil, false))
	awaitListed(topic, 4)
	Must(send(numbers(topic, 3, 10)))
	sameNumbers(read(topic, 3, 0, 10), 0, 10)
	refused(admin().CreatePartitions(topic, 3, nil, false), sarama.ErrInvalidPartitions)
	refused(admin().CreatePartitions(topic, 4, nil, false), sarama.ErrInvalidPartitions)
	refused(admin().CreatePartitions(Fresh("unknown"), 4, nil, false), sarama.ErrUnknownTopicOrPartition)
	refused(admin().CreatePartitions(topic, 5, [][]int32{{77}}, false), sarama.ErrInvalidReplicaAssignment)
	Must(admin().CreatePartitions(topic, 5, [][]int32{{node()}}, false))
	awaitListed(topic, 5)
}

func node() int32 {
	brokers, _, err := admin().DescribeCluster()
	Must(err)
	return brokers[0].ID()
}

// entry is one configuration of a topic as the broker describes it.
func entry(resource sarama.ConfigResourceType, name, key string) sarama.ConfigEntry {
	found, err := admin().DescribeConfigs([]*sarama.ConfigResource{{Type: resource, Name: name, ConfigNames: []string{key}}},
		sarama.DescribeConfigsOptions{IncludeSynonyms: true, IncludeDocumentation: true})
	Must(err)
	Equal(len(found), 1, "resources")
	Equal(found[0].ErrorCode, sarama.ErrNoError, found[0].ErrorMsg)
	for _, each := range found[0].Configs {
		if each.Name == key {
			return each
		}
	}
	return sarama.ConfigEntry{}
}

func awaitEntry(topic, key, value string, source sarama.ConfigSource) {
	Eventually(topic+" has "+key+"="+value, func() bool {
		found := entry(sarama.TopicResource, topic, key)
		return found.Value == value && found.Source == source
	})
}

func describeConfigs() {
	topic := create("configs", 1, "retention.ms", "77777")
	found := entry(sarama.TopicResource, topic, "retention.ms")
	Equal(found.Value, "77777", "value")
	Equal(found.Source, sarama.SourceTopic, "source")
	Equal(found.ReadOnly || found.Sensitive, false, "read only or sensitive")
	Equal(found.Type, sarama.LongConfigType, "type")
	Equal(found.Documentation != nil && len(*found.Documentation) > 20, true, "documentation")
	found = entry(sarama.TopicResource, topic, "cleanup.policy")
	Equal(found.Value, "delete", "value")
	Equal(found.Source, sarama.SourceDefault, "source")
	Equal(found.Type, sarama.ListConfigType, "type")
	Equal(len(found.Synonyms), 1, "synonyms")
	Equal(found.Synonyms[0].ConfigName, "log.cleanup.policy", "synonym")
	all, err := admin().DescribeConfigs([]*sarama.ConfigResource{{Type: sarama.TopicResource, Name: Fresh("unknown")}}, sarama.DescribeConfigsOptions{})
	Must(err)
	Equal(all[0].ErrorCode, sarama.ErrUnknownTopicOrPartition, "unknown topic")
}

func alterConfigs() {
	topic := create("alter", 1, "retention.ms", "77777", "segment.ms", "88888")
	value := "99999"
	Must(admin().AlterConfig(sarama.TopicResource, topic, map[string]*string{"retention.ms": &value}, true))
	Equal(entry(sarama.TopicResource, topic, "retention.ms").Value, "77777", "after validate only")
	Must(admin().AlterConfig(sarama.TopicResource, topic, map[string]*string{"retention.ms": &value}, false))
	awaitEntry(topic, "retention.ms", "99999", sarama.SourceTopic)
	awaitEntry(topic, "segment.ms", "604800000", sarama.SourceDefault)
	value = "soon"
	refused(admin().AlterConfig(sarama.TopicResource, topic, map[string]*string{"retention.ms": &value}, false), sarama.ErrInvalidConfig)
}

func incrementalAlterConfigs() {
	topic := create("incremental", 1, "retention.ms", "77777")
	alter := func(key string, operation sarama.IncrementalAlterConfigsOperation, value string, validateOnly bool) error {
		return admin().IncrementalAlterConfig(sarama.TopicResource, topic,
			map[string]sarama.IncrementalAlterConfigsEntry{key: {Operation: operation, Value: &value}}, validateOnly)
	}
	Must(alter("segment.ms", sarama.IncrementalAlterConfigsOperationSet, "5000", true))
	Must(alter("max.message.bytes", sarama.IncrementalAlterConfigsOperationSet, "2000", false))
	awaitEntry(topic, "max.message.bytes", "2000", sarama.SourceTopic)
	awaitEntry(topic, "segment.ms", "604800000", sarama.SourceDefault)
	Must(alter("cleanup.policy", sarama.IncrementalAlterConfigsOperationAppend, "compact", false))
	awaitEntry(topic, "cleanup.policy", "delete,compact", sarama.SourceTopic)
	Must(alter("cleanup.policy", sarama.IncrementalAlterConfigsOperationSubtract, "delete", false))
	awaitEntry(topic, "cleanup.policy", "compact", sarama.SourceTopic)
	Must(alter("retention.ms", sarama.IncrementalAlterConfigsOperationDelete, "", false))
	awaitEntry(topic, "retention.ms", "604800000", sarama.SourceDefault)
	refused(alter("retention.ms", sarama.IncrementalAlterConfigsOperationAppend, "1", false), sarama.ErrInvalidConfig)
	refused(alter("no.such.key", sarama.IncrementalAlterConfigsOperationSet, "1", false), sarama.ErrInvalidConfig)
	refused(send([]*sarama.ProducerMessage{message(topic, 0, strings.Repeat("x", 3000))}), sarama.ErrMessageSizeTooLarge)
}

func brokerConfigs() {
	found := entry(sarama.BrokerResource, "1", "node.id")
	Equal(found.Value, "1", "node.id")
	Equal(found.ReadOnly, true, "read only")
	Equal(found.Source, sarama.SourceStaticBroker, "source")
	Equal(entry(sarama.BrokerResource, "1", "log.retention.hours").Value, "168", "log.retention.hours")
	Equal(entry(sarama.BrokerResource, "1", "log.retention.ms").ReadOnly, false, "log.retention.ms is read only")
}

func deleteRecords() {
	topic := create("deleterecords", 1)
	Must(send(numbers(topic, 0, 100)))
	Must(admin().DeleteRecords(topic, map[int32]int64{0: 40}))
	sameNumbers(read(topic, 0, sarama.OffsetOldest, 60), 40, 100)
	refused(admin().DeleteRecords(topic, map[int32]int64{0: 1000}), sarama.ErrOffsetOutOfRange)
	Must(admin().DeleteRecords(topic, map[int32]int64{0: -1}))
	read(topic, 0, sarama.OffsetOldest, 0)
}

func listOffsets() {
	topic := create("offsets", 2)
	Must(send(numbers(topic, 1, 10)))
	for stamp, wanted := range map[int64]int64{sarama.OffsetNewest: 10, sarama.OffsetOldest: 0, 0: 0} {
		found, err := admin().ListOffsets(map[string]map[int32]int64{topic: {1: stamp}}, nil)
		Must(err)
		Equal(found[topic][1].Err, error(sarama.ErrNoError), "error")
		Equal(found[topic][1].Offset, wanted, "offset")
	}
}

func describeCluster() {
	brokers, controller, err := admin().DescribeCluster()
	Must(err)
	Equal(len(brokers), 1, "brokers")
	Equal(brokers[0].ID(), controller, "controller")
	Equal(brokers[0].Addr(), Bootstrap, "address")
}

func describeLogDirs() {
	topic := create("logdirs", 2)
	Must(send(numbers(topic, 1, 100)))
	found, err := admin().DescribeLogDirs([]int32{node()})
	Must(err)
	dirs := found[node()]
	Equal(len(dirs), 1, "directories")
	Equal(dirs[0].ErrorCode, sarama.ErrNoError, "error")
	if dirs[0].TotalBytes <= 0 || dirs[0].UsableBytes <= 0 {
		Fail("volume: %+v", dirs[0])
	}
	for _, each := range dirs[0].Topics {
		if each.Topic == topic {
			Equal(len(each.Partitions), 2, "partitions")
			for _, one := range each.Partitions {
				Equal(one.Size > 0, one.PartitionID == 1, "has bytes")
				Equal(one.OffsetLag, 0, "lag")
				Equal(one.IsTemporary, false, "future")
			}
			return
		}
	}
	Fail("the topic is not described")
}

func electLeaders() {
	topic := create("elect", 2)
	found, err := admin().ElectLeaders(sarama.PreferredElection, map[string][]int32{topic: {0, 1}})
	Must(err)
	for partition := range int32(2) {
		Equal(found[topic][partition].ErrorCode, sarama.ErrElectionNotNeeded, "preferred")
	}
	found, err = admin().ElectLeaders(sarama.UncleanElection, map[string][]int32{topic: {0, 9}})
	Must(err)
	Equal(found[topic][0].ErrorCode, sarama.ErrElectionNotNeeded, "unclean")
	Equal(found[topic][9].ErrorCode, sarama.ErrUnknownTopicOrPartition, "unknown")
}

func reassignments() {
	topic := create("reassign", 2)
	Must(admin().AlterPartitionReassignments(topic, [][]int32{{node()}, {node()}}))
	found, err := admin().ListPartitionReassignments(topic, []int32{0, 1})
	Must(err)
	Equal(len(found[topic]), 0, "reassignments under way")
	refused(admin().AlterPartitionReassignments(topic, [][]int32{{77}, {77}}), sarama.ErrInvalidReplicaAssignment)
}

func updateFeatures() {
	found, err := admin().UpdateFeatures([]sarama.FeatureUpdate{{Feature: "no.such.feature", MaxVersionLevel: 1}})
	if err == nil && (len(found) == 0 || found[0].ErrorCode == sarama.ErrNoError) {
		Fail("an unknown feature was accepted")
	}
}
