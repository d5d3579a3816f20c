//! The Kusto endpoints that Microsoft runs, and the login endpoints of their clouds.

use std::fmt;

use url::Url;

use crate::{Error, ErrorKind, Result, data_source};

/// The table as data, so that it can be compared with the one that Kusto's clients share.
const TABLE: &str = include_str!("../data/well-known-endpoints.txt");

/// A place where Microsoft issues tokens for a cloud, and to which a secret may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoginEndpoint(&'static str);

impl LoginEndpoint {
    /// Every one that is known; that of the public cloud is the first.
    pub fn all() -> impl Iterator<Item = Self> {
        entries().filter_map(|entry| match entry {
            Entry::Cloud(login) => Some(login),
            _ => None,
        })
    }

    /// The known login endpoint that `text` names, in whatever letter case, with or without a slash at its end.
    ///
    /// A cluster tells where to sign in. One that was trusted by a rule of the user's, or that was taken over, could
    /// name a place of its own and collect secrets there, so what it tells is asked here first.
    ///
    /// # Errors
    /// [`ErrorKind::UntrustedLoginEndpoint`] for everything else.
    pub fn known(text: &str) -> Result<Self> {
        data_source::address(text)
            .ok()
            .and_then(|url| Self::of(&url))
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::UntrustedLoginEndpoint,
                    "no cloud of Microsoft's signs in there",
                )
            })
    }

    fn of(url: &Url) -> Option<Self> {
        Self::all().find(|login| login.0 == data_source::written(url))
    }

    /// Its address, without a slash at its end.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for LoginEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The cloud to which a host belongs. No host belongs to two, which a test proves of the table.
pub(crate) fn cloud_of(host: &str) -> Option<LoginEndpoint> {
    let mut cloud = None;
    for entry in entries() {
        match entry {
            Entry::Cloud(login) => cloud = Some(login),
            Entry::Suffix(suffix) if is_below(host, suffix) => return cloud,
            Entry::Host(exact) if host == exact => return cloud,
            _ => {}
        }
    }
    None
}

/// Whether a host is below the domain that `suffix` names with a dot in front.
pub(crate) fn is_below(host: &str, suffix: &str) -> bool {
    host.len() > suffix.len() && host.ends_with(suffix)
}

enum Entry {
    Cloud(LoginEndpoint),
    Suffix(&'static str),
    Host(&'static str),
}

fn entries() -> impl Iterator<Item = Entry> {
    TABLE.lines().filter_map(|line| {
        let (word, value) = line.split_once(' ')?;
        let value = value.trim_start();
        match word {
            "cloud" => Some(Entry::Cloud(LoginEndpoint(value))),
            "suffix" => Some(Entry::Suffix(value)),
            "host" => Some(Entry::Host(value)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn s01_t23_the_table_holds_what_kusto_publishes() {
        let mut counts: Vec<(usize, usize)> = Vec::new();
        let mut seen = HashSet::new();
        for entry in entries() {
            let value = match entry {
                Entry::Cloud(login) => {
                    counts.push((0, 0));
                    assert_eq!(LoginEndpoint::known(login.as_str()).unwrap(), login);
                    login.as_str()
                }
                Entry::Suffix(suffix) => {
                    assert!(suffix.starts_with('.') && !suffix.ends_with('.'), "{suffix}");
                    counts.last_mut().unwrap().0 += 1;
                    suffix
                }
                Entry::Host(host) => {
                    assert!(host.starts_with(|c: char| c.is_ascii_alphanumeric()), "{host}");
                    counts.last_mut().unwrap().1 += 1;
                    host
                }
            };
            assert_eq!(value, value.trim().to_ascii_lowercase());
            assert!(seen.insert(value), "{value} is there twice");
        }
        assert_eq!(
            counts,
            [(17, 12), (3, 3), (5, 3), (3, 3), (3, 3), (2, 3), (2, 3), (2, 3)]
        );
        let written = TABLE
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .count();
        assert_eq!(written, seen.len(), "a line is not understood");
    }

    #[test]
    fn no_host_belongs_to_two_clouds() {
        let mut cloud = None;
        for entry in entries() {
            let host = match entry {
                Entry::Cloud(login) => {
                    cloud = Some(login);
                    continue;
                }
                Entry::Suffix(suffix) => format!("x{suffix}"),
                Entry::Host(host) => host.to_owned(),
            };
            assert_eq!(cloud_of(&host), cloud, "{host}");
        }
    }
}
