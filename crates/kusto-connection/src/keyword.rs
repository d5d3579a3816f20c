//! The keywords of a connection string, with every spelling in which other Kusto clients accept them.

use std::fmt;

use Kind::{Flag, Text};
use Support::{Honoured, Refused};

/// A keyword of a connection string.
///
/// The order is that in which a connection string is rendered. Names and aliases are those of the table that the
/// Kusto clients for Python, Java and Go share (version 2025-01-15), and `Client Version for Tracing` from the
/// documentation of the .NET client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Keyword {
    /// The address of the cluster.
    DataSource,
    /// The database to use where a call names none.
    InitialCatalog,
    /// Whether to sign in through Microsoft Entra.
    FederatedSecurity,
    /// The client id of an application.
    ApplicationClientId,
    /// The secret of an application.
    ApplicationKey,
    /// The name of a user.
    UserId,
    /// The password of a user.
    Password,
    /// The tenant to sign in to, by id or by domain.
    AuthorityId,
    /// A bearer token of an application.
    ApplicationToken,
    /// A bearer token of a user.
    UserToken,
    /// The certificate of an application, with its private key.
    ApplicationCertificateBlob,
    /// Whether to send the public certificate along, for sign-in by subject name and issuer.
    ApplicationCertificateSendX5c,
    /// The thumbprint of the certificate of an application.
    ApplicationCertificateThumbprint,
    /// The name of the calling application, for the service's traces.
    ApplicationNameForTracing,
    /// The name of the calling user, for the service's traces.
    UserNameForTracing,
    /// The version of the calling client, for the service's traces.
    ClientVersionForTracing,
    /// The consistency that queries ask for.
    QueryConsistency,
    /// Whether answers shall come uncompressed.
    Uncompressed,
    /// Accepted and without effect.
    Accept,
    /// Accepted and without effect.
    Streaming,
    /// Refused: ignoring it would weaken sign-in.
    EnforceMfa,
    /// Refused: dSTS is not offered to the public.
    DstsFederatedSecurity,
    /// Refused: it would change the target.
    DataSourceUri,
    /// Refused: it would change the target.
    AzureRegion,
    /// Refused: it would change the target.
    Namespace,
    /// Refused: it means a look-up in a certificate store.
    ApplicationCertificateIssuerDistinguishedName,
    /// Refused: it means a look-up in a certificate store.
    ApplicationCertificateSubjectDistinguishedName,
}

impl Keyword {
    /// Every keyword, in the order in which they are rendered.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        TABLE.iter().map(|row| row.keyword)
    }

    /// The keyword that `text` spells, in any letter case and with or without spaces.
    ///
    /// ```
    /// use kusto_connection::Keyword;
    ///
    /// assert_eq!(Keyword::find("TenantId"), Some(Keyword::AuthorityId));
    /// assert_eq!(Keyword::find("tenancy"), None);
    /// ```
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let wanted = normalized(text);
        TABLE
            .iter()
            .find(|row| row.aliases.contains(&wanted.as_str()) || normalized(row.name) == wanted)
            .map(|row| row.keyword)
    }

    /// The name under which it is rendered.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Its other spellings, in lower case and without spaces.
    #[must_use]
    pub fn aliases(self) -> &'static [&'static str] {
        self.row().aliases
    }

    /// Whether its value is a secret, and shown as `****`.
    #[must_use]
    pub fn is_secret(self) -> bool {
        self.row().secret
    }

    /// Whether its value is true or false.
    #[must_use]
    pub fn is_flag(self) -> bool {
        self.row().kind == Flag
    }

    /// Whether a connection string may contain it. The others are known, and refused.
    #[must_use]
    pub fn is_supported(self) -> bool {
        self.row().support == Honoured
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What to write instead of a keyword that other clients know, or knew, and that is set in code here.
pub(crate) fn hint(text: &str) -> Option<&'static str> {
    let wanted = normalized(text).replace('_', "");
    HINTS
        .iter()
        .find(|(spellings, _)| spellings.contains(&wanted.as_str()))
        .map(|(_, hint)| *hint)
}

fn normalized(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[derive(PartialEq)]
enum Kind {
    Text,
    Flag,
}

#[derive(PartialEq)]
enum Support {
    Honoured,
    Refused,
}

struct Row {
    keyword: Keyword,
    name: &'static str,
    aliases: &'static [&'static str],
    kind: Kind,
    secret: bool,
    support: Support,
}

const OPEN: bool = false;
const SECRET: bool = true;

const fn row(
    keyword: Keyword,
    name: &'static str,
    aliases: &'static [&'static str],
    kind: Kind,
    secret: bool,
    support: Support,
) -> Row {
    Row {
        keyword,
        name,
        aliases,
        kind,
        secret,
        support,
    }
}

