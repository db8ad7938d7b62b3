//! The Open Binary Client Protocol 2.x: frames, messages and their contents, without any I/O.

pub(crate) mod auth;
pub(crate) mod cluster;
pub(crate) mod exception;
pub(crate) mod frame;
#[cfg(test)]
mod fuzz;
pub(crate) mod map;
pub(crate) mod message;
pub(crate) mod page;
#[cfg(test)]
mod pages;
pub(crate) mod request;
pub(crate) mod sql;
pub(crate) mod stream;
#[cfg(test)]
mod vectors;

/// Message types: service, method, and 0 for a request, 1 for its response, 2 and more for its events.
pub(crate) mod message_type {
    pub(crate) const EXCEPTION: i32 = 0;
    pub(crate) const AUTHENTICATION: i32 = 0x00_0100;
    pub(crate) const AUTHENTICATION_CUSTOM: i32 = 0x00_0200;
    pub(crate) const ADD_CLUSTER_VIEW_LISTENER: i32 = 0x00_0300;
    pub(crate) const MEMBERS_VIEW_EVENT: i32 = 0x00_0302;
    pub(crate) const PARTITIONS_VIEW_EVENT: i32 = 0x00_0303;
    pub(crate) const GET_DISTRIBUTED_OBJECTS: i32 = 0x00_0800;
    pub(crate) const PING: i32 = 0x00_0B00;
    pub(crate) const TRIGGER_PARTITION_ASSIGNMENT: i32 = 0x00_1000;
    pub(crate) const MAP_PUT: i32 = 0x01_0100;
    pub(crate) const MAP_GET: i32 = 0x01_0200;
    pub(crate) const MAP_REMOVE: i32 = 0x01_0300;
    pub(crate) const MAP_REPLACE: i32 = 0x01_0400;
    pub(crate) const MAP_REPLACE_IF_SAME: i32 = 0x01_0500;
    pub(crate) const MAP_CONTAINS_KEY: i32 = 0x01_0600;
    pub(crate) const MAP_REMOVE_IF_SAME: i32 = 0x01_0800;
    pub(crate) const MAP_DELETE: i32 = 0x01_0900;
    pub(crate) const MAP_PUT_IF_ABSENT: i32 = 0x01_0E00;
    pub(crate) const MAP_SET: i32 = 0x01_0F00;
    pub(crate) const MAP_ADD_ENTRY_LISTENER: i32 = 0x01_1900;
    pub(crate) const MAP_REMOVE_ENTRY_LISTENER: i32 = 0x01_1A00;
    pub(crate) const MAP_ENTRY_EVENT: i32 = 0x01_1902;
    pub(crate) const MAP_GET_ALL: i32 = 0x01_2300;
    pub(crate) const MAP_ENTRY_SET: i32 = 0x01_2500;
    pub(crate) const MAP_SIZE: i32 = 0x01_2A00;
    pub(crate) const MAP_PUT_ALL: i32 = 0x01_2C00;
    pub(crate) const MAP_CLEAR: i32 = 0x01_2D00;
    pub(crate) const SQL_CLOSE: i32 = 0x21_0300;
    pub(crate) const SQL_EXECUTE: i32 = 0x21_0400;
    pub(crate) const SQL_FETCH: i32 = 0x21_0500;
    pub(crate) const SQL_MAPPING_DDL: i32 = 0x21_0600;
}
