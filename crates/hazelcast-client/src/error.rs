//! What can go wrong, as one enum that can be asked.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the client, of the connection to a member, or of the member itself.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A member refused the cluster name or the credentials. An open-source member answers a wrong cluster name
    /// and wrong credentials alike.
    #[error("{address} refused this client: {status}")]
    Authentication {
        /// The address of the member that refused.
        address: String,
        /// Why it refused.
        status: AuthenticationStatus,
    },
    /// No member can be asked at the moment.
    #[error("not connected to the cluster: {0}")]
    NotConnected(String),
    /// The connection to a member was lost while a request was under way.
    #[error("connection to {address} lost: {reason}")]
    ConnectionLost {
        /// The address of the member.
        address: String,
        /// Why the connection ended.
        reason: String,
        /// Whether the request may have reached the member (if not, it is safe to send it again).
        sent: bool,
    },
    /// A connection could not be made.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// The address that was tried.
        address: String,
        /// The error of the operating system.
        source: Arc<io::Error>,
    },
    /// TLS with a member failed; the reason says what can be done.
    #[error("TLS with {address} failed: {reason}")]
    Tls {
        /// The address that was tried.
        address: String,
        /// What failed, and what can be done.
        reason: String,
    },
    /// Something took longer than it may.
    #[error("{what} took longer than {limit:?}")]
    Timeout {
        /// What was being waited for.
        what: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// The statement was cancelled by its [`CancelHandle`](crate::CancelHandle).
    #[error("statement was cancelled{}", if *.may_go_on { "; the cluster may still be running it" } else { "" })]
    Cancelled {
        /// The cluster can't cancel statements that change data: such a statement may go on.
        may_go_on: bool,
    },
    /// Too many statements or connections are waiting.
    #[error("{0}")]
    Overloaded(&'static str),
    /// An error of the SQL engine.
    #[error("{0}")]
    Sql(Box<SqlError>),
    /// An exception of a member, outside its SQL engine.
    #[error("{0}")]
    Member(Box<MemberError>),
    /// A member sent what this client can't read.
    #[error("unreadable message from the member: {0}")]
    Protocol(String),
    /// An argument or a setting that can't be used.
    #[error("{0}")]
    InvalidArgument(String),
    /// The client was shut down.
    #[error("the client was shut down")]
    ClientClosed,
}

/// Why a member refused a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthenticationStatus {
    /// Wrong cluster name or wrong credentials.
    CredentialsFailed,
    /// The member speaks another version of the serialization.
    SerializationVersionMismatch,
    /// The client was excluded from the cluster.
    NotAllowedInCluster,
    /// A status that this client doesn't know.
    Other(u8),
}

impl std::fmt::Display for AuthenticationStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CredentialsFailed => f.write_str("wrong cluster name or wrong credentials"),
            Self::SerializationVersionMismatch => f.write_str("serialization version mismatch"),
            Self::NotAllowedInCluster => f.write_str("client not allowed in the cluster"),
            Self::Other(status) => write!(f, "authentication status {status}"),
        }
    }
}

/// An error of Hazelcast's SQL engine (`SqlError` of the protocol).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// One of [`sql_error_code`].
    pub code: i32,
    /// The message as the member sent it. It can be missing.
    pub message: Option<String>,
    /// What would help, for instance a `CREATE MAPPING` statement for a map that has no mapping yet.
    pub suggestion: Option<String>,
    /// The member where the error arose.
    pub origin: Option<Uuid>,
}

impl SqlError {
    /// The message without Jet's wrappers: what follows the last `QueryException: `, else the whole message.
    pub fn root_message(&self) -> &str {
        let message = self.message.as_deref().unwrap_or("");
        message.rsplit_once("QueryException: ").map_or(message, |(_, root)| root)
    }
}

impl std::fmt::Display for SqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{message} (SQL error {})", self.code),
            None => write!(f, "SQL error {}", self.code),
        }
    }
}

/// The codes of [`SqlError`] (`SqlErrorCode` of Hazelcast).
pub mod sql_error_code {
    /// Any error without a code of its own.
    pub const GENERIC: i32 = -1;
    /// A connection between members, or to the client, was lost.
    pub const CONNECTION_PROBLEM: i32 = 1001;
    /// The query was closed by the client.
    pub const CANCELLED_BY_USER: i32 = 1003;
    /// The query took too long.
    pub const TIMEOUT: i32 = 1004;
    /// The partitions moved while the query was being planned.
    pub const PARTITION_DISTRIBUTION: i32 = 1005;
    /// The map is still being loaded by its map store.
    pub const MAP_LOADING_IN_PROGRESS: i32 = 1007;
    /// A syntax error, or one found in validation.
    pub const PARSING: i32 = 1008;
    /// The index that the plan uses is gone.
    pub const INDEX_INVALID: i32 = 1009;
    /// A relation is unknown.
    pub const OBJECT_NOT_FOUND: i32 = 1010;
    /// A member left during the query.
    pub const TOPOLOGY_CHANGE: i32 = 1011;
    /// An error after which the query may be run again.
    pub const RESTARTABLE_ERROR: i32 = 1012;
    /// A conversion, overflow, division by zero, or wrong parameters.
    pub const DATA_EXCEPTION: i32 = 2000;
}

