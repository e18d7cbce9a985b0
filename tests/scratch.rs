//! scratch
use std::path::Path;
use taster::run::*;
use taster::interpreter::choose;
use taster::interpreter::cpython::discover::Places;
    #[test]
    fn scratch() {
        let word = std::env::var("SCRATCH_PYTHON").unwrap_or("3.11".into());
        let places = Places::from_variables(|name| std::env::var_os(name));
        let file = std::env::var("SCRATCH").unwrap();
        let scenario = taster::scenario::read(Path::new(&file)).unwrap();
        for installation in choose::choose(&[word], &places).unwrap() {
            for timestamps in &scenario.timestamps {
                let mut options = Options::default(); if let Ok(n)=std::env::var("NO_MERGE") { options.merge = n.is_empty(); }
                if let Ok(jobs) = std::env::var("SCRATCH_JOBS") { options.jobs = jobs.parse().unwrap(); }
                let verdict = run(&scenario, &installation, timestamps, &options, &|_| {});
                match verdict {
                    Ok(v) => println!("{} {} {:?} states {} transitions {} audited {} {:.3}s {:.3}s {:?} {:?}\n{:#?}", installation.identity.label, timestamps.written, v.coverage, v.states, v.transitions, v.audited, v.seconds, v.diagnosis_seconds, v.tests, v.judgement,
                        v.findings.iter().map(|f| (f.kind, f.test, f.others.clone(), f.cause, f.outcome.to_string(), f.witness.clone(), f.neighbour.clone(), f.polluting_step, f.failing_step, f.evidence.clone(), &f.probability)).collect::<Vec<_>>()),
                    Err(e) => println!("{} {e}", installation.identity.label),
                }
            }
        }
    }
