//! Folders in the place of containers: how a self-hosted service addresses them.

use kusto_ingest_core::Result;
use kusto_ingest_core::internal::is_path;
use percent_encoding::percent_decode_str;
use url::Url;

use super::{Parts, refuse};
use crate::BlobName;

/// The account of all folders of this machine; those of another have its name.
const THIS_MACHINE: &str = "file-system";

/// Reads the address of a folder; `None` when it is none.
pub(super) fn parse(text: &str) -> Option<Result<Parts>> {
    let is_path = is_path(text);
    if !is_path && !is_file_url(text) {
        return None;
    }
    let url = match is_path {
        true => url_of(text),
        false => Url::parse(text).map_err(|_| refuse("it is not a URL")),
    };
    Some(url.and_then(|url| parts(url, is_path.then(|| text.to_owned()))))
}

fn is_file_url(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.eq_ignore_ascii_case("file")
}

/// The address as a URL, which has one way to write a folder where paths have three.
fn url_of(path: &str) -> Result<Url> {
    let unreadable = || refuse("it is no path to a folder");
    let is_windows = !path.starts_with('/');
    let (host, path) = match path.strip_prefix(r"\\") {
        Some(rest) => rest.split_once('\\').ok_or_else(unreadable)?,
        None => ("", path),
    };
    let separators: &[char] = if is_windows { &['/', '\\'] } else { &['/'] };
    let segments: Vec<&str> = path.split(separators).filter(|part| !part.is_empty()).collect();
    if segments.iter().any(|part| matches!(*part, "." | "..")) {
        return Err(refuse("its path contains `..`"));
    }
    let mut url = Url::parse(&format!("file://{host}/")).map_err(|_| unreadable())?;
    url.path_segments_mut()
        .map_err(|()| unreadable())?
        .pop_if_empty()
        .extend(segments);
    Ok(url)
}

fn parts(url: Url, path: Option<String>) -> Result<Parts> {
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("a folder needs no SAS"));
    }
    let name = url
        .path()
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    if name.is_empty() || name.ends_with(':') {
        return Err(refuse("it names no folder"));
    }
    Ok(Parts {
        is_signed: false,
        account: url.host_str().unwrap_or(THIS_MACHINE).to_owned(),
        name: name.to_owned(),
        path,
        expires: super::expiry_of(&url),
        url,
    })
}

/// The path of a file in a folder, in the manner of the folder's.
pub(super) fn file(folder: &str, name: &BlobName) -> String {
    match folder.starts_with('/') {
        true => format!("{}/{name}", folder.trim_end_matches('/')),
        false => format!(
            r"{}\{}",
            folder.trim_end_matches(['/', '\\']),
            name.as_str().replace('/', r"\")
        ),
    }
}

/// The folder of a file, and the file's name in it; `None` when the address is none of a file system.
pub(super) fn split(address: &str) -> Option<Option<(&str, String)>> {
    let is_path = is_path(address);
    if !is_path && !is_file_url(address) {
        return None;
    }
    let separators: &[char] = match address.starts_with('/') || !is_path {
        true => &['/'],
        false => &['/', '\\'],
    };
    Some(address.rsplit_once(separators).and_then(|(folder, name)| {
        let name = match is_path {
            true => name.to_owned(),
            false => percent_decode_str(name).decode_utf8().ok()?.into_owned(),
        };
        Some((folder, name))
    }))
}

#[cfg(test)]
mod tests {
    use kusto_ingest_core::BlobUri;

    use crate::{BlobName, ResourceUri};

    #[test]
    fn a_folder_is_read_in_every_form_and_its_files_are_named_in_the_same() {
        for (folder, url, account, name, file) in [
            (
                "file:///mnt/my%20staging",
                "file:///mnt/my%20staging",
                "file-system",
                "my%20staging",
                "file:///mnt/my%20staging/a/b%20c.csv.gz",
            ),
            (
                "FILE:///mnt/staging/",
                "file:///mnt/staging/",
                "file-system",
                "staging",
                "file:///mnt/staging/a/b%20c.csv.gz",
            ),
            (
                "/mnt/my staging/",
                "file:///mnt/my%20staging",
                "file-system",
                "my%20staging",
                "/mnt/my staging/a/b c.csv.gz",
            ),
            (
                r"D:\data\staging",
                "file:///D:/data/staging",
                "file-system",
                "staging",
                r"D:\data\staging\a\b c.csv.gz",
            ),
            (
                r"\\server\share\staging",
                "file://server/share/staging",
                "server",
                "staging",
                r"\\server\share\staging\a\b c.csv.gz",
            ),
            (
                "file://server/share",
                "file://server/share",
                "server",
                "share",
                "file://server/share/a/b%20c.csv.gz",
            ),
        ] {
            let uri = ResourceUri::parse(folder).unwrap();
            assert!(uri.is_folder());
            assert_eq!(uri.expose().as_str(), url);
            assert_eq!((uri.account(), uri.name()), (account, name), "{folder}");
            assert_eq!((uri.is_signed(), uri.expires()), (false, None));
            let blob = uri.blob(&BlobName::parse("a/b c.csv.gz").unwrap()).unwrap();
            assert_eq!(blob.expose(), file);
        }
        let azure = ResourceUri::parse("https://a.blob.core.windows.net/c").unwrap();
        assert!(!azure.is_folder());
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        for text in [
            "/",
            "//",
            "file:///",
            r"C:\",
            r"\\server",
            r"\\server\",
            r"\\ser ver\share",
            "/mnt/../etc",
            r"C:\data\..\..",
            "mnt/staging",
            "file:///mnt/staging?sig=SECRET",
            "file:///mnt/staging#x",
        ] {
            let error = ResourceUri::parse(text).expect_err(text);
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
        }
    }

    #[test]
    fn a_file_leads_back_to_its_folder() {
        for (folder, name) in [
            ("file:///mnt/staging", "my data+1 100%.csv"),
            ("/mnt/staging", "my data+1 100%.csv"),
            (r"\\server\share\staging", "a.csv"),
            (r"C:\staging", "a.csv"),
        ] {
            let folder = ResourceUri::parse(folder).unwrap();
            let name = BlobName::parse(name).unwrap();
            let file = folder.blob(&name).unwrap();
            assert_eq!(ResourceUri::of_blob(&file).unwrap(), (folder, name));
        }
        let alone = BlobUri::parse("file:///a.csv").unwrap();
        assert!(ResourceUri::of_blob(&alone).is_err());
    }
}
