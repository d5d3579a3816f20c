//! The XML that the blob and queue services speak, read and written.

use kusto_fake::{BlobPage, ResourcePath, StoredBlob, StoredMessage};
use kusto_ingest_core::{Error, Result};
use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};

use crate::answer::{http_date, refusal};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// Every element that holds no other, with its text, in their order.
///
/// # Errors
/// `InvalidXmlDocument`.
pub(crate) fn leaves(body: &[u8]) -> Result<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).map_err(|_| invalid())?;
    if !text.trim_start_matches('\u{FEFF}').chars().all(can_hold) {
        return Err(invalid());
    }
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    let mut open: Option<(String, String)> = None;
    let mut leaves = Vec::new();
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|_| invalid())? {
            Event::Start(element) => {
                depth += 1;
                open = Some((local_name(element.local_name().as_ref()), String::new()));
            }
            Event::Empty(element) => {
                open = None;
                leaves.push((local_name(element.local_name().as_ref()), String::new()));
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                leaves.extend(open.take());
            }
            Event::Text(piece) => add(&mut open, &piece.xml10_content().map_err(|_| invalid())?),
            Event::CData(piece) => add(&mut open, &piece.decode().map_err(|_| invalid())?),
            Event::GeneralRef(reference) => add(&mut open, &resolved(&reference)?),
            Event::Eof if depth == 0 => return Ok(leaves),
            Event::Eof => return Err(invalid()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            // No client of a storage has a use for it.
            Event::DocType(_) => return Err(invalid()),
        }
    }
}

fn local_name(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

fn add(open: &mut Option<(String, String)>, text: &str) {
    if let Some((_, so_far)) = open {
        so_far.push_str(text);
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| invalid())? {
        return can_hold(character)
            .then(|| character.to_string())
            .ok_or_else(invalid);
    }
    let name = reference.decode().map_err(|_| invalid())?;
    resolve_predefined_entity(&name)
        .map(str::to_owned)
        .ok_or_else(invalid)
}

fn invalid() -> Error {
    refusal(
        400,
        "InvalidXmlDocument",
        "the body is not the XML of this request",
    )
}

/// An error as blobs and queues answer it.
pub(crate) fn error(code: &str, why: &str) -> String {
    format!(
        "{DECLARATION}<Error><Code>{}</Code><Message>{}</Message></Error>",
        escape(code),
        escape(why)
    )
}

/// Which members of a message a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageView {
    /// After a put: id and receipt, without the text.
    Put,
    /// After a peek: the text, without the receipt.
    Peeked,
    /// After a receive: everything.
    Received,
}

/// A list of messages.
pub(crate) fn messages(messages: &[StoredMessage], view: MessageView) -> String {
    let mut text = format!("{DECLARATION}<QueueMessagesList>");
    for message in messages {
        text.push_str("<QueueMessage>");
        element(&mut text, "MessageId", &message.handle.id);
        element(&mut text, "InsertionTime", &http_date(message.inserted));
        element(&mut text, "ExpirationTime", &http_date(message.expires));
        if view != MessageView::Peeked {
            element(&mut text, "PopReceipt", &message.handle.pop_receipt);
            element(&mut text, "TimeNextVisible", &http_date(message.next_visible));
        }
        if view != MessageView::Put {
            element(&mut text, "DequeueCount", &message.dequeue_count.to_string());
            element(&mut text, "MessageText", &message.text);
        }
        text.push_str("</QueueMessage>");
    }
    text + "</QueueMessagesList>"
}

/// What a list of blobs was asked for.
pub(crate) struct Listing<'a> {
    pub(crate) container: &'a ResourcePath,
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: &'a str,
    pub(crate) with_metadata: bool,
}

