//! How an item is put and got: three faulty ways, and the right one.

use std::thread;

use nogil::Wing;

use crate::buffer::{Buffer, Got, Guard, Watched};

/// Puts an item and answers whether to go on.
pub(crate) type Put<W> = fn(&Buffer<W>, u64) -> bool;
pub(crate) type Get<W> = fn(&Buffer<W>) -> Got;

/// Puts, and tells one of those who wait for an item.
fn store<W: Wing>(mut inside: Guard<'_, W>, item: u64, told: &Watched<W>) -> bool {
    let goes_on = inside.put(item);
    told.notify(&mut inside, 1);
    goes_on
}

/// Takes, and tells one of those who wait for room.
fn fetch<W: Wing>(mut inside: Guard<'_, W>, told: &Watched<W>) -> Got {
    let got = inside.take();
    if got == Got::Item {
        told.notify(&mut inside, 1);
    }
    got
}

// ---- `if`, where `while` is needed

/// Looks once. After the wait another thread may have been there first.
pub(crate) fn put_after_if<W: Wing>(buffer: &Buffer<W>, item: u64) -> bool {
    let mut inside = buffer.acquire();
    if !inside.has_room() {
        buffer.not_full.wait(&mut inside);
    }
    store(inside, item, &buffer.not_empty)
}

pub(crate) fn get_after_if<W: Wing>(buffer: &Buffer<W>) -> Got {
    let mut inside = buffer.acquire();
    if !inside.has_item() {
        buffer.not_empty.wait(&mut inside);
    }
    fetch(inside, &buffer.not_full)
}

// ---- a look that is over when the wait begins

/// Lets go of the lock between its look and its wait. What is put in between wakes nobody.
pub(crate) fn get_after_a_look<W: Wing>(buffer: &Buffer<W>) -> Got {
    loop {
        let inside = buffer.acquire();
        if inside.has_item() {
            return fetch(inside, &buffer.not_full);
        }
        drop(inside);
        thread::yield_now(); // lets others run where it does the most harm
        buffer.not_empty.wait(&mut buffer.acquire());
    }
}

// ---- one condition for both

/// Waits as it should, and then tells one thread that something has changed: a consumer, for whom it has, or another producer.
pub(crate) fn put_by_one_condition<W: Wing>(buffer: &Buffer<W>, item: u64) -> bool {
    let (mut inside, changed) = (buffer.acquire(), &buffer.not_empty);
    changed.wait_for(&mut inside, |inside| inside.has_room());
    store(inside, item, changed)
}

pub(crate) fn get_by_one_condition<W: Wing>(buffer: &Buffer<W>) -> Got {
    let (mut inside, changed) = (buffer.acquire(), &buffer.not_empty);
    changed.wait_for(&mut inside, |inside| inside.has_item());
    fetch(inside, changed)
}

// ---- right

/// Looks before the wait and after each wake-up, under one lock, and tells those for whom something has changed.
pub(crate) fn put<W: Wing>(buffer: &Buffer<W>, item: u64) -> bool {
    let mut inside = buffer.acquire();
    buffer.not_full.wait_for(&mut inside, |inside| inside.has_room());
    store(inside, item, &buffer.not_empty)
}

pub(crate) fn get<W: Wing>(buffer: &Buffer<W>) -> Got {
    let mut inside = buffer.acquire();
    buffer.not_empty.wait_for(&mut inside, |inside| inside.has_item());
    fetch(inside, &buffer.not_full)
}
