//! The transport: messages in, messages out, over gRPC and through the other doors.
//!
//! Proto types begin and end here. Messages become checked facts, refusals become statuses by
//! one table, and nothing that is no decision looks like one.

mod time;
mod status;
mod drain;
mod places;
mod rates;
mod rooms;
mod prescan;
mod arrival;
mod record;
mod desk;
mod access;
pub(crate) mod connections;
mod guard;
mod counted;
mod request;
mod attributes;
mod explanation;
mod facts;
mod catalogue;
mod decision;
mod policy;
mod decision_service;
mod policy_service;
mod services;
mod health;
pub(crate) mod doors;
pub mod codec;

pub(crate) use self::access::Access;
pub(crate) use self::counted::counted;
pub(crate) use embargo_proto::ERROR_DOMAIN;
#[cfg(test)]
pub(crate) use embargo_proto::FILE_DESCRIPTOR_SET;

pub(crate) use self::drain::Drain;
pub(crate) use self::guard::Guard;
pub(crate) use self::health::Health;
pub use self::policy_service::run_confined;
pub use self::rooms::Limits;
pub(crate) use self::services::services;
pub(crate) use self::status::code_name;
pub(crate) use self::status::limit_words;
