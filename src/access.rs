//! How the cluster is reached beyond its name and addresses: token, TLS, Hazelcast Cloud, labels. The table `access` of the
//! configuration file, or variables of the environment: `HAZELGRES_ACCESS_CA_FILE` is `access.ca_file`.

use std::path::{Path, PathBuf};

use hazelcast_client::{Cloud, ClusterConfig, Credentials, PublicAddresses, Tls};
use serde::Deserialize;

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $variable:literal;)*) => {
        /// A source of these settings.
        #[derive(Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct AccessSettings {
            $($(#[$doc])* pub $name: Option<$type>,)*
        }

        impl AccessSettings {
            /// Reads the environment, through a function that looks variables up.
            pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
                Ok(Self { $($name: match variable(concat!("HAZELGRES_ACCESS_", $variable)) {
                    Some(text) => Some(text.parse().map_err(|_| {
                        format!(concat!("HAZELGRES_ACCESS_", $variable, ": \"{}\" is not a valid value"), text)
                    })?),
                    None => None,
                },)* })
            }

            /// What `over` says, and for the rest what this says.
            pub fn with(self, over: Self) -> Self {
                Self { $($name: over.$name.or(self.$name),)* }
            }
        }
    };
}

settings! {
    /// A token instead of user and password.
    token: String = "TOKEN";
    /// A file with that token.
    token_file: PathBuf = "TOKEN_FILE";
    /// Whether TLS is spoken with the members; any of the settings below says so, too.
    tls: bool = "TLS";
    /// A PEM file: what members' certificates must be signed by, instead of what the system trusts.
    ca_file: PathBuf = "CA_FILE";
    /// A PEM file with the gateway's own certificate, for mutual TLS.
    certificate_file: PathBuf = "CERTIFICATE_FILE";
    /// A PEM file with its private key.
    key_file: PathBuf = "KEY_FILE";
    /// The password of that key.
    key_password: String = "KEY_PASSWORD";
    /// A file with that password.
    key_password_file: PathBuf = "KEY_PASSWORD_FILE";
    /// The name that members' certificates must be for, whatever they are reached at.
    server_name: String = "SERVER_NAME";
    /// `false`: any name will do.
    check_hostname: bool = "CHECK_HOSTNAME";
    /// The discovery token of a cluster of Hazelcast Cloud.
    cloud_token: String = "CLOUD_TOKEN";
    /// A file with that token.
    cloud_token_file: PathBuf = "CLOUD_TOKEN_FILE";
    /// Another discovery service than Hazelcast's own.
    cloud_url: String = "CLOUD_URL";
    /// Whether members are reached at the public addresses that they publish; found out unless set.
    public_addresses: bool = "PUBLIC_ADDRESSES";
    /// What Management Center shows beside the client's name; separated by commas.
    labels: String = "LABELS";
}

impl std::fmt::Debug for AccessSettings {
    /// Without the secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessSettings").field("tls", &self.tls()).finish_non_exhaustive()
    }
}

/// A secret that is given itself, or by the file that has it.
pub(crate) fn secret(text: Option<&String>, file: Option<&PathBuf>) -> Result<Option<String>, String> {
    match (text, file) {
        (Some(text), _) => Ok(Some(text.clone())),
        (None, Some(path)) => first_line(path).map(Some),
        (None, None) => Ok(None),
    }
}

