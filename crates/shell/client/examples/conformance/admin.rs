//! Administration.

use headwater_base::{ErrorCode, PartitionIndex, TopicPartition};
use headwater_client::admin::{
    AlterConfig, AlterOperation, CommittedOffset, ConfigResource, ElectionType, IsolationLevel,
    NewPartitions, NewTopic, OffsetSpec, ResourceType,
};
use headwater_client::{ErrorKind, Target};
use headwater_protocol::messages::metadata_request::MetadataRequest;

use crate::{Check, Outcome, World, checks, equal, text};

/// Last, as a broker is busy with so many partitions for a while.
pub const HEAVY: &[Check] = checks![admin::many_partitions_in_pages];

pub const CHECKS: &[Check] = checks![
    admin::topics_come_and_go,
    admin::topic_refusals,
    admin::topics_by_id,
    admin::more_partitions,
    admin::configurations,
    admin::broker_configurations,
    admin::offsets_by_time,
    admin::records_deleted,
    admin::group_offsets,
    admin::groups_unknown,
    admin::cluster_and_quorum,
    admin::features,
    admin::log_directories,
    admin::elections_and_moves,
    admin::generic_call,
    admin::no_broker,
];
use crate::admin;

fn at(topic: &str, index: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) }
}

async fn topics_come_and_go(world: World) -> Outcome {
    let admin = world.admin();
    let name = world.topic("topic", 3).await?;
    let listed = admin.list_topics(false).await.map_err(text)?;
    equal("listed", listed.iter().filter(|topic| topic.name == name).count(), 1)?;
    let described = admin.describe_topics(&[name.clone()]).await.map_err(text)?;
    let topic = described.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
    equal("partitions", topic.partitions.len(), 3)?;
    equal("replicas", topic.partitions.iter().all(|it| it.replicas.len() == 1 && it.leader.is_some()), true)?;
    equal("id", topic.id.is_zero(), false)?;
    let deleted = admin.delete_topics(&[name.clone()]).await.map_err(text)?;
    deleted.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
    let mut code = None;
    for _ in 0..200 {
        let described = admin.describe_topics(&[name.clone()]).await.map_err(text)?;
        code = described.into_iter().next().ok_or("nothing")?.1.err().and_then(|error| error.code());
        if code.is_some() {
            break;
        }
        world.runtime.sleep(std::time::Duration::from_millis(20)).await;
    }
    equal("gone", code, Some(ErrorCode::UnknownTopicOrPartition))
}

async fn topic_refusals(world: World) -> Outcome {
    let admin = world.admin();
    let name = world.topic("twice", 1).await?;
    let mut large = NewTopic::new(&world.fresh("replicas"));
    (large.partitions, large.replication_factor) = (Some(1), Some(5));
    let bad = NewTopic::new("a b");
    let results = admin.create_topics(vec![NewTopic::new(&name), large, bad], false).await.map_err(text)?;
    let mut codes: Vec<_> =
        results.into_iter().map(|(_, result)| result.err().and_then(|error| error.code())).collect();
    codes.sort();
    let expected = [
        Some(ErrorCode::InvalidTopicException),
        Some(ErrorCode::TopicAlreadyExists),
        Some(ErrorCode::InvalidReplicationFactor),
    ];
    equal("codes", codes, expected.to_vec())
}

async fn topics_by_id(world: World) -> Outcome {
    let admin = world.admin();
    let name = world.topic("id", 1).await?;
    let listed = admin.list_topics(false).await.map_err(text)?;
    let id = listed.into_iter().find(|topic| topic.name == name).ok_or("not listed")?.id;
    let deleted = admin.delete_topics_by_id(&[id]).await.map_err(text)?;
    deleted.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
    let again = admin.delete_topics_by_id(&[id]).await.map_err(text)?;
    let error = again.into_iter().next().ok_or("nothing")?.1.err().ok_or("gone")?;
    equal("gone", error.code(), Some(ErrorCode::UnknownTopicId))
}

async fn more_partitions(world: World) -> Outcome {
    let admin = world.admin();
    let name = world.topic("more", 1).await?;
    let results = admin
        .create_partitions(vec![NewPartitions { topic: name.clone(), total: 4, assignments: None }], false)
        .await
        .map_err(text)?;
    results.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
    let described = admin.describe_topics(&[name.clone()]).await.map_err(text)?;
    equal("partitions", described[0].1.as_ref().map(|it| it.partitions.len()).unwrap_or(0), 4)?;
    let results = admin
        .create_partitions(vec![NewPartitions { topic: name, total: 2, assignments: None }], false)
        .await
        .map_err(text)?;
    let error = results.into_iter().next().ok_or("nothing")?.1.err().ok_or("fewer")?;
    equal("fewer", error.code(), Some(ErrorCode::InvalidPartitions))
}

