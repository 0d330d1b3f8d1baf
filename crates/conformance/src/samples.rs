//! The code samples of the user guide, run as they stand.
//!
//! A page is Markdown; its fenced blocks are samples when their first word is `sql`, or when `run` follows the language (`sh run`,
//! `python run`). `sql sketch` is a form to be filled in and is not run. In an SQL sample, `-->` lines behind a statement are its answer:
//!
//! ```sql
//! SELECT id, name FROM t;
//! --> id | name
//! --> 1 | …
//! UPDATE t SET name = 'x';
//! --> UPDATE 1
//! TRUNCATE t;
//! --> ERROR 0A000: unsupported statement: Truncate
//! ```
//!
//! A statement without an answer must succeed. `…` stands for anything, in a cell or for further rows. `-- session B` goes on in another
//! session, and `<job_id>` in a statement is the job that was begun last. In `sh` and `python` samples, `#>` lines are what must be
//! printed, in this order.
//!
//! Each page gets a cluster of its own. `<!-- serve: --limit rows-per-transaction=10 -->` in a page gives the server arguments;
//! with `iam` among them, and in pages with `sh` or `python` samples, the server keeps a data folder and clients bring tokens.

mod page;
mod run;

pub use page::{Page, read_folder};
pub use run::{Outcome, Runner};
