//! `taster bisect`: who makes a test fail in one ordering.

use taster::bisect::Which;
use taster::budget::Interruption;
use taster::ordering::Shape;
use taster::report::{self, Spellings};
use taster::scenario::Scenario;

use crate::finding_option::{self, SourceOptions};
use crate::format::{Format, print};
use crate::status::{CommandError, Status, complain};

/// Options of `taster bisect`.
#[derive(Debug, clap::Args)]
pub(crate) struct BisectOptions {
    #[command(flatten)]
    source: SourceOptions,
    /// The test that fails after others, or fails only on its own
    #[arg(long, value_name = "NAME")]
    victim: String,
    /// The ordering to bisect, as for `taster replay` [default: the tests one after the other, as the file has them]
    #[arg(long, value_name = "A,B,A,B", value_delimiter = ',')]
    order: Vec<String>,
    /// Bisect a random ordering, drawn with this seed
    #[arg(long, value_name = "N", conflicts_with = "order")]
    seed: Option<u64>,
    /// Output format
    #[arg(long, value_enum, default_value = "terminal")]
    format: Format,
}

/// Bisects on the first interpreter that is asked for, under the first clock.
pub(crate) fn bisect(options: &BisectOptions) -> Result<Status, CommandError> {
    let scenario = options.source.read()?;
    let test = finding_option::named(&scenario, &options.victim)?;
    let which = options.which(&scenario)?;
    let installations = options.source.interpreters.installations()?;
    let Some(installation) = installations.first() else {
        return Err(CommandError::CouldNot("no interpreter was found to bisect on".into()));
    };
    let interruption = Interruption::on_ctrl_c();
    let timestamps = &scenario.timestamps[0];
    let bisection = taster::bisect::bisect(&scenario, installation, timestamps, (test, which), &interruption)
        .map_err(CommandError::because)?;
    let found = bisection.finding.is_some();
    let text = match options.format {
        Format::Terminal => report::bisected(&bisection, &Spellings::of(&installations)),
        Format::Json => report::bisected_json(&bisection),
    };
    print(&text)?;
    if !found {
        complain("nothing was found: another ordering may show more (--order, --seed)");
    }
    Ok(if found { Status::AsDeclared } else { Status::CouldNotJudge })
}

impl BisectOptions {
    fn which(&self, scenario: &Scenario) -> Result<Which, CommandError> {
        if let Some(seed) = self.seed {
            return Ok(Which::Seed(seed));
        }
        if self.order.is_empty() {
            return Ok(Which::AsWritten);
        }
        let word = self
            .order
            .iter()
            .map(|name| finding_option::named(scenario, name))
            .collect::<Result<Vec<_>, _>>()?;
        let names: Vec<&str> = scenario.tests.iter().map(|test| test.name.as_str()).collect();
        Shape::of(scenario).check(&word, &names).map_err(CommandError::because)?;
        Ok(Which::Word(word))
    }
}