/// An exception of a member, as it travels in an error message of type 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberError {
    /// The exception and its causes, outermost first. Never empty.
    pub causes: Vec<ErrorCause>,
}

/// One exception in the chain of a [`MemberError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCause {
    /// One of [`member_error_code`]; 0 when the class is not among the known ones.
    pub code: i32,
    /// The name of the Java class.
    pub class_name: String,
    /// The message. It can be missing.
    pub message: Option<String>,
}

impl MemberError {
    /// The code of the outermost exception.
    pub fn code(&self) -> i32 {
        self.causes.first().map_or(0, |cause| cause.code)
    }
}

impl std::fmt::Display for MemberError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.causes.first() {
            Some(ErrorCause { message: Some(message), class_name, .. }) => {
                write!(f, "{class_name}: {message}")
            }
            Some(cause) => f.write_str(&cause.class_name),
            None => f.write_str("exception without a description"),
        }
    }
}

/// Some codes of [`ErrorCause`] (`ClientProtocolErrorCodes` of Hazelcast).
pub mod member_error_code {
    /// The request needs an authenticated connection.
    pub const AUTHENTICATION: i32 = 3;
    /// The caller of an operation left the cluster.
    pub const CALLER_NOT_MEMBER: i32 = 8;
    /// The member is starting or stopping.
    pub const INSTANCE_NOT_ACTIVE: i32 = 19;
    /// The member has too much to do.
    pub const OVERLOAD: i32 = 20;
    /// A value that the member can't serialize or deserialize.
    pub const SERIALIZATION: i32 = 21;
    /// An error of input or output.
    pub const IO: i32 = 22;
    /// A wrong argument.
    pub const ILLEGAL_ARGUMENT: i32 = 23;
    /// A member left.
    pub const MEMBER_LEFT: i32 = 33;
    /// The partition is moving.
    pub const PARTITION_MIGRATING: i32 = 39;
    /// An operation to be repeated.
    pub const RETRYABLE: i32 = 46;
    /// An operation to be repeated after an error of input or output.
    pub const RETRYABLE_IO: i32 = 47;
    /// The client may not do this.
    pub const SECURITY: i32 = 49;
    /// The target of the operation was lost.
    pub const TARGET_DISCONNECTED: i32 = 52;
    /// The target of the operation is no member.
    pub const TARGET_NOT_MEMBER: i32 = 53;
    /// The member doesn't know the request.
    pub const UNSUPPORTED_OPERATION: i32 = 61;
    /// The partition is owned by another member.
    pub const WRONG_TARGET: i32 = 62;
    /// A permission is missing.
    pub const ACCESS_CONTROL: i32 = 64;
    /// A Java error: a failed assertion.
    pub const ASSERTION_ERROR: i32 = 71;
    /// A Java error: the member's memory is used up.
    pub const OUT_OF_MEMORY: i32 = 72;
    /// Nobody knows whether the operation was done: a backup did not confirm it, or its member was lost.
    pub const INDETERMINATE_OPERATION_STATE: i32 = 80;
    /// The member is no replica of the data structure.
    pub const TARGET_NOT_REPLICA: i32 = 82;
    /// The member can't take another entry into its log now.
    pub const CANNOT_REPLICATE: i32 = 90;
}

