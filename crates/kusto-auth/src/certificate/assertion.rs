//! The signed statement by which an application proves that it holds its certificate's key.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kusto_connection::Secret;
use kusto_ingest_core::{Result, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::crypto::{self, Algorithm, Hash};
use super::{Identity, refused};

/// How long an assertion is valid; it is used at once.
const VALID: Duration = Duration::from_secs(10 * 60);

/// What is stated, before it is signed.
pub(crate) struct Assertion {
    pub(crate) audience: String,
    pub(crate) client_id: String,
    pub(crate) now: Timestamp,
    pub(crate) sends_chain: bool,
}

impl Assertion {
    /// Signs it, as a JSON Web Token.
    pub(crate) fn signed(&self, identity: &Identity) -> Result<Secret> {
        let (algorithm, header) = self.header(identity)?;
        let now = self.now.as_datetime().unix_timestamp();
        let valid_until = (self.now + VALID).as_datetime().unix_timestamp();
        let claims = json!({
            "aud": self.audience,
            "iss": self.client_id,
            "sub": self.client_id,
            "jti": Uuid::new_v4(),
            "iat": now,
            "nbf": now,
            "exp": valid_until,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let statement = format!("{}.{}", part(&header), part(&claims));
        let signature = crypto::sign(&identity.key, algorithm, statement.as_bytes())?;
        Ok(Secret::from(format!(
            "{statement}.{}",
            URL_SAFE_NO_PAD.encode(signature)
        )))
    }

    /// The certificate is named by its SHA-256, as Entra recommends. By its SHA-1, which goes with the older way to
    /// sign, only where there is nothing but such a thumbprint.
    fn header(&self, identity: &Identity) -> Result<(Algorithm, Value)> {
        let own = identity.chain.first();
        let thumbprint = match own {
            Some(certificate) => Some(crypto::digest(Hash::Sha256, certificate)?),
            None => identity.thumbprint.clone(),
        };
        let thumbprint = thumbprint.ok_or_else(|| refused("neither it nor its thumbprint is known"))?;
        let name = URL_SAFE_NO_PAD.encode(&thumbprint);
        let (algorithm, mut header) = if thumbprint.len() == Hash::Sha1.length() {
            (
                Algorithm::Rs256,
                json!({ "alg": "RS256", "typ": "JWT", "x5t": name }),
            )
        } else {
            (
                Algorithm::Ps256,
                json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": name }),
            )
        };
        if self.sends_chain {
            let chain = identity.chain.iter().map(|it| STANDARD.encode(it));
            header["x5c"] = chain.collect();
        }
        Ok((algorithm, header))
    }
}
