//! What whole-program tests share: a fresh place on either database, one test made into two, a small site with its
//! partners on the other side, and what its books hold.

pub mod books;
pub mod children;
pub mod debits;
pub mod partners;
pub mod people;
pub mod place;
pub mod play;
pub mod site;
pub mod truth;

pub use place::{Place, exec, texts};
pub use site::{Household, Site, account, household};

/// Makes `name::sqlite` and `name::postgres` out of each `async fn name(place: Place)`.
macro_rules! both {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            #[test]
            fn sqlite() {
                $crate::support::block_on(async { super::$name($crate::support::Place::sqlite()).await });
            }
            #[test]
            fn postgres() {
                $crate::support::block_on(async { super::$name($crate::support::Place::postgres().await).await });
            }
        }
    )* };
}
pub(crate) use both;

/// Makes `name::sqlite` and `name::postgres` out of each `async fn name(db: &Db)`.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            #[test]
            fn sqlite() {
                $crate::support::block_on(async {
                    let place = $crate::support::Place::sqlite();
                    super::$name(&place.open().await).await;
                });
            }
            #[test]
            fn postgres() {
                $crate::support::block_on(async {
                    let place = $crate::support::Place::postgres().await;
                    super::$name(&place.open().await).await;
                });
            }
        }
    )* };
}
pub(crate) use on_both;

/// Runs a test's future to its end.
pub fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test);
}
