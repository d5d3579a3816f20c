//! Every member of the corpus is one that a strict reader reads, and the same for any number of threads.

use kusto_ingest_compression::testing::gunzip;

use super::corpus::{SOURCES, engines, member, sizes, source};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_sizes_are_one_member_each_and_the_same_on_any_number_of_threads() {
    for (name, engine) in engines() {
        let mut read = 0;
        for size in sizes() {
            let source = source(size);
            let one = member(&engine, 1, &source).await;
            // It refuses a wrong checksum or length, and anything behind the first member.
            assert!(gunzip(&one) == source, "{name}, {size} bytes");
            for threads in [2, 5] {
                let again = member(&engine, threads, &source).await;
                assert!(again == one, "{name}, {size} bytes on {threads} threads");
            }
            read += 1;
        }
        assert_eq!(read, SOURCES);
    }
}
