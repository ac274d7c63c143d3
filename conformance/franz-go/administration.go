package main

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// What kadm, franz-go's admin client, asks; requests that it lacks are sent as they are.
func registerAdministration() {
	add("create_partitions", createPartitions)
	add("delete_records", deleteRecords)
	add("describe_configs", describeConfigs)
	add("alter_configs_replaces", alterConfigsReplaces)
	add("incremental_alter_configs", incrementalAlterConfigs)
	add("broker_configs", brokerConfigs)
	add("list_config_resources", listConfigResources)
	add("describe_producers", describeProducers)
	add("log_dirs", logDirs)
	add("elect_leaders", electLeaders)
	add("reassignments", reassignments)
	add("update_features", updateFeatures)
	add("describe_quorum", describeQuorum)
	add("unregister_broker", unregisterBroker)
}

func kadmin() *kadm.Client { return kadm.NewClient(shared) }

// eventually repeats for 15 s: the reference answers a change before its broker has applied it.
func eventually(what string, holds func() bool) {
	for range 300 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	fail("never: %s", what)
}

func refuse(err error, wanted *kerr.Error) {
	if !errors.Is(err, wanted) {
		fail("expected %s, found %v", wanted.Message, err)
	}
}

func one(topic string, partitions ...int32) kadm.TopicsSet {
	var set kadm.TopicsSet
	set.Add(topic, partitions...)
	return set
}

func createPartitions(ctx context.Context) {
	topic := create(ctx, "grow", 2, nil)
	validated, err := kadmin().ValidateCreatePartitions(ctx, 9, topic)
	must(err)
	must(validated.Error())
	added, err := kadmin().CreatePartitions(ctx, 2, topic)
	must(err)
	must(added.Error())
	eventually("4 partitions", func() bool { return len(metadata(ctx, topic).Partitions) == 4 })
	must(send(ctx, numbers(topic, 3, 10)))
	less, err := kadmin().UpdatePartitions(ctx, 3, topic)
	if err == nil {
		err = less.Error()
	}
	if err == nil {
		fail("fewer partitions were accepted")
	}
	unknown := fresh("unknown")
	request := kmsg.NewPtrCreatePartitionsRequest()
	for name, count := range map[string]int32{topic: 3, unknown: 3} {
		wanted := kmsg.NewCreatePartitionsRequestTopic()
		wanted.Topic, wanted.Count = name, count
		request.Topics = append(request.Topics, wanted)
	}
	request.TimeoutMillis = 20000
	answer, err := request.RequestWith(ctx, shared)
	must(err)
	for _, each := range answer.Topics {
		expected := kerr.InvalidPartitions.Code
		if each.Topic == unknown {
			expected = kerr.UnknownTopicOrPartition.Code
		}
		equal(each.ErrorCode, expected, "error")
	}
}

func deleteRecords(ctx context.Context) {
	topic := create(ctx, "deleterecords", 1, nil)
	must(send(ctx, numbers(topic, 0, 100)))
	remove := func(offset int64) kadm.DeleteRecordsResponse {
		offsets := kadm.Offsets{}
		offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: offset})
		answer, err := kadmin().DeleteRecords(ctx, offsets)
		must(err)
		found, _ := answer.Lookup(topic, 0)
		return found
	}
	equal(remove(40).LowWatermark, 40, "low watermark")
	equal(listOffset(ctx, topic, -2).Offset, 40, "earliest offset")
	refuse(remove(1000).Err, kerr.OffsetOutOfRange)
	equal(remove(-1).LowWatermark, 100, "low watermark")
}

func configOf(ctx context.Context, topic, key string) kadm.Config {
	found, err := kadmin().DescribeTopicConfigs(ctx, topic)
	must(err)
	must(found[0].Err)
	for _, each := range found[0].Configs {
		if each.Key == key {
			return each
		}
	}
	fail("no %s", key)
	return kadm.Config{}
}

func describeConfigs(ctx context.Context) {
	topic := create(ctx, "configs", 1, config{"retention.ms": "77777"})
	found := configOf(ctx, topic, "retention.ms")
	equal(*found.Value, "77777", "value")
	equal(found.Source, kmsg.ConfigSourceDynamicTopicConfig, "source")
	found = configOf(ctx, topic, "cleanup.policy")
	equal(found.Source, kmsg.ConfigSourceDefaultConfig, "source")
	equal(found.Synonyms[0].Key, "log.cleanup.policy", "synonym")
	unknown, err := kadmin().DescribeTopicConfigs(ctx, fresh("unknown"))
	must(err)
	refuse(unknown[0].Err, kerr.UnknownTopicOrPartition)
}

