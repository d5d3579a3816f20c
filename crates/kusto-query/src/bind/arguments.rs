//! Arguments, brought to the types that a function takes.

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use crate::error::semantic;
use crate::functions::{Function, Gives, widest};
use crate::plan::Expr;
use crate::syntax::{Argument, Node};

/// Brings arguments to what a function takes, as the letters of its row say.
///
/// # Errors
/// Too many or too few arguments, or one of a type that it does not take.
pub(super) fn taken(function: &str, takes: &str, arguments: Vec<Expr>) -> Result<Vec<Expr>> {
    let (required, optional) = takes.split_once('?').unwrap_or((takes, ""));
    let repeats = takes.ends_with('*');
    let letters: Vec<char> = required
        .chars()
        .chain(optional.chars())
        .filter(|letter| *letter != '*')
        .collect();
    let least = required.chars().filter(|letter| *letter != '*').count();
    let most = if repeats { usize::MAX } else { letters.len() };
    if !(least..=most).contains(&arguments.len()) {
        let expects = match (least, most) {
            (least, usize::MAX) => format!("at least {least} arguments"),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("between {least} and {most} arguments"),
        };
        return Err(semantic(format!("The function '{function}' expects {expects}.")));
    }
    let last = letters.last().copied().unwrap_or('a');
    let mut brought = Vec::with_capacity(arguments.len());
    for (place, argument) in arguments.into_iter().enumerate() {
        let letter = letters.get(place).copied().unwrap_or(last);
        brought.push(one(function, letter, argument)?);
    }
    Ok(brought)
}

fn one(function: &str, letter: char, argument: Expr) -> Result<Expr> {
    use ScalarType::{Bool, DateTime, Decimal, Dynamic, Int, Long, Real, String, Timespan};
    let (accepted, to): (&[ScalarType], _) = match letter {
        's' => (&[String, Dynamic], Some(String)),
        't' => return Ok(argument.cast(String)),
        'l' => (&[Int, Long, Dynamic], Some(Long)),
        'n' if argument.scalar_type == Dynamic => (&[Dynamic], Some(Real)),
        'n' => (&[Int, Long, Real, Decimal], None),
        'r' => (&[Int, Long, Real, Decimal, Dynamic], Some(Real)),
        'b' => (&[Bool, Dynamic], Some(Bool)),
        'd' => (&[DateTime, Dynamic], Some(DateTime)),
        'p' => (&[Timespan, Dynamic], Some(Timespan)),
        'j' => (&[Dynamic], None),
        _ => return Ok(argument),
    };
    if !accepted.contains(&argument.scalar_type) {
        let names: Vec<&str> = accepted.iter().map(|it| it.name()).collect();
        return Err(semantic(format!(
            "The function '{function}' takes no {} here. A value of type {} expected.",
            argument.scalar_type,
            names.join(" or ")
        )));
    }
    Ok(match to {
        Some(to) => argument.cast(to),
        None => argument,
    })
}

/// The type that several values are brought to: that of all, the widest of numbers, and what goes with a dynamic value.
pub(super) fn common_type(types: impl Iterator<Item = ScalarType>) -> Option<ScalarType> {
    let mut common: Option<ScalarType> = None;
    for scalar_type in types {
        common = Some(match common {
            None | Some(ScalarType::Dynamic) => scalar_type,
            Some(known) if known == scalar_type || scalar_type == ScalarType::Dynamic => known,
            Some(known) => match widest(known, scalar_type) {
                Some(wider) => wider,
                None => return Some(ScalarType::Dynamic),
            },
        });
    }
    common
}

/// A call of a function that Kusto has, with its arguments brought to what it takes.
pub(super) fn call_known(function: &'static Function, arguments: Vec<Expr>) -> Result<Expr> {
    let mut arguments = taken(function.name, function.takes, arguments)?;
    let gives = match function.gives {
        Gives::Type(scalar_type) => scalar_type,
        Gives::First => arguments
            .first()
            .map_or(ScalarType::Dynamic, |first| first.scalar_type),
        Gives::Promoted => match arguments.first().map(|first| first.scalar_type) {
            Some(ScalarType::Int | ScalarType::Dynamic) | None => ScalarType::Long,
            Some(other) => other,
        },
        Gives::Common => {
            let is_common = |place: usize| function.takes.chars().nth(place).unwrap_or('c') != 'b';
            let common = common_type(
                arguments
                    .iter()
                    .enumerate()
                    .filter(|(place, _)| is_common(*place))
                    .map(|(_, it)| it.scalar_type),
            );
            let common = common.unwrap_or(ScalarType::Dynamic);
            for (_, argument) in arguments
                .iter_mut()
                .enumerate()
                .filter(|(place, _)| is_common(*place))
            {
                *argument = argument.clone().cast(common);
            }
            common
        }
    };
    if function.name == "abs" && widest(gives, gives).is_none() && gives != ScalarType::Timespan {
        return Err(semantic(format!(
            "The function 'abs' is not compatible with arguments ({gives})"
        )));
    }
    Ok(Expr::call(function, arguments, gives))
}

/// Whether an argument is a star.
pub(super) fn is_star(argument: &Argument) -> bool {
    matches!(argument.value.node, Node::Star)
}
