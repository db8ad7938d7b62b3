//! Errors of TLS, with what can be done about them.

use std::io;

use rustls::{AlertDescription, CertificateError, Error, InconsistentKeys};

/// An error of a stream, if it is one of TLS. `identity`: whether the client has a certificate.
pub(super) fn stream(error: &io::Error, identity: bool) -> Option<String> {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return Some(match error {
            Error::InvalidCertificate(reason) => certificate(reason),
            Error::AlertReceived(alert) => refusal(*alert, identity),
            Error::InvalidMessage(_) => {
                "the peer does not speak TLS: is this the member's TLS port, and TLS enabled there?"
                    .to_owned()
            }
            Error::PeerIncompatible(_) => {
                format!("{error}: the member must allow TLS 1.2 or 1.3 with usual ciphers")
            }
            error => error.to_string(),
        });
    }
    // tokio-rustls's own words.
    (error.kind() == io::ErrorKind::UnexpectedEof && error.to_string().contains("tls handshake eof")).then(
        || "the peer closed the connection during the handshake: is TLS enabled on the member?".to_owned(),
    )
}

fn certificate(error: &CertificateError) -> String {
    match error {
        // The latter: by another one of the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "the member's certificate is not signed by a trusted one: \
             name the file with the CA's certificate"
                .to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let detail = match error {
                CertificateError::NotValidForNameContext { expected, presented } => {
                    format!(" ({} is not among {})", expected.to_str(), names(presented))
                }
                _ => String::new(),
            };
            format!(
                "the member's certificate is for another name{detail}: \
                 set the server name that it is for, or switch the check of host names off"
            )
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the member's certificate has expired: it must be renewed (or is this machine's clock wrong?)"
                .to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the member's certificate is not valid yet: is this machine's clock wrong?".to_owned()
        }
        error => format!("the member's certificate can't be accepted: {error}"),
    }
}

fn names(presented: &[String]) -> String {
    if presented.is_empty() { "no names".to_owned() } else { presented.join(", ") }
}

/// What the member didn't like about us.
fn refusal(alert: AlertDescription, identity: bool) -> String {
    use AlertDescription as Alert;
    match alert {
        Alert::CertificateRequired | Alert::NoCertificate => {
            "the member wants a certificate of the client's (mutual TLS): name certificate and private key"
                .to_owned()
        }
        Alert::BadCertificate
        | Alert::UnknownCA
        | Alert::CertificateUnknown
        | Alert::UnsupportedCertificate
        | Alert::CertificateExpired
        | Alert::CertificateRevoked
        | Alert::AccessDenied
        | Alert::DecryptError => {
            format!(
                "the member refused the client's certificate ({alert:?}): is it signed by a CA that the member trusts, and valid?"
            )
        }
        Alert::HandshakeFailure if !identity => {
            "the member refused the handshake: it may want a certificate of the client's (mutual TLS)"
                .to_owned()
        }
        alert => format!("the member refused the handshake ({alert:?})"),
    }
}

/// Why a certificate and a key can't be used together.
pub(super) fn identity(error: &Error) -> String {
    match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            "it does not belong to the client's certificate".to_owned()
        }
        error => format!("it can't be used: {error}"),
    }
}
