//! The extended query protocol: Parse, Bind, Describe, Execute, Close, Sync.

use borealis_engine::RawParameter;
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};
use pgwire::messages::extendedquery::{self, TARGET_TYPE_BYTE_PORTAL, TARGET_TYPE_BYTE_STATEMENT};
use tokio::io;

use crate::encode::{Formats, parameter_description, row_description};
use crate::session_loop::{Connection, Next};
use crate::simple::Ran;

impl Connection {
    pub(crate) async fn parse(&mut self, message: &extendedquery::Parse) {
        if let Err(error) = self.session.take_turn(&message.query).await {
            return self.answer(Err(error), |_, ()| {});
        }
        let types: Vec<Oid> = message.type_oids.iter().map(|oid| Oid(*oid)).collect();
        let name = message.name.as_deref().unwrap_or_default();
        let parsed = self.guarded(|session| session.parse(name, &message.query, &types));
        self.answer(parsed, |connection, ()| connection.out.bare(b'1'));
    }

    pub(crate) async fn bind(&mut self, message: &extendedquery::Bind) {
        if let Err(error) = self.session.take_turn_for(message.statement_name.as_deref().unwrap_or_default()).await {
            return self.answer(Err(error), |_, ()| {});
        }
        let bound = self.try_bind(message);
        self.answer(bound, |connection, ()| connection.out.bare(b'2'));
    }

    fn try_bind(&mut self, message: &extendedquery::Bind) -> Result<()> {
        let portal = message.portal_name.as_deref().unwrap_or_default();
        let statement = message.statement_name.as_deref().unwrap_or_default();
        let codes = Formats::from_codes(&message.parameter_format_codes).inspect_err(|_| self.session.fail())?;
        if let Formats::Each(codes) = &codes
            && codes.len() != message.parameters.len()
        {
            let text = format!("bind message has {} parameter formats but {} parameters", codes.len(), message.parameters.len());
            self.session.fail();
            return Err(SqlError::new(SqlState::PROTOCOL_VIOLATION, text));
        }
        let values = message.parameters.iter().enumerate();
        let values: Vec<RawParameter<'_>> =
            values.map(|(index, value)| RawParameter { binary: codes.is_binary(index), value: value.as_deref() }).collect();
        let formats = Formats::from_codes(&message.result_column_format_codes).inspect_err(|_| self.session.fail())?;
        self.guarded(|session| {
            session.bind(portal, statement, &values)?;
            let columns = session.describe_portal(portal)?.map_or(0, |columns| columns.len());
            formats.check(columns).inspect_err(|_| session.fail())
        })?;
        self.formats.insert(portal.to_owned(), formats);
        Ok(())
    }

    pub(crate) fn describe(&mut self, message: &extendedquery::Describe) {
        let name = message.name.as_deref().unwrap_or_default();
        let described = match message.target_type {
            TARGET_TYPE_BYTE_STATEMENT => self.session.describe_statement(name).map(|(parameters, columns)| {
                parameter_description(&mut self.out.buffer, &parameters);
                (columns, Formats::Text)
            }),
            TARGET_TYPE_BYTE_PORTAL => {
                let formats = self.formats.get(name).cloned().unwrap_or_default();
                self.session.describe_portal(name).map(|columns| (columns, formats))
            }
            other => Err(self.bad_target("DESCRIBE", other)),
        };
        self.answer(described, |connection, (columns, formats)| match columns {
            Some(columns) => row_description(&mut connection.out.buffer, &columns, &formats),
            None => connection.out.bare(b'n'),
        });
    }

    pub(crate) async fn execute(&mut self, message: &extendedquery::Execute) -> io::Result<Next> {
        let portal = message.name.as_deref().unwrap_or_default();
        let max_rows = usize::try_from(message.max_rows).unwrap_or(0);
        let columns = match self.session.describe_portal(portal) {
            Ok(columns) => columns.unwrap_or_default(),
            Err(error) => {
                self.skipping = true;
                return Ok(self.fail(&error));
            }
        };
        let formats = self.formats.get(portal).cloned().unwrap_or_default();
        // With the Sync already here the commit is part of the statement, so that a conflict is its own answer.
        let ends = self.sync_follows();
        match self.run_portal(portal, max_rows, ends, &columns, &formats).await? {
            Ran::Done => Ok(Next::Continue),
            Ran::Failed(next) => {
                self.skipping = true;
                Ok(next)
            }
        }
    }

    pub(crate) fn close(&mut self, message: &extendedquery::Close) {
        let name = message.name.as_deref().unwrap_or_default();
        let closed = match message.target_type {
            TARGET_TYPE_BYTE_STATEMENT => {
                self.session.close_statement(name);
                Ok(())
            }
            TARGET_TYPE_BYTE_PORTAL => {
                self.session.close_portal(name);
                self.formats.remove(name);
                Ok(())
            }
            other => Err(self.bad_target("CLOSE", other)),
        };
        self.answer(closed, |connection, ()| connection.out.bare(b'3'));
    }

    pub(crate) async fn sync(&mut self) {
        if let Err(error) = self.session.sync().await {
            self.fail(&error);
        }
        self.ready();
    }

    fn bad_target(&mut self, message: &str, target: u8) -> SqlError {
        self.session.fail();
        SqlError::new(SqlState::PROTOCOL_VIOLATION, format!("invalid {message} message subtype {target}"))
    }

    fn answer<T>(&mut self, result: Result<T>, answer: impl FnOnce(&mut Self, T)) {
        match result {
            Ok(value) => answer(self, value),
            Err(error) => {
                self.skipping = true;
                self.fail(&error);
            }
        }
    }
}
