//! Sequences and the options they share with identity columns.

use pg_query::NodeEnum;
use pg_query::protobuf::{AlterSeqStmt, CreateSeqStmt, DefElem, Node};

use super::lower::{Lower, R, constant_text, strings, unexpected};
use crate::ast::{AlterSequence, CreateSequence, SequenceOption, SequenceValue, Statement};

impl Lower<'_> {
    pub(super) fn create_sequence(&self, create: CreateSeqStmt) -> R<Statement> {
        let CreateSeqStmt { sequence, options, owner_id: _, for_identity: _, if_not_exists } = create;
        self.require("statement/CreateSeq")?;
        let sequence = sequence.ok_or_else(|| unexpected("CREATE SEQUENCE"))?;
        self.forbid(sequence.relpersistence == "t", "sequence/TEMPORARY")?;
        self.forbid(sequence.relpersistence == "u", "sequence/UNLOGGED")?;
        let options = self.sequence_options(options)?;
        self.check_cache(&options, "sequence/without cache")?;
        self.check_sequence_type(&options)?;
        Ok(Statement::CreateSequence(Box::new(CreateSequence { name: self.relation(sequence)?, if_not_exists, options })))
    }

    pub(super) fn alter_sequence(&self, alter: AlterSeqStmt) -> R<Statement> {
        let AlterSeqStmt { sequence, options, for_identity: _, missing_ok } = alter;
        self.require("statement/AlterSeq")?;
        let sequence = sequence.ok_or_else(|| unexpected("ALTER SEQUENCE"))?;
        let options = self.sequence_options(options)?;
        self.check_new_cache(&options)?;
        self.check_sequence_type(&options)?;
        Ok(Statement::AlterSequence(Box::new(AlterSequence { name: self.relation(sequence)?, if_exists: missing_ok, options })))
    }

    fn check_sequence_type(&self, options: &[SequenceOption]) -> R<()> {
        let other = |option: &SequenceOption| match &option.value {
            SequenceValue::Type(ty) => !matches!(ty.names.last().map(String::as_str), Some("int8" | "bigint")),
            _ => false,
        };
        self.forbid(options.iter().any(other), "sequence/type")
    }

    /// CACHE is obligatory and 1 or at least 65536.
    pub(super) fn check_cache(&self, options: &[SequenceOption], without: &str) -> R<()> {
        self.forbid(!options.iter().any(|option| option.name == "cache"), without)?;
        self.check_new_cache(options)
    }

    /// CACHE may be left out where a sequence is altered.
    pub(super) fn check_new_cache(&self, options: &[SequenceOption]) -> R<()> {
        for option in options.iter().filter(|option| option.name == "cache") {
            let SequenceValue::Number(text) = &option.value else { return Err(unexpected("CACHE")) };
            let fits = text.parse::<i64>().is_ok_and(|size| size == 1 || size >= 65536);
            if !fits {
                return Err(self.refuse("sequence/cache", &[text]));
            }
        }
        Ok(())
    }

    pub(super) fn sequence_options(&self, nodes: Vec<Node>) -> R<Vec<SequenceOption>> {
        nodes.into_iter().map(|node| self.sequence_option(node)).collect()
    }

    /// `name value` of a sequence option; MINVALUE, MAXVALUE and RESTART may have none.
    fn sequence_option(&self, node: Node) -> R<SequenceOption> {
        let Some(NodeEnum::DefElem(element)) = node.node else { return Err(unexpected("sequence options")) };
        let DefElem { defnamespace: _, defname, arg, defaction: _, location, arg_location: _ } = *element;
        let value = match arg.and_then(|arg| arg.node) {
            None => SequenceValue::None,
            Some(NodeEnum::List(list)) => SequenceValue::Names(strings(list.items)?),
            Some(NodeEnum::TypeName(ty)) => SequenceValue::Type(self.type_name(ty)?),
            Some(NodeEnum::Boolean(flag)) => SequenceValue::Flag(flag.boolval),
            Some(constant) => SequenceValue::Number(constant_text(&constant).ok_or_else(|| unexpected("sequence options"))?),
        };
        Ok(SequenceOption { name: defname, value, at: location })
    }
}