async fn many_partitions_in_pages(world: World) -> Outcome {
    let first = world.topic("pages-a", 1100).await?;
    let second = world.topic("pages-b", 1100).await?;
    let admin = world.admin();
    let described = admin.describe_topics(&[first.clone(), second.clone()]).await.map_err(text)?;
    for (name, topic) in described {
        let topic = topic.map_err(text)?;
        let indexes: Vec<i32> = topic.partitions.iter().map(|it| it.index).collect();
        equal(&name, indexes, (0..1100).collect())?;
    }
    admin.delete_topics(&[first, second]).await.map(|_| ()).map_err(text)
}

async fn configurations(world: World) -> Outcome {
    let admin = world.admin();
    let name = world.topic("config", 1).await?;
    let resource = ConfigResource::new(ResourceType::Topic, &name);
    let change = |operation, value: Option<&str>| AlterConfig {
        name: "retention.ms".to_owned(),
        operation,
        value: value.map(str::to_owned),
    };
    for (operation, value, expected) in
        [(AlterOperation::Set, Some("1234567"), "1234567"), (AlterOperation::Delete, None, "604800000")]
    {
        let changes = vec![(resource.clone(), vec![change(operation, value)])];
        let results = admin.incremental_alter_configs(changes, false).await;
        results.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
        let mut found = None;
        for _ in 0..100 {
            let keys = Some(vec!["retention.ms".to_owned()]);
            let described = admin.describe_configs(vec![(resource.clone(), keys)], true, false).await;
            let configs = described.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
            found = configs.first().and_then(|it| it.value.clone());
            if found.as_deref() == Some(expected) {
                break;
            }
            world.runtime.sleep(std::time::Duration::from_millis(20)).await;
        }
        equal("value", found.as_deref(), Some(expected))?;
    }
    let changes = vec![(resource, vec![change(AlterOperation::Set, Some("x"))])];
    let error = admin.incremental_alter_configs(changes, false).await.remove(0).1.err().ok_or("bad value")?;
    equal("bad value", error.code(), Some(ErrorCode::InvalidConfig))
}

async fn broker_configurations(world: World) -> Outcome {
    let admin = world.admin();
    let cluster = admin.describe_cluster(false).await.map_err(text)?;
    let broker = cluster.brokers.first().ok_or("no broker")?.broker_id;
    let resource = ConfigResource::new(ResourceType::Broker, &broker.to_string());
    let described = admin.describe_configs(vec![(resource, None)], false, true).await;
    let configs = described.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
    equal("has keys", configs.iter().any(|it| it.name == "log.retention.ms"), true)?;
    let resource = ConfigResource::new(ResourceType::Broker, "x");
    let error = admin
        .describe_configs(vec![(resource, None)], false, false)
        .await
        .remove(0)
        .1
        .err()
        .ok_or("no id")?;
    equal("kind", error.kind(), ErrorKind::Config)
}

async fn offsets_by_time(world: World) -> Outcome {
    let name = world.topic("offsets", 2).await?;
    let specs =
        [OffsetSpec::Earliest, OffsetSpec::Latest, OffsetSpec::Timestamp(5), OffsetSpec::MaxTimestamp];
    for (spec, expected) in specs.into_iter().zip([0, 0, -1, -1]) {
        let questions = vec![(at(&name, 0), spec), (at(&name, 1), spec)];
        for (key, found) in world.admin().list_offsets(questions, IsolationLevel::ReadCommitted).await {
            equal(&format!("{key} {spec:?}"), found.map_err(text)?.offset, expected)?;
        }
    }
    Ok(())
}

async fn records_deleted(world: World) -> Outcome {
    let name = world.topic("delete", 1).await?;
    let results = world.admin().delete_records(vec![(at(&name, 0), 0)]).await;
    equal("low watermark", results.into_iter().next().ok_or("nothing")?.1.map_err(text)?, 0)?;
    let results = world.admin().delete_records(vec![(at(&name, 0), 9)]).await;
    let error = results.into_iter().next().ok_or("nothing")?.1.err().ok_or("beyond the end")?;
    equal("code", error.code(), Some(ErrorCode::OffsetOutOfRange))
}

async fn group_offsets(world: World) -> Outcome {
    let admin = world.admin();
    let (name, group) = (world.topic("committed", 2).await?, world.fresh("group"));
    let offset = CommittedOffset { offset: 7, leader_epoch: -1, metadata: "m".to_owned() };
    let altered =
        admin.alter_group_offsets(&group, vec![(at(&name, 1), offset.clone())]).await.map_err(text)?;
    altered.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
    let partitions = [at(&name, 0), at(&name, 1)];
    let listed = admin.list_group_offsets(&group, Some(&partitions), false).await.map_err(text)?;
    let listed: Vec<_> = listed.into_iter().map(|(key, found)| (key, found.ok().flatten())).collect();
    equal("listed", listed, vec![(at(&name, 0), None), (at(&name, 1), Some(offset.clone()))])?;
    let all = admin.list_group_offsets(&group, None, true).await.map_err(text)?;
    equal(
        "all",
        all.into_iter().map(|(key, found)| (key, found.ok().flatten())).collect(),
        vec![(at(&name, 1), Some(offset))],
    )?;
    let groups = admin.list_groups(&[], &[]).await.map_err(text)?;
    equal("listed", groups.iter().filter(|it| it.group_id == group && it.group_state == "Empty").count(), 1)?;
    let described = admin.describe_consumer_groups(&[group.clone()]).await;
    described.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
    let deleted = admin.delete_group_offsets(&group, &[at(&name, 1)]).await.map_err(text)?;
    deleted.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
    Ok(())
}