impl Error {
    /// Whether the request may have been carried out, in whole or in part, although it failed: its connection was lost
    /// after it was sent, its time was over, its member left or was ending, or it failed while it ran. What changes data
    /// must not be sent again then, unless it may be done twice.
    pub fn may_have_been_done(&self) -> bool {
        use member_error_code as member;
        use sql_error_code as sql;
        match self {
            Self::ConnectionLost { sent, .. } => *sent,
            Self::Timeout { .. } | Self::Protocol(_) => true,
            Self::Cancelled { may_go_on } => *may_go_on,
            Self::Sql(error) => !matches!(
                error.code,
                sql::PARSING
                    | sql::OBJECT_NOT_FOUND
                    | sql::INDEX_INVALID
                    | sql::PARTITION_DISTRIBUTION
                    | sql::MAP_LOADING_IN_PROGRESS
            ),
            // Of these the member says that it has not begun.
            Self::Member(error) => !matches!(
                error.code(),
                member::AUTHENTICATION
                    | member::CALLER_NOT_MEMBER
                    | member::OVERLOAD
                    | member::ILLEGAL_ARGUMENT
                    | member::PARTITION_MIGRATING
                    | member::RETRYABLE
                    | member::RETRYABLE_IO
                    | member::SECURITY
                    | member::TARGET_NOT_MEMBER
                    | member::UNSUPPORTED_OPERATION
                    | member::WRONG_TARGET
                    | member::ACCESS_CONTROL
                    | member::TARGET_NOT_REPLICA
                    | member::CANNOT_REPLICATE
            ),
            _ => false,
        }
    }

    /// Whether the same request can be expected to succeed later, without any change: connections, moving partitions,
    /// members that left. A request whose connection was lost after it was sent is *not* retryable: nobody knows whether
    /// it was done; if it only reads, it may be sent again all the same. A request that changes data must in addition not
    /// [have been done](Self::may_have_been_done).
    pub fn is_retryable(&self) -> bool {
        use member_error_code as member;
        use sql_error_code as sql;
        match self {
            Self::NotConnected(_) | Self::Connect { .. } | Self::Overloaded(_) => true,
            Self::ConnectionLost { sent, .. } => !sent,
            Self::Sql(error) => matches!(
                error.code,
                sql::CONNECTION_PROBLEM
                    | sql::PARTITION_DISTRIBUTION
                    | sql::MAP_LOADING_IN_PROGRESS
                    | sql::INDEX_INVALID
                    | sql::TOPOLOGY_CHANGE
                    | sql::RESTARTABLE_ERROR
            ),
            Self::Member(error) => matches!(
                error.code(),
                member::CALLER_NOT_MEMBER
                    | member::INSTANCE_NOT_ACTIVE
                    | member::OVERLOAD
                    | member::MEMBER_LEFT
                    | member::PARTITION_MIGRATING
                    | member::RETRYABLE
                    | member::RETRYABLE_IO
                    | member::TARGET_NOT_MEMBER
                    | member::WRONG_TARGET
                    | member::TARGET_NOT_REPLICA
                    | member::CANNOT_REPLICATE
            ),
            _ => false,
        }
    }

    /// The code that the cluster gave: of [`sql_error_code`] for [`Error::Sql`], of [`member_error_code`] for [`Error::Member`].
    pub fn code(&self) -> Option<i32> {
        match self {
            Self::Sql(error) => Some(error.code),
            Self::Member(error) => Some(error.code()),
            _ => None,
        }
    }

    /// Whether a time limit was the reason.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout { .. }) || self.code() == Some(sql_error_code::TIMEOUT)
    }

    /// Whether the connection to the cluster (not the request) is the problem.
    pub fn is_connection_problem(&self) -> bool {
        matches!(
            self,
            Self::NotConnected(_)
                | Self::ConnectionLost { .. }
                | Self::Connect { .. }
                | Self::Tls { .. }
                | Self::Authentication { .. }
        ) || self.code() == Some(sql_error_code::CONNECTION_PROBLEM)
    }
}

/// Bytes that don't follow the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Self::Protocol(malformed.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(code: i32) -> Error {
        let cause = ErrorCause { code, class_name: "C".to_owned(), message: None };
        Error::Member(Box::new(MemberError { causes: vec![cause] }))
    }

    fn sql(code: i32) -> Error {
        Error::Sql(Box::new(SqlError { code, message: None, suggestion: None, origin: None }))
    }

    #[test]
    fn what_may_have_been_done_is_told_apart() {
        for error in [
            member(member_error_code::MEMBER_LEFT),
            member(member_error_code::INSTANCE_NOT_ACTIVE),
            sql(sql_error_code::TOPOLOGY_CHANGE),
            sql(sql_error_code::RESTARTABLE_ERROR),
        ] {
            assert!(error.is_retryable() && error.may_have_been_done(), "{error:?}");
        }
        for error in [
            member(member_error_code::PARTITION_MIGRATING),
            member(member_error_code::WRONG_TARGET),
            sql(sql_error_code::PARTITION_DISTRIBUTION),
            Error::ConnectionLost { address: String::new(), reason: String::new(), sent: false },
        ] {
            assert!(error.is_retryable() && !error.may_have_been_done(), "{error:?}");
        }
        let lost = Error::ConnectionLost { address: String::new(), reason: String::new(), sent: true };
        assert!(!lost.is_retryable() && lost.may_have_been_done());
    }
}
