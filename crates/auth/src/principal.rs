//! Who has proved to hold a key, and what that principal may do.

use std::sync::Arc;

use crate::arn::Arn;
use crate::error::{AuthError, Denial};
use crate::policy::{Caller, Context, IdentityPolicy, Request, ResourcePolicy, Verdict};

/// Who has proved to hold a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    /// The key that signed.
    pub access_key_id: String,
    /// The IAM user or role that the key belongs to: what a database role is mapped to.
    pub arn: Arn,
    /// For temporary credentials of a role: the name of its session.
    pub session_name: Option<String>,
    /// The region that the signature is for.
    pub region: String,
    /// What the user or role may do.
    pub permissions: Arc<IdentityPolicy>,
}

impl Principal {
    /// What the caller is called in messages: the role's session, or the user.
    #[must_use]
    pub fn caller_arn(&self) -> Arn {
        self.session_name.as_ref().map_or_else(|| self.arn.clone(), |session| self.arn.assumed_role(session))
    }

    /// Whether the principal may perform an action, `dsql:CreateCluster`, on a resource, `arn:aws:dsql:<region>:<account>:cluster/<id>`, given the
    /// resource's own policy and what is known of the request.
    ///
    /// Within one account an allowance of either policy is enough; between two it takes both. A denial of either is final.
    ///
    /// # Errors
    /// [`AuthError::NotAuthorized`].
    pub fn authorize(&self, action: &str, resource: &Arn, policy: Option<&ResourcePolicy>, context: &Context) -> Result<(), AuthError> {
        let session = self.session_name.as_ref().map(|_| self.caller_arn());
        let caller = Caller { principal: &self.arn, session: session.as_ref() };
        let context = self.describe(context.clone());
        let resource_text = resource.to_string();
        let request = Request { caller: &caller, action, resource: &resource_text, context: &context };
        let own = self.permissions.evaluate(&request);
        let attached = policy.map_or(Verdict::Silent, |policy| policy.evaluate(&request));
        let same_account = self.arn.account == resource.account;
        let denial = match (own, attached) {
            (Verdict::Denied, _) => Denial::Identity,
            (_, Verdict::Denied) => Denial::Resource,
            (Verdict::Allowed, Verdict::Allowed) => return Ok(()),
            (Verdict::Allowed, Verdict::Silent) | (Verdict::Silent, Verdict::Allowed) if same_account => return Ok(()),
            (Verdict::Allowed, Verdict::Silent) => Denial::NoResourceAllowance,
            (Verdict::Silent, _) => Denial::NoIdentityAllowance,
        };
        Err(AuthError::NotAuthorized { arn: self.caller_arn().to_string(), action: action.to_owned(), resource: resource_text, denial })
    }

    /// The request's context with what is known of the caller.
    fn describe(&self, context: Context) -> Context {
        let context = context
            .with("aws:PrincipalArn", self.arn.to_string())
            .with("aws:PrincipalAccount", self.arn.account.clone())
            .with("aws:PrincipalType", if self.session_name.is_some() { "AssumedRole" } else { "User" });
        if self.arn.is_user() { context.with("aws:username", self.arn.name()) } else { context }
    }
}
