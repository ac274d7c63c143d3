//! What clients do: producers, consumers, those who create and delete topics, and the readers at the end.

pub mod audit;
pub mod churn;
pub mod codes;
pub mod consumer;
pub mod fetch_session;
pub mod groups;
pub mod last_read;
pub mod producer;
pub mod queue;
pub mod record;
pub mod topics;

use std::cell::Cell;
use std::rc::Rc;

use headwater_base::Uuid;

/// A topic that workloads use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: Uuid,
    /// Its number of partitions.
    pub partitions: i32,
    /// acks=all waits for the disk.
    pub on_disk: bool,
    /// Of each key only the last record has to stay.
    pub compacted: bool,
}

/// How a scenario tells its workloads what is wanted of them. Clones are the same switch.
#[derive(Clone, Default)]
pub struct Switch {
    stage: Rc<Cell<Stage>>,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Go on.
    #[default]
    Running,
    /// Bring what was begun to its end, then stop.
    Finishing,
    /// Stop.
    Over,
}

impl Switch {
    /// What is wanted now.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// Changes what is wanted.
    pub fn set(&self, stage: Stage) {
        self.stage.set(stage);
    }
}
