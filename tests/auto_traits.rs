//! Which types may be sent to another thread, shared between threads, and moved while borrowed by a pin: one table.
//!
//! A wrong bound on an `unsafe impl` fails the test of its row, whether it allows too much or too little.

#![cfg(not(any(nogil_loom, nogil_shuttle)))]

use std::cell::Cell;
use std::marker::{PhantomData, PhantomPinned};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

use nogil::generic::*;
use nogil::queue::{Fifo, Lifo};
use nogil::semaphore::Bounded;
use nogil::{Atomic, Locked, Wing};

/// What is known of `T`. An inherent constant hides the trait's of the same name, and is there only if its bound holds.
struct Facts<T: ?Sized>(PhantomData<T>);

trait Otherwise {
    const SEND: bool = false;
    const SYNC: bool = false;
    const UNPIN: bool = false;
}

impl<T: ?Sized> Otherwise for Facts<T> {}

impl<T: ?Sized + Send> Facts<T> {
    const SEND: bool = true;
}

impl<T: ?Sized + Sync> Facts<T> {
    const SYNC: bool = true;
}

impl<T: ?Sized + Unpin> Facts<T> {
    const UNPIN: bool = true;
}

/// A payload that is `Send` and `Sync`.
type Both = String;
/// One that may be sent but not shared.
type SendOnly = Cell<u8>;
/// One that may be shared but not sent, as a guard may be that must be dropped where it was made.
type SyncOnly = std::sync::MutexGuard<'static, u8>;
/// One that may be neither.
type Neither = Rc<u8>;
/// One that may not be moved once pinned.
type Pinned = PhantomPinned;

/// One test a row: the traits that stand there hold, and the others do not.
macro_rules! table {
    ($($name:ident: $type:ty => $($fact:ident)*;)*) => {$(
        #[test]
        fn $name() {
            let said = [$(stringify!($fact)),*];
            let found = [
                ("Send", Facts::<$type>::SEND),
                ("Sync", Facts::<$type>::SYNC),
                ("Unpin", Facts::<$type>::UNPIN),
            ];
            for (fact, holds) in found {
                let verb = if holds { "is" } else { "is not" };
                assert_eq!(holds, said.contains(&fact), "{} {verb} {fact}", stringify!($type));
            }
        }
    )*};
}

