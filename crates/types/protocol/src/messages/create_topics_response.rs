//! `CreateTopicsResponse`: key 19, versions 2 to 7.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(CreateTopicsResponse, "CreateTopicsResponse", 19, 2..=7, 5, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateTopicsResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<CreatableTopicResult>,
}

impl CreateTopicsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let m = Self { throttle_time_ms: r.i32(), topics: r.array(flex, 6, v, CreatableTopicResult::get) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.i32(self.throttle_time_ms);
        w.array(flex, &self.topics, v, CreatableTopicResult::put);
        if flex {
            w.no_tags();
        }
    }
}

impl CreateTopicsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.topics {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicResult {
    pub name: String,
    pub topic_id: Uuid,
    pub error_code: i16,
    pub error_message: Option<String>,
    pub topic_config_error_code: i16,
    pub num_partitions: i32,
    pub replication_factor: i16,
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

impl Default for CreatableTopicResult {
    fn default() -> Self {
        Self {
            name: String::new(),
            topic_id: Uuid::ZERO,
            error_code: 0,
            error_message: Some(String::new()),
            topic_config_error_code: 0,
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Vec::new()),
        }
    }
}

impl CreatableTopicResult {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let mut m = Self {
            name: r.string(flex),
            topic_id: if v >= 7 { r.uuid() } else { Uuid::ZERO },
            error_code: r.i16(),
            error_message: r.nullable_string(flex, true),
            topic_config_error_code: 0,
            num_partitions: if v >= 5 { r.i32() } else { -1 },
            replication_factor: if v >= 5 { r.i16() } else { -1 },
            configs: if v >= 5 {
                r.nullable_array(flex, true, 6, v, CreatableTopicConfigs::get)
            } else {
                Some(Vec::new())
            },
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 => m.topic_config_error_code = r.i16(),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.string(flex, &self.name);
        if v >= 7 {
            w.uuid(self.topic_id);
        }
        w.i16(self.error_code);
        w.nullable_string(flex, true, self.error_message.as_deref());
        if v >= 5 {
            w.i32(self.num_partitions);
        }
        if v >= 5 {
            w.i16(self.replication_factor);
        }
        if v >= 5 {
            w.nullable_array(flex, true, self.configs.as_deref(), v, CreatableTopicConfigs::put);
        }
        if flex {
            let mut tags = w.tags();
            if self.topic_config_error_code != 0 {
                tags.open(w, 0);
                w.i16(self.topic_config_error_code);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

impl CreatableTopicResult {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        visit(self.topic_config_error_code);
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfigs {
    pub name: String,
    pub value: Option<String>,
    pub read_only: bool,
    pub config_source: i8,
    pub is_sensitive: bool,
}

impl Default for CreatableTopicConfigs {
    fn default() -> Self {
        Self {
            name: String::new(),
            value: Some(String::new()),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
        }
    }
}

impl CreatableTopicConfigs {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            name: r.string(true),
            value: r.nullable_string(true, true),
            read_only: r.bool(),
            config_source: r.i8(),
            is_sensitive: r.bool(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.nullable_string(true, true, self.value.as_deref());
        w.bool(self.read_only);
        w.i8(self.config_source);
        w.bool(self.is_sensitive);
        w.no_tags();
    }
}
