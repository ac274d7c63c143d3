//! Records in random but valid order, from a seed.

use headwater_base::Uuid;
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::access_control_entry_record::AccessControlEntryRecord;
use headwater_protocol::metadata::broker_registration_change_record::BrokerRegistrationChangeRecord;
use headwater_protocol::metadata::clear_elr_record::ClearElrRecord;
use headwater_protocol::metadata::client_quota_record::{ClientQuotaRecord, EntityData};
use headwater_protocol::metadata::config_record::ConfigRecord;
use headwater_protocol::metadata::delegation_token_record::DelegationTokenRecord;
use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;
use headwater_protocol::metadata::fence_broker_record::FenceBrokerRecord;
use headwater_protocol::metadata::no_op_record::NoOpRecord;
use headwater_protocol::metadata::partition_change_record::PartitionChangeRecord;
use headwater_protocol::metadata::partition_record::PartitionRecord;
use headwater_protocol::metadata::producer_ids_record::ProducerIdsRecord;
use headwater_protocol::metadata::register_broker_record::{
    BrokerEndpoint, BrokerFeature, RegisterBrokerRecord,
};
use headwater_protocol::metadata::register_controller_record::RegisterControllerRecord;
use headwater_protocol::metadata::remove_access_control_entry_record::RemoveAccessControlEntryRecord;
use headwater_protocol::metadata::remove_delegation_token_record::RemoveDelegationTokenRecord;
use headwater_protocol::metadata::remove_topic_record::RemoveTopicRecord;
use headwater_protocol::metadata::remove_user_scram_credential_record::RemoveUserScramCredentialRecord;
use headwater_protocol::metadata::topic_record::TopicRecord;
use headwater_protocol::metadata::unfence_broker_record::UnfenceBrokerRecord;
use headwater_protocol::metadata::unregister_broker_record::UnregisterBrokerRecord;
use headwater_protocol::metadata::user_scram_credential_record::UserScramCredentialRecord;
use headwater_protocol::metadata::zk_migration_state_record::ZkMigrationStateRecord;

/// A sequence of random numbers.
pub struct Seeded(u64);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    fn ids(&mut self) -> Vec<i32> {
        (0..=self.below(3)).map(|_| self.below(5) as i32).collect()
    }

    fn maybe(&mut self) -> Option<Vec<i32>> {
        self.flag().then(|| self.ids())
    }
}

/// What exists, so that records can mean it.
#[derive(Default)]
pub struct Existing {
    topics: Vec<(String, Uuid, Vec<i32>)>,
    brokers: Vec<(i32, i64)>,
    acls: Vec<Uuid>,
    next: u128,
}

impl Existing {
    /// A record that can follow; those that would need something that does not exist become a NoOp.
    pub fn record(&mut self, random: &mut Seeded) -> MetadataRecord {
        match random.below(10) {
            0 | 1 => self.topic_record(random),
            2..=4 => self.partition_record(random),
            5 | 6 => self.broker_record(random),
            7 => config_record(random),
            _ => self.other_record(random),
        }
    }

    fn fresh(&mut self) -> Uuid {
        self.next += 1;
        Uuid(self.next << 64 | self.next)
    }

    fn topic_record(&mut self, random: &mut Seeded) -> MetadataRecord {
        match random.below(4) {
            0 if !self.topics.is_empty() => {
                let index = random.below(self.topics.len() as u64) as usize;
                let (_, topic_id, _) = self.topics.swap_remove(index);
                RemoveTopicRecord { topic_id }.into()
            }
            1 => {
                let chosen = self.topics.get(random.below(4) as usize);
                ClearElrRecord { topic_name: chosen.map_or(String::new(), |(name, _, _)| name.clone()) }
                    .into()
            }
            _ => {
                let name = format!("topic{}", random.below(12));
                if self.topics.iter().any(|(existing, _, _)| *existing == name) {
                    return NoOpRecord {}.into();
                }
                let topic_id = self.fresh();
                self.topics.push((name.clone(), topic_id, Vec::new()));
                TopicRecord { name, topic_id }.into()
            }
        }
    }

    fn partition_record(&mut self, random: &mut Seeded) -> MetadataRecord {
        if self.topics.is_empty() {
            return NoOpRecord {}.into();
        }
        let index = random.below(self.topics.len() as u64) as usize;
        let (_, topic_id, partitions) = &mut self.topics[index];
        if !partitions.is_empty() && random.below(3) > 0 {
            let partition_id = partitions[random.below(partitions.len() as u64) as usize];
            let replicas = random.maybe();
            let directories = replicas.as_ref().map(|replicas| vec![Uuid(1); replicas.len()]);
            return PartitionChangeRecord {
                partition_id,
                topic_id: *topic_id,
                isr: random.maybe(),
                leader: random.below(5) as i32 - 2,
                replicas,
                removing_replicas: random.maybe(),
                adding_replicas: random.maybe(),
                leader_recovery_state: random.below(3) as i8 - 1,
                directories,
                eligible_leader_replicas: random.maybe(),
                last_known_elr: random.maybe(),
            }
            .into();
        }
        let partition_id = random.below(6) as i32;
        if !partitions.contains(&partition_id) {
            partitions.push(partition_id);
        }
        let replicas = random.ids();
        PartitionRecord {
            partition_id,
            topic_id: *topic_id,
            directories: if random.flag() { Vec::new() } else { vec![Uuid(300); replicas.len()] },
            isr: random.ids(),
            removing_replicas: random.ids(),
            adding_replicas: random.ids(),
            leader: random.below(3) as i32 - 1,
            leader_recovery_state: random.below(2) as i8,
            leader_epoch: random.below(9) as i32,
            partition_epoch: random.below(9) as i32,
            eligible_leader_replicas: random.maybe(),
            last_known_elr: random.maybe(),
            replicas,
        }
        .into()
    }