func alter(ctx context.Context, topic string, operation kadm.IncrementalOp, key, value string) error {
	answer, err := kadmin().AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: operation, Name: key, Value: &value}}, topic)
	must(err)
	return answer[0].Err
}

func awaitConfig(ctx context.Context, topic, key, value string) {
	eventually(key+" is "+value, func() bool { return *configOf(ctx, topic, key).Value == value })
}

func incrementalAlterConfigs(ctx context.Context) {
	topic := create(ctx, "incremental", 1, config{"retention.ms": "77777"})
	must(alter(ctx, topic, kadm.SetConfig, "max.message.bytes", "2000"))
	awaitConfig(ctx, topic, "max.message.bytes", "2000")
	must(alter(ctx, topic, kadm.AppendConfig, "cleanup.policy", "compact"))
	awaitConfig(ctx, topic, "cleanup.policy", "delete,compact")
	must(alter(ctx, topic, kadm.SubtractConfig, "cleanup.policy", "delete"))
	awaitConfig(ctx, topic, "cleanup.policy", "compact")
	must(alter(ctx, topic, kadm.DeleteConfig, "retention.ms", ""))
	awaitConfig(ctx, topic, "retention.ms", "604800000")
	refuse(alter(ctx, topic, kadm.SetConfig, "no.such.key", "1"), kerr.InvalidConfig)
	refuse(alter(ctx, topic, kadm.AppendConfig, "retention.ms", "1"), kerr.InvalidConfig)
}

func alterConfigsReplaces(ctx context.Context) {
	topic := create(ctx, "alter", 1, config{"retention.ms": "77777", "segment.ms": "88888"})
	value := "99999"
	answer, err := kadmin().AlterTopicConfigsState(ctx, []kadm.AlterConfig{{Name: "retention.ms", Value: &value}}, topic)
	must(err)
	must(answer[0].Err)
	awaitConfig(ctx, topic, "retention.ms", "99999")
	awaitConfig(ctx, topic, "segment.ms", "604800000")
}

func brokerConfigs(ctx context.Context) {
	found, err := kadmin().DescribeBrokerConfigs(ctx, 1)
	must(err)
	must(found[0].Err)
	seen := 0
	for _, each := range found[0].Configs {
		switch each.Key {
		case "node.id":
			equal(each.Source, kmsg.ConfigSourceStaticBrokerConfig, "source")
		case "log.retention.hours":
			equal(*each.Value, "168", each.Key)
		default:
			continue
		}
		seen++
	}
	equal(seen, 2, "keys")
	value := "7"
	answer, err := kadmin().AlterBrokerConfigs(ctx, []kadm.AlterConfig{{Name: "node.id", Value: &value}}, 1)
	must(err)
	refuse(answer[0].Err, kerr.InvalidRequest)
}

func listConfigResources(ctx context.Context) {
	topic := create(ctx, "resources", 1, nil)
	answer, err := kmsg.NewPtrListConfigResourcesRequest().RequestWith(ctx, shared)
	must(err)
	found := map[string]bool{}
	for _, each := range answer.ConfigResources {
		if kmsg.ConfigResourceType(each.Type) == kmsg.ConfigResourceTypeTopic {
			found[each.Name] = true
		}
	}
	equal(found[topic], true, "listed")
}

func describeProducers(ctx context.Context) {
	topic := create(ctx, "producers", 1, nil)
	must(send(ctx, numbers(topic, 0, 10)))
	answer, err := kadmin().DescribeProducers(ctx, one(topic, 0))
	must(err)
	found := answer[topic].Partitions[0]
	must(found.Err)
	equal(len(found.ActiveProducers), 1, "producers")
	for _, each := range found.ActiveProducers {
		equal(each.LastSequence, 9, "last sequence")
		equal(each.CoordinatorEpoch, -1, "coordinator epoch")
		equal(each.CurrentTxnStartOffset, -1, "transaction")
	}
}

