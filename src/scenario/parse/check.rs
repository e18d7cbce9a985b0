//! What must hold after a step: `expect`, `raises`, `warns`.

use super::literal;
use super::name;
use super::reader::{Field, Fields, Reader};
use crate::scenario::Check;
use crate::scenario::problem::Problem;

/// What must hold after the step. Only one of the three keys can be there.
pub(super) fn check(reader: &mut Reader, fields: &Fields<'_>) -> Option<Check> {
    let expected = fields.get("expect").map(|field| literal::expect(reader, field));
    let raised =
        fields.get("raises").map(|field| class(reader, field, "name of an exception").map(Check::Raises));
    let warned =
        fields.get("warns").map(|field| class(reader, field, "name of a category").map(Check::Warns));
    exclude(
        reader,
        fields,
        ("raises", "expect"),
        "a step that raises leaves nothing to compare: keep one of the two",
    );
    exclude(
        reader,
        fields,
        ("warns", "expect"),
        "compare in a step of its own: { check = \"mod.name == 1\" }",
    );
    exclude(reader, fields, ("warns", "raises"), "keep one of the two");
    expected.or(raised).or(warned).unwrap_or(Some(Check::Nothing))
}

/// Reports a problem if both keys are there.
fn exclude(reader: &mut Reader, fields: &Fields<'_>, (one, other): (&str, &str), help: &str) {
    if let (Some(kept), Some(idle)) = (fields.get(one), fields.get(other)) {
        let problem = Problem::new(kept.key.clone(), format!("`{one}` and `{other}` exclude each other"));
        reader.note(problem.related(idle.key.clone(), "this expectation has no effect").help(help));
    }
}

fn class(reader: &mut Reader, field: &Field<'_>, what: &str) -> Option<String> {
    let written = reader.string(field)?;
    match name::identifier(written, &field.span, what) {
        Ok(class) => Some(class),
        Err(problem) => {
            reader.note(problem);
            None
        }
    }
}
