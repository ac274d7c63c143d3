//! The answers of Apache Kafka to the same requests.

use std::collections::BTreeMap;
use std::path::Path;

use headwater_controller::{Answer, Bootstrap, Input};
use headwater_metadata::MetadataVersion;

use crate::world::{World, config};
use crate::{administration, laws, requests, script};

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/kafka");
    let properties = std::fs::read_to_string(folder.join("broker.properties")).expect("can be read");
    let pairs: Vec<(&str, &str)> = properties.lines().filter_map(|line| line.split_once('=')).collect();
    let mut config = config(1, true, &pairs);
    // Its voters stand in its file.
    config.kraft_version = 0;
    let mut world = World::new(config);
    // Eligible leader replicas are on there, which sets this key for the cluster.
    let cluster = BTreeMap::from([("min.insync.replicas".to_owned(), "1".to_owned())]);
    world.activate(Bootstrap::new(MetadataVersion::LATEST, &BTreeMap::new(), &cluster));
    world.start_broker(1);
    script::check(&folder.join(name), false, |command| {
        if let Some(input) = administration::input(command) {
            return administration::answer(&world.run(input).answer).expect("an answer to its input");
        }
        if command[0][0] == "create" {
            let decision = world.run(Input::CreateTopics(requests::create_request(command)));
            let Answer::CreateTopics(response) = decision.answer else { panic!("wrong answer") };
            requests::create_answer(command, &response, &mut world.ids)
        } else {
            let (request, version) = requests::delete_request(command, &world.ids);
            let decision = world.run(Input::DeleteTopics(request, version));
            let Answer::DeleteTopics(response) = decision.answer else { panic!("wrong answer") };
            requests::delete_answer(command, &response, &world.ids)
        }
    });
    laws::replay(&world);
}

#[test]
fn create_topics_answers_as_apache_kafka() {
    check("create_topics.txt");
}

#[test]
fn administration_answers_as_apache_kafka() {
    check("administration.txt");
}

#[test]
fn delete_topics_answers_as_apache_kafka() {
    check("delete_topics.txt");
}

#[test]
fn topic_keys_are_checked_as_apache_kafka_does() {
    check("topic_configs.txt");
}
