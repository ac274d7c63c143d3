//! Rules about groups that span several keys (`GroupCoordinatorConfig`'s and `ShareGroupConfig`'s constructors), in the
//! order in which the reference applies them.

use super::Values;
use crate::config::value::ConfigError;

/// Assignors of consumer groups. Others would be classes of Java.
const CONSUMER_ASSIGNORS: [&str; 2] = ["uniform", "range"];

/// Checks what is set for groups.
pub(super) fn check(values: &Values) -> Result<(), ConfigError> {
    if let Some(other) = values
        .list("group.consumer.assignors")
        .iter()
        .find(|name| !CONSUMER_ASSIGNORS.contains(&name.as_str()))
    {
        return Err(ConfigError(format!("Class {other} cannot be found")));
    }
    ["consumer", "share", "streams"].iter().try_for_each(|kind| bounds(values, kind))?;
    let (standby, most) = ("group.streams.num.standby.replicas", "group.streams.max.standby.replicas");
    at_most(values, standby, most)
}

/// The bounds of one protocol's times.
fn bounds(values: &Values, kind: &str) -> Result<(), ConfigError> {
    let keys = |what: &str| ["", "min.", "max."].map(|middle| format!("group.{kind}.{middle}{what}.ms"));
    let [heartbeat, least_heartbeat, most_heartbeat] = keys("heartbeat.interval");
    let [session, least_session, most_session] = keys("session.timeout");
    let [assignment, least_assignment, most_assignment] = keys("assignment.interval");
    at_least(values, &most_heartbeat, &least_heartbeat)?;
    at_least(values, &heartbeat, &least_heartbeat)?;
    at_most(values, &heartbeat, &most_heartbeat)?;
    at_least(values, &most_session, &least_session)?;
    at_least(values, &session, &least_session)?;
    at_most(values, &session, &most_session)?;
    if values.long(&heartbeat) >= values.long(&session) {
        return Err(ConfigError(format!("{heartbeat} must be less than {session}")));
    }
    at_least(values, &most_assignment, &least_assignment)?;
    at_least(values, &assignment, &least_assignment)?;
    at_most(values, &assignment, &most_assignment)
}

fn at_least(values: &Values, key: &str, least: &str) -> Result<(), ConfigError> {
    if values.long(key) >= values.long(least) {
        return Ok(());
    }
    Err(ConfigError(format!("{key} must be greater than or equal to {least}")))
}

fn at_most(values: &Values, key: &str, most: &str) -> Result<(), ConfigError> {
    if values.long(key) <= values.long(most) {
        return Ok(());
    }
    Err(ConfigError(format!("{key} must be less than or equal to {most}")))
}

/// Classic groups are always served; the reference says so when it is started.
pub(super) fn check_protocols(values: &Values) -> Result<(), ConfigError> {
    if values
        .list("group.coordinator.rebalance.protocols")
        .iter()
        .any(|name| name.eq_ignore_ascii_case("classic"))
    {
        return Ok(());
    }
    Err(ConfigError("Disabling the 'classic' protocol is not supported.".to_owned()))
}
