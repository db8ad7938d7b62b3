//! A PostgreSQL client that hides nothing: every message of the server can be looked at, byte for byte.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than anything takes that does not hang.
const PATIENCE: Duration = Duration::from_secs(120);
/// Rows come faster than their parts are asked for.
const READ_AHEAD: usize = 64 << 10;

/// A message of the server: its type and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub tag: u8,
    pub body: Vec<u8>,
}

/// A column of a result as RowDescription tells it, less the table it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub oid: u32,
    pub size: i16,
    pub modifier: i32,
    pub format: i16,
}

/// The fields of an error or a notice, by their letters.
pub type Fields = BTreeMap<char, String>;

/// A value as it came over the wire.
pub type Cell = Option<Vec<u8>>;

/// Everything that one statement was answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The parameters' types, when they were asked for.
    pub parameters: Vec<u32>,
    /// The columns; `None` when the statement gives no rows.
    pub columns: Option<Vec<Column>>,
    pub rows: Vec<Vec<Cell>>,
    /// The command tag.
    pub tag: Option<String>,
    pub error: Option<Fields>,
    pub notices: Vec<Fields>,
}

impl Reply {
    /// The rows as text, NULL as `None`.
    pub fn texts(&self) -> Vec<Vec<Option<String>>> {
        let text = |cell: &Cell| cell.as_ref().map(|b| String::from_utf8_lossy(b).into_owned());
        self.rows.iter().map(|row| row.iter().map(text).collect()).collect()
    }

    /// The only value of the only row.
    pub fn value(&self) -> String {
        match self.texts().as_slice() {
            [row] if row.len() == 1 => row[0].clone().unwrap_or_default(),
            _ => panic!("not one value: {self:?}"),
        }
    }

    /// The error's SQLSTATE.
    pub fn sqlstate(&self) -> Option<&str> {
        self.error.as_ref()?.get(&'C').map(String::as_str)
    }

    /// The reply, unless it is an error.
    pub fn ok(self) -> Reply {
        assert!(self.error.is_none(), "{:?}", self.error);
        self
    }
}

/// A connection.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
    /// What ParameterStatus told.
    pub settings: BTreeMap<String, String>,
    /// What a cancel request needs.
    pub key: Vec<u8>,
    port: u16,
}

impl Client {
    /// Connects as `demo`, without a password.
    pub fn connect(port: u16) -> Client {
        Client::try_connect(port).unwrap_or_else(|error| panic!("connecting to port {port}: {error:?}"))
    }

    /// The same; the error's fields when the server refuses.
    pub fn try_connect(port: u16) -> Result<Client, Fields> {
        Client::start(port, &[("user", "postgres"), ("database", "postgres"), ("client_encoding", "UTF8")])
    }

    /// Connects with the given startup parameters.
    pub fn start(port: u16, parameters: &[(&str, &str)]) -> Result<Client, Fields> {
        let mut client = Client::raw(port);
        let mut body = 196_608_i32.to_be_bytes().to_vec();
        for (name, value) in parameters {
            body.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
        }
        body.push(0);
        let mut packet = (body.len() as i32 + 4).to_be_bytes().to_vec();
        packet.extend(body);
        client.write(&packet);
        loop {
            let message = client.read();
            match message.tag {
                b'Z' => return Ok(client),
                b'E' => return Err(fields(&message.body)),
                b'S' => {
                    let (name, rest) = text(&message.body);
                    client.settings.insert(name, text(rest).0);
                }
                b'K' => client.key = message.body,
                b'R' | b'N' => (),
                _ => panic!("unexpected during startup: {message:?}"),
            }
        }
    }

