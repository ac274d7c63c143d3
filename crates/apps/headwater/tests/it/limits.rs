//! Limits of connections, as clients meet them (case E1).

use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use headwater_protocol::ApiKey;
use headwater_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use headwater_protocol::messages::incremental_alter_configs_response::IncrementalAlterConfigsResponse;
use headwater_protocol::messages::metadata_request::MetadataRequest;

use crate::client::{Client, frame};
use crate::node::{Folder, Node, log_of};

/// Longer than an answer takes.
const MOMENT: Duration = Duration::from_millis(400);

/// Asks without waiting for the answer.
fn ask(client: &mut Client) {
    client.send_raw(&frame(ApiKey::Metadata, 12, 1, &MetadataRequest::default())).unwrap();
}

/// Whether an answer comes within `time`; the connection stays open either way.
fn is_answered(client: &mut Client, time: Duration) -> bool {
    client.stream.set_read_timeout(Some(time)).unwrap();
    let mut length = [0; 4];
    let answered = client.stream.read_exact(&mut length).is_ok();
    if answered {
        let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
        client.stream.read_exact(&mut bytes).unwrap();
    }
    client.stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    answered
}

#[test]
fn e1_a_connection_past_the_limit_waits_for_its_turn() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &["max.connections=3"]);
    let mut clients: Vec<Client> = (0..3).map(|_| node.client()).collect();
    assert!(clients.iter_mut().all(Client::is_served));
    let mut late = node.client();
    ask(&mut late);
    assert!(!is_answered(&mut late, MOMENT), "it is not refused, and not served");
    assert!(clients.iter_mut().all(Client::is_served), "those that are there notice nothing");
    clients.pop();
    assert!(is_answered(&mut late, Duration::from_secs(20)));
    assert!(log_of(&folder).contains("new connections wait"), "{}", log_of(&folder));
}

#[test]
fn e1_a_limit_that_is_raised_while_somebody_waits_lets_him_in() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &["max.connections=1"]);
    let mut client = node.client();
    assert!(client.is_served());
    let mut late = node.client();
    ask(&mut late);
    assert!(!is_answered(&mut late, MOMENT));
    alter(&mut client, "max.connections", "2");
    assert!(is_answered(&mut late, Duration::from_secs(20)));
}

/// Changes the configuration of all brokers.
fn alter(client: &mut Client, name: &str, value: &str) {
    let config =
        AlterableConfig { name: name.to_owned(), config_operation: 0, value: Some(value.to_owned()) };
    let resource =
        AlterConfigsResource { resource_type: 4, resource_name: String::new(), configs: vec![config] };
    let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
    let answer: IncrementalAlterConfigsResponse = client.call(ApiKey::IncrementalAlterConfigs, 1, &request);
    assert_eq!(answer.responses[0].error_code, 0, "{:?}", answer.responses[0].error_message);
}

#[test]
fn e1_the_limit_of_one_address_changes_while_the_node_runs() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &["max.connections.per.ip.overrides=localhost:1"]);
    let mut client = node.client();
    assert!(client.is_served());
    assert!(node.client().receive().is_none(), "closed at once");
    alter(&mut client, "max.connections.per.ip.overrides", "127.0.0.1:2");
    let begun = Instant::now();
    let _second = loop {
        let mut next = node.client();
        ask(&mut next);
        if next.receive().is_some() {
            break next;
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
    };
    assert!(node.client().receive().is_none(), "two, and no more");
}

#[test]
fn e1_an_address_with_too_many_connections_is_refused() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &["max.connections.per.ip=2"]);
    let mut clients: Vec<Client> = (0..2).map(|_| node.client()).collect();
    assert!(clients.iter_mut().all(Client::is_served));
    for _ in 0..20 {
        assert!(node.client().receive().is_none(), "closed at once");
    }
    assert!(clients.iter_mut().all(Client::is_served));
    clients.pop();
    // The node hears of it in its own time.
    let begun = Instant::now();
    loop {
        let mut next = node.client();
        ask(&mut next);
        if next.receive().is_some() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
    let log = log_of(&folder);
    let lines = log.lines().filter(|line| line.contains("max.connections.per.ip (2) is reached")).count();
    assert!((1..=6).contains(&lines), "one line a second at most:\n{log}");
}

#[test]
fn e1_connections_that_come_too_quickly_are_slowed_down() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &["max.connection.creation.rate=10"]);
    let mut first = node.client();
    assert!(first.is_served());
    let begun = Instant::now();
    // Ten seconds' worth is let through at once, as in Kafka; then the rate is kept.
    let mut clients: Vec<Client> = (0..115).map(|_| node.client()).collect();
    for client in &mut clients {
        ask(client);
        assert!(client.receive().is_some(), "nobody is refused");
    }
    let took = begun.elapsed();
    assert!(took > Duration::from_millis(1_000), "{took:?}");
    assert!(first.is_served());
}

#[test]
fn e1_one_listener_can_have_limits_of_its_own_and_that_of_the_brokers_is_always_reached() {
    let folder = Folder::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listeners =
        format!("listeners=PLAINTEXT://127.0.0.1:0,INTERNAL://127.0.0.1:{free},CONTROLLER://127.0.0.1:0");
    let overrides = [
        &listeners,
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name=INTERNAL",
        "max.connections=2",
        "listener.name.internal.max.connections=2",
    ];
    let node = Node::start_with(&folder, &overrides);
    let mut quiet = node.client();
    assert!(quiet.is_served());
    let mut busy = node.client();
    assert!(busy.is_served());
    let mut late = node.client();
    ask(&mut late);
    assert!(!is_answered(&mut late, MOMENT));
    assert!(busy.is_served());
    // A broker comes, whatever the clients do; the one who was quiet for longest makes room.
    let internal = SocketAddr::from(([127, 0, 0, 1], free));
    let mut broker = Client::connect(internal);
    assert!(broker.is_served());
    assert!(quiet.receive().is_none());
    assert!(busy.is_served());
    let mut second = Client::connect(internal);
    assert!(second.is_served());
    let mut third = Client::connect(internal);
    ask(&mut third);
    assert!(!is_answered(&mut third, MOMENT), "its own limit holds");
    drop(second);
    assert!(is_answered(&mut third, Duration::from_secs(20)));
}

#[test]
fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let folder = Folder::new();
    let node = Node::start_with(
        &folder,
        &["connections.max.idle.ms=600", "connection.failed.authentication.delay.ms=100"],
    );
    let (mut idle, mut busy) = (node.client(), node.client());
    assert!(idle.is_served());
    for _ in 0..12 {
        assert!(busy.is_served());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(idle.receive().is_none());
    assert!(busy.is_served());
}