#[rustfmt::skip]
static TABLE: [Row; 27] = [
    row(Keyword::DataSource, "Data Source", &["server", "addr", "address", "networkaddress"], Text, OPEN, Honoured),
    row(Keyword::InitialCatalog, "Initial Catalog", &["database"], Text, OPEN, Honoured),
    row(Keyword::FederatedSecurity, "AAD Federated Security", &["federatedsecurity", "aadfed", "fed", "federated"], Flag, OPEN, Honoured),
    row(Keyword::ApplicationClientId, "Application Client Id", &["appclientid"], Text, OPEN, Honoured),
    row(Keyword::ApplicationKey, "Application Key", &["appkey"], Text, SECRET, Honoured),
    row(Keyword::UserId, "User ID", &["user", "uid", "loginhint", "aaduserid"], Text, OPEN, Honoured),
    row(Keyword::Password, "Password", &["pwd"], Text, SECRET, Honoured),
    row(Keyword::AuthorityId, "Authority Id", &["tenantid", "tid", "tenant", "authority", "domainhint"], Text, OPEN, Honoured),
    row(Keyword::ApplicationToken, "Application Token", &["apptoken"], Text, SECRET, Honoured),
    row(Keyword::UserToken, "User Token", &["usrtoken"], Text, SECRET, Honoured),
    row(Keyword::ApplicationCertificateBlob, "Application Certificate Blob", &[], Text, SECRET, Honoured),
    row(Keyword::ApplicationCertificateSendX5c, "Application Certificate SendX5c",
        &["applicationcertificatex5c", "sendx5c", "applicationcertificatesendpubliccertificate", "sendcertificatechain"], Flag, OPEN, Honoured),
    row(Keyword::ApplicationCertificateThumbprint, "Application Certificate Thumbprint", &["appcert"], Text, SECRET, Honoured),
    row(Keyword::ApplicationNameForTracing, "Application Name for Tracing", &["traceappname"], Text, OPEN, Honoured),
    row(Keyword::UserNameForTracing, "User Name for Tracing", &["traceusername"], Text, OPEN, Honoured),
    row(Keyword::ClientVersionForTracing, "Client Version for Tracing", &["traceclientversion"], Text, OPEN, Honoured),
    row(Keyword::QueryConsistency, "Query Consistency", &[], Text, OPEN, Honoured),
    row(Keyword::Uncompressed, "Uncompressed", &[], Flag, OPEN, Honoured),
    row(Keyword::Accept, "Accept", &[], Flag, OPEN, Honoured),
    row(Keyword::Streaming, "Streaming", &[], Flag, OPEN, Honoured),
    row(Keyword::EnforceMfa, "EnforceMfa", &[], Flag, OPEN, Refused),
    row(Keyword::DstsFederatedSecurity, "dSTS Federated Security", &["dstsfed", "dststokentype"], Flag, OPEN, Refused),
    row(Keyword::DataSourceUri, "Data Source Uri", &["serveruri", "clusteruri"], Text, OPEN, Refused),
    row(Keyword::AzureRegion, "Azure Region", &["region"], Text, OPEN, Refused),
    row(Keyword::Namespace, "Namespace", &["ns"], Text, OPEN, Refused),
    row(Keyword::ApplicationCertificateIssuerDistinguishedName, "Application Certificate Issuer Distinguished Name",
        &["applicationcertificateissuer"], Text, SECRET, Refused),
    row(Keyword::ApplicationCertificateSubjectDistinguishedName, "Application Certificate Subject Distinguished Name",
        &["applicationcertificatesubject"], Text, SECRET, Refused),
];

/// Spellings outside the shared table, without underscores: removed from the clients for Python and Go, still in
/// others, or documented as settable in code only.
const HINTS: [(&[&str], &str); 5] = [
    (
        &[
            "msiauth",
            "msiauthentication",
            "msiparams",
            "msitype",
            "managedserviceidentity",
            "embeddedmanagedidentity",
        ],
        "managed identity is chosen in code, with `with_managed_identity`",
    ),
    (
        &["azcli"],
        "the Azure CLI is chosen in code, with `with_azure_cli`",
    ),
    (
        &["interactivelogin"],
        "sign-in by a user is chosen in code, with `with_device_code`",
    ),
    (
        &["redirecturl"],
        "no sign-in method here redirects; a user signs in with `with_device_code`",
    ),
    (
        &["applicationcertificateprivatekey"],
        "the certificate goes with its private key into `Application Certificate Blob`",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_keyword_finds_its_own_row() {
        for (position, row) in TABLE.iter().enumerate() {
            assert_eq!(row.keyword as usize, position, "{}", row.name);
        }
    }

    #[test]
    fn shared_table_has_64_spellings_and_no_two_keywords_share_one() {
        let mut owners = HashMap::new();
        for row in &TABLE {
            let spellings = row
                .aliases
                .iter()
                .map(|alias| (*alias).to_owned())
                .chain([normalized(row.name)]);
            for spelling in spellings {
                assert_eq!(normalized(&spelling), spelling);
                assert_eq!(Keyword::find(&spelling), Some(row.keyword));
                assert_eq!(owners.insert(spelling, row.keyword), None, "{}", row.name);
            }
        }
        let ours = owners
            .values()
            .filter(|keyword| **keyword == Keyword::ClientVersionForTracing)
            .count();
        assert_eq!((TABLE.len() - 1, owners.len() - ours), (26, 64));
    }

    #[test]
    fn any_whitespace_in_a_keyword_is_ignored() {
        assert_eq!(
            Keyword::find(" application\t client\u{a0}ID "),
            Some(Keyword::ApplicationClientId)
        );
    }

    #[test]
    fn hints_do_not_shadow_keywords() {
        for (spellings, _) in &HINTS {
            assert!(spellings.iter().all(|spelling| Keyword::find(spelling).is_none()));
        }
    }
}
