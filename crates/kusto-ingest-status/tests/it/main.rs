//! Status records, report queues and waiting for them, over a storage in memory.

mod report_queues;

mod notifications;
mod operations;
mod reads;
mod router;
mod table;
mod waiting;