    fn broker_record(&mut self, random: &mut Seeded) -> MetadataRecord {
        let chosen = self.brokers.get(random.below(4) as usize).copied();
        let Some((id, epoch)) = chosen.filter(|_| random.below(3) > 0) else {
            let broker_id = random.below(6) as i32;
            let broker_epoch = random.below(1000) as i64;
            self.brokers.retain(|(id, _)| *id != broker_id);
            self.brokers.push((broker_id, broker_epoch));
            let name = |n| format!("name{n}");
            return RegisterBrokerRecord {
                broker_id,
                is_migrating_zk_broker: random.flag(),
                incarnation_id: self.fresh(),
                broker_epoch,
                end_points: (0..random.below(3))
                    .map(|n| BrokerEndpoint { name: name(n), host: name(n), port: 9, security_protocol: 2 })
                    .collect(),
                features: (0..random.below(3))
                    .map(|n| BrokerFeature {
                        name: name(n),
                        min_supported_version: 0,
                        max_supported_version: 3,
                    })
                    .collect(),
                rack: random.flag().then(|| name(7)),
                fenced: random.flag(),
                in_controlled_shutdown: random.flag(),
                log_dirs: (0..random.below(3)).map(|n| Uuid(900 - u128::from(n))).collect(),
                cordoned_log_dirs: random.flag().then(|| vec![Uuid(900)]),
            }
            .into();
        };
        match random.below(5) {
            0 => {
                self.brokers.retain(|(broker, _)| *broker != id);
                UnregisterBrokerRecord { broker_id: id, broker_epoch: epoch }.into()
            }
            1 => FenceBrokerRecord { id, epoch }.into(),
            2 => UnfenceBrokerRecord { id, epoch }.into(),
            _ => BrokerRegistrationChangeRecord {
                broker_id: id,
                broker_epoch: epoch,
                fenced: random.below(3) as i8 - 1,
                in_controlled_shutdown: random.below(2) as i8,
                log_dirs: (0..random.below(3)).map(|n| Uuid(800 - u128::from(n))).collect(),
                cordoned_log_dirs: random.flag().then(|| vec![Uuid(800)]),
            }
            .into(),
        }
    }

    fn other_record(&mut self, random: &mut Seeded) -> MetadataRecord {
        let user = format!("user{}", random.below(4));
        let mechanism = 1 + random.below(2) as i8;
        match random.below(11) {
            0 => {
                let id = self.fresh();
                self.acls.push(id);
                AccessControlEntryRecord { id, principal: user, ..AccessControlEntryRecord::default() }.into()
            }
            1 if !self.acls.is_empty() => {
                let index = random.below(self.acls.len() as u64) as usize;
                RemoveAccessControlEntryRecord { id: self.acls.swap_remove(index) }.into()
            }
            2 => UserScramCredentialRecord {
                name: user,
                mechanism,
                salt: vec![1],
                stored_key: vec![2, 3],
                server_key: vec![],
                iterations: random.below(9000) as i32,
            }
            .into(),
            3 => RemoveUserScramCredentialRecord { name: user, mechanism }.into(),
            4 => DelegationTokenRecord { token_id: user, ..DelegationTokenRecord::default() }.into(),
            5 => RemoveDelegationTokenRecord { token_id: user }.into(),
            6 => quota_record(random, user),
            7 => ProducerIdsRecord {
                next_producer_id: random.below(1 << 40) as i64,
                ..ProducerIdsRecord::default()
            }
            .into(),
            8 => feature_record(random),
            9 => RegisterControllerRecord {
                controller_id: random.below(3) as i32,
                incarnation_id: self.fresh(),
                ..RegisterControllerRecord::default()
            }
            .into(),
            _ => ZkMigrationStateRecord::default().into(),
        }
    }
}

fn feature_record(random: &mut Seeded) -> MetadataRecord {
    let (name, feature_level) = match random.below(3) {
        0 => ("metadata.version", 30),
        1 => ("kraft.version", 1),
        _ => ("group.version", random.below(2) as i16),
    };
    FeatureLevelRecord { name: name.to_owned(), feature_level }.into()
}

fn quota_record(random: &mut Seeded, user: String) -> MetadataRecord {
    let entity_name = random.flag().then_some(user);
    ClientQuotaRecord {
        entity: vec![EntityData { entity_type: "user".to_owned(), entity_name }],
        key: format!("key{}", random.below(3)),
        value: random.below(100) as f64 / 8.0,
        remove: random.below(3) == 0,
    }
    .into()
}

fn config_record(random: &mut Seeded) -> MetadataRecord {
    ConfigRecord {
        resource_type: [2, 4, 8, 16, 32][random.below(5) as usize],
        resource_name: format!("topic{}", random.below(12)),
        name: format!("key{}", random.below(3)),
        value: random.flag().then(|| random.below(10).to_string()),
    }
    .into()
}