/// The table of one wing.
macro_rules! over {
    ($($wing:ident: $Wing:ident),*) => {$(
        mod $wing {
            use super::*;

            type W = $Wing;

            table! {
                // Objects without a payload.
                wing: W => Send Sync Unpin;
                event: Event<W> => Send Sync Unpin;
                set_guard: SetGuard<'static, W> => Send Sync Unpin;
                barrier: Barrier<W> => Send Sync Unpin;
                abort_guard: AbortGuard<'static, W> => Send Sync Unpin;
                counter: Counter<W> => Send Sync Unpin;
                semaphore: Semaphore<W> => Send Sync Unpin;
                bounded_semaphore: BoundedSemaphore<W> => Send Sync Unpin;
                permit: Permit<'static, W> => Send Sync Unpin;
                owned_permit: OwnedPermit<W> => Send Sync Unpin;
                owned_permit_of_a_bound: OwnedPermit<W, Bounded> => Send Sync Unpin;
                condition: Condition<W> => Send Sync Unpin;

                // A lock hands its payload from thread to thread, one at a time: it must be `Send`, and need not be `Sync`.
                lock_of_both: Lock<Both, W> => Send Sync Unpin;
                lock_of_send_only: Lock<SendOnly, W> => Send Sync Unpin;
                lock_of_sync_only: Lock<SyncOnly, W> => Unpin;
                lock_of_neither: Lock<Neither, W> => Unpin;
                lock_of_pinned: Lock<Pinned, W> => Send Sync;

                // A guard is as good as the `&mut T` in it; any thread may release.
                lock_guard_of_both: LockGuard<'static, Both, W> => Send Sync Unpin;
                lock_guard_of_send_only: LockGuard<'static, SendOnly, W> => Send Unpin;
                lock_guard_of_sync_only: LockGuard<'static, SyncOnly, W> => Sync Unpin;
                lock_guard_of_neither: LockGuard<'static, Neither, W> => Unpin;
                // One that owns its lock gives that away too.
                owned_lock_guard_of_both: OwnedLockGuard<Both, W> => Send Sync Unpin;
                owned_lock_guard_of_send_only: OwnedLockGuard<SendOnly, W> => Send Unpin;
                owned_lock_guard_of_sync_only: OwnedLockGuard<SyncOnly, W> => Unpin;
                owned_lock_guard_of_neither: OwnedLockGuard<Neither, W> => Unpin;
                mapped_guard_of_both: MappedLockGuard<'static, Both, W> => Send Sync Unpin;
                mapped_guard_of_send_only: MappedLockGuard<'static, SendOnly, W> => Send Unpin;
                mapped_guard_of_sync_only: MappedLockGuard<'static, SyncOnly, W> => Sync Unpin;
                mapped_guard_of_neither: MappedLockGuard<'static, Neither, W> => Unpin;

                // Only its owner may release an `RLock`, so no guard of it is ever sent.
                rlock_of_both: RLock<Both, W> => Send Sync Unpin;
                rlock_of_send_only: RLock<SendOnly, W> => Send Sync Unpin;
                rlock_of_sync_only: RLock<SyncOnly, W> => Unpin;
                rlock_of_neither: RLock<Neither, W> => Unpin;
                rlock_of_pinned: RLock<Pinned, W> => Send Sync;
                rlock_guard_of_both: RLockGuard<'static, Both, W> => Sync Unpin;
                rlock_guard_of_send_only: RLockGuard<'static, SendOnly, W> => Unpin;
                rlock_guard_of_sync_only: RLockGuard<'static, SyncOnly, W> => Sync Unpin;
                rlock_guard_of_neither: RLockGuard<'static, Neither, W> => Unpin;
                mapped_rlock_guard_of_both: MappedRLockGuard<'static, Both, W> => Sync Unpin;
                mapped_rlock_guard_of_send_only: MappedRLockGuard<'static, SendOnly, W> => Unpin;
                mapped_rlock_guard_of_sync_only: MappedRLockGuard<'static, SyncOnly, W> => Sync Unpin;
                mapped_rlock_guard_of_neither: MappedRLockGuard<'static, Neither, W> => Unpin;
                owned_rlock_guard_of_both: OwnedRLockGuard<Both, W> => Sync Unpin;
                owned_rlock_guard_of_send_only: OwnedRLockGuard<SendOnly, W> => Unpin;
                owned_rlock_guard_of_sync_only: OwnedRLockGuard<SyncOnly, W> => Unpin;
                owned_rlock_guard_of_neither: OwnedRLockGuard<Neither, W> => Unpin;

                // A queue moves its items, and shows them to nobody: they must be `Send`, and need not be `Sync`.
                queue_of_both: Queue<Both, W> => Send Sync Unpin;
                queue_of_send_only: Queue<SendOnly, W> => Send Sync Unpin;
                queue_of_sync_only: Queue<SyncOnly, W> => Unpin;
                queue_of_neither: Queue<Neither, W> => Unpin;
                lifo_queue_of_both: LifoQueue<Both, W> => Send Sync Unpin;
                lifo_queue_of_send_only: LifoQueue<SendOnly, W> => Send Sync Unpin;
                lifo_queue_of_sync_only: LifoQueue<SyncOnly, W> => Unpin;
                lifo_queue_of_neither: LifoQueue<Neither, W> => Unpin;
                simple_queue_of_both: SimpleQueue<Both, W> => Send Sync Unpin;
                simple_queue_of_send_only: SimpleQueue<SendOnly, W> => Send Sync Unpin;
                simple_queue_of_sync_only: SimpleQueue<SyncOnly, W> => Unpin;
                simple_queue_of_neither: SimpleQueue<Neither, W> => Unpin;

                // A task is an item and a way to its queue.
                task_of_both: Task<'static, Both, W, Fifo> => Send Sync Unpin;
                task_of_send_only: Task<'static, SendOnly, W, Fifo> => Send Unpin;
                task_of_sync_only: Task<'static, SyncOnly, W, Fifo> => Unpin;
                task_of_neither: Task<'static, Neither, W, Fifo> => Unpin;
                task_of_pinned: Task<'static, Pinned, W, Fifo> => Send Sync;

                owned_task_of_both: OwnedTask<Both, W, Fifo> => Send Sync Unpin;
                owned_task_of_send_only: OwnedTask<SendOnly, W, Lifo> => Send Unpin;
                owned_task_of_sync_only: OwnedTask<SyncOnly, W, Fifo> => Unpin;
                owned_task_of_neither: OwnedTask<Neither, W, Lifo> => Unpin;
                owned_task_of_pinned: OwnedTask<Pinned, W, Fifo> => Send Sync;

                // What shuts a queue down, and an iterator, is only a way to it.
                shutdown_guard_of_send_only: ShutdownGuard<'static, SendOnly, W, Fifo> => Send Sync Unpin;
                shutdown_guard_of_sync_only: ShutdownGuard<'static, SyncOnly, W, Lifo> => Unpin;
                shutdown_guard_of_neither: ShutdownGuard<'static, Neither, W, Fifo> => Unpin;
                shutdown_now_guard_of_send_only: ShutdownNowGuard<'static, SendOnly, W, Fifo> => Send Sync Unpin;
                shutdown_now_guard_of_sync_only: ShutdownNowGuard<'static, SyncOnly, W, Lifo> => Unpin;
                shutdown_now_guard_of_neither: ShutdownNowGuard<'static, Neither, W, Fifo> => Unpin;
                iter_of_send_only: Iter<'static, SendOnly, W, Fifo> => Send Sync Unpin;
                iter_of_neither: Iter<'static, Neither, W, Lifo> => Unpin;
                try_iter_of_send_only: TryIter<'static, SendOnly, W, Lifo> => Send Sync Unpin;
                try_iter_of_neither: TryIter<'static, Neither, W, Fifo> => Unpin;
                simple_try_iter_of_send_only: nogil::simple_queue::TryIter<'static, SendOnly, W> => Send Sync Unpin;
                simple_try_iter_of_neither: nogil::simple_queue::TryIter<'static, Neither, W> => Unpin;
            }
        }
    )*};
}

