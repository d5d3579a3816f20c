//! `from-storage` that is interrupted: it says what may go on.

use std::time::Duration;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};

use crate::setup::command::{end, signal, start};
use crate::setup::kusto::Kusto;
use crate::setup::poll::while_it_runs;

#[test]
fn an_interrupt_while_the_operation_is_begun_says_that_it_may_have_begun() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let container = kusto.container_address();
    let late = HttpFault::ResponseDelayed(Duration::from_secs(3600));
    kusto
        .emulator
        .plan(HttpFaultPlan::new(late).on(Route::Management).forever());
    let arguments = ["from-storage", &container, "--format", "csv", "--no-wait"];
    let mut child = start(&mut kusto.command(&arguments));
    while_it_runs(&mut child, || kusto.emulator.request_count(Route::Management) > 0);
    signal(&child, "-INT");
    end(child).refused(130, "the operation may have begun");
}
