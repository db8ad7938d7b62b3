//! Private keys, plain or encrypted in either form: PKCS#8 (`ENCRYPTED PRIVATE KEY`, PBES2) and OpenSSL's older one
//! (`Proc-Type: 4,ENCRYPTED`), in which Hazelcast Cloud hands them out.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use des::{Des, TdesEde3};
use md5::{Digest, Md5};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};

use super::pem::{self, Section};

const NO_PASSWORD: &str = "it is encrypted: give its password, too";
const WRONG_PASSWORD: &str = "the password is wrong";

/// The first private key of a PEM file.
pub(super) fn private_key(file: &[u8], password: Option<&str>) -> Result<PrivateKeyDer<'static>, String> {
    let sections = pem::sections(file)?;
    let key = sections.into_iter().find(|section| section.label.ends_with("PRIVATE KEY"));
    let key = key.ok_or_else(|| pem::what_instead(file, "-----BEGIN PRIVATE KEY-----"))?;
    let label = key.label.clone();
    let content = match label.as_str() {
        "ENCRYPTED PRIVATE KEY" => decrypt_pkcs8(&key.content, password)?,
        _ if key.header("Proc-Type").is_some_and(|value| value.contains("ENCRYPTED")) => {
            decrypt_legacy(&key, password)?
        }
        _ => key.content,
    };
    Ok(match label.as_str() {
        "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => PrivatePkcs8KeyDer::from(content).into(),
        "RSA PRIVATE KEY" => PrivatePkcs1KeyDer::from(content).into(),
        "EC PRIVATE KEY" => PrivateSec1KeyDer::from(content).into(),
        other => return Err(format!("a key of the kind \"{other}\" can't be used: RSA, EC and Ed25519 can")),
    })
}

fn decrypt_pkcs8(content: &[u8], password: Option<&str>) -> Result<Vec<u8>, String> {
    let password = password.ok_or(NO_PASSWORD)?;
    let key = EncryptedPrivateKeyInfoRef::from_der(content).map_err(|error| {
        format!(
            "its encryption can't be read ({error}): convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc`"
        )
    })?;
    let plain = key.decrypt(password).map_err(|_| WRONG_PASSWORD)?;
    Ok(plain.as_bytes().to_vec())
}

/// `DEK-Info: CIPHER,IV`; the key is made of the password and the first eight bytes of the IV.
fn decrypt_legacy(section: &Section, password: Option<&str>) -> Result<Vec<u8>, String> {
    let password = password.ok_or(NO_PASSWORD)?.as_bytes();
    let info = section.header("DEK-Info").ok_or("it says that it is encrypted, but not how (no DEK-Info)")?;
    let (cipher, iv) = info.split_once(',').ok_or("its DEK-Info can't be read")?;
    let iv = hex(iv.trim()).ok_or("its DEK-Info can't be read")?;
    let salt = iv.get(..8).ok_or("its DEK-Info can't be read")?;
    let data = &section.content;
    let plain = match cipher.trim() {
        "AES-128-CBC" => decrypt::<cbc::Decryptor<Aes128>>(&derive(password, salt, 16), &iv, data),
        "AES-192-CBC" => decrypt::<cbc::Decryptor<Aes192>>(&derive(password, salt, 24), &iv, data),
        "AES-256-CBC" => decrypt::<cbc::Decryptor<Aes256>>(&derive(password, salt, 32), &iv, data),
        "DES-EDE3-CBC" => decrypt::<cbc::Decryptor<TdesEde3>>(&derive(password, salt, 24), &iv, data),
        "DES-CBC" => decrypt::<cbc::Decryptor<Des>>(&derive(password, salt, 8), &iv, data),
        other => {
            return Err(format!(
                "its cipher {other} is not known: convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc`"
            ));
        }
    };
    // Wrong passwords may happen to leave right padding; but hardly a sequence, which every key is.
    plain.filter(|plain| plain.first() == Some(&0x30)).ok_or_else(|| WRONG_PASSWORD.to_owned())
}

fn decrypt<D: KeyIvInit + BlockModeDecrypt>(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    D::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(data).ok()
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one round.
fn derive(password: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(length + 16);
    let mut block: Vec<u8> = Vec::new();
    while key.len() < length {
        block = Md5::new().chain_update(&block).chain_update(password).chain_update(salt).finalize().to_vec();
        key.extend_from_slice(&block);
    }
    key.truncate(length);
    key
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by OpenSSL 3: see keys/README.md.
    const PLAIN: &[u8] = include_bytes!("../../tests/keys/plain.pem");
    const ENCRYPTED: [(&str, &[u8]); 8] = [
        ("legacy AES-128", include_bytes!("../../tests/keys/legacy-aes128.pem")),
        ("legacy AES-192", include_bytes!("../../tests/keys/legacy-aes192.pem")),
        ("legacy AES-256", include_bytes!("../../tests/keys/legacy-aes256.pem")),
        ("legacy DES-EDE3", include_bytes!("../../tests/keys/legacy-des3.pem")),
        ("PKCS#8 AES-256, HMAC-SHA256", include_bytes!("../../tests/keys/pkcs8-aes256.pem")),
        ("PKCS#8 DES-EDE3, HMAC-SHA1", include_bytes!("../../tests/keys/pkcs8-des3-sha1.pem")),
        ("PKCS#8 scrypt", include_bytes!("../../tests/keys/pkcs8-scrypt.pem")),
        ("legacy EC", include_bytes!("../../tests/keys/legacy-ec.pem")),
    ];

    #[test]
    fn encrypted_keys_are_the_key() {
        let PrivateKeyDer::Pkcs1(plain) = private_key(PLAIN, None).unwrap() else { panic!("PKCS#1") };
        for (name, file) in ENCRYPTED {
            let key = private_key(file, Some("top secret")).unwrap_or_else(|error| panic!("{name}: {error}"));
            match &key {
                PrivateKeyDer::Pkcs1(key) => {
                    assert_eq!(key.secret_pkcs1_der(), plain.secret_pkcs1_der(), "{name}")
                }
                // A PKCS#8 key contains the PKCS#1 key.
                PrivateKeyDer::Pkcs8(key) => {
                    assert!(key.secret_pkcs8_der().ends_with(plain.secret_pkcs1_der()), "{name}");
                }
                PrivateKeyDer::Sec1(_) => assert_eq!(name, "legacy EC"),
                other => panic!("{name}: {other:?}"),
            }
            rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        }
    }

    #[test]
    fn passwords_are_asked_for_and_checked() {
        for (name, file) in ENCRYPTED {
            assert_eq!(private_key(file, None).unwrap_err(), NO_PASSWORD, "{name}");
            assert_eq!(private_key(file, Some("guess")).unwrap_err(), WRONG_PASSWORD, "{name}");
        }
        // One that isn't needed does no harm.
        assert!(private_key(PLAIN, Some("guess")).is_ok());
    }

    #[test]
    fn other_files_are_recognised() {
        let error = private_key(b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", None).unwrap_err();
        assert!(error.contains("BEGIN PRIVATE KEY"), "{error}");
        let error =
            private_key(b"-----BEGIN DSA PRIVATE KEY-----\n-----END DSA PRIVATE KEY-----", None).unwrap_err();
        assert!(error.contains("DSA"), "{error}");
        let strange = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: IDEA-CBC,0011223344556677\n\nAAAA\n-----END RSA PRIVATE KEY-----";
        assert!(private_key(strange, Some("x")).unwrap_err().contains("IDEA-CBC"));
    }
}
