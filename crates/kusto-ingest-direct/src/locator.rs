//! The address of a blob in its parts: what names it, and what opens it.

/// The address of a blob in its parts, as Kusto reads it: `base?query;suffix`, each but the first maybe empty.
#[derive(Clone, Copy)]
pub(crate) struct Locator<'a> {
    query: &'a str,
    suffix: &'a str,
}

/// How the suffix of an address opens the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suffix {
    Absent,
    /// The bare key of the account.
    AccountKey,
    SharedKey,
    Token,
    AwsCredentials,
    /// The cluster's own identity; its name is no secret.
    ManagedIdentity,
    /// The identity of whoever runs the command.
    Impersonate,
}

const SUFFIXES: [(&str, Suffix); 5] = [
    ("sharedkey=", Suffix::SharedKey),
    ("token=", Suffix::Token),
    ("awscredentials=", Suffix::AwsCredentials),
    ("managed_identity=", Suffix::ManagedIdentity),
    ("impersonate", Suffix::Impersonate),
];

/// How long the value of a query's pair must be to count as a secret by itself, unless it is the SAS.
const LONG: usize = 16;

impl<'a> Locator<'a> {
    /// Splits an address at the first `;`, and what stands before it at the first `?`. Keys hold `=`, `/` and `+`,
    /// so that the suffix is never split again.
    pub(crate) fn of(address: &'a str) -> Self {
        let (front, suffix) = address.split_once(';').unwrap_or((address, ""));
        let query = front.split_once('?').map_or("", |(_, query)| query);
        Self { query, suffix }
    }

    pub(crate) fn suffix(self) -> Suffix {
        let lower = self.suffix.to_ascii_lowercase();
        let known = SUFFIXES.iter().find(|(start, _)| lower.starts_with(start));
        match known {
            Some((_, suffix)) => *suffix,
            None if lower.is_empty() => Suffix::Absent,
            None => Suffix::AccountKey,
        }
    }

    /// The texts that must not be shown: the whole of what opens the blob, and the parts that open it alone.
    pub(crate) fn secrets(self) -> Vec<&'a str> {
        let mut secrets = Vec::new();
        if !self.query.is_empty() {
            secrets.push(self.query);
        }
        for pair in self.query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or(("", pair));
            if name.eq_ignore_ascii_case("sig") {
                secrets.extend([pair, value]);
            } else if value.len() >= LONG {
                secrets.push(value);
            }
        }
        let value = self.suffix.split_once('=').map_or("", |(_, value)| value);
        match self.suffix() {
            Suffix::Absent | Suffix::ManagedIdentity | Suffix::Impersonate => {}
            Suffix::AccountKey => secrets.push(self.suffix),
            Suffix::SharedKey | Suffix::Token => secrets.extend([self.suffix, value]),
            Suffix::AwsCredentials => {
                secrets.extend([self.suffix, value]);
                secrets.extend(value.split(','));
            }
        }
        secrets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s03_g20_g21_what_opens_a_blob_is_told_from_its_name_and_never_split() {
        for (address, suffix, secrets) in [
            ("https://a/c/f", Suffix::Absent, &[][..]),
            (
                "https://a/c/f?sv=1&sig=S%3D",
                Suffix::Absent,
                &["sv=1&sig=S%3D", "sig=S%3D", "S%3D"],
            ),
            ("https://a/c/f;a2V5PT0=", Suffix::AccountKey, &["a2V5PT0="]),
            (
                "https://b.s3.eu-west-1.amazonaws.com/k;AwsCredentials=ID,SE/CR+ET=",
                Suffix::AwsCredentials,
                &["AwsCredentials=ID,SE/CR+ET=", "ID,SE/CR+ET=", "ID", "SE/CR+ET="],
            ),
            (
                "abfss://f@a/p;SharedKey=K;x",
                Suffix::SharedKey,
                &["SharedKey=K;x", "K;x"],
            ),
            (
                "https://a/c/f;token=J.W.T",
                Suffix::Token,
                &["token=J.W.T", "J.W.T"],
            ),
            (
                "https://a/c/f;managed_identity=system",
                Suffix::ManagedIdentity,
                &[],
            ),
            ("https://a/c/f;impersonate", Suffix::Impersonate, &[]),
        ] {
            let locator = Locator::of(address);
            assert_eq!(
                (locator.suffix(), locator.secrets().as_slice()),
                (suffix, secrets),
                "{address}"
            );
        }
    }
}
