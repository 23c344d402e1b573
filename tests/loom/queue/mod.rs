//! `Queue`, `LifoQueue` and `PriorityQueue`: each model over every buffer that they have.

mod batches;
mod memory;
mod order;
mod segments;
mod shutdown;
mod sleep;
mod tasks;

use std::cmp::Ordering;
use std::collections::VecDeque;

use nogil::queue::{Fifo, Lifo, Order, Priority, Queue};
use nogil::{Atomic, Locked, Wing};

use crate::engine::sync::Arc;
use crate::turns::{large_model, model};

/// An order of a wing, in so small a size that its edges are near.
pub(crate) trait Kind: 'static {
    type Wing: Wing;
    type Order: Order<usize, Self::Wing> + Order<Counted, Self::Wing>;

    /// The capacity of a queue that is soon full.
    const TIGHT: usize = 1;
    /// The capacity of a queue with room for a few.
    const ROOMY: Option<usize> = None;

    /// The next item of those that were put in this order.
    fn next(items: &mut VecDeque<usize>) -> Option<usize>;

    fn tight<T>() -> Queue<T, Self::Wing, Self::Order>
    where
        Self::Order: Order<T, Self::Wing>,
    {
        Queue::bounded_in(Self::Wing::default(), Self::TIGHT)
    }

    fn roomy<T>() -> Queue<T, Self::Wing, Self::Order>
    where
        Self::Order: Order<T, Self::Wing>,
    {
        match Self::ROOMY {
            None => Queue::unbounded_in(Self::Wing::default()),
            Some(capacity) => Queue::bounded_in(Self::Wing::default(), capacity),
        }
    }
}

pub(crate) type Q<K, T = usize> = Queue<T, <K as Kind>::Wing, <K as Kind>::Order>;

pub(crate) struct LockedFifo;
pub(crate) struct LockedLifo;
pub(crate) struct LockedPriority;
/// A bounded queue of the atomic wing.
pub(crate) struct Ring;
/// An unbounded queue of the atomic wing, or one whose bound is too large for a ring. A model's segment has three slots.
pub(crate) struct Segments;
/// A last in, first out queue of the atomic wing.
pub(crate) struct Stack;

impl Kind for LockedFifo {
    type Wing = Locked;
    type Order = Fifo;
    fn next(items: &mut VecDeque<usize>) -> Option<usize> {
        items.pop_front()
    }
}

impl Kind for LockedLifo {
    type Wing = Locked;
    type Order = Lifo;
    fn next(items: &mut VecDeque<usize>) -> Option<usize> {
        items.pop_back()
    }
}

impl Kind for LockedPriority {
    type Wing = Locked;
    type Order = Priority;
    fn next(items: &mut VecDeque<usize>) -> Option<usize> {
        let least = items.iter().copied().min()?;
        items.retain(|item| *item != least);
        Some(least)
    }
}

impl Kind for Ring {
    type Wing = Atomic;
    type Order = Fifo;
    const ROOMY: Option<usize> = Some(2);
    fn next(items: &mut VecDeque<usize>) -> Option<usize> {
        items.pop_front()
    }
}

impl Kind for Segments {
    type Wing = Atomic;
    type Order = Fifo;
    const TIGHT: usize = 3;
    fn next(items: &mut VecDeque<usize>) -> Option<usize> {
        items.pop_front()
    }
}

impl Kind for Stack {
    type Wing = Atomic;
    type Order = Lifo;
    fn next(items: &mut VecDeque<usize>) -> Option<usize> {
        items.pop_back()
    }
}

