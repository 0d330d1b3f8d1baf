//! Full-text search over the sections.
//!
//! A section is a document with three fields: the page's title, its own heading, its text. Words are lower-cased and stemmed. A word of
//! the query that no section has is read as the nearest words that some section has, by edit distance; only then, so that a word spelled
//! right never drags its neighbours in. Ranking is BM25, with headings weighing more than text.

use std::fmt;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::snippet::SnippetGenerator;
use tantivy::tokenizer::{Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, StopWordFilter, TextAnalyzer};
use tantivy::{DocAddress, Index, IndexReader, ReloadPolicy, Searcher, TantivyDocument, Term};

use crate::page::{Page, plain};
use crate::{Hit, Section};

/// Memory for building the index. The guide has some hundred kilobytes.
const BUILD_BYTES_MAX: usize = 64 << 20;
/// Words of a query that are looked at.
const WORDS_MAX: usize = 32;
/// Words that one misspelled word is read as, at most.
const NEAR_WORDS_MAX: usize = 6;
/// From this length on a word may be misspelled twice, below [`ONE_MISTAKE_FROM`] not at all.
const TWO_MISTAKES_FROM: usize = 8;
const ONE_MISTAKE_FROM: usize = 4;
/// Longest word of the index, in bytes.
const WORD_BYTES_MAX: usize = 64;
/// Characters of a snippet.
const SNIPPET_CHARS_MAX: usize = 280;

/// How much more a match counts in a title, in a heading, and as part of the query's words side by side.
const TITLE_BOOST: f32 = 1.2;
const HEADING_BOOST: f32 = 2.5;
const PHRASE_BOOST: f32 = 2.0;
/// How much less a word counts that is only near to the one asked for.
const NEAR_BOOST: f32 = 0.8;

const TOKENIZER: &str = "guide";

/// Words that say nothing about a section. Those that SQL uses (`for`, `not`, `with`, `by`, `as`) are not among them.
const STOP_WORDS: [&str; 20] =
    ["a", "after", "an", "and", "are", "can", "do", "does", "how", "i", "in", "is", "it", "my", "of", "or", "that", "the", "to", "what"];

/// The index, in memory.
pub(crate) struct SearchIndex {
    reader: IndexReader,
    analyzer: TextAnalyzer,
    fields: Fields,
    /// Page and section of each document, by the number stored in it.
    sections: Vec<(usize, usize)>,
}

#[derive(Clone, Copy)]
struct Fields {
    title: Field,
    heading: Field,
    body: Field,
    number: Field,
}

impl Fields {
    fn searched(self) -> [(Field, f32); 3] {
        [(self.title, TITLE_BOOST), (self.heading, HEADING_BOOST), (self.body, 1.0)]
    }
}

impl fmt::Debug for SearchIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchIndex").field("sections", &self.sections.len()).finish_non_exhaustive()
    }
}

fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(WORD_BYTES_MAX))
        .filter(LowerCaser)
        .filter(StopWordFilter::remove(STOP_WORDS.map(str::to_owned)))
        .filter(Stemmer::new(Language::English))
        .build()
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(indexing);
    let fields = Fields {
        title: builder.add_text_field("title", text.clone()),
        heading: builder.add_text_field("heading", text.clone()),
        body: builder.add_text_field("body", text),
        number: builder.add_u64_field("number", NumericOptions::default().set_stored()),
    };
    (builder.build(), fields)
}

impl SearchIndex {
    /// Indexes every section of every page.
    ///
    /// # Panics
    /// Never for reasons of input: the index lives in memory and its fields are those of [`schema`].
    pub(crate) fn build(pages: &[Page]) -> Self {
        Self::try_build(pages).expect("an index in memory can be built")
    }