    /// A socket on which nothing was said yet.
    pub fn raw(port: u16) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap_or_else(|e| panic!("port {port}: {e}"));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let stream = BufReader::with_capacity(READ_AHEAD, stream);
        Client { stream, settings: BTreeMap::new(), key: Vec::new(), port }
    }

    /// Sends bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("the server takes what is sent");
    }

    /// Sends bytes to a server that may have hung up.
    pub fn try_write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// The next message.
    pub fn read(&mut self) -> Message {
        self.try_read().expect("the server answers").expect("the server keeps the connection")
    }

    /// The next message, or `None` when the server has closed the connection.
    pub fn try_read(&mut self) -> std::io::Result<Option<Message>> {
        let mut head = [0; 5];
        match self.stream.read_exact(&mut head) {
            Ok(()) => (),
            Err(e)
                if matches!(
                    e.kind(),
                    std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionReset
                ) =>
            {
                return Ok(None);
            }
            Err(e) => return Err(e),
        }
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length - 4];
        self.stream.read_exact(&mut body)?;
        Ok(Some(Message { tag: head[0], body }))
    }

    /// One byte that is no message: the answer to SSLRequest.
    pub fn read_byte(&mut self) -> u8 {
        let mut byte = [0];
        self.stream.read_exact(&mut byte).expect("the server answers");
        byte[0]
    }

    /// Everything up to ReadyForQuery, which is left out.
    pub fn until_ready(&mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        loop {
            let message = self.read();
            if message.tag == b'Z' {
                return messages;
            }
            messages.push(message);
        }
    }

    /// Runs a text of one or more statements in the simple protocol: one reply for each.
    pub fn simple(&mut self, sql: &str) -> Vec<Reply> {
        self.write(&message(b'Q', &[sql.as_bytes(), b"\0"].concat()));
        replies(self.until_ready())
    }

    /// Runs a text in the simple protocol; what went wrong when the server hung up or does not answer.
    pub fn try_simple(&mut self, sql: &str) -> Result<Vec<Reply>, String> {
        self.try_write(&message(b'Q', &[sql.as_bytes(), b"\0"].concat())).map_err(|e| e.to_string())?;
        self.try_replies()
    }

    /// The replies to what was sent.
    fn try_replies(&mut self) -> Result<Vec<Reply>, String> {
        let mut messages = Vec::new();
        loop {
            match self.try_read() {
                Ok(Some(Message { tag: b'Z', .. })) => return Ok(replies(messages)),
                Ok(Some(message)) => messages.push(message),
                Ok(None) => return Err("the server closed the connection".into()),
                Err(error) => return Err(format!("no answer: {error}")),
            }
        }
    }

    /// Runs one statement in the simple protocol.
    pub fn query(&mut self, sql: &str) -> Reply {
        let mut replies = self.simple(sql);
        assert_eq!(replies.len(), 1, "{sql}: {replies:?}");
        replies.remove(0)
    }

    /// Runs one statement in the extended protocol: text parameters, results in the given format.
    pub fn extended(&mut self, sql: &str, parameters: &[Option<&str>], format: i16) -> Reply {
        self.write(&prepared(sql, parameters, format));
        let mut replies = replies(self.until_ready());
        assert_eq!(replies.len(), 1, "{sql}: {replies:?}");
        replies.remove(0)
    }

    /// The same; what went wrong when the server hung up or does not answer.
    pub fn try_extended(
        &mut self,
        sql: &str,
        parameters: &[Option<&str>],
        format: i16,
    ) -> Result<Vec<Reply>, String> {
        self.try_write(&prepared(sql, parameters, format)).map_err(|e| e.to_string())?;
        self.try_replies()
    }

    /// Has one statement prepared, and does not run it; what went wrong when the server hung up or does not answer.
    pub fn try_prepare(&mut self, sql: &str) -> Result<Vec<Reply>, String> {
        let packet = [parse("", sql, &[]), message(b'S', b"")].concat();
        self.try_write(&packet).map_err(|e| e.to_string())?;
        self.try_replies()
    }

    /// Executes one prepared statement for each row of text parameters, many under way at once.
    pub fn batch(&mut self, sql: &str, rows: &[Vec<Option<String>>]) {
        self.write(&parse("batch", sql, &[]));
        for rows in rows.chunks(100) {
            let mut packet = Vec::new();
            for row in rows {
                let cells: Vec<Option<&str>> = row.iter().map(Option::as_deref).collect();
                packet.extend(bind_named("batch", &cells, 0));
                packet.extend(message(b'E', &[b"\0", 0_i32.to_be_bytes().as_slice()].concat()));
            }
            packet.extend(message(b'S', b""));
            self.write(&packet);
            let answers = self.until_ready();
            if let Some(error) = answers.iter().find(|m| m.tag == b'E') {
                panic!("{sql}: {:?}", fields(&error.body));
            }
            assert_eq!(answers.iter().filter(|m| m.tag == b'C').count(), rows.len(), "{sql}");
        }
        self.write(&[message(b'C', b"Sbatch\0"), message(b'S', b"")].concat());
        self.until_ready();
    }

    /// Sends a cancel request for this connection, on another one.
    pub fn cancel(port: u16, key: &[u8]) {
        let mut other = Client::raw(port);
        let body = [80_877_102_i32.to_be_bytes().as_slice(), key].concat();
        other.write(&[(body.len() as i32 + 4).to_be_bytes().as_slice(), &body].concat());
        // PostgreSQL closes the connection when it has passed the request on.
        let _ = other.try_read();
    }

    /// The port that this connection goes to.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// What runs a statement in the extended protocol, and has it described.
