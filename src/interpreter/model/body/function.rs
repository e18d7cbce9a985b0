//! Functions that bodies define: their definition, what decorators make of them, and their calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_python_ast::{AnyParameterRef, Decorator, ParameterWithDefault, Parameters, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::frame::BodyFrame;
use super::scope::{Scope, Yields};
use super::statement::Flow;
use crate::interpreter::model::code::{Code, FunctionBody, Suspends};
use crate::interpreter::model::import::Importer;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Function, Object};
use crate::interpreter::model::stop::{Result, raise, refuse};
use crate::interpreter::model::value::{Descriptor, Name, ObjectId, Value};

/// How deep calls may be nested: CPython ends at a thousand of its own, which the model does not count alike.
const DEPTH: usize = 40;

/// The arguments of a call.
#[derive(Debug, Clone, Default)]
pub(in crate::interpreter::model) struct Arguments {
    pub(super) positional: Vec<Value>,
    pub(super) keywords: Vec<(Name, Value)>,
}

impl Arguments {
    pub(in crate::interpreter::model) fn positional(values: Vec<Value>) -> Self {
        Self { positional: values, keywords: Vec::new() }
    }
}

impl Machine<'_> {
    pub(super) fn define_function(&mut self, scope: &mut Scope<'_>, node: &StmtFunctionDef) -> Result<()> {
        if node.type_params.is_some() {
            return refuse("a function with type parameters");
        }
        let decorators = self.decorators(scope, &node.decorator_list)?;
        let function = self.make_function(scope, node, &node.name, &node.parameters)?;
        self.annotations(scope, node)?;
        let decorated = self.decorated(scope, decorators, function)?;
        self.bind(scope, &node.name, decorated)
    }

    /// Evaluates the annotations of a function, in CPython's order, if they are evaluated where it is defined.
    fn annotations(&mut self, scope: &mut Scope<'_>, node: &StmtFunctionDef) -> Result<()> {
        let of_parameters = node.parameters.iter_source_order().filter_map(AnyParameterRef::annotation);
        for annotation in of_parameters.chain(node.returns.as_deref()) {
            self.annotation(scope, annotation)?;
        }
        Ok(())
    }

    /// The function that stands at this node.
    pub(super) fn make_function(
        &mut self,
        scope: &mut Scope<'_>,
        node: &impl Ranged,
        name: &str,
        parameters: &Parameters,
    ) -> Result<Value> {
        let mut defaults = BTreeMap::new();
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                let value = self.evaluate(scope, default)?;
                defaults.insert(parameter.parameter.name.as_str().into(), value);
            }
        }
        let function = Function {
            name: name.into(),
            module: scope.frame.module.clone(),
            file: scope.frame.file.into(),
            source: scope.frame.body.source.clone(),
            at: u32::from(node.start()),
            defaults,
            outer: scope.reachable()?,
            is_abstract: false,
        };
        Ok(self.make(scope, node, Object::Function(function.into())))
    }

    /// The values of decorators, the first written first.
    pub(super) fn decorators(&mut self, scope: &mut Scope<'_>, list: &[Decorator]) -> Result<Vec<Value>> {
        list.iter().map(|decorator| self.evaluate(scope, &decorator.expression)).collect()
    }

    /// What decorators make of a function or class: the last written is called first.
    pub(super) fn decorated(
        &mut self,
        scope: &mut Scope<'_>,
        decorators: Vec<Value>,
        mut value: Value,
    ) -> Result<Value> {
        for decorator in decorators.into_iter().rev() {
            let site = ruff_text_size::TextRange::default();
            value = self.call_value((scope, site), &decorator, Arguments::positional(vec![value]))?;
        }
        Ok(value)
    }

    /// Calls a function, or a function with the object on which it was looked up.
    pub(in crate::interpreter::model) fn call_function(
        &mut self,
        function: &Value,
        arguments: Arguments,
    ) -> Result<Value> {
        match function {
            Value::Bound(function, of) => {
                let mut arguments = arguments;
                arguments.positional.insert(0, (**of).clone());
                self.call_function(&function.clone(), arguments)
            }
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Function(function)) => self.run_function(&function, arguments),
                Some(Object::CachedFunction(cached)) => self.call_cached(id, &cached, arguments),
                _ => refuse("a call of what is no function"),
            },
            _ => refuse("a call of what is no function"),
        }
    }

    fn run_function(&mut self, function: &Function, arguments: Arguments) -> Result<Value> {
        if self.code_of(function)?.suspends != Suspends::Never {
            return refuse(format!("a call of `{}`, a generator or coroutine", function.name));
        }
        self.run_with(function, arguments, None)
    }

    /// What stands in the source of a function.
    pub(super) fn code_of(&mut self, function: &Function) -> Result<Arc<Code>> {
        match self.body(&function.source)?.codes.get(&function.at) {
            Some(code) => Ok(code.clone()),
            None => refuse(format!("the function `{}`, which is not in its source", function.name)),
        }
    }

    /// Runs a function; a generator's values go to whom `yields` names.
    pub(super) fn run_with(
        &mut self,
        function: &Function,
        arguments: Arguments,
        yields: Option<Yields<'_>>,
    ) -> Result<Value> {
        let code = self.code_of(function)?;
        let body = self.body(&function.source)?;
        if self.depth >= DEPTH {
            return refuse("calls nested so deep");
        }
        let importer = self.importer_of(&function.module)?;
        let frame = BodyFrame::of_module(&function.module, &function.file, &body, importer);
        let site: Name = format!("{}@{}.locals", body.digest, function.at).into();
        let values = self.values_of_parameters(function, &code.parameters, arguments, &site)?;
        let call = self.names_of_call(&code, &site, values, function.outer.as_ref());
        let yields = yields.map(|yields| Yields { consumer: &mut *yields.consumer, ..yields });
        let mut scope =
            Scope { frame: &frame, class: None, call: Some(call), outer: function.outer.clone(), yields };
        self.depth += 1;
        let result = self.run_code(&mut scope, &code);
        self.depth -= 1;
        result
    }

    fn run_code(&mut self, scope: &mut Scope<'_>, code: &Code) -> Result<Value> {
        match &code.body {
            FunctionBody::Expression(expression) => {
                let line = scope.frame.line_in_step(expression);
                self.evaluate(scope, expression).map_err(|stop| stop.on(|| line))
            }
            FunctionBody::Statements(statements) => match self.statements(scope, statements)? {
                Flow::Return(value) => Ok(value),
                _ => Ok(Value::None),
            },
        }
    }

    /// The context of imports in a function of this module.
    fn importer_of(&mut self, module: &ObjectId) -> Result<Importer> {
        let Some(module) = self.memory.module_object(module) else { return refuse("a module that is gone") };
        let homeless = module.package.is_none() && module.spec.is_none();
        Ok(Importer { package: module.package.clone(), homeless })
    }

    /// The values with which the names of a call begin.
    fn values_of_parameters(
        &mut self,
        function: &Function,
        parameters: &Parameters,
        arguments: Arguments,
        site: &Name,
    ) -> Result<BTreeMap<Name, Value>> {
        let unfit = || refuse(format!("a call of `{}` whose arguments do not fit it", function.name));
        let name = |parameter: &ParameterWithDefault| Name::from(parameter.parameter.name.as_str());
        let mut values = BTreeMap::new();
        let by_position: Vec<Name> =
            parameters.posonlyargs.iter().chain(&parameters.args).map(name).collect();
        let mut given = arguments.positional.into_iter();
        for (name, value) in by_position.iter().zip(&mut given) {
            values.insert(name.clone(), value);
        }
        let rest: Vec<Value> = given.collect();
        match &parameters.vararg {
            Some(vararg) => drop(values.insert(vararg.name.as_str().into(), Value::Tuple(rest.into()))),
            None if !rest.is_empty() => return unfit(),
            None => {}
        }
        let by_keyword: Vec<Name> = parameters.args.iter().chain(&parameters.kwonlyargs).map(name).collect();
        let mut others = Vec::new();
        for (name, value) in arguments.keywords {
            if by_keyword.contains(&name) {
                if values.insert(name, value).is_some() {
                    return unfit();
                }
            } else if parameters.kwarg.is_some() {
                others.push((Value::Str(name), value));
            } else {
                return unfit();
            }
        }
        if let Some(kwarg) = &parameters.kwarg {
            let dict = self.memory.make(site, Object::Dict(others));
            values.insert(kwarg.name.as_str().into(), Value::Object(dict));
        }
        for name in by_position.into_iter().chain(parameters.kwonlyargs.iter().map(name)) {
            match (values.contains_key(&name), function.defaults.get(&name)) {
                (true, _) => {}
                (false, Some(default)) => drop(values.insert(name, default.clone())),
                (false, None) => return unfit(),
            }
        }
        Ok(values)
    }

    /// The value of a class's attribute as it is found on an object of the class, or on the class itself.
    pub(super) fn looked_up(&mut self, found: Value, object: Option<&Value>, class: &Value) -> Result<Value> {
        let is_function = match &found {
            Value::Object(id) => {
                matches!(self.memory.object(id), Some(Object::Function(_) | Object::CachedFunction(_)))
            }
            _ => false,
        };
        match (found, object) {
            (Value::Descriptor(Descriptor::Static, function), _) => Ok((*function).clone()),
            (Value::Descriptor(Descriptor::Class, function), _) => {
                Ok(Value::Bound(function, Arc::new(class.clone())))
            }
            (Value::Descriptor(Descriptor::Property, function), Some(object)) => {
                self.call_function(&function, Arguments::positional(vec![object.clone()]))
            }
            (Value::Descriptor(Descriptor::Property, _), None) => refuse("a property itself"),
            (manager @ Value::Descriptor(Descriptor::Manager, _), Some(object)) => {
                Ok(Value::Bound(Arc::new(manager), Arc::new(object.clone())))
            }
            (Value::Builtin(_) | Value::Library(_), Some(_)) => refuse("a built-in function of a class"),
            (function, Some(object)) if is_function => {
                Ok(Value::Bound(Arc::new(function), Arc::new(object.clone())))
            }
            (found, _) => Ok(found),
        }
    }

    /// An instance of a class of a module body.
    pub(super) fn instantiate(
        &mut self,
        class: &ObjectId,
        made: Value,
        arguments: Arguments,
    ) -> Result<Value> {
        let init = self.class_attribute_if_own(class, "__init__")?;
        match init {
            None if arguments.positional.is_empty() && arguments.keywords.is_empty() => Ok(made),
            None => refuse("arguments for a class without a constructor"),
            Some(init) => {
                let class = Value::Object(class.clone());
                let init = self.looked_up(init, Some(&made), &class)?;
                match self.call_function(&init, arguments)? {
                    Value::None => Ok(made),
                    _ => raise("TypeError", "__init__() should return None"),
                }
            }
        }
    }
}
