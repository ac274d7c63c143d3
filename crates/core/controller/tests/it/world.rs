//! A controller and its log.

use headwater_base::{NodeId, Offset, Uuid};
use headwater_controller::{Answer, Bootstrap, Context, Controller, ControllerConfig, Decision, Input};
use headwater_protocol::messages::broker_registration_request::{
    BrokerRegistrationRequest, Feature, Listener,
};
use headwater_protocol::metadata::MetadataRecord;

use crate::laws;
use crate::requests::Ids;
use crate::show::Names;

pub struct World {
    pub controller: Controller,
    pub log: Vec<MetadataRecord>,
    pub now_ms: i64,
    pub ids: Ids,
    pub names: Names,
    decisions: u64,
}

pub fn config(node_id: i32, is_broker: bool, pairs: &[(&str, &str)]) -> ControllerConfig {
    ControllerConfig {
        node_id: NodeId(node_id),
        cluster_id: "cluster".to_owned(),
        is_broker,
        static_config: pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        kraft_version: 1,
    }
}

impl World {
    pub fn new(config: ControllerConfig) -> Self {
        Self {
            controller: Controller::new(config),
            log: Vec::new(),
            now_ms: 1_000_000,
            ids: Ids::new(),
            names: Names::default(),
            decisions: 0,
        }
    }

    pub fn end(&self) -> Offset {
        Offset(self.log.len() as i64)
    }

    /// Decides, and carries the decision out.
    pub fn run(&mut self, input: Input) -> Decision {
        self.decisions += 1;
        let context = Context {
            now_ms: self.now_ms,
            next_offset: self.end(),
            random: [self.decisions, !self.decisions],
        };
        let decision = self.controller.decide(&context, input.clone());
        assert_eq!(
            decision,
            self.controller.decide(&context, input),
            "a decision is a function of its input"
        );
        if let Some(level) = decision.kraft_version {
            self.controller.set_kraft_version(level);
        }
        for record in &decision.records {
            self.append(record.clone());
        }
        for soft in &decision.soft {
            self.controller.apply_soft(soft);
        }
        laws::invariants(&self.controller);
        decision
    }

    pub fn append(&mut self, record: MetadataRecord) {
        self.controller.apply(self.end(), &record).expect("what was decided can be applied");
        self.names.learn(&record);
        self.log.push(record);
    }

    pub fn activate(&mut self, bootstrap: Bootstrap) -> Decision {
        self.controller.begin_sessions(self.now_ms);
        self.run(Input::Activate(bootstrap))
    }

    /// A broker with one directory, registered and unfenced.
    pub fn start_broker(&mut self, id: i32) {
        let registered = self.run(Input::RegisterBroker(registration(id, 1, &[id])));
        let Answer::RegisterBroker(response) = registered.answer else {
            panic!("not an answer to registration")
        };
        assert_eq!(response.error_code, 0);
        let heartbeat = headwater_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest {
            broker_id: id,
            broker_epoch: response.broker_epoch,
            current_metadata_offset: self.end().0,
            ..Default::default()
        };
        let beaten = self.run(Input::BrokerHeartbeat(heartbeat));
        assert!(matches!(beaten.answer, Answer::BrokerHeartbeat(response) if !response.is_fenced));
    }
}

/// Directory n of the scripts.
pub fn directory(number: i32) -> Uuid {
    Uuid(1_000 + u128::from(number.unsigned_abs()))
}

pub fn registration(id: i32, incarnation: u32, directories: &[i32]) -> BrokerRegistrationRequest {
    let feature = |(name, range): (&str, headwater_metadata::VersionRange)| Feature {
        name: name.to_owned(),
        min_supported_version: range.min,
        max_supported_version: range.max,
    };
    BrokerRegistrationRequest {
        broker_id: id,
        cluster_id: "cluster".to_owned(),
        incarnation_id: Uuid(5_000 + u128::from(incarnation)),
        listeners: vec![Listener {
            name: "PLAINTEXT".to_owned(),
            host: "localhost".to_owned(),
            port: 9092,
            security_protocol: 0,
        }],
        features: headwater_controller::features::stated().map(feature).collect(),
        rack: None,
        log_dirs: directories.iter().copied().map(directory).collect(),
        ..BrokerRegistrationRequest::default()
    }
}
