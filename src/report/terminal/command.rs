//! A command in lines of at most 80 columns that a shell reads as one.

use super::WIDTH;

/// `command` indented, broken before options with a backslash where it is long.
pub(super) fn broken(command: &str, indent: usize) -> String {
    let first = " ".repeat(indent);
    if indent + command.chars().count() <= WIDTH {
        return format!("{first}{command}\n");
    }
    let mut lines = vec![first];
    for (number, part) in command.split(" --").enumerate() {
        let part = if number == 0 { part.to_owned() } else { format!(" --{part}") };
        let line = lines.last().map_or(0, |line| line.chars().count());
        // Two columns are for the backslash.
        if number > 0 && line + part.chars().count() + 2 > WIDTH {
            lines.push(" ".repeat(indent + 3) + &part);
        } else if let Some(line) = lines.last_mut() {
            line.push_str(&part);
        }
    }
    lines.join(" \\\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_command_stays_on_its_line() {
        assert_eq!(broken("taster replay x.toml", 2), "  taster replay x.toml\n");
    }

    #[test]
    fn a_long_command_is_still_one_command() {
        let order = ["first"; 8].join(",");
        let command = format!("taster replay scenarios/x.toml --order {order} --python 3.11 --timestamps 1s");
        let text = broken(&command, 4);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let joined = text.replace("\\\n", " ");
        assert_eq!(shlex::split(&joined), shlex::split(&command));
    }
}
