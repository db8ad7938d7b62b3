//! TLS to the members, by rustls: what to trust, who we are, whether names are checked.

mod explain;
mod key;
mod pem;
mod verify;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::error::{Error, Result};

/// How to speak TLS with the members (TLS 1.2 or 1.3). Hazelcast Cloud hands out everything that is set here.
///
/// Without anything set, a member's certificate must be signed by one that the system trusts, and must be for the name or
/// address that the member is reached at.
#[derive(Clone)]
#[must_use]
pub struct Tls {
    ca: Option<Pem>,
    identity: Option<Identity>,
    check_hostname: bool,
    server_name: Option<String>,
}

/// A certificate of the client's with its key.
#[derive(Clone)]
struct Identity {
    certificate: Pem,
    key: Pem,
    password: Option<String>,
}

/// PEM text, or where it is.
#[derive(Clone)]
pub(crate) enum Pem {
    File(PathBuf),
    Bytes(Vec<u8>),
}

impl Pem {
    fn read(&self) -> Result<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::File(path) => std::fs::read(path)
                .map_err(|error| Error::InvalidArgument(format!("cannot read {}: {error}", path.display()))),
        }
    }

    /// The error of what it contains.
    fn wrong(&self, what: &str, reason: impl fmt::Display) -> Error {
        Error::InvalidArgument(match self {
            Self::File(path) => format!("{what} {}: {reason}", path.display()),
            Self::Bytes(_) => format!("{what}: {reason}"),
        })
    }
}

impl fmt::Debug for Tls {
    /// Without keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("own_ca", &self.ca.is_some())
            .field("identity", &self.identity.is_some())
            .field("check_hostname", &self.check_hostname)
            .field("server_name", &self.server_name)
            .finish()
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self::new()
    }
}

impl Tls {
    /// With the certificates that the system trusts (`SSL_CERT_FILE` counts), and without a certificate of our own.
    pub fn new() -> Self {
        Self { ca: None, identity: None, check_hostname: true, server_name: None }
    }

    pub(crate) fn ca(mut self, ca: Pem) -> Self {
        self.ca = Some(ca);
        self
    }

    /// A PEM file with the certificates that members' certificates must be signed by, instead of those that the system
    /// trusts (`ssl_cafile` of Python's client).
    pub fn ca_file(self, path: impl Into<PathBuf>) -> Self {
        self.ca(Pem::File(path.into()))
    }

    /// The same, as its content.
    pub fn ca_pem(self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca(Pem::Bytes(pem.into()))
    }

    /// PEM files with the client's certificate (and those that lead from it to the CA) and its private key, for mutual
    /// TLS. The key may be encrypted, as PKCS#8 or in OpenSSL's older form (`ssl_certfile`, `ssl_keyfile`, `ssl_password`).
    pub fn identity_files(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
        key_password: Option<&str>,
    ) -> Self {
        let (certificate, key) = (Pem::File(certificate.into()), Pem::File(key.into()));
        self.identity = Some(Identity { certificate, key, password: key_password.map(str::to_owned) });
        self
    }

    /// The same, as their content.
    pub fn identity_pem(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
        key_password: Option<&str>,
    ) -> Self {
        let (certificate, key) = (Pem::Bytes(certificate.into()), Pem::Bytes(key.into()));
        self.identity = Some(Identity { certificate, key, password: key_password.map(str::to_owned) });
        self
    }

    /// The name that members' certificates must be for, whatever they are reached at.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Whether the name in a certificate is checked; `true` unless set, unlike in Java's and Python's clients. That the
    /// certificate is signed by a trusted one is checked in any case.
    pub fn check_hostname(mut self, check: bool) -> Self {
        self.check_hostname = check;
        self
    }

    /// Reads all files. `usual_name`: the name to be checked when none is set.
    pub(crate) fn connector(&self, usual_name: Option<&str>) -> Result<Connector> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = Arc::new(self.roots()?);
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::InvalidArgument(error.to_string()))?;
        let builder = match self.check_hostname {
            true => builder.with_root_certificates(roots),
            false => {
                let verifier =
                    verify::AnyName { roots, algorithms: provider.signature_verification_algorithms };
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
        };
        let config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = identity.read()?;
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(|error| identity.key.wrong("private key", explain::identity(&error)))?
            }
        };
        let name = self.server_name.as_deref().or(usual_name);
        let name = name.map(|name| {
            ServerName::try_from(name.to_owned())
                .map_err(|_| Error::InvalidArgument(format!("not a server name: \"{name}\"")))
        });
        Ok(Connector {
            tls: TlsConnector::from(Arc::new(config)),
            name: name.transpose()?,
            identity: self.identity.is_some(),
        })
    }

    fn roots(&self) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        let Some(ca) = &self.ca else {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                let reason = found.errors.first().map_or_else(String::new, |error| format!(" ({error})"));
                return Err(Error::InvalidArgument(format!(
                    "this system has no trusted certificates{reason}: install ca-certificates, or name a CA file"
                )));
            }
            return Ok(roots);
        };
        for certificate in certificates(ca, "CA")? {
            roots.add(certificate).map_err(|error| ca.wrong("CA", error))?;
        }
        Ok(roots)
    }
}

impl Identity {
    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, rustls::pki_types::PrivateKeyDer<'static>)> {
        let chain = certificates(&self.certificate, "client certificate")?;
        let key = key::private_key(&self.key.read()?, self.password.as_deref())
            .map_err(|reason| self.key.wrong("private key", reason))?;
        Ok((chain, key))
    }
}

fn certificates(pem: &Pem, what: &str) -> Result<Vec<CertificateDer<'static>>> {
    let content = pem.read()?;
    let sections = pem::sections(&content).map_err(|reason| pem.wrong(what, reason))?;
    let found: Vec<_> = sections
        .into_iter()
        .filter(|section| {
            matches!(section.label.as_str(), "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE")
        })
        .map(|section| CertificateDer::from(section.content))
        .collect();
    if found.is_empty() {
        return Err(pem.wrong(what, pem::what_instead(&content, "-----BEGIN CERTIFICATE-----")));
    }
    Ok(found)
}

/// Makes TLS streams of TCP streams.
pub(crate) struct Connector {
    tls: TlsConnector,
    /// The name to be checked instead of the host's.
    name: Option<ServerName<'static>>,
    identity: bool,
}

impl Connector {
    pub(crate) async fn connect<S>(
        &self,
        stream: S,
        host: &str,
    ) -> std::io::Result<tokio_rustls::client::TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => ServerName::try_from(host.to_owned()).map_err(|_| {
                std::io::Error::other(format!("\"{host}\" can be no server name: set the name to be checked"))
            })?,
        };
        self.tls.connect(name, stream).await
    }

    /// What an error of a stream of this means, and what can be done, if it is an error of TLS.
    pub(crate) fn explain(&self, error: &std::io::Error) -> Option<String> {
        explain::stream(error, self.identity)
    }
}