func logDirs(ctx context.Context) {
	topic := create(ctx, "logdirs", 2, nil)
	must(send(ctx, numbers(topic, 1, 100)))
	all, err := kadmin().DescribeAllLogDirs(ctx, one(topic, 0, 1))
	must(err)
	equal(len(all), 1, "brokers")
	for _, dirs := range all {
		equal(len(dirs), 1, "directories")
		for dir, each := range dirs {
			must(each.Err)
			equal(each.Topics[topic][0].Size, 0, "size of the empty one")
			equal(each.Topics[topic][1].Size > 0, true, "size")
			var there kadm.AlterReplicaLogDirsReq
			there.Add(dir, one(topic, 0))
			moved, err := kadmin().AlterAllReplicaLogDirs(ctx, there)
			must(err)
			moved.Each(func(answer kadm.AlterReplicaLogDirsResponse) { must(answer.Err) })
			var nowhere kadm.AlterReplicaLogDirsReq
			nowhere.Add("/no/such/directory", one(topic, 0))
			moved, err = kadmin().AlterAllReplicaLogDirs(ctx, nowhere)
			must(err)
			moved.Each(func(answer kadm.AlterReplicaLogDirsResponse) { refuse(answer.Err, kerr.LogDirNotFound) })
		}
	}
}

func electLeaders(ctx context.Context) {
	topic := create(ctx, "elect", 2, nil)
	for _, how := range []kadm.ElectLeadersHow{kadm.ElectPreferredReplica, kadm.ElectLiveReplica} {
		found, err := kadmin().ElectLeaders(ctx, how, one(topic, 0, 9))
		must(err)
		refuse(found[topic][0].Err, kerr.ElectionNotNeeded)
		refuse(found[topic][9].Err, kerr.UnknownTopicOrPartition)
	}
}

func reassignments(ctx context.Context) {
	topic := create(ctx, "reassign", 1, nil)
	assign := func(brokers []int32) error {
		var request kadm.AlterPartitionAssignmentsReq
		if brokers == nil {
			request.CancelAssign(topic, 0)
		} else {
			request.Assign(topic, 0, brokers)
		}
		answer, err := kadmin().AlterPartitionAssignments(ctx, request)
		must(err)
		return answer.Error()
	}
	must(assign([]int32{1}))
	refuse(assign([]int32{77}), kerr.InvalidReplicaAssignment)
	refuse(assign(nil), kerr.NoReassignmentInProgress)
	found, err := kadmin().ListPartitionReassignments(ctx, one(topic, 0))
	must(err)
	equal(len(found), 0, "reassignments under way")
}

func updateFeatures(ctx context.Context) {
	update := func(version int16, feature string, level int16) (int16, int16) {
		request := kmsg.NewPtrUpdateFeaturesRequest()
		wanted := kmsg.NewUpdateFeaturesRequestFeatureUpdate()
		wanted.Feature, wanted.MaxVersionLevel, wanted.UpgradeType = feature, level, 1
		request.FeatureUpdates, request.TimeoutMillis, request.ValidateOnly = append(request.FeatureUpdates, wanted), 20000, version > 0
		answer, err := request.RequestWith(ctx, shared)
		must(err)
		if len(answer.Results) > 0 {
			return answer.ErrorCode, answer.Results[0].ErrorCode
		}
		return answer.ErrorCode, 0
	}
	top, _ := update(1, "no.such.feature", 1)
	equal(top, kerr.InvalidUpdateVersion.Code, "an unknown feature")
	top, _ = update(1, "metadata.version", 99)
	equal(top, kerr.InvalidUpdateVersion.Code, "an unknown level")
}

func describeQuorum(ctx context.Context) {
	request := kmsg.NewPtrDescribeQuorumRequest()
	topic, partition := kmsg.NewDescribeQuorumRequestTopic(), kmsg.NewDescribeQuorumRequestTopicPartition()
	topic.Topic, topic.Partitions = "__cluster_metadata", append(topic.Partitions, partition)
	request.Topics = append(request.Topics, topic)
	answer, err := request.RequestWith(ctx, shared)
	must(err)
	equal(answer.ErrorCode, 0, "error")
	found := answer.Topics[0].Partitions[0]
	equal(found.ErrorCode, 0, "error of the partition")
	equal(found.LeaderID, 1, "leader")
	equal(len(found.CurrentVoters), 1, "voters")
	equal(found.CurrentVoters[0].LogEndOffset >= found.HighWatermark, true, "log end")
}

func unregisterBroker(ctx context.Context) {
	request := kmsg.NewPtrUnregisterBrokerRequest()
	request.BrokerID = 99
	answer, err := request.RequestWith(ctx, shared)
	must(err)
	equal(answer.ErrorCode, kerr.BrokerIDNotRegistered.Code, "error")
}
