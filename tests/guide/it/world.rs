//! What an example finds: an emulator with a table, a client of it, and a few files.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Once;

use kusto_emulator::Emulator;
use kusto_ingest::{IngestionProperties, Kusto};
use tokio::runtime::Runtime;

/// The files in the folder in which examples run.
const FILES: [(&str, &str); 3] = [
    ("weather.csv", "2012-01-01,4.7\n2012-01-02,4.5\n"),
    (
        "weather.json",
        "{\"at\":\"2012-01-01\",\"wind\":4.7}\n{\"at\":\"2012-01-02\",\"wind\":4.5}\n",
    ),
    (
        "mapping.json",
        r#"[{"Column":"at","Properties":{"Path":"$.at"}},{"Column":"wind","Properties":{"Path":"$.wind"}}]"#,
    ),
];

/// How an example ends.
type Ran = Result<(), Box<dyn Error>>;

thread_local! {
    static CLUSTER: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The address of the emulator of the example that runs on this thread.
pub(crate) fn cluster() -> String {
    CLUSTER.with_borrow(Clone::clone)
}

/// Runs a program beside an emulator.
pub(crate) fn program<E: fmt::Debug>(main: impl FnOnce() -> Result<(), E>) {
    let (_runtime, _emulator) = open();
    if let Err(error) = main() {
        panic!("{error:?}");
    }
}

/// Runs the body of a function, which gets a client, and properties that lead into the table.
pub(crate) fn example<F>(run: impl FnOnce(Kusto, IngestionProperties) -> F)
where
    F: Future<Output = Ran>,
{
    let (_runtime, _emulator) = open();
    let kusto = Kusto::connect(&cluster()).expect("it is an address");
    let properties = IngestionProperties::into_table("Samples", "Weather").expect("they are names");
    let runtime = Runtime::new().expect("there are threads");
    if let Err(error) = runtime.block_on(run(kusto, properties)) {
        panic!("{error:?}");
    }
}

fn open() -> (Runtime, Emulator) {
    static FOLDER: Once = Once::new();
    FOLDER.call_once(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("guide");
        fs::create_dir_all(&folder).expect("it is ours");
        for (name, text) in FILES {
            fs::write(folder.join(name), text).expect("it can be written");
        }
        let authority = "../../crates/kusto-auth/tests/data/issuer-first.pem";
        let authority = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(authority);
        fs::copy(authority, folder.join("corp-ca.pem")).expect("it is in the repository");
        std::env::set_current_dir(&folder).expect("it is there");
    });
    let runtime = Runtime::new().expect("there are threads");
    let table = (
        "Samples".try_into(),
        "Weather".try_into(),
        "at:datetime,wind:real".parse(),
    );
    let (Ok(database), Ok(name), Ok(schema)) = table else {
        unreachable!("they are names and columns");
    };
    let emulator = Emulator::builder().with_table(database, name, schema);
    let emulator = runtime.block_on(emulator.start()).expect("there is a port");
    CLUSTER.set(emulator.cluster());
    (runtime, emulator)
}