fn first_line(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

impl AccessSettings {
    /// Whether the cluster is found by a discovery token, and needs no addresses.
    pub fn is_cloud(&self) -> bool {
        self.cloud_token.is_some() || self.cloud_token_file.is_some()
    }

    fn tls(&self) -> bool {
        self.tls.unwrap_or_else(|| {
            let files = [&self.ca_file, &self.certificate_file, &self.key_file];
            files.iter().any(|file| file.is_some())
                || self.server_name.is_some()
                || self.check_hostname.is_some()
        })
    }

    /// The labels, one by one.
    pub fn labels(&self) -> Vec<String> {
        let labels = self.labels.as_deref().unwrap_or_default().split(',');
        labels.map(|label| label.trim().to_owned()).filter(|label| !label.is_empty()).collect()
    }

    /// How the cluster is reached; `credentials` are those of user and password.
    pub fn finish(&self, cluster: ClusterConfig, credentials: Credentials) -> Result<ClusterConfig, String> {
        let token = secret(self.token.as_ref(), self.token_file.as_ref())?;
        let credentials = match (token, credentials) {
            (None, credentials) => credentials,
            (Some(token), Credentials::None) => Credentials::Token(token.into_bytes()),
            (Some(_), _) => return Err("user and token are given: one of them is to be used".to_owned()),
        };
        let mut cluster = cluster.credentials(credentials);
        if let Some(public) = self.public_addresses {
            cluster = cluster.public_addresses(match public {
                true => PublicAddresses::Always,
                false => PublicAddresses::Never,
            });
        }
        if self.tls() {
            cluster = cluster.tls(self.tls_settings()?);
        }
        if let Some(token) = secret(self.cloud_token.as_ref(), self.cloud_token_file.as_ref())? {
            let cloud = Cloud::new(token);
            cluster = cluster.cloud(match &self.cloud_url {
                Some(url) => cloud.base_url(url),
                None => cloud,
            });
        } else if self.cloud_url.is_some() {
            return Err("access.cloud_url is given, but no discovery token".to_owned());
        }
        Ok(cluster)
    }

    fn tls_settings(&self) -> Result<Tls, String> {
        let mut tls = Tls::new().check_hostname(self.check_hostname.unwrap_or(true));
        if let Some(path) = &self.ca_file {
            tls = tls.ca_file(path);
        }
        if let Some(name) = &self.server_name {
            tls = tls.server_name(name);
        }
        let password = secret(self.key_password.as_ref(), self.key_password_file.as_ref())?;
        match (&self.certificate_file, &self.key_file) {
            (Some(certificate), Some(key)) => Ok(tls.identity_files(certificate, key, password.as_deref())),
            (None, None) if password.is_none() => Ok(tls),
            (Some(certificate), None) => {
                // Both are often in one file.
                Ok(tls.identity_files(certificate, certificate, password.as_deref()))
            }
            _ => Err("access.key_file or its password is given, but no access.certificate_file".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finish(settings: &AccessSettings) -> Result<ClusterConfig, String> {
        settings.finish(ClusterConfig::new("c"), Credentials::None)
    }

    #[test]
    fn what_is_missing_is_named() {
        let of = |text: &str| toml::from_str::<AccessSettings>(text).unwrap();
        assert!(finish(&of("cloud_url = 'https://h'")).unwrap_err().contains("discovery token"));
        assert!(finish(&of("key_file = 'k'")).unwrap_err().contains("certificate_file"));
        assert!(finish(&of("token_file = 'no/such'")).unwrap_err().contains("no/such"));
        assert!(finish(&of("tls = true\nlabels = 'a'")).is_ok());
        let user = Credentials::UsernamePassword { username: "u".into(), password: "p".into() };
        assert!(of("token = 't'").finish(ClusterConfig::new("c"), user).unwrap_err().contains("token"));
        assert!(toml::from_str::<AccessSettings>("ca = 'x'").is_err());
    }

    #[test]
    fn the_environment_counts_over_the_file() {
        let file: AccessSettings = toml::from_str("ca_file = 'a'\nlabels = 'a, b,'").unwrap();
        let environment = AccessSettings::from_environment(|name| match name {
            "HAZELGRES_ACCESS_CA_FILE" => Some("b".into()),
            "HAZELGRES_ACCESS_CLOUD_TOKEN" => Some("t".into()),
            _ => None,
        });
        let both = file.with(environment.unwrap());
        assert_eq!(both.ca_file, Some("b".into()));
        assert_eq!(both.labels(), ["a", "b"]);
        assert!(both.tls() && both.is_cloud());
        let wrong = AccessSettings::from_environment(|name| name.ends_with("_TLS").then(|| "perhaps".into()));
        assert!(wrong.unwrap_err().contains("HAZELGRES_ACCESS_TLS"));
    }
}
