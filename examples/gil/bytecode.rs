//! The programs that the interpreter runs, and how their text becomes bytecode.

use std::collections::HashMap;

/// Counts the primes below its argument by trial division, and never waits for anything.
///
/// ```text
/// def count_primes(limit):
///     count = 0
///     for n in range(2, limit):
///         d = 2
///         while d * d <= n and n % d: d += 1
///         count += d * d > n
///     return count
/// ```
pub(crate) const COUNT_PRIMES: &str = "
            const 0; store count
            const 2; store n
each:       load n; load argument; less; unless done
            const 2; store d
divide:     load n; load d; load d; multiply; less; if prime
            load n; load d; remainder; unless next
            load d; const 1; add; store d
            jump divide
prime:      load count; const 1; add; store count
next:       load n; const 1; add; store n
            jump each
done:       load count
            return
";

/// Asks the server as often as its argument says, and adds the answers.
///
/// ```text
/// def ask_all(left):
///     total = 0
///     while left:
///         total += server.ask()
///         left -= 1
///     return total
/// ```
pub(crate) const ASK_ALL: &str = "
            const 0; store total
again:      load argument; unless done
            ask; load total; add; store total
            load argument; const -1; add; store argument
            jump again
done:       load total
            return
";

/// One instruction of the stack machine. A jump holds the place to go on at, and the others what they name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    Const(i64),
    Load(usize),
    Store(usize),
    Add,
    Multiply,
    Remainder,
    /// Whether the number below the top is less than the top.
    Less,
    Jump(usize),
    JumpIf(usize),
    JumpUnless(usize),
    /// The one that blocks: asks the server and pushes its answer.
    Ask,
    Return,
}

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) ops: Vec<Op>,
    /// How many variables it has. The first is its argument.
    pub(crate) variables: usize,
}

/// Translates one of the texts above.
///
/// # Panics
///
/// If the text is wrong, which is a mistake in this file.
pub(crate) fn assemble(text: &str) -> Program {
    let mut labels = HashMap::new();
    let mut instructions = Vec::new();
    for line in text.lines() {
        let code = match line.split_once(':') {
            Some((label, code)) => {
                labels.insert(label.trim(), instructions.len());
                code
            }
            None => line,
        };
        instructions.extend(code.split(';').map(str::trim).filter(|instruction| !instruction.is_empty()));
    }

    let mut variables = vec!["argument"];
    let mut variable = |name| {
        variables.iter().position(|known| *known == name).unwrap_or_else(|| {
            variables.push(name);
            variables.len() - 1
        })
    };
    let ops = instructions
        .into_iter()
        .map(|instruction| {
            let (name, operand) = instruction.split_once(' ').unwrap_or((instruction, ""));
            match name {
                "const" => Op::Const(operand.parse().expect("a number")),
                "load" => Op::Load(variable(operand)),
                "store" => Op::Store(variable(operand)),
                "add" => Op::Add,
                "multiply" => Op::Multiply,
                "remainder" => Op::Remainder,
                "less" => Op::Less,
                "jump" => Op::Jump(labels[operand]),
                "if" => Op::JumpIf(labels[operand]),
                "unless" => Op::JumpUnless(labels[operand]),
                "ask" => Op::Ask,
                "return" => Op::Return,
                unknown => panic!("no such instruction: {unknown}"),
            }
        })
        .collect();
    Program { ops, variables: variables.len() }
}
