//! Numbers: comparison and arithmetic.

use std::cmp::Ordering;

use ruff_python_ast::Operator;

use crate::interpreter::model::stop::{Result, raise, refuse};
use crate::interpreter::model::value::{Float, Value};

/// A number as Python compares it: exactly, whatever the type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Numeric {
    Int(i64),
    Float(f64),
}

impl Numeric {
    #[expect(clippy::cast_precision_loss, reason = "Python converts the same way")]
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    pub(super) fn partial_cmp(self, other: &Self) -> Option<Ordering> {
        match (self, *other) {
            (Self::Int(left), Self::Int(right)) => Some(left.cmp(&right)),
            (Self::Float(left), Self::Float(right)) => left.partial_cmp(&right),
            (Self::Int(left), Self::Float(right)) => compare_mixed(left, right),
            (Self::Float(left), Self::Int(right)) => compare_mixed(right, left).map(Ordering::reverse),
        }
    }
}

/// Compares an integer with a float, without rounding the integer.
fn compare_mixed(left: i64, right: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if right.is_nan() {
        return None;
    }
    if right >= LIMIT {
        return Some(Ordering::Less);
    }
    if right < -LIMIT {
        return Some(Ordering::Greater);
    }
    let whole = right.trunc();
    #[expect(clippy::cast_possible_truncation, reason = "it is in range")]
    let order = left.cmp(&(whole as i64));
    Some(order.then_with(|| 0.0_f64.partial_cmp(&(right - whole)).unwrap_or(Ordering::Equal)))
}

/// The value as a number, or `None` if it is not a number.
pub(super) fn number(value: &Value) -> Option<Numeric> {
    match value {
        Value::Bool(value) => Some(Numeric::Int((*value).into())),
        Value::Int(value) => Some(Numeric::Int(*value)),
        Value::Float(value) => Some(Numeric::Float(value.get())),
        _ => None,
    }
}

/// `left op right` of whole numbers.
pub(super) fn integers(op: Operator, left: i64, right: i64) -> Result<Value> {
    let result = match op {
        Operator::Add => left.checked_add(right),
        Operator::Sub => left.checked_sub(right),
        Operator::Mult => left.checked_mul(right),
        Operator::BitAnd => Some(left & right),
        Operator::BitOr => Some(left | right),
        Operator::BitXor => Some(left ^ right),
        Operator::FloorDiv | Operator::Mod if right == 0 => {
            return refuse("a division by zero, whose message differs by version");
        }
        Operator::FloorDiv => floor_division(left, right).map(|(quotient, _)| quotient),
        Operator::Mod => floor_division(left, right).map(|(_, rest)| rest),
        Operator::Pow => u32::try_from(right).ok().and_then(|right| left.checked_pow(right)),
        Operator::Div => {
            if right == 0 {
                return raise("ZeroDivisionError", "division by zero");
            }
            let exact = |value: i64| value.unsigned_abs() < 1 << 53;
            if !exact(left) || !exact(right) {
                return refuse("a division of numbers so large");
            }
            #[expect(clippy::cast_precision_loss, reason = "both are exact")]
            return Ok(Value::Float(Float::new(left as f64 / right as f64)));
        }
        _ => return refuse("such an operator"),
    };
    result.map_or_else(
        || refuse("a number of more than 64 bits, or such a power"),
        |result| Ok(Value::Int(result)),
    )
}

/// Division towards negative infinity, as in Python.
fn floor_division(left: i64, right: i64) -> Option<(i64, i64)> {
    let (quotient, rest) = (left.checked_div(right)?, left.checked_rem(right)?);
    if rest != 0 && (rest < 0) != (right < 0) {
        Some((quotient - 1, rest + right))
    } else {
        Some((quotient, rest))
    }
}

/// `left op right` of floats.
pub(super) fn floats(op: Operator, left: f64, right: f64) -> Result<Value> {
    let result = match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult => left * right,
        Operator::Div if right != 0.0 => left / right,
        _ => return refuse("such an operator on floats"),
    };
    Ok(Value::Float(Float::new(result)))
}
