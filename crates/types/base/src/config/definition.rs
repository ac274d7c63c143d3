//! What a configuration key is: one row of a table (`org.apache.kafka.common.config.ConfigDef.ConfigKey`).

/// The type of a key's values (`ConfigDef.Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`, in any case.
    Boolean,
    /// 16 bits, signed.
    Short,
    /// 32 bits, signed.
    Int,
    /// 64 bits, signed.
    Long,
    /// 64-bit floating point.
    Double,
    /// Text without blanks at its ends.
    Text,
    /// Texts between commas.
    List,
    /// Name of a Java class.
    Class,
    /// Text that is never shown.
    Password,
}

impl Kind {
    /// Kafka's name of the type, which appears in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "BOOLEAN",
            Kind::Short => "SHORT",
            Kind::Int => "INT",
            Kind::Long => "LONG",
            Kind::Double => "DOUBLE",
            Kind::Text => "STRING",
            Kind::List => "LIST",
            Kind::Class => "CLASS",
            Kind::Password => "PASSWORD",
        }
    }
}

/// What holds when a key is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// There is none: the key must be set.
    Required,
    /// The key then has no value.
    Null,
    /// This text, parsed like a set one.
    Text(&'static str),
}

/// The rule that a parsed value must obey (`ConfigDef.Validator`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Check {
    /// Every value of the type.
    Any,
    /// A number not below this.
    AtLeast(f64),
    /// A number between the two, both included.
    Between(f64, f64),
    /// −1, or between 1 and 9: the levels of gzip.
    GzipLevel,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of these texts, in any case.
    OneOfAnyCase(&'static [&'static str]),
    /// A list; what is named twice counts once.
    ListOf {
        /// What an entry may be; everything when empty.
        of: &'static [&'static str],
        /// Whether the list may have no entry.
        may_be_empty: bool,
    },
    /// A text that is not empty, or no value.
    NotEmpty,
    /// Any value but none.
    NotNull,
    /// `partition:broker` pairs, or `*` alone.
    ThrottledReplicas,
    /// `id@host:port` entries.
    Voters,
    /// `host:port` entries.
    HostPorts,
    /// `earliest`, `latest` or `by_duration:` with a duration in ISO 8601.
    OffsetReset,
}

/// How much a key matters to an operator (`ConfigDef.Importance`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// Look at it first.
    High,
    /// Look at it when tuning.
    Medium,
    /// Leave it alone.
    Low,
}

/// Where and when a key can be set (`DynamicBrokerConfig.dynamicConfigUpdateModes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In the node's file only.
    ReadOnly,
    /// While it runs, for one broker.
    PerBroker,
    /// While it runs, for one broker or for all.
    ClusterWide,
    /// On a topic.
    Topic,
    /// On a group.
    Group,
    /// On a subscription to client metrics.
    ClientMetrics,
}

/// What this build does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It has the effect that Kafka documents.
    Used,
    /// Known, without effect; setting it draws a warning.
    Ignored,
    /// Known, without effect, and meant to restrict something: setting it to anything but its default is an error, so
    /// that nobody believes in a protection that is not there.
    Restricts,
}

/// One configuration key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    /// The key.
    pub name: &'static str,
    /// Type of its values.
    pub kind: Kind,
    /// What holds when it is not set.
    pub default: Fallback,
    /// The rule for values.
    pub check: Check,
    /// How much it matters.
    pub importance: Importance,
    /// Where and when it can be set.
    pub scope: Scope,
    /// Kafka hides it from documentation.
    pub internal: bool,
    /// What we do with it.
    pub support: Support,
    /// What it is for, in one sentence.
    pub documentation: &'static str,
}

impl Definition {
    /// True when its values must never be shown.
    #[must_use]
    pub const fn is_sensitive(&self) -> bool {
        matches!(self.kind, Kind::Password)
    }

    const fn of(kind: Kind, name: &'static str, default: Fallback) -> Self {
        Self {
            name,
            kind,
            default,
            check: Check::Any,
            importance: Importance::Medium,
            scope: Scope::ReadOnly,
            internal: false,
            support: Support::Ignored,
            documentation: "",
        }
    }