fn prepared(sql: &str, parameters: &[Option<&str>], format: i16) -> Vec<u8> {
    let mut packet = parse("", sql, &[]);
    packet.extend(message(b'D', b"S\0"));
    packet.extend(bind(parameters, format));
    packet.extend(message(b'D', b"P\0"));
    packet.extend(message(b'E', &[b"\0", 0_i32.to_be_bytes().as_slice()].concat()));
    packet.extend(message(b'S', b""));
    packet
}

/// A message of ours: its type, its length, its body.
pub fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag], (body.len() as i32 + 4).to_be_bytes().as_slice(), body].concat()
}

/// Parse.
pub fn parse(name: &str, sql: &str, types: &[u32]) -> Vec<u8> {
    let mut body = [name.as_bytes(), b"\0", sql.as_bytes(), b"\0"].concat();
    body.extend((types.len() as i16).to_be_bytes());
    body.extend(types.iter().flat_map(|t| t.to_be_bytes()));
    message(b'P', &body)
}

/// Bind of the unnamed statement to the unnamed portal, parameters as text.
pub fn bind(parameters: &[Option<&str>], format: i16) -> Vec<u8> {
    bind_named("", parameters, format)
}

/// Bind of a named statement to the unnamed portal, parameters as text.
pub fn bind_named(statement: &str, parameters: &[Option<&str>], format: i16) -> Vec<u8> {
    let mut body = [b"\0", statement.as_bytes(), b"\0"].concat();
    body.extend(0_i16.to_be_bytes());
    body.extend((parameters.len() as i16).to_be_bytes());
    for parameter in parameters {
        match parameter {
            None => body.extend((-1_i32).to_be_bytes()),
            Some(text) => {
                body.extend((text.len() as i32).to_be_bytes());
                body.extend(text.as_bytes());
            }
        }
    }
    body.extend(1_i16.to_be_bytes());
    body.extend(format.to_be_bytes());
    message(b'B', &body)
}

/// Sorts messages into what each statement was answered.
fn replies(messages: Vec<Message>) -> Vec<Reply> {
    let mut replies = Vec::new();
    let mut reply = Reply::default();
    for Message { tag, body } in messages {
        match tag {
            b'T' => reply.columns = Some(columns(&body)),
            b'D' => reply.rows.push(cells(&body)),
            b't' => reply.parameters = types(&body),
            b'N' => reply.notices.push(fields(&body)),
            b'C' | b'I' | b's' | b'E' => {
                match tag {
                    b'C' => reply.tag = Some(text(&body).0),
                    b'E' => reply.error = Some(fields(&body)),
                    _ => reply.tag = Some(String::new()),
                }
                replies.push(std::mem::take(&mut reply));
            }
            // ParseComplete, BindComplete, NoData, ParameterStatus
            b'1' | b'2' | b'n' | b'S' => (),
            _ => panic!("unexpected message {:?}", tag as char),
        }
    }
    replies
}

/// The fields of ErrorResponse or NoticeResponse.
pub fn fields(body: &[u8]) -> Fields {
    let mut fields = Fields::new();
    let mut rest = body;
    while let [letter, after @ ..] = rest
        && *letter != 0
    {
        let (value, next) = text(after);
        fields.insert(*letter as char, value);
        rest = next;
    }
    fields
}

fn text(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.iter().position(|b| *b == 0).expect("a text ends with NUL");
    (String::from_utf8(bytes[..end].to_vec()).expect("the server speaks UTF-8"), &bytes[end + 1..])
}

fn number<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (number, rest) = bytes.split_first_chunk::<N>().expect("the message is long enough");
    *bytes = rest;
    *number
}

fn types(mut body: &[u8]) -> Vec<u32> {
    let count = i16::from_be_bytes(number(&mut body));
    (0..count).map(|_| u32::from_be_bytes(number(&mut body))).collect()
}

fn columns(mut body: &[u8]) -> Vec<Column> {
    let count = i16::from_be_bytes(number(&mut body));
    (0..count)
        .map(|_| {
            let (name, rest) = text(body);
            body = rest;
            let _table = (number::<4>(&mut body), number::<2>(&mut body));
            Column {
                name,
                oid: u32::from_be_bytes(number(&mut body)),
                size: i16::from_be_bytes(number(&mut body)),
                modifier: i32::from_be_bytes(number(&mut body)),
                format: i16::from_be_bytes(number(&mut body)),
            }
        })
        .collect()
}

fn cells(mut body: &[u8]) -> Vec<Cell> {
    let count = i16::from_be_bytes(number(&mut body));
    (0..count)
        .map(|_| {
            let length = i32::from_be_bytes(number(&mut body));
            let length = usize::try_from(length).ok()?;
            let (cell, rest) = body.split_at(length);
            body = rest;
            Some(cell.to_vec())
        })
        .collect()
}