async fn groups_unknown(world: World) -> Outcome {
    let (admin, group) = (world.admin(), world.fresh("nobody"));
    let error = admin.delete_groups(&[group.clone()]).await.remove(0).1.err().ok_or("unknown")?;
    equal("delete", error.code(), Some(ErrorCode::GroupIdNotFound))?;
    let listed = admin.list_group_offsets(&group, None, false).await.map_err(text)?;
    equal("offsets", listed.len(), 0)
}

async fn cluster_and_quorum(world: World) -> Outcome {
    let admin = world.admin();
    let cluster = admin.describe_cluster(true).await.map_err(text)?;
    equal("brokers", cluster.brokers.len(), 1)?;
    equal("cluster id", cluster.cluster_id.is_empty(), false)?;
    let (quorum, response) = admin.describe_quorum().await.map_err(text)?;
    equal("voters", quorum.current_voters.len(), 1)?;
    equal("nodes", response.nodes.len(), 1)?;
    let error = admin.unregister_broker(7777).await.err().ok_or("unknown")?;
    equal("unregister", error.code(), Some(ErrorCode::BrokerIdNotRegistered))
}

async fn features(world: World) -> Outcome {
    let admin = world.admin();
    let versions = admin.api_versions(&Target::Any).await.map_err(text)?;
    let found = versions.supported_features.iter().any(|it| it.name == "metadata.version");
    equal("metadata.version", found, true)?;
    let update = headwater_client::admin::FeatureUpdate {
        feature: "metadata.version".to_owned(),
        level: 9999,
        upgrade_type: 1,
    };
    let results = admin.update_features(vec![update], true).await.map_err(text)?;
    let error = results.into_iter().next().ok_or("nothing")?.1.err().ok_or("no such level")?;
    equal("level", error.code(), Some(ErrorCode::InvalidUpdateVersion))
}

async fn log_directories(world: World) -> Outcome {
    let admin = world.admin();
    let name = world.topic("dirs", 2).await?;
    let broker = admin.describe_cluster(false).await.map_err(text)?.brokers[0].broker_id;
    let partitions = [at(&name, 0), at(&name, 1)];
    let mut found = 0;
    // A broker may list a topic a little before it has made its logs.
    for _ in 0..500 {
        let described = admin.describe_log_dirs(&[broker], Some(&partitions)).await;
        let dirs = described.into_iter().next().ok_or("nothing")?.1.map_err(text)?;
        found = dirs.iter().flat_map(|dir| &dir.topics).map(|topic| topic.partitions.len()).sum();
        if found == 2 {
            break;
        }
        world.runtime.sleep(std::time::Duration::from_millis(20)).await;
    }
    equal("partitions", found, 2)
}

async fn elections_and_moves(world: World) -> Outcome {
    let admin = world.admin();
    let name = world.topic("elect", 1).await?;
    let results = admin.elect_leaders(ElectionType::Preferred, Some(&[at(&name, 0)])).await.map_err(text)?;
    let error = results.into_iter().next().ok_or("nothing")?.1.err().ok_or("it leads already")?;
    equal("election", error.code(), Some(ErrorCode::ElectionNotNeeded))?;
    let moves = admin.list_partition_reassignments(None).await.map_err(text)?;
    equal("moves", moves.len(), 0)?;
    let results =
        admin.alter_partition_reassignments(vec![(at(&name, 0), None)], true).await.map_err(text)?;
    let error = results.into_iter().next().ok_or("nothing")?.1.err().ok_or("none under way")?;
    equal("move", error.code(), Some(ErrorCode::NoReassignmentInProgress))?;
    let producers = admin.describe_producers(&[at(&name, 0)]).await;
    equal("producers", producers.into_iter().next().ok_or("nothing")?.1.map_err(text)?.len(), 0)
}

async fn generic_call(world: World) -> Outcome {
    let request = MetadataRequest { topics: Some(Vec::new()), ..MetadataRequest::default() };
    for target in [Target::Any, Target::Controller, Target::Group(world.fresh("g"))] {
        let response = world.admin().call(&target, &request).await.map_err(text)?;
        equal("brokers", response.brokers.len(), 1)?;
    }
    Ok(())
}

async fn no_broker(world: World) -> Outcome {
    let pairs = [
        ("bootstrap.servers", "127.0.0.1:1"),
        ("default.api.timeout.ms", "700"),
        ("request.timeout.ms", "300"),
    ];
    let admin =
        headwater_client::Admin::from_properties(&world.runtime, &world.with(&pairs)).map_err(text)?;
    let error = admin.list_topics(false).await.err().ok_or("nobody is there")?;
    equal("message", error.message(), "Timed out waiting for a node assignment. Call: listTopics")
}
