//! The pages, in reading order.

macro_rules! pages {
    ($($id:literal),* $(,)?) => {
        /// Id and text of every page.
        pub(crate) const PAGES: &[(&str, &str)] = &[$(($id, include_str!(concat!("../../../docs/guide/", $id, ".md")))),*];
    };
}

pages!["concepts", "transactions", "errors", "limits",];
