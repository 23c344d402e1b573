//! The names of a wing: each primitive on it, as programs write it.

/// For a wing's module. Each alias names its struct itself, and not another alias: only so rustdoc shows the struct's methods beside it.
macro_rules! aliases {
    ($W:ident) => {
        /// A queue that threads share, first in, first out, bounded or not: [`queue::Queue`](crate::queue::Queue) on this wing.
        pub type Queue<T> = crate::queue::Queue<T, $W, crate::queue::Fifo>;
        /// A queue that gives what was put last: [`queue::LifoQueue`](crate::queue::LifoQueue) on this wing.
        pub type LifoQueue<T> = crate::queue::Queue<T, $W, crate::queue::Lifo>;
        /// An unbounded queue without tasks and shutdown, into which even a destructor may put: [`generic::SimpleQueue`](crate::generic::SimpleQueue) on this wing.
        pub type SimpleQueue<T> = crate::simple_queue::SimpleQueue<T, $W>;
        /// Mutual exclusion, and the data that it is about: [`generic::Lock`](crate::generic::Lock) on this wing.
        #[doc(alias = "Mutex")]
        pub type Lock<T> = crate::lock::Lock<T, $W>;
        /// A lock that its owner may take again: [`generic::RLock`](crate::generic::RLock) on this wing.
        #[doc(alias = "ReentrantMutex")]
        #[doc(alias = "ReentrantLock")]
        pub type RLock<T> = crate::rlock::RLock<T, $W>;
        /// Threads wait here, with a lock, until another says that something has changed: [`generic::Condition`](crate::generic::Condition) on this wing.
        #[doc(alias = "Condvar")]
        pub type Condition = crate::condition::Condition<$W>;
        /// A counter of permits: [`generic::Semaphore`](crate::generic::Semaphore) on this wing.
        pub type Semaphore = crate::semaphore::Semaphore<$W, crate::semaphore::Unbounded>;
        /// A counter of permits that never has more than at first: [`generic::BoundedSemaphore`](crate::generic::BoundedSemaphore) on this wing.
        pub type BoundedSemaphore = crate::semaphore::Semaphore<$W, crate::semaphore::Bounded>;
        /// A flag that threads wait for: [`generic::Event`](crate::generic::Event) on this wing.
        pub type Event = crate::event::Event<$W>;
        /// Threads wait here until as many have come as it is for: [`generic::Barrier`](crate::generic::Barrier) on this wing.
        pub type Barrier = crate::barrier::Barrier<$W>;
        /// A number that many threads change, without losing any change: [`generic::Counter`](crate::generic::Counter) on this wing.
        pub type Counter = crate::counter::Counter<$W>;

        /// The guard of a [`Lock`] of this wing.
        pub type LockGuard<'a, T> = crate::lock::LockGuard<'a, T, $W>;
        /// The guard of a part of what a [`Lock`] of this wing guards.
        pub type MappedLockGuard<'a, T> = crate::lock::MappedLockGuard<'a, T, $W>;
        /// A [`LockGuard`] that owns its [`Lock`].
        pub type OwnedLockGuard<T> = crate::lock::OwnedLockGuard<T, $W>;
        /// The guard of an [`RLock`] of this wing.
        pub type RLockGuard<'a, T> = crate::rlock::RLockGuard<'a, T, $W>;
        /// The guard of a part of what an [`RLock`] of this wing guards.
        pub type MappedRLockGuard<'a, T> = crate::rlock::MappedRLockGuard<'a, T, $W>;
        /// An [`RLockGuard`] that owns its [`RLock`].
        pub type OwnedRLockGuard<T> = crate::rlock::OwnedRLockGuard<T, $W>;
        /// Permits of a [`Semaphore`] or a [`BoundedSemaphore`] of this wing.
        pub type Permit<'a> = crate::semaphore::Permit<'a, $W>;
        /// A [`Permit`] that owns its [`Semaphore`]; with [`Bounded`](crate::semaphore::Bounded) its [`BoundedSemaphore`].
        pub type OwnedPermit<L = crate::semaphore::Unbounded> = crate::semaphore::OwnedPermit<$W, L>;
        /// An item taken from a [`Queue`] of this wing, which is marked done as it is dropped; with [`Lifo`](crate::queue::Lifo) or [`Priority`](crate::queue::Priority) from a queue of that order.
        pub type Task<'a, T, O = crate::queue::Fifo> = crate::queue::Task<'a, T, $W, O>;
        /// A [`Task`] that owns its [`Queue`], likewise.
        pub type OwnedTask<T, O = crate::queue::Fifo> = crate::queue::OwnedTask<T, $W, O>;
    };
}

pub(crate) use aliases;
