//! The interpreter: a loop over bytecode that knows nothing of threads but the moments at which it may be interrupted.

use std::io;

use crate::bytecode::{Op, Program};

/// What an interpreter runs under: the GIL, or nothing.
pub(crate) trait Regime {
    /// Called at each jump backwards. CPython looks at its "eval breaker" there and at calls, of which these programs have only
    /// `ask`. An error ends the program.
    fn breathe(&mut self) -> Result<(), Stopped>;

    /// Asks the world outside, which may take its time.
    fn outside(&mut self, ask: &dyn Fn() -> io::Result<i64>) -> io::Result<i64>;
}

/// Why a program did not come to its end.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// By Ctrl-C.
    Interrupted,
    /// The server could not be asked.
    Unanswered(io::Error),
}

/// Runs a program to its `return`, and gives what it returns.
///
/// It is compiled once for all regimes. A copy for each differed from the other by a tenth, which is not the regime's doing.
pub(crate) fn run(
    program: &Program,
    argument: i64,
    regime: &mut dyn Regime,
    ask: &dyn Fn() -> io::Result<i64>,
) -> Result<i64, Stopped> {
    let mut stack = Vec::with_capacity(8);
    let mut variables = vec![0; program.variables];
    variables[0] = argument;
    let mut at = 0;
    loop {
        let op = program.ops[at];
        at += 1;
        let target = match op {
            Op::Const(number) => {
                stack.push(number);
                continue;
            }
            Op::Load(variable) => {
                stack.push(variables[variable]);
                continue;
            }
            Op::Store(variable) => {
                variables[variable] = pop(&mut stack);
                continue;
            }
            Op::Add | Op::Multiply | Op::Remainder | Op::Less => {
                let right = pop(&mut stack);
                let left = pop(&mut stack);
                stack.push(match op {
                    Op::Add => left + right,
                    Op::Multiply => left * right,
                    Op::Remainder => left % right,
                    _ => i64::from(left < right),
                });
                continue;
            }
            Op::Ask => {
                stack.push(regime.outside(ask).map_err(Stopped::Unanswered)?);
                continue;
            }
            Op::Return => return Ok(pop(&mut stack)),
            Op::Jump(target) => target,
            Op::JumpIf(target) if pop(&mut stack) != 0 => target,
            Op::JumpUnless(target) if pop(&mut stack) == 0 => target,
            Op::JumpIf(_) | Op::JumpUnless(_) => continue,
        };
        if target < at {
            regime.breathe()?;
        }
        at = target;
    }
}

fn pop(stack: &mut Vec<i64>) -> i64 {
    stack.pop().expect("a program pops no more than it pushed")
}
