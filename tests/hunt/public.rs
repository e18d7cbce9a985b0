//! Six suites of public data sets of order-dependent Python tests: every test that the data sets name, and that still is
//! order-dependent by plain pytest, must be found with the right kind, without a hint.

use std::time::Instant;

use crate::environments::environment;
use crate::hunting::{equal, hunt, strings};
use crate::plain::{confirm, seconds};
use crate::sources::source;

/// What all six need; newer versions make some of their tests fail.
const PACKAGES: &[&str] = &[
    "pytest==8.3.5",
    "pytest-mock==3.14.1",
    "bottle==0.13.4",
    "furl==2.1.4",
    "jsonschema==4.23.0",
    "mock==5.2.0",
    "odin==2.10",
    "requests==2.32.4",
    "six==1.17.0",
    "urllib3==2.2.3",
    "xmltodict==0.15.0",
];

/// One suite: its distribution and version, what pytest is given, and its order-dependent tests: what their node ids begin
/// with, kind, what must come before each (or nothing, where several tests would do), and the ends of the node ids.
pub(crate) struct Public(
    pub(crate) &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str, &'static [&'static str], &'static [&'static str])],
);

#[rustfmt::skip]
pub(crate) const SUITES: &[Public] = &[
    Public("accessify", "0.3.1", "tests", &[("tests/interfaces/test_implements.py::test_", "victim",
        &["tests/disabling/test_disable.py::test_disabling_accessify"],
        &["implements_not_cls_convention", "implements_not_self_convention", "implements_not_self_convention_in_deleter",
        "implements_not_self_convention_in_getter", "implements_not_self_convention_in_setter",
        "implements_no_implementation_deleter", "implements_no_implementation_getter",
        "implements_no_implementation_instance_method", "implements_no_implementation_setter",
        "implements_no_implementation_static_method", "not_implements_private_access",
        "not_implements_protected_access"])]),
    Public("bottle-neck", "1.23", "test", &[
        ("test/test_routing.py::test_router_register_handler_", "brittle",
            &["test/test_routing.py::test_router_register_handler_fn_pass"], &["cbv_pass"]),
        ("test/test_routing.py::test_router_register_handler_", "victim",
            &["test/test_routing.py::test_router_register_handler_cbv_pass"], &["fn_pass"])]),
    Public("coinbase_commerce", "1.0.1", "tests", &[
        ("tests/test_api_client.py::TestApiClient::test_", "victim",
            &["tests/test_api_client.py::TestApiClient::test_param_required_error"],
            &["authentication_error", "invalid_request_error", "resource_not_found_error"]),
        ("tests/api_resources/", "victim", &[], &["base/test_create_api_resource.py::TestCreateAPIResource::test_create",
            "base/test_list_api_resource.py::TestListAPIResource::test_list",
            "test_charge.py::TestCharge::test_list_iter_mapping", "test_checkout.py::TestCheckout::test_list_iter_mapping",
            "test_event.py::TestEvent::test_list_iter_mapping"])]),
    Public("ljson", "0.5.4", "test", &[
        ("test/test_ljson_mem.py::", "victim", &["test/test_ljson_mem.py::test_edit"], &["test_contains"]),
        ("test/test_ljson_mem.py::", "victim", &["test/test_ljson_mem.py::test_unique_check"], &["test_edit"]),
        ("test/test_ljson_disk.py::", "victim", &[],
            &["test_contains", "test_delete", "test_edit", "test_read", "test_unique_check"])]),
    Public("odinweb", "0.5.2", "tests", &[("tests/test_containers.py::TestApiInterfaceBase::test_dispatch__", "victim",
        &["tests/test_swagger.py::TestSwaggerSpec::test_get_swagger"],
        &["encode_error_with_debug_enabled", "error_handled_by_middleware", "error_handled_by_middleware_raises_exception",
        "error_with_debug_enabled", "exceptions[error0-HTTPStatus.NOT_MODIFIED]", "exceptions[error1-400]",
        "exceptions[error2-400]", "exceptions[error5-500]", "exceptions[NotImplementedError-501]",
        "exceptions[ValueError-500]", "http_response",
        "invalid_headers[r1-406-URI not available in preferred format]",
        "invalid_headers[r2-405-Specified method is invalid for this resource]", "with_middleware"])]),
    Public("pook", "1.0.1", "tests/unit", &[("tests/unit/api_test.py::", "victim", &[], &["test_mock_contructors"])]),
];

/// Hunts in a suite; what is known must be found, and what is found must be so by plain pytest.
pub(crate) fn known(Public(name, version, tests, all): &Public) -> Result<(), String> {
    let python = environment("public-3.8", "3.8", PACKAGES)?;
    let folder = source(name, version)?;
    let full = seconds(&python, folder.path(), &[tests])?;
    let folder = source(name, version)?;
    let started = Instant::now();
    // The time that people give a hunt: ten runs of their suite, and two minutes at least.
    let budget = format!("{:.0}s", (10.0 * full).max(120.0));
    let hunted = hunt(folder.path(), &python, &["--budget", &budget, "--", tests])?;
    let taken = started.elapsed().as_secs_f64();
    let mut number = 0;
    for (begin, kind, before, ends) in *all {
        for end in *ends {
            let finding = hunted.finding(&format!("{begin}{end}"))?;
            equal("kind", finding["finding"].as_str(), Some(kind))
                .map_err(|error| format!("{error}: {finding:#}"))?;
            let key = if *kind == "brittle" { "state_setters" } else { "polluters" };
            if !before.is_empty() {
                equal("before", strings(&finding[key]), before.to_vec())
                    .map_err(|error| format!("{end}: {error}"))?;
            }
            number += 1;
        }
    }
    eprintln!("{name}: all {number} known in {taken:.1} s; a full run of pytest takes {full:.2} s");
    confirm(&python, &hunted, || source(name, version))
}