    /// With this rule for values.
    #[must_use]
    pub const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }
    /// With numbers not below this.
    #[must_use]
    pub const fn at_least(self, least: f64) -> Self {
        self.check(Check::AtLeast(least))
    }
    /// With numbers between the two.
    #[must_use]
    pub const fn between(self, least: f64, most: f64) -> Self {
        self.check(Check::Between(least, most))
    }
    /// With entries out of these, at least one.
    #[must_use]
    pub const fn list_of(self, of: &'static [&'static str]) -> Self {
        self.check(Check::ListOf { of, may_be_empty: false })
    }
    /// With entries out of these.
    #[must_use]
    pub const fn maybe_empty_list_of(self, of: &'static [&'static str]) -> Self {
        self.check(Check::ListOf { of, may_be_empty: true })
    }
    /// Of high importance.
    #[must_use]
    pub const fn high(mut self) -> Self {
        self.importance = Importance::High;
        self
    }
    /// Of low importance.
    #[must_use]
    pub const fn low(mut self) -> Self {
        self.importance = Importance::Low;
        self
    }
    /// Settable for one broker while it runs.
    #[must_use]
    pub const fn per_broker(mut self) -> Self {
        self.scope = Scope::PerBroker;
        self
    }
    /// Settable for one broker or all while they run.
    #[must_use]
    pub const fn cluster_wide(mut self) -> Self {
        self.scope = Scope::ClusterWide;
        self
    }
    /// Settable on a topic.
    #[must_use]
    pub const fn topic(mut self) -> Self {
        self.scope = Scope::Topic;
        self
    }
    /// Settable on a group.
    #[must_use]
    pub const fn group(mut self) -> Self {
        self.scope = Scope::Group;
        self
    }
    /// Settable on a subscription to client metrics.
    #[must_use]
    pub const fn client_metrics(mut self) -> Self {
        self.scope = Scope::ClientMetrics;
        self
    }
    /// Hidden from documentation.
    #[must_use]
    pub const fn internal(mut self) -> Self {
        self.internal = true;
        self
    }
    /// With the effect that Kafka documents.
    #[must_use]
    pub const fn used(mut self) -> Self {
        self.support = Support::Used;
        self
    }
    /// An error when set, as it would restrict something.
    #[must_use]
    pub const fn restricts(mut self) -> Self {
        self.support = Support::Restricts;
        self
    }
    /// With this sentence.
    #[must_use]
    pub const fn doc(mut self, documentation: &'static str) -> Self {
        self.documentation = documentation;
        self
    }
}

/// In a row: the key has no default and must be set.
pub const REQUIRED: Fallback = Fallback::Required;
/// In a row: the key has no value unless it is set.
pub const NULL: Fallback = Fallback::Null;
/// In a row: the default's text.
pub const fn is(text: &'static str) -> Fallback {
    Fallback::Text(text)
}

/// A row of a boolean key.
#[must_use]
pub const fn boolean(name: &'static str, default: Fallback) -> Definition {
    Definition::of(Kind::Boolean, name, default)
}
/// A row of a 16-bit key.
#[must_use]
pub const fn short(name: &'static str, default: Fallback) -> Definition {
    Definition::of(Kind::Short, name, default)
}
/// A row of a 32-bit key.
#[must_use]
pub const fn int(name: &'static str, default: Fallback) -> Definition {
    Definition::of(Kind::Int, name, default)
}
/// A row of a 64-bit key.
#[must_use]
pub const fn long(name: &'static str, default: Fallback) -> Definition {
    Definition::of(Kind::Long, name, default)
}
/// A row of a floating point key.
#[must_use]
pub const fn double(name: &'static str, default: Fallback) -> Definition {
    Definition::of(Kind::Double, name, default)
}
/// A row of a text key.
#[must_use]
pub const fn text(name: &'static str, default: Fallback) -> Definition {
    Definition::of(Kind::Text, name, default)
}
/// A row of a list key.
#[must_use]
pub const fn list(name: &'static str, default: Fallback) -> Definition {
    Definition::of(Kind::List, name, default)
}
/// A row of a class key.
#[must_use]
pub const fn class(name: &'static str, default: Fallback) -> Definition {
    Definition::of(Kind::Class, name, default)
}
/// A row of a secret key.
#[must_use]
pub const fn password(name: &'static str, default: Fallback) -> Definition {
    Definition::of(Kind::Password, name, default)
}