over!(locked: Locked);
over!(atomic: Atomic);

table! {
    // One engine.
    timer: nogil::Timer => Send Sync Unpin;
    cancel_guard: nogil::CancelGuard<'static> => Send Sync Unpin;
    sharded_counter: nogil::ShardedCounter => Send Sync Unpin;
    priority_queue_of_both: PriorityQueue<Both> => Send Sync Unpin;
    priority_queue_of_send_only: PriorityQueue<Cell<u8>> => Send Sync Unpin;
    priority_queue_of_neither: PriorityQueue<Rc<u8>> => Unpin;

    // As good as what is in it.
    prioritized_both: nogil::Prioritized<u8, Both> => Send Sync Unpin;
    prioritized_send_only: nogil::Prioritized<u8, SendOnly> => Send Unpin;
    prioritized_sync_only: nogil::Prioritized<u8, SyncOnly> => Sync Unpin;
    prioritized_neither: nogil::Prioritized<Neither, u8> => Unpin;
    prioritized_pinned: nogil::Prioritized<u8, Pinned> => Send Sync;

    // Errors are as good as the item in them.
    broken_barrier: nogil::BrokenBarrier => Send Sync Unpin;
    release_error: nogil::ReleaseError => Send Sync Unpin;
    task_done_error: nogil::TaskDoneError => Send Sync Unpin;
    try_get_error: nogil::TryGetError => Send Sync Unpin;
    shut_down_of_both: nogil::ShutDown<Both> => Send Sync Unpin;
    shut_down_of_send_only: nogil::ShutDown<SendOnly> => Send Unpin;
    shut_down_of_neither: nogil::ShutDown<Neither> => Unpin;
    try_put_error_of_both: nogil::TryPutError<Both> => Send Sync Unpin;
    try_put_error_of_send_only: nogil::TryPutError<SendOnly> => Send Unpin;
    try_put_error_of_neither: nogil::TryPutError<Neither> => Unpin;
}

/// What a panic cannot leave half done may be used after it was caught, whatever the engine: this compiles also in code that is generic over the wing.
fn may_be_used_after_a_panic<W: Wing>() {
    fn is<T: UnwindSafe + RefUnwindSafe>() {}
    is::<nogil::queue::Queue<SendOnly, W, Lifo>>();
    is::<SimpleQueue<SendOnly, W>>();
    is::<RLock<Both, W>>();
    is::<Condition<W>>();
    is::<Semaphore<W>>();
    is::<BoundedSemaphore<W>>();
    is::<Permit<'static, W>>();
    is::<OwnedPermit<W, Bounded>>();
    is::<Event<W>>();
    is::<Barrier<W>>();
    is::<Counter<W>>();
    is::<nogil::Timer>();
    is::<nogil::ShardedCounter>();
}

#[test]
fn either_wing_may_be_used_after_a_panic() {
    may_be_used_after_a_panic::<Locked>();
    may_be_used_after_a_panic::<Atomic>();
}