    fn try_build(pages: &[Page]) -> tantivy::Result<Self> {
        let (schema, fields) = schema();
        let directory = tantivy::directory::RamDirectory::create();
        let builder = Index::builder().schema(schema);
        // One segment, written by this thread: no pool of threads, no merges.
        let mut tokenizers = tantivy::tokenizer::TokenizerManager::default();
        tokenizers.register(TOKENIZER, analyzer());
        let mut writer = builder.tokenizers(std::mem::take(&mut tokenizers)).single_segment_index_writer(directory, BUILD_BYTES_MAX)?;
        let mut sections = Vec::new();
        for (page_number, page) in pages.iter().enumerate() {
            // Links to other sections would be found instead of them.
            let texts = page.sections.iter().enumerate().filter(|(_, section)| section.id != "see-also");
            for (section_number, section) in texts {
                let mut document = TantivyDocument::default();
                document.add_text(fields.title, page.title);
                document.add_text(fields.heading, plain(section.title));
                document.add_text(fields.body, body(page, section));
                document.add_u64(fields.number, sections.len() as u64);
                writer.add_document(document)?;
                sections.push((page_number, section_number));
            }
        }
        let index = writer.finalize()?;
        index.tokenizers().register(TOKENIZER, analyzer());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { reader, analyzer: analyzer(), fields, sections })
    }

    pub(crate) fn search(&self, pages: &[Page], query: &str, limit: usize) -> Vec<Hit> {
        self.try_search(pages, query, limit).expect("an index in memory can be searched")
    }

    fn try_search(&self, pages: &[Page], query: &str, limit: usize) -> tantivy::Result<Vec<Hit>> {
        let searcher = self.reader.searcher();
        let words = self.words(query);
        if words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let query = self.query(&searcher, &words)?;
        let mut snippets = SnippetGenerator::create(&searcher, &query, self.fields.body)?;
        snippets.set_max_num_chars(SNIPPET_CHARS_MAX);
        let best = searcher.search(&query, &TopDocs::with_limit(limit).order_by_score())?;
        best.into_iter().map(|(score, address)| self.hit(&searcher, pages, &snippets, score, address)).collect()
    }

    fn hit(
        &self,
        searcher: &Searcher,
        pages: &[Page],
        snippets: &SnippetGenerator,
        score: f32,
        address: DocAddress,
    ) -> tantivy::Result<Hit> {
        let document: TantivyDocument = searcher.doc(address)?;
        let number = document.get_first(self.fields.number).and_then(|value| value.as_u64()).unwrap_or_default();
        let (page_number, section_number) = self.sections[usize::try_from(number).unwrap_or_default()];
        let page = &pages[page_number];
        let section = &page.sections[section_number];
        let text = body(page, section);
        let fragment = snippets.snippet(&text).fragment().trim().to_owned();
        let snippet = if fragment.is_empty() { text.chars().take(SNIPPET_CHARS_MAX).collect() } else { fragment };
        Ok(Hit {
            page: page.id.to_owned(),
            section: section.id.clone(),
            title: page.section_title(section),
            snippet,
            score,
            url: page.section_address(section),
        })
    }

    /// The words of a text as the index has them, each once.
    fn words(&self, text: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let mut analyzer = self.analyzer.clone();
        analyzer.token_stream(text).process(&mut |token| {
            if words.len() < WORDS_MAX && !words.contains(&token.text) {
                words.push(token.text.clone());
            }
        });
        words
    }

    fn query(&self, searcher: &Searcher, words: &[String]) -> tantivy::Result<BooleanQuery> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for word in words {
            for (field, boost) in self.fields.searched() {
                clauses.push(should(self.term(field, word), boost));
            }
            if !self.is_known(searcher, word)? {
                for near in self.near(searcher, word)? {
                    for (field, boost) in self.fields.searched() {
                        clauses.push(should(self.term(field, &near), boost * NEAR_BOOST));
                    }
                }
            }
        }
        if words.len() > 1 {
            for field in [self.fields.heading, self.fields.body] {
                let terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, word)).collect();
                let mut phrase = PhraseQuery::new(terms);
                phrase.set_slop(1);
                clauses.push(should(Box::new(phrase), PHRASE_BOOST));
            }
        }
        Ok(BooleanQuery::new(clauses))
    }

    #[allow(clippy::unused_self)] // reads with the other parts of a query
    fn term(&self, field: Field, word: &str) -> Box<dyn Query> {
        Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
    }

    fn is_known(&self, searcher: &Searcher, word: &str) -> tantivy::Result<bool> {
        for (field, _) in self.fields.searched() {
            if searcher.doc_freq(&Term::from_field_text(field, word))? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Words of the text that `word` may be a misspelling of, one mistake before two.
    fn near(&self, searcher: &Searcher, word: &str) -> tantivy::Result<Vec<String>> {
        let length = word.chars().count();
        let most = if length >= TWO_MISTAKES_FROM { 2 } else { u8::from(length >= ONE_MISTAKE_FROM) };
        let mut found = Vec::new();
        for distance in 1..=most {
            let automaton = FuzzyTermQuery::new(Term::from_field_text(self.fields.body, word), distance, true).automaton()?;
            for segment in searcher.segment_readers() {
                let inverted = segment.inverted_index(self.fields.body)?;
                let mut terms = inverted.terms().search(&automaton).into_stream()?;
                while terms.advance() && found.len() < NEAR_WORDS_MAX {
                    let near = String::from_utf8_lossy(terms.key()).into_owned();
                    if !found.contains(&near) {
                        found.push(near);
                    }
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }
}

fn should(query: Box<dyn Query>, boost: f32) -> (Occur, Box<dyn Query>) {
    (Occur::Should, Box::new(BoostQuery::new(query, boost)))
}

/// A section's text without its heading and without Markdown.
fn body(page: &Page, section: &Section) -> String {
    let lines = page.section_text(section).lines().skip(1);
    let text: Vec<&str> = lines.filter(|line| !line.starts_with("```") && !line.starts_with("|---")).collect();
    plain(&text.join("\n"))
}
