//! The port that the demo's gateway listens on.

use tokio::net::TcpListener;

use super::{Error, Screen};

/// PostgreSQL's port.
const DEFAULT: u16 = 5432;
/// How many ports are tried when none was asked for.
const TRIES: u16 = 100;

/// The port that was asked for, or 5432, or the next free one, which is said.
pub(super) async fn bind(wanted: Option<u16>, screen: &Screen) -> Result<(TcpListener, u16), Error> {
    if let Some(port) = wanted {
        let listener = listen(port).await.map_err(|source| Error::Port { port, source })?;
        let port = listener.local_addr().map_err(|source| Error::Port { port, source })?.port();
        return Ok((listener, port));
    }
    for port in DEFAULT..DEFAULT + TRIES {
        if let Ok(listener) = listen(port).await {
            if port != DEFAULT {
                screen.say(&format!("Port {DEFAULT} is taken; the gateway listens on {port}."));
            }
            return Ok((listener, port));
        }
    }
    Err(Error::NoPort { first: DEFAULT, last: DEFAULT + TRIES - 1 })
}

async fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_explicit_port_that_is_taken_is_an_error_of_one_line() {
        let screen = Screen::new();
        let (_held, port) = bind(Some(0), &screen).await.unwrap();
        let error = bind(Some(port), &screen).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("port {port} of 127.0.0.1 cannot be used")), "{error}");
        assert_eq!(error.lines().count(), 1);
    }

    #[tokio::test]
    async fn without_a_wish_the_next_free_port_is_taken() {
        let screen = Screen::new();
        let (_first, one) = bind(None, &screen).await.unwrap();
        let (_second, two) = bind(None, &screen).await.unwrap();
        assert!(one >= DEFAULT && two > one, "{one} {two}");
    }
}
