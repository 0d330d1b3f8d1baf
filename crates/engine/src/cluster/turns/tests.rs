use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use super::*;

fn key(byte: u8) -> ConflictKey {
    ConflictKey::Key(vec![byte])
}

/// Whether a turn has come, without waiting for it.
fn has_come(coming: Pin<&mut impl Future<Output = ()>>) -> bool {
    matches!(coming.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()))
}

#[tokio::test(start_paused = true)]
async fn turns_come_in_the_order_of_the_queue() {
    let turns = Arc::new(Turns::default());
    let (first, second, third) = (turns.queue(key(1)), turns.queue(key(1)), turns.queue(key(1)));
    first.come().await;
    let (mut second_comes, mut third_comes) = (Box::pin(second.come()), Box::pin(third.come()));
    assert!(!has_come(second_comes.as_mut()) && !has_come(third_comes.as_mut()));
    drop(first);
    assert!(!has_come(third_comes.as_mut()) && has_come(second_comes.as_mut()));
    drop(second_comes);
    drop(second);
    assert!(has_come(third_comes.as_mut()));
}

#[tokio::test(start_paused = true)]
async fn keys_do_not_wait_for_each_other() {
    let turns = Arc::new(Turns::default());
    let (one, other) = (turns.queue(key(1)), turns.queue(key(2)));
    one.come().await;
    other.come().await;
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_lasts_too_long_passes_on() {
    let turns = Arc::new(Turns::default());
    let (idle, next, last) = (turns.queue(key(1)), turns.queue(key(1)), turns.queue(key(1)));
    idle.come().await;
    let began = Instant::now();
    next.come().await;
    assert_eq!(began.elapsed(), LEASE);
    // The one that was passed over takes nothing away when it ends.
    drop(idle);
    let mut coming = pin!(last.come());
    assert!(!has_come(coming.as_mut()));
    drop(next);
    assert!(has_come(coming.as_mut()));
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_while_waiting_holds_up_nobody() {
    let turns = Arc::new(Turns::default());
    let (first, gone, last) = (turns.queue(key(1)), turns.queue(key(1)), turns.queue(key(1)));
    first.come().await;
    let mut coming = pin!(last.come());
    assert!(!has_come(coming.as_mut()));
    drop(gone);
    drop(first);
    assert!(has_come(coming.as_mut()));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever() {
    let turns = Arc::new(Turns::default());
    let queue: Vec<Turn> = (0..500).map(|_| turns.queue(key(1))).collect();
    let began = Instant::now();
    queue[499].come().await;
    assert_eq!(began.elapsed(), WAIT_MAX);
}

#[tokio::test(start_paused = true)]
async fn an_empty_queue_is_forgotten() {
    let turns = Arc::new(Turns::default());
    let turn = turns.queue(key(1));
    turn.come().await;
    drop(turn);
    assert!(turns.locked().is_empty());
}
