//! Three hidden pairs among 2,000 generated tests.

use libtest_mimic::{Failed, Trial};

use crate::generated::{PAIRS, name, write_suite};
use crate::hunting::{equal, hunt, strings};
use crate::pytest;

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("large::three_pairs_among_2000_tests", || three_pairs().map_err(Failed::from))]
}

fn three_pairs() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    write_suite(folder.path()).map_err(|error| error.to_string())?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given,reverse", "--timestamps", "real"])?;
    equal("findings", hunted.of_kind("finding").len(), PAIRS.len())?;
    for (polluter, victim) in PAIRS {
        let finding = hunted.finding(&name(victim))?;
        equal("polluters", strings(&finding["polluters"]), vec![name(polluter).as_str()])?;
        equal("cause", finding["cause"].as_str(), Some("changed-state"))?;
    }
    Ok(())
}
