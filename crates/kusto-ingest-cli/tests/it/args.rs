//! What the command line may say, and what it may not.

mod addresses;
mod bad_input;
mod canary;
mod options;
mod profiles;
