//! What a storage answers to single requests about blobs.

use kusto_ingest_core::SourceId;
use kusto_storage::ResourceUri;

use super::{StorageAnswer, StorageRequest};
use crate::conformance::rules::Rules;

const RULES: Rules = Rules("a storage of blobs");

/// `hello`, and its checksums.
const HELLO: &str = "hello";
const MD5: &str = "XUFAKrxLKna5cZ2REBfFkg==";

/// Checks what is answered to requests about blobs: checksums, ranges, conditions, ids of blocks, and copies.
///
/// It leaves blobs behind whose names begin with `conformance/`. The address must allow to read, write and delete.
///
/// # Panics
/// When a rule does not hold.
pub async fn blob_requests(send: impl AsyncFn(StorageRequest) -> StorageAnswer, container: &ResourceUri) {
    let suite = Suite { send, container };
    suite.checksums_are_compared().await;
    suite.ranges_end_where_the_blob_does().await;
    suite.writes_have_conditions().await;
    suite.reads_have_conditions().await;
    suite.ids_of_blocks_have_one_length().await;
    suite.a_list_says_which_block_it_means().await;
    suite.a_blob_is_copied_by_its_address().await;
}

struct Suite<'a, S> {
    send: S,
    container: &'a ResourceUri,
}

impl<S: AsyncFn(StorageRequest) -> StorageAnswer> Suite<'_, S> {
    async fn checksums_are_compared(&self) {
        let name = name("checked");
        let put = || self.put(&name);
        let right = (self.send)(put().header("content-md5", MD5).body(HELLO)).await;
        RULES.answered("a right checksum is accepted", &right, 201, "");
        let wrong = (self.send)(put().header("content-md5", MD5).body("other")).await;
        // Azure's code is `Md5Mismatch`; Azurite has another one.
        RULES.same("a wrong checksum is refused", &wrong.status, &400);
        let kept = self.read(&name).await;
        RULES.same(
            "what was refused replaces nothing",
            &kept.text(),
            &HELLO.to_owned(),
        );
        let block = self.block(&name, "aaaa").header("content-md5", MD5);
        let wrong = (self.send)(block.body("other")).await;
        RULES.same("that of a block is compared as well", &wrong.status, &400);
    }

    async fn ranges_end_where_the_blob_does(&self) {
        let (full, empty) = (name("full"), name("empty"));
        for (name, body) in [(&full, "0123456789"), (&empty, "")] {
            (self.send)(self.put(name).body(body)).await;
        }
        for (name, range, status, text) in [
            (&full, "bytes=2-4", 206, "234"),
            (&full, "bytes=8-99", 206, "89"),
            (&full, "bytes=7-", 206, "789"),
            (&full, "bytes=10-", 416, ""),
            (&empty, "bytes=0-", 416, ""),
            (&empty, "bytes=0-9", 416, ""),
        ] {
            let request = StorageRequest::new("GET", self.container, name, "");
            let answer = (self.send)(request.header("x-ms-range", range)).await;
            let rule = format!("{range} is answered");
            let is_behind = status == 416;
            // Azure refuses what begins behind the end; Azurite gives nothing of some of it.
            let holds = match is_behind {
                true => answer.status == 416 || (answer.status == 206 && answer.body.is_empty()),
                false => (answer.status, answer.text()) == (status, text.to_owned()),
            };
            RULES.holds(&rule, holds, &answer);
        }
    }

    async fn writes_have_conditions(&self) {
        let name = name("conditional");
        let put = |header, value: &str| self.put(&name).header(header, value).body(HELLO);
        let first = (self.send)(put("if-none-match", "*")).await;
        RULES.answered("a blob is made where there is none", &first, 201, "");
        let second = (self.send)(put("if-none-match", "*")).await;
        RULES.answered("and not where there is one", &second, 409, "BlobAlreadyExists");
        let etag = first.header("etag").unwrap_or_default();
        let changed = (self.send)(put("if-match", etag)).await;
        RULES.answered("the etag that is known is replaced", &changed, 201, "");
        let stale = (self.send)(put("if-match", etag)).await;
        RULES.answered("and an old one is not", &stale, 412, "ConditionNotMet");
        let delete = StorageRequest::new("DELETE", self.container, &name, "").header("if-match", etag);
        let stale = (self.send)(delete).await;
        RULES.answered("nor is it deleted", &stale, 412, "ConditionNotMet");
    }

    async fn reads_have_conditions(&self) {
        let name = name("known");
        let put = (self.send)(self.put(&name).body(HELLO)).await;
        let etag = put.header("etag").unwrap_or_default();
        let get =
            |header, value: &str| StorageRequest::new("GET", self.container, &name, "").header(header, value);
        let known = (self.send)(get("if-none-match", etag)).await;
        RULES.same("what is known is not sent again", &known.status, &304);
        let other = (self.send)(get("if-match", "\"0x1\"")).await;
        RULES.answered("another etag is not read", &other, 412, "ConditionNotMet");
        let later = (self.send)(get("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT")).await;
        RULES.same("what is not newer is not sent", &later.status, &304);
        let earlier = (self.send)(get("if-unmodified-since", "Thu, 01 Jan 1970 00:00:01 GMT")).await;
        // The emulator's clock may stand at the beginning of time.
        RULES.holds(
            "what is newer is refused",
            matches!(earlier.status, 412 | 200),
            &earlier,
        );
    }

    async fn ids_of_blocks_have_one_length(&self) {
        let name = name("blocks");
        let stage = |id: &str| self.block(&name, id).body("x");
        let first = (self.send)(stage("aaa")).await;
        RULES.answered("a block is staged", &first, 201, "");
        let longer = (self.send)(stage("aaaaaaa")).await;
        RULES.answered(
            "an id of another length is refused",
            &longer,
            400,
            "InvalidBlobOrBlock",
        );
        let list = self.list(&name).body(latest("zzz"));
        let unknown = (self.send)(list).await;
        RULES.answered(
            "so is a block that was not staged",
            &unknown,
            400,
            "InvalidBlockList",
        );
    }

    async fn a_list_says_which_block_it_means(&self) {
        let name = name("meant");
        (self.send)(self.block(&name, "aaa").body("old")).await;
        let made = (self.send)(self.list(&name).body(latest("aaa"))).await;
        RULES.answered("staged blocks are committed", &made, 201, "");
        (self.send)(self.block(&name, "aaa").body("new")).await;
        let list = format!(
            "<BlockList><Committed>{0}</Committed><Uncommitted>{0}</Uncommitted></BlockList>",
            base64("aaa")
        );
        let both = (self.send)(self.list(&name).body(list)).await;
        RULES.answered("a committed and a staged block of one id are two", &both, 201, "");
        RULES.same(
            "each is where the list says",
            &self.read(&name).await.text(),
            &"oldnew".to_owned(),
        );
    }

    async fn a_blob_is_copied_by_its_address(&self) {
        let (from, to) = (name("original"), name("copy"));
        let original = self.put(&from).header("x-ms-meta-kind", "first").body(HELLO);
        (self.send)(original).await;
        let source = StorageRequest::new("GET", self.container, &from, "").url;
        let copy = StorageRequest::new("PUT", self.container, &to, "").header("x-ms-copy-source", source);
        let copied = (self.send)(copy).await;
        RULES.answered("a blob of the same storage is copied", &copied, 202, "");
        RULES.same(
            "it is done at once",
            &copied.header("x-ms-copy-status"),
            &Some("success"),
        );
        let read = self.read(&to).await;
        let seen = (read.text(), read.header("x-ms-meta-kind").map(str::to_owned));
        RULES.same(
            "with its metadata",
            &seen,
            &(HELLO.to_owned(), Some("first".to_owned())),
        );
    }

    fn put(&self, name: &str) -> StorageRequest {
        StorageRequest::new("PUT", self.container, name, "").header("x-ms-blob-type", "BlockBlob")
    }

    fn block(&self, name: &str, id: &str) -> StorageRequest {
        let query = format!("comp=block&blockid={}", base64(id).replace('=', "%3D"));
        StorageRequest::new("PUT", self.container, name, &query)
    }

    fn list(&self, name: &str) -> StorageRequest {
        StorageRequest::new("PUT", self.container, name, "comp=blocklist")
            .header("content-type", "application/xml")
    }

    async fn read(&self, name: &str) -> StorageAnswer {
        (self.send)(StorageRequest::new("GET", self.container, name, "")).await
    }
}

fn latest(id: &str) -> String {
    format!("<BlockList><Latest>{}</Latest></BlockList>", base64(id))
}

/// The base64 of an id whose length is one more than, or one of, the multiples of three.
fn base64(id: &str) -> &'static str {
    match id {
        "aaa" => "YWFh",
        "zzz" => "enp6",
        "aaaa" => "YWFhYQ==",
        _ => "YWFhYWFhYQ==",
    }
}

/// The path of a name that no other run uses.
fn name(what: &str) -> String {
    format!("/conformance/{}/{what}", SourceId::random())
}
