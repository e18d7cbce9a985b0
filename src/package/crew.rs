//! Agents that work at the same time. One that is lost is replaced, and its task is told as lost.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::settings::{PackagePass, PackageSettings};
use super::talk::PackageAgent;
use crate::budget::Budget;
use crate::interpreter::NoOutcome;

/// What became of a task.
#[derive(Debug)]
pub(super) enum TaskEnd<R> {
    /// It was done.
    Done(R),
    /// Its agent was lost.
    Lost(String),
    /// The time was over before its turn.
    NotBegun,
}

/// The agents of one pass.
#[derive(Debug)]
pub(super) struct Crew<'s> {
    settings: &'s PackageSettings,
    pass: PackagePass,
    directories: Vec<String>,
    warm: Vec<String>,
    lore: Vec<Vec<u8>>,
    agents: Vec<PackageAgent>,
}

impl<'s> Crew<'s> {
    /// Starts as many agents as there are jobs.
    pub(super) fn start(
        settings: &'s PackageSettings,
        pass: PackagePass,
        directories: &[String],
        warm: &[String],
    ) -> Result<Self, NoOutcome> {
        let start = |_| PackageAgent::start(settings, pass, directories, warm);
        let agents = (0..settings.jobs.max(1)).map(start).collect::<Result<_, _>>()?;
        Ok(Self {
            settings,
            pass,
            directories: directories.to_vec(),
            warm: warm.to_vec(),
            lore: Vec::new(),
            agents,
        })
    }

    /// Tells every agent what is known, those that come later too.
    pub(super) fn learn(&mut self, lore: Vec<Vec<u8>>) -> Result<(), NoOutcome> {
        for agent in &mut self.agents {
            agent.learn(&lore)?;
        }
        self.lore = lore;
        Ok(())
    }

    /// Does each task on some agent; the results are in the order of the tasks. `done` is called after each, with how many
    /// are done.
    pub(super) fn each<T: Sync, R: Send>(
        &mut self,
        tasks: &[T],
        budget: &Budget,
        done: &(dyn Fn(usize) + Sync),
        work: impl Fn(&mut PackageAgent, &T) -> Result<R, NoOutcome> + Sync,
    ) -> Result<Vec<TaskEnd<R>>, NoOutcome> {
        let ends: Mutex<Vec<TaskEnd<R>>> = Mutex::new(tasks.iter().map(|_| TaskEnd::NotBegun).collect());
        let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (settings, pass, lore) = (self.settings, self.pass, &self.lore);
        let (directories, warm) = (&self.directories, &self.warm);
        let labour = |agent: &mut PackageAgent| -> Result<(), NoOutcome> {
            while budget.check().is_ok() {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(task) = tasks.get(at) else { break };
                let end = match work(agent, task) {
                    Ok(result) => TaskEnd::Done(result),
                    Err(why) => {
                        *agent = PackageAgent::start(settings, pass, directories, warm)?;
                        agent.learn(lore)?;
                        TaskEnd::Lost(why.to_string())
                    }
                };
                ends.lock().unwrap_or_else(PoisonError::into_inner)[at] = end;
                done(finished.fetch_add(1, Ordering::Relaxed) + 1);
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let labour = &labour;
            let workers: Vec<_> =
                self.agents.iter_mut().map(|agent| scope.spawn(move || labour(agent))).collect();
            let ended = workers.into_iter().map(|worker| worker.join().expect("a worker does not panic"));
            ended.collect::<Result<Vec<()>, NoOutcome>>()
        })?;
        Ok(ends.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}
