//! Functions that keep their results: `functools.lru_cache`.

use ruff_text_size::TextRange;

use super::function::Arguments;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{CachedFunction, Object};
use crate::interpreter::model::stop::{Result, raise, refuse};
use crate::interpreter::model::value::{ObjectId, Value};

/// The names of the decorators in the standard library.
pub(super) const DECORATORS: [&str; 2] = ["functools.lru_cache", "functools.cache"];

/// How many results are kept if nobody says it.
const MOST: i64 = 128;

impl Machine<'_> {
    /// A call of a decorator: with a function, or with what makes it a decorator.
    pub(super) fn caching(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        name: &str,
        arguments: &Arguments,
    ) -> Result<Value> {
        if scope.class.is_some() {
            return refuse("a function of a class that keeps its results");
        }
        let keywords: Vec<_> = arguments.keywords.iter().map(|(name, value)| (&**name, value)).collect();
        let size = match (&arguments.positional[..], &keywords[..]) {
            ([], []) => Value::Int(MOST),
            ([size], []) => size.clone(),
            ([], [("maxsize", size)]) => (*size).clone(),
            _ => return refuse(format!("such a call of `{name}`")),
        };
        let most = match (name, size) {
            ("functools.lru_cache", size @ (Value::None | Value::Int(1..))) => size,
            (_, function @ Value::Object(_)) if self.version >= (3, 8) && keywords.is_empty() => {
                let most = (name == "functools.lru_cache").then_some(MOST);
                return self.cached((scope, place), &function, most);
            }
            _ => return refuse(format!("such a call of `{name}`")),
        };
        Ok(Value::Method(most.into(), "lru_cache"))
    }

    /// What the decorator with this number of results makes of a function.
    pub(super) fn cached_up_to(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        most: &Value,
        arguments: &Arguments,
    ) -> Result<Value> {
        match (&arguments.positional[..], most) {
            _ if scope.class.is_some() => refuse("a function of a class that keeps its results"),
            ([function @ Value::Object(_)], Value::None) => self.cached((scope, place), function, None),
            ([function @ Value::Object(_)], Value::Int(most)) => {
                self.cached((scope, place), function, Some(*most))
            }
            _ => refuse("such a call of `functools.lru_cache`"),
        }
    }

    fn cached(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        function: &Value,
        most: Option<i64>,
    ) -> Result<Value> {
        let known = function.as_object().and_then(|id| self.memory.object(id));
        if !matches!(known, Some(Object::Function(_))) {
            return refuse("a cache of what is no function");
        }
        let cached = CachedFunction { function: function.clone(), most, results: Vec::new() };
        Ok(self.make(scope, &place, Object::CachedFunction(cached)))
    }

    /// Calls the function, unless the result for such arguments is kept.
    pub(super) fn call_cached(
        &mut self,
        id: &ObjectId,
        cached: &CachedFunction,
        arguments: Arguments,
    ) -> Result<Value> {
        let key = self.key_of_arguments(&arguments)?;
        for (known, result) in &cached.results {
            if self.equal(known, &key)? {
                return Ok(result.clone());
            }
        }
        let result = self.call_function(&cached.function, arguments)?;
        let Some(Object::CachedFunction(now)) = self.memory.object_mut(id) else {
            return refuse("a cache that is gone");
        };
        if now.most.is_some_and(|most| i64::try_from(now.results.len()).is_ok_and(|kept| kept >= most)) {
            return refuse("a cache that is full");
        }
        // The function may have called itself with them.
        if !now.results.iter().any(|(known, _)| *known == key) {
            now.results.push((key, result.clone()));
        }
        Ok(result)
    }

    /// Arguments as one value. Since 3.7 one number or text stands for itself, and differs from what it is only equal to.
    fn key_of_arguments(&mut self, arguments: &Arguments) -> Result<Value> {
        if let ([one @ (Value::Int(_) | Value::Str(_))], []) =
            (&arguments.positional[..], &arguments.keywords[..])
            && self.version >= (3, 7)
        {
            return Ok(one.clone());
        }
        let keywords = arguments.keywords.iter();
        let keywords =
            keywords.map(|(name, value)| Value::Tuple([Value::Str(name.clone()), value.clone()].into()));
        let parts = [Value::Tuple(arguments.positional.clone().into()), Value::Tuple(keywords.collect())];
        let key = Value::Tuple(parts.into());
        self.is_hashable(&key)?;
        Ok(key)
    }

    fn is_hashable(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Tuple(parts) => parts.iter().try_for_each(|part| self.is_hashable(part)),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::List(_) | Object::Dict(_) | Object::Set(_)) => {
                    refuse("an argument without a hash")
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The attributes of such a function.
    pub(super) fn cache_attribute(
        &mut self,
        value: &Value,
        cached: &CachedFunction,
        name: &str,
    ) -> Result<Option<Value>> {
        match name {
            "cache_clear" => Ok(Some(Value::Method(value.clone().into(), "cache_clear"))),
            "__wrapped__" => Ok(Some(cached.function.clone())),
            "__name__" => self.attribute(&cached.function, name),
            _ => refuse(format!("the attribute `{name}` of a function that keeps its results")),
        }
    }

    /// Forgets the results of a function of a module, if it has any.
    pub(in crate::interpreter::model) fn empty_cache(&mut self, function: Option<&Value>) -> Result<()> {
        match function.and_then(Value::as_object).and_then(|id| self.memory.object_mut(id)) {
            Some(Object::CachedFunction(cached)) if cached.results.is_empty() => {
                raise("LookupError", "it has no results")
            }
            Some(Object::CachedFunction(cached)) => {
                let dropped = std::mem::take(&mut cached.results);
                self.drop_results(&dropped);
                Ok(())
            }
            _ => refuse("a cache that is gone"),
        }
    }

    fn drop_results(&mut self, results: &[(Value, Value)]) {
        for (arguments, result) in results {
            self.memory.dropping(arguments);
            self.memory.dropping(result);
        }
    }

    /// `function.cache_clear()`
    pub(super) fn clear_cache(&mut self, of: &Value, arguments: &Arguments) -> Result<Value> {
        let fits = arguments.positional.is_empty() && arguments.keywords.is_empty();
        match of.as_object().and_then(|id| self.memory.object_mut(id)) {
            Some(Object::CachedFunction(cached)) if fits => {
                let dropped = std::mem::take(&mut cached.results);
                self.drop_results(&dropped);
                Ok(Value::None)
            }
            _ => refuse("such a call of `cache_clear`"),
        }
    }
}
