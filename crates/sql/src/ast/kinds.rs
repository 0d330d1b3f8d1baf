//! Kinds of statements, told by what they do rather than by their grammar.

use super::Statement;

impl Statement {
    /// Whether it changes the catalog: DDL, GRANT and REVOKE.
    #[must_use]
    pub fn is_definition(&self) -> bool {
        matches!(
            self,
            Self::CreateTable(_)
                | Self::AlterTable(_)
                | Self::CreateIndex(_)
                | Self::CreateSchema { .. }
                | Self::Drop(_)
                | Self::Rename(_)
                | Self::SetSchema { .. }
                | Self::SetOwner { .. }
                | Self::Comment { .. }
                | Self::CreateRole { .. }
                | Self::DropRole { .. }
                | Self::Grant(_)
                | Self::GrantRoles(_)
                | Self::AlterDefaultPrivileges(_)
                | Self::ResetRole { .. }
                | Self::IamGrant { .. }
                | Self::CreateView(_)
                | Self::CreateSequence(_)
                | Self::AlterSequence(_)
                | Self::CreateDomain(_)
                | Self::AlterDomain { .. }
                | Self::CreateFunction(_)
                | Self::AlterFunction(_)
                | Self::DropFunction(_)
                | Self::DropTrigger { .. }
                | Self::CreateStatistics(_)
                | Self::AlterStatistics { .. }
                | Self::AlterView(_)
        )
    }

    /// Whether it is about the session or the server itself: nothing in it is bound.
    #[must_use]
    pub fn is_of_session(&self) -> bool {
        matches!(
            self,
            Self::Transaction(_)
                | Self::Set(_)
                | Self::Show { .. }
                | Self::Reset { .. }
                | Self::Call(_)
                | Self::Deallocate { .. }
                | Self::Analyze { .. }
                | Self::SetConstraints { .. }
        )
    }
}
