//! Loops: `for`, `while`, comprehensions, and the elements over which they go.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use ruff_python_ast::{Comprehension, Expr, StmtFor, StmtWhile};

use super::generator::Iterated;
use super::purge::is_purge;
use super::scope::{CallNames, CallValues, Scope};
use super::statement::Flow;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{Name, ProcessObject, Value};

/// What a comprehension does with each round.
pub(super) type Round<'r> = &'r mut dyn FnMut(&mut Machine<'_>, &mut Scope<'_>) -> Result<ControlFlow<()>>;

impl Machine<'_> {
    pub(super) fn for_statement(&mut self, scope: &mut Scope<'_>, node: &StmtFor) -> Result<Flow> {
        if node.is_async {
            return refuse("an `async for`");
        }
        if is_purge(node) {
            return self.purge(scope, node);
        }
        let iterated = self.iterated(scope, &node.iter)?;
        let mut left = None;
        self.go_through(iterated, &mut |machine, value| {
            machine.store(scope, &node.target, value)?;
            match machine.statements(scope, &node.body)? {
                Flow::Next | Flow::Continue => Ok(ControlFlow::Continue(())),
                flow => {
                    left = Some(flow);
                    Ok(ControlFlow::Break(()))
                }
            }
        })
        .map(drop)?;
        match left {
            None => self.statements(scope, &node.orelse),
            Some(Flow::Break) => Ok(Flow::Next),
            Some(flow) => Ok(flow),
        }
    }

    pub(super) fn while_statement(&mut self, scope: &mut Scope<'_>, node: &StmtWhile) -> Result<Flow> {
        while self.condition(scope, &node.test)? {
            self.count_round()?;
            match self.statements(scope, &node.body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                left @ Flow::Return(_) => return Ok(left),
            }
        }
        self.statements(scope, &node.orelse)
    }

    /// The elements of a value, in order.
    pub(super) fn elements(&mut self, of: &Value) -> Result<Vec<Value>> {
        match of {
            Value::Tuple(parts) | Value::Elements(parts) => Ok(parts.to_vec()),
            Value::Known(ProcessObject::Modules) => self.names_of_modules(),
            Value::Str(text) if text.contains('$') => refuse("a text that may name the ordering's directory"),
            Value::Str(text) => Ok(text.chars().map(|letter| Value::text(letter.to_string())).collect()),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::List(values)) => Ok(values.clone()),
                Some(Object::Dict(items)) => Ok(items.iter().map(|(key, _)| key.clone()).collect()),
                Some(Object::Set(values)) if values.len() < 2 => Ok(values.clone()),
                Some(Object::Set(_)) => refuse("the order of a set"),
                _ => refuse("a loop over such a value"),
            },
            _ => refuse("a loop over such a value"),
        }
    }

    /// The elements of a value in any order, for what does not depend on it.
    pub(super) fn elements_in_any_order(&mut self, of: &Value) -> Result<Vec<Value>> {
        if let Value::Object(id) = of
            && let Some(Object::Set(values)) = self.memory.object(id)
        {
            return Ok(values.clone());
        }
        self.elements(of)
    }

    /// A list, set or dict that a comprehension makes.
    pub(super) fn comprehension(&mut self, scope: &mut Scope<'_>, node: &Expr) -> Result<Value> {
        match node {
            Expr::ListComp(list) => {
                let values = self.collected(scope, &list.generators, &list.elt)?;
                Ok(self.make(scope, list, Object::List(values)))
            }
            Expr::SetComp(set) => {
                let values = self.collected(scope, &set.generators, &set.elt)?;
                self.make_set(scope, set, values)
            }
            Expr::DictComp(dict) => {
                let Some(key) = &dict.key else { return refuse("`**` in a comprehension") };
                let mut items = Vec::new();
                self.rounds(scope, &dict.generators, &mut |machine, inner| {
                    let key = machine.evaluate(inner, key)?;
                    let value = machine.evaluate(inner, &dict.value)?;
                    machine.put_item(&mut items, key, value)?;
                    Ok(ControlFlow::Continue(()))
                })?;
                Ok(self.make(scope, dict, Object::Dict(items)))
            }
            _ => refuse("such an expression"),
        }
    }

    fn collected(
        &mut self,
        scope: &mut Scope<'_>,
        generators: &[Comprehension],
        element: &Expr,
    ) -> Result<Vec<Value>> {
        let mut values = Vec::new();
        self.rounds(scope, generators, &mut |machine, inner| {
            values.push(machine.evaluate(inner, element)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(values)
    }

    /// `any` or `all`, which ends at the first element that decides.
    pub(super) fn decided(&mut self, scope: &mut Scope<'_>, of: &Expr, decisive: bool) -> Result<Value> {
        let iterated = self.iterated(scope, of)?;
        let found = self.go_through(iterated, &mut |machine, value| {
            let decides = machine.truth(&value)? == decisive;
            Ok(if decides { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(Value::Bool(found.is_break() == decisive))
    }

    /// Runs the rounds of a comprehension in a scope of its own.
    fn rounds(
        &mut self,
        scope: &mut Scope<'_>,
        generators: &[Comprehension],
        round: Round<'_>,
    ) -> Result<()> {
        let (mut inner, of) = self.begin_rounds(scope, generators)?;
        self.nested_rounds(&mut inner, generators, Some(of), round).map(drop)
    }

    /// The scope of a comprehension, and what its first part goes through, which belongs to the scope around.
    pub(super) fn begin_rounds<'a, 'e>(
        &mut self,
        scope: &mut Scope<'a>,
        generators: &'e [Comprehension],
    ) -> Result<(Scope<'a>, Iterated<'a, 'e>)> {
        let [first, ..] = generators else { return refuse("such an expression") };
        let of = self.iterated(scope, &first.iter)?;
        let mut names = BTreeSet::new();
        for generator in generators {
            names_of_target(&generator.target, &mut names)?;
        }
        let (mut own, mut values, mut outer) = (names, BTreeMap::new(), scope.outer.clone());
        match scope.call.as_ref().map(|call| (&call.own, &call.values)) {
            Some((around, CallValues::Here(known))) => {
                values = known.iter().filter(|(name, _)| !own.contains(*name)).map(pair).collect();
                own.extend(around.iter().cloned());
            }
            Some((_, CallValues::Shared(id))) => outer = Some(id.clone()),
            None => {}
        }
        let code = scope.call.as_ref().and_then(|call| call.code);
        let call = CallNames { own, code, is_function: false, values: CallValues::Here(values) };
        Ok((Scope { frame: scope.frame, class: None, call: Some(call), outer, yields: None }, of))
    }

    pub(super) fn nested_rounds<'a, 'e>(
        &mut self,
        inner: &mut Scope<'a>,
        generators: &'e [Comprehension],
        first: Option<Iterated<'a, 'e>>,
        round: Round<'_>,
    ) -> Result<ControlFlow<()>> {
        let [generator, rest @ ..] = generators else { return round(self, inner) };
        if generator.is_async {
            return refuse("an `async for`");
        }
        let of = match first {
            Some(of) => of,
            None => self.iterated(inner, &generator.iter)?,
        };
        self.go_through(of, &mut |machine, value| {
            machine.store(inner, &generator.target, value)?;
            for test in &generator.ifs {
                if !machine.condition(inner, test)? {
                    return Ok(ControlFlow::Continue(()));
                }
            }
            machine.nested_rounds(inner, rest, None, round)
        })
    }
}

fn pair((name, value): (&Name, &Value)) -> (Name, Value) {
    (name.clone(), value.clone())
}

/// The names that a target of a comprehension binds.
fn names_of_target(target: &Expr, names: &mut BTreeSet<Name>) -> Result<()> {
    match target {
        Expr::Name(name) => {
            names.insert(name.id.as_str().into());
            Ok(())
        }
        Expr::Tuple(node) => node.elts.iter().try_for_each(|part| names_of_target(part, names)),
        Expr::List(node) => node.elts.iter().try_for_each(|part| names_of_target(part, names)),
        _ => refuse("such a target of a comprehension"),
    }
}
