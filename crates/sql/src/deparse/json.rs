//! SQL/JSON, as ruleutils writes it.

use borealis_pgtypes::{JsonItem, Oid};

use super::constant::Label;
use super::expression::Writer;
use crate::expr::{Expr, ExprKind, JsonForm};

impl Writer<'_> {
    pub(super) fn json(&mut self, form: JsonForm, args: &[Expr], whole: &Expr) {
        match (form, args) {
            (JsonForm::Is { item, unique }, [arg]) => self.is_json(arg, item, unique, whole),
            (JsonForm::Object { binary, absent_on_null, unique }, _) => {
                self.put("JSON_OBJECT(");
                self.members(args, true);
                self.put(if absent_on_null { " ABSENT ON NULL" } else { "" });
                self.put(if unique { " WITH UNIQUE KEYS" } else { "" });
                self.put(returning(binary));
            }
            (JsonForm::Array { binary, absent_on_null }, _) => {
                self.put("JSON_ARRAY(");
                self.members(args, false);
                self.put(if absent_on_null { "" } else { " NULL ON NULL" });
                self.put(returning(binary));
            }
            (JsonForm::Is { .. }, _) => self.put("?"),
        }
    }

    fn members(&mut self, args: &[Expr], pairs: bool) {
        for (index, arg) in args.iter().enumerate() {
            self.put(match index {
                0 => "",
                _ if pairs && index % 2 == 1 => " : ",
                _ => ", ",
            });
            match &arg.kind {
                // Read back without a type it is text again.
                ExprKind::Const(value) if arg.ty.oid == Oid::TEXT => self.constant(value, arg.ty, Label::Never),
                _ => self.expr(arg),
            }
        }
    }

    fn is_json(&mut self, arg: &Expr, item: JsonItem, unique: bool, whole: &Expr) {
        self.open();
        self.operand(arg, whole);
        self.put(" ");
        self.put(item.words());
        self.put(if unique { " WITH UNIQUE KEYS" } else { "" });
        self.close();
    }
}

const fn returning(binary: bool) -> &'static str {
    if binary { " RETURNING jsonb)" } else { " RETURNING json)" }
}