/// Makes each function `fn body<K: Kind>()` of the module a model of each kind of queue. Those of a buffer after which `large` stands are
/// searched one preemption less deep.
macro_rules! over_each_kind {
    (@one $body:ident, ring: $ring:ident, segments: $segments:ident, stack: $($stack:ident)?) => {
        #[test] fn locked() { model($body::<LockedFifo>); }
        #[test] fn locked_lifo() { model($body::<LockedLifo>); }
        #[test] fn locked_priority() { model($body::<LockedPriority>); }
        #[test] fn ring() { $ring($body::<Ring>); }
        #[test] fn segments() { $segments($body::<Segments>); }
        $(#[test] fn stack() { $stack($body::<Stack>); })?
    };
    ($module:ident: $($body:ident),* $(,)?) => {
        $(mod $body {
            use super::{$module::$body as body, *};
            over_each_kind!(@one body, ring: model, segments: model, stack: model);
        })*
    };
}

over_each_kind!(order: hands_items_over, puts_and_gets_mix, two_getters_share, slot_is_reused);
over_each_kind!(sleep: room_is_found, put_meets_sleeper, get_meets_sleeper, an_expiring_getter_leaves_the_item, an_expiring_putter_keeps_its_item);
over_each_kind!(shutdown: shutdown_meets_sleepers, who_is_told_of_a_shutdown_sees_what_came_before, shutdown_now_meets_sleepers, shutdown_now_meets_a_joiner, shutdown_now_meets_a_put, shutdown_meets_a_put);
over_each_kind!(tasks: join_meets_task_done, an_expiring_joiner_says_what_is_so, no_task_done_is_refused, the_numbers_stay_in_range, the_length_is_of_some_moment, the_number_of_unfinished_tasks_is_of_some_moment, the_length_that_another_sees_is_of_some_moment);
over_each_kind!(batches: batches_meet, a_batch_waits_for_room, a_batch_waits_for_items);
over_each_kind!(memory: items_are_dropped_once);

/// As above without the stack: with a third thread, crossbeam-epoch takes minutes. What these check beyond the models above is
/// the list of sleepers, which is the same for each buffer.
macro_rules! over_each_kind_but_the_stack {
    ($module:ident: $($body:ident),* $(,)?) => {
        $(mod $body {
            use super::{$module::$body as body, *};
            over_each_kind!(@one body, ring: model, segments: model, stack:);
        })*
    };
    ($module:ident, large ring: $($body:ident),* $(,)?) => {
        $(mod $body {
            use super::{$module::$body as body, *};
            over_each_kind!(@one body, ring: large_model, segments: model, stack:);
        })*
    };
    ($module:ident, large: $($body:ident),* $(,)?) => {
        $(mod $body {
            use super::{$module::$body as body, *};
            over_each_kind!(@one body, ring: large_model, segments: large_model, stack:);
        })*
    };
}

over_each_kind_but_the_stack!(order: two_putters_hand_over);
over_each_kind_but_the_stack!(
    sleep: an_item_before_expiry_counts, two_puts_wake_two_getters, two_gets_wake_two_putters, an_expiring_getter_passes_on, an_expiring_putter_passes_on,
);
over_each_kind_but_the_stack!(sleep, large: help_for_getters_goes_on_to_putters, help_for_putters_goes_on_to_getters);
over_each_kind_but_the_stack!(shutdown: shutdown_conserves_the_item, shutdown_now_conserves_the_item);
over_each_kind_but_the_stack!(tasks: join_sees_all_tasks);
over_each_kind_but_the_stack!(batches: a_batch_meets_getters, a_batch_meets_putters);
over_each_kind_but_the_stack!(batches, large ring: batches_keep_the_order);

/// In the other wing a thread whose time is up may have the item of one that was woken and has not come to it yet.
mod the_longest_waiter_is_first {
    use super::{sleep::the_longest_waiter_is_first as body, *};
    #[test]
    fn ring() {
        model(body::<Ring>);
    }
    #[test]
    fn segments() {
        model(body::<Segments>);
    }
}

/// Of a ring alone: elsewhere no getter's slot is needed by a putter.
mod a_batch_of_puts_ends_at_a_slot_that_is_not_emptied {
    use super::{batches::a_batch_of_puts_ends_at_a_slot_that_is_not_emptied as body, *};
    #[test]
    fn ring() {
        model(body);
    }
}

/// The models of segments alone.
macro_rules! over_segments {
    ($module:ident: $($body:ident),* $(,)?) => {
        $(#[test] fn $body() { model($module::$body); })*
    };
}

over_segments!(
    memory:
    crosses_segments,
    two_cross_segments,
    a_segment_is_entered_by_what_another_saw,
    a_segment_used_again_is_empty,
    segments_are_freed_once,
    segments_are_used_again,
    a_batch_frees_its_segment,
    the_first_segment_is_linked_once,
    the_first_segment_is_freed_once,
    a_bound_holds_across_segments,
    the_hint_of_a_next_segment_is_none_but_that,
);
over_segments!(
    segments:
    a_shutdown_meets_the_linking_of_a_segment,
    a_batch_over_segments_meets_a_putter,
    two_batches_over_segments,
);

/// An item whose leak loom reports. It compares by its number.
pub(crate) struct Counted(usize, #[expect(dead_code, reason = "it is there to be dropped")] Arc<()>);

impl Counted {
    fn new(number: usize) -> Self {
        Self(number, Arc::new(()))
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Counted {}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Counted {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