/// A page of a container's blobs and folders, both in the order of their names.
pub(crate) fn blobs(asked: &Listing<'_>, page: &BlobPage) -> String {
    let name = escape(&asked.container.name);
    let mut text = format!("{DECLARATION}<EnumerationResults ContainerName=\"{name}\">");
    element(&mut text, "Prefix", asked.prefix);
    if !asked.delimiter.is_empty() {
        element(&mut text, "Delimiter", asked.delimiter);
    }
    text.push_str("<Blobs>");
    let mut folders = page.prefixes.iter().peekable();
    for blob in &page.blobs {
        while let Some(folder) = folders.next_if(|folder| **folder < blob.name) {
            self::folder(&mut text, folder);
        }
        self::blob(&mut text, blob, asked.with_metadata);
    }
    folders.for_each(|folder| self::folder(&mut text, folder));
    text.push_str("</Blobs>");
    element(&mut text, "NextMarker", page.next.as_deref().unwrap_or_default());
    text + "</EnumerationResults>"
}

fn folder(text: &mut String, name: &str) {
    text.push_str("<BlobPrefix>");
    element(text, "Name", name);
    text.push_str("</BlobPrefix>");
}

/// The blocks of a blob, by their state.
pub(crate) fn block_list(
    committed: Option<&[(String, usize)]>,
    staged: Option<&[(String, usize)]>,
) -> String {
    let mut text = format!("{DECLARATION}<BlockList>");
    for (state, blocks) in [("CommittedBlocks", committed), ("UncommittedBlocks", staged)] {
        let Some(blocks) = blocks else { continue };
        text.push_str(&format!("<{state}>"));
        for (id, length) in blocks {
            text.push_str("<Block>");
            element(&mut text, "Name", id);
            element(&mut text, "Size", &length.to_string());
            text.push_str("</Block>");
        }
        text.push_str(&format!("</{state}>"));
    }
    text + "</BlockList>"
}

/// Whether XML can hold a letter: there are some that it cannot, not even escaped.
pub(crate) fn can_hold(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' => true,
        letter => letter >= ' ' && !matches!(letter, '\u{FFFE}' | '\u{FFFF}'),
    }
}

fn blob(text: &mut String, blob: &StoredBlob, with_metadata: bool) {
    text.push_str("<Blob>");
    element(text, "Name", &blob.name);
    text.push_str("<Properties>");
    let modified = http_date(blob.last_modified);
    element(text, "Creation-Time", &modified);
    element(text, "Last-Modified", &modified);
    element(text, "Etag", blob.etag.trim_matches('"'));
    element(text, "Content-Length", &blob.length.to_string());
    element(
        text,
        "Content-Type",
        blob.content_type.as_deref().unwrap_or_default(),
    );
    element(text, "BlobType", "BlockBlob");
    element(text, "LeaseStatus", "unlocked");
    element(text, "LeaseState", "available");
    text.push_str("</Properties>");
    if with_metadata {
        text.push_str("<Metadata>");
        for (name, value) in &blob.metadata {
            element(text, name, value);
        }
        text.push_str("</Metadata>");
    }
    text.push_str("</Blob>");
}

fn element(text: &mut String, name: &str, value: &str) {
    text.push('<');
    text.push_str(name);
    text.push('>');
    text.push_str(&escape(value));
    text.push_str("</");
    text.push_str(name);
    text.push('>');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_read_in_order_with_references_resolved() {
        let body = "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<BlockList>\
            <Latest>QUE=</Latest>\n<Committed>a&amp;b&#13;&lt;</Committed><Latest><![CDATA[c<d]]></Latest><Latest/></BlockList>";
        let leaves = leaves(body.as_bytes()).unwrap();
        let leaves: Vec<_> = leaves
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        assert_eq!(
            leaves,
            [
                ("Latest", "QUE="),
                ("Committed", "a&b\r<"),
                ("Latest", "c<d"),
                ("Latest", "")
            ]
        );
    }

    #[test]
    fn what_is_not_xml_is_refused_with_the_services_code() {
        for body in ["<a>", "<a></b>", "<a>&unknown;</a>", "<!DOCTYPE a><a/>"] {
            let error = leaves(body.as_bytes()).unwrap_err();
            assert_eq!(
                (error.code(), error.http_status()),
                (Some("InvalidXmlDocument"), Some(400)),
                "{body}"
            );
        }
    }
}
