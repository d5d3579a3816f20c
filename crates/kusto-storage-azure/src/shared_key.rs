//! Signs a request with the key of a storage account.
//!
//! After "Authorize with Shared Key" of Azure Storage's REST documentation.

use azure_core::credentials::Secret;
use azure_core::hmac::hmac_sha256;
use azure_core::http::Request;

/// What the standard headers of a request without body and condition come to: they are all empty.
const NO_STANDARD_HEADERS: &str = "\n\n\n\n\n\n\n\n\n\n\n";

/// The `Authorization` of a request without body and condition, which has all its `x-ms-` headers already.
///
/// # Errors
/// When the key is not base64; the error does not show it.
pub(crate) fn authorization(request: &Request, account: &str, key: String) -> azure_core::Result<String> {
    let signature = hmac_sha256(&to_sign(request, account), &Secret::new(key))?;
    Ok(format!("SharedKey {account}:{signature}"))
}

fn to_sign(request: &Request, account: &str) -> String {
    let mut named: Vec<String> = request
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-ms-"))
        .map(|(name, value)| format!("{}:{}\n", name.as_str(), value.as_str().trim()))
        .collect();
    named.sort_unstable();
    let (method, path) = (request.method(), request.url().path());
    let mut query: Vec<String> = request
        .url()
        .query_pairs()
        .map(|(name, value)| format!("\n{}:{value}", name.to_ascii_lowercase()))
        .collect();
    query.sort_unstable();
    format!(
        "{method}\n{NO_STANDARD_HEADERS}{}/{account}{path}{}",
        named.concat(),
        query.concat()
    )
}

#[cfg(test)]
mod tests {
    use azure_core::http::Method;

    use super::*;

    #[test]
    fn the_text_to_sign_is_the_documented_one() {
        let url = "https://acct.blob.core.windows.net/c/a%20b.csv".parse().unwrap();
        let mut request = Request::new(url, Method::Head);
        request.insert_header("x-ms-version", "2021-12-02");
        request.insert_header("x-ms-date", "Fri, 02 Jan 2026 03:04:05 GMT");
        request.insert_header("accept", "*/*");
        assert_eq!(
            to_sign(&request, "acct"),
            "HEAD\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 02 Jan 2026 03:04:05 GMT\nx-ms-version:2021-12-02\n\
             /acct/c/a%20b.csv"
        );
    }

    #[test]
    fn what_is_asked_for_in_the_query_is_signed_decoded_and_in_order() {
        let url = "https://acct.blob.core.windows.net/c?restype=container&comp=list&prefix=a%20b%2F";
        let mut request = Request::new(url.parse().unwrap(), Method::Get);
        request.insert_header("x-ms-version", "2021-12-02");
        assert_eq!(
            to_sign(&request, "acct"),
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-version:2021-12-02\n\
             /acct/c\ncomp:list\nprefix:a b/\nrestype:container"
        );
    }

    #[test]
    fn a_key_that_is_none_is_refused_without_being_shown() {
        let request = Request::new("https://a.example/c/b".parse().unwrap(), Method::Head);
        let error = authorization(&request, "a", "no base64, a SECRET".to_owned()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
    }
}
