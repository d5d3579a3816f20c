//! Whole flows over real sockets, one module a way in.

mod accounts;
mod azurite;
mod black_holes;
mod blocking;
mod canary;
mod cancellation;
mod conformance;
mod faults;
mod files;
mod folders;
mod golden;
mod identity;
mod large_answers;
mod live;
mod outages;
mod own_blobs;
mod peers;
mod queued;
mod refresh;
mod refusals;
mod rows;
mod sign_in;
mod slow_uplink;
mod status_router;
mod ways;
mod without_runtime;
