//! The one HTTP request that discovery needs.

use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT_CHARSET, HOST};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::error::{Error, Result};
use crate::tls::{Connector, Tls};

/// How long the service may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const MAX_ANSWER: usize = 1 << 20;

/// A resource of a service.
pub(super) struct Service {
    host: String,
    port: u16,
    /// Host and port as the request names them.
    authority: String,
    /// Nothing: plain HTTP.
    tls: Option<Connector>,
    path: String,
    /// Without the token, for messages.
    name: String,
}

impl Service {
    pub(super) fn new(base: &str, path: &str, tls: &Tls) -> Result<Self> {
        let wrong = || {
            Error::InvalidArgument(format!(
                "not the address of a discovery service: \"{base}\" (https://HOST[:PORT] is expected)"
            ))
        };
        let uri: Uri = base.trim_end_matches('/').parse().map_err(|_| wrong())?;
        let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']).to_string();
        let (tls, usual) = match uri.scheme_str() {
            Some("https") => (Some(tls.connector(None)?), 443),
            Some("http") => (None, 80),
            _ => return Err(wrong()),
        };
        let port = uri.port_u16().unwrap_or(usual);
        let authority = uri.authority().ok_or_else(wrong)?.to_string();
        let path = format!("{}{path}", uri.path().trim_end_matches('/'));
        Ok(Self { host, port, authority, tls, path, name: base.to_string() })
    }

    /// The content of the resource. The error says what was asked, but not the token.
    pub(super) async fn get(&self) -> std::result::Result<Bytes, String> {
        let answer = tokio::time::timeout(PATIENCE, self.ask()).await;
        let answer = answer.unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")));
        answer.map_err(|reason| format!("discovery service {}: {reason}", self.name))
    }

    async fn ask(&self) -> std::result::Result<Bytes, String> {
        let text = |error: std::io::Error| error.to_string();
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(text)?;
        match &self.tls {
            None => self.exchange(stream).await,
            Some(tls) => {
                let explain =
                    |error: std::io::Error| tls.explain(&error).unwrap_or_else(|| error.to_string());
                self.exchange(tls.connect(stream, &self.host).await.map_err(explain)?).await
            }
        }
    }

    async fn exchange<S>(&self, stream: S) -> std::result::Result<Bytes, String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let text = |error: hyper::Error| error.to_string();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(text)?;
        let request = Request::get(&self.path)
            .header(HOST, &self.authority)
            .header(ACCEPT_CHARSET, "UTF-8")
            .body(Empty::<Bytes>::new())
            .map_err(|_| "the token can't be sent".to_string())?;
        let answer = async {
            let response = sender.send_request(request).await.map_err(text)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
            let body = body.map_err(|error| error.to_string())?.to_bytes();
            if status == StatusCode::OK { Ok(body) } else { Err(refusal(status, &body)) }
        };
        // The connection must be driven while the answer is awaited, and ends with it.
        tokio::pin!(connection);
        tokio::pin!(answer);
        tokio::select! {
            biased;
            answer = &mut answer => answer,
            ended = &mut connection => match ended {
                Ok(()) => answer.await,
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

/// Anything but 200: the body says why, for instance that the token is unknown.
fn refusal(status: StatusCode, body: &[u8]) -> String {
    let body: String = String::from_utf8_lossy(body).trim().chars().take(200).collect();
    let reason = if body.is_empty() { String::new() } else { format!(": {body}") };
    format!("{status}{reason} (check the discovery token)")
}
