//! FindCoordinator and transactional producers. Last, because the reference creates internal topics for them.

use std::time::Duration;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use headwater_protocol::messages::find_coordinator_response::FindCoordinatorResponse;

use super::state::versions;
use super::target::{Target, body};

/// How often the reference is asked before its coordinators must be there.
const ATTEMPTS: usize = 300;

/// The reference creates the internal topics at the first question and has no coordinators before they are there.
fn warm_up(target: &mut Target) {
    for key_type in [0, 1] {
        let request =
            FindCoordinatorRequest { key_type, coordinator_keys: vec!["k".into()], ..Default::default() };
        for _ in 0..ATTEMPTS {
            let answer: FindCoordinatorResponse = target.call(ApiKey::FindCoordinator, 4, &request);
            if answer.coordinators[0].error_code != ErrorCode::CoordinatorNotAvailable.code() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

pub fn chapter(target: &mut Target) {
    warm_up(target);
    for version in versions::<FindCoordinatorRequest>() {
        for (what, key_type, keys) in [
            ("an unknown type", 3, vec!["k"]),
            ("a type below zero", -1, vec!["k"]),
            ("no keys", 0, vec![]),
            ("a share key that is none", 2, vec!["k"]),
            ("a group", 0, vec!["g"]),
            ("a transaction", 1, vec!["t"]),
        ] {
            if (version < 1 && key_type != 0) || (version < 4 && keys.is_empty()) {
                continue;
            }
            let mut request = FindCoordinatorRequest { key_type, ..FindCoordinatorRequest::default() };
            if version < 4 {
                request.key = keys[0].to_owned();
            } else {
                request.coordinator_keys = keys.iter().map(|key| (*key).to_owned()).collect();
            }
            target.ask_raw(what, ApiKey::FindCoordinator, version, &body(&request, version));
        }
    }
}
