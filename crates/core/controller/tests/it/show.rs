//! Records and state as short lines.

use std::collections::BTreeMap;

use headwater_base::Uuid;
use headwater_controller::Controller;
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::broker_registration_change_record::BrokerRegistrationChangeRecord;
use headwater_protocol::metadata::partition_change_record::PartitionChangeRecord;
use headwater_protocol::metadata::partition_record::PartitionRecord;
use headwater_protocol::metadata::register_broker_record::RegisterBrokerRecord;

/// Names of topics, also of deleted ones.
#[derive(Default)]
pub struct Names(BTreeMap<Uuid, String>);

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn directories(ids: &[Uuid]) -> String {
    let name = |id: &Uuid| match id.0 {
        0 => "migrating".to_owned(),
        1 => "unassigned".to_owned(),
        2 => "lost".to_owned(),
        number => (number - 1_000).to_string(),
    };
    list(&ids.iter().map(name).collect::<Vec<_>>())
}

impl Names {
    pub fn learn(&mut self, record: &MetadataRecord) {
        if let MetadataRecord::Topic(topic) = record {
            self.0.insert(topic.topic_id, topic.name.clone());
        }
    }

    fn of(&self, id: Uuid) -> &str {
        self.0.get(&id).map_or("?", String::as_str)
    }

    /// One record.
    pub fn show(&self, record: &MetadataRecord) -> String {
        use MetadataRecord as R;
        match record {
            R::Topic(r) => format!("Topic {}", r.name),
            R::RemoveTopic(r) => format!("RemoveTopic {}", self.of(r.topic_id)),
            R::Partition(r) => self.partition(r),
            R::PartitionChange(r) => self.partition_change(r),
            R::RegisterBroker(r) => register_broker(r),
            R::BrokerRegistrationChange(r) => registration_change(r),
            R::UnregisterBroker(r) => format!("UnregisterBroker {} epoch={}", r.broker_id, r.broker_epoch),
            R::RegisterController(r) => format!("RegisterController {}", r.controller_id),
            R::FeatureLevel(r) => format!("FeatureLevel {}={}", r.name, r.feature_level),
            R::ProducerIds(r) => format!("ProducerIds next={} broker={}", r.next_producer_id, r.broker_id),
            R::Config(r) => {
                let value = r.value.as_deref().unwrap_or("null");
                format!("Config {}:{} {}={value}", r.resource_type, r.resource_name, r.name)
            }
            R::BeginTransaction(r) => format!("BeginTransaction {:?}", r.name.as_deref().unwrap_or("")),
            R::EndTransaction(_) => "EndTransaction".to_owned(),
            R::AbortTransaction(r) => format!("AbortTransaction {:?}", r.reason.as_deref().unwrap_or("")),
            other => format!("{other:?}"),
        }
    }

    fn partition(&self, r: &PartitionRecord) -> String {
        format!(
            "Partition {}-{} replicas={} directories={} isr={} leader={} epochs={}/{}",
            self.of(r.topic_id),
            r.partition_id,
            list(&r.replicas),
            directories(&r.directories),
            list(&r.isr),
            r.leader,
            r.leader_epoch,
            r.partition_epoch
        )
    }

    fn partition_change(&self, r: &PartitionChangeRecord) -> String {
        let mut line = format!("PartitionChange {}-{}", self.of(r.topic_id), r.partition_id);
        let lists = [
            ("isr", &r.isr),
            ("replicas", &r.replicas),
            ("removing", &r.removing_replicas),
            ("adding", &r.adding_replicas),
            ("elr", &r.eligible_leader_replicas),
        ];
        if r.leader != -2 {
            line += &format!(" leader={}", r.leader);
        }
        for (name, ids) in lists {
            if let Some(ids) = ids {
                line += &format!(" {name}={}", list(ids));
            }
        }
        if let Some(ids) = &r.directories {
            line += &format!(" directories={}", directories(ids));
        }
        if r.leader_recovery_state != -1 {
            line += &format!(" recovery={}", r.leader_recovery_state);
        }
        line
    }
}

fn register_broker(r: &RegisterBrokerRecord) -> String {
    let mut line = format!(
        "RegisterBroker {} epoch={} incarnation={} directories={}",
        r.broker_id,
        r.broker_epoch,
        r.incarnation_id.0 - 5_000,
        directories(&r.log_dirs)
    );
    line += r.rack.as_ref().map_or(String::new(), |rack| format!(" rack={rack}")).as_str();
    line += if r.fenced { " fenced" } else { "" };
    line + if r.in_controlled_shutdown { " in-controlled-shutdown" } else { "" }
}

fn registration_change(r: &BrokerRegistrationChangeRecord) -> String {
    let mut line = format!("BrokerRegistrationChange {} epoch={}", r.broker_id, r.broker_epoch);
    line += match r.fenced {
        -1 => " unfenced",
        1 => " fenced",
        _ => "",
    };
    if r.in_controlled_shutdown != 0 {
        line += " in-controlled-shutdown";
    }
    if !r.log_dirs.is_empty() {
        line += &format!(" directories={}", directories(&r.log_dirs));
    }
    if let Some(cordoned) = &r.cordoned_log_dirs {
        line += &format!(" cordoned={}", directories(cordoned));
    }
    line
}

/// Brokers and partitions as they are.
pub fn state(controller: &Controller) -> Vec<String> {
    let image = controller.image();
    let mut lines = Vec::new();
    for broker in image.cluster.brokers() {
        let mut line = format!("broker {} epoch={}", broker.id, broker.epoch);
        line += if broker.fenced { " fenced" } else { " unfenced" };
        line += if broker.in_controlled_shutdown { " in-controlled-shutdown" } else { "" };
        line += &format!(" directories={}", directories(&broker.directories));
        lines.push(line);
    }
    for topic in image.topics.iter() {
        for (index, partition) in topic.partitions() {
            lines.push(format!(
                "{}-{index} replicas={} isr={} leader={} epochs={}/{}{}",
                topic.name,
                list(&partition.replicas),
                list(&partition.isr),
                partition.leader,
                partition.leader_epoch,
                partition.partition_epoch,
                if partition.leader_recovery_state.code() == 1 { " recovering" } else { "" },
            ));
        }
    }
    for (resource, configs) in image.configs.iter() {
        for (name, value) in configs.iter() {
            lines.push(format!("config {}:{} {name}={value}", resource.kind.0, resource.name));
        }
    }
    if let Some(next) = image.next_producer_id {
        lines.push(format!("next producer id {next}"));
    }
    lines
}
