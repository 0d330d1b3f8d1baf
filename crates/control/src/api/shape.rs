//! The constraints of the API's string shapes, as botocore's model of the service states them.

use std::sync::LazyLock;

use regex::Regex;

/// A string shape: its length in characters and its pattern.
pub(crate) struct Shape {
    /// What the model calls it.
    #[cfg(test)]
    pub(crate) name: &'static str,
    pub(crate) min: usize,
    pub(crate) max: usize,
    /// Matches the whole text; empty when the model has none.
    pub(crate) pattern: &'static str,
    regex: LazyLock<Regex>,
}

macro_rules! shapes {
    ($($constant:ident = $name:literal, $min:expr, $max:expr, $pattern:literal;)*) => {
        $(pub(crate) static $constant: Shape = Shape {
            #[cfg(test)]
            name: $name,
            min: $min,
            max: $max,
            pattern: $pattern,
            regex: LazyLock::new(|| anchored($pattern)),
        };)*
        /// Every shape.
        #[cfg(test)]
        pub(crate) static SHAPES: &[&Shape] = &[$(&$constant),*];
    };
}

/// The model's way to say that there is no upper bound.
const UNBOUNDED: usize = usize::MAX;

shapes! {
    ARN = "Arn", 1, 1011, "arn:.+";
    CLIENT_TOKEN = "ClientToken", 1, 128, "[!-~]+";
    CLUSTER_ARN = "ClusterArn", 0, UNBOUNDED, "arn:aws(-[^:]+)?:dsql:[a-z0-9-]{1,20}:[0-9]{12}:cluster/[a-z0-9]{26}";
    CLUSTER_ID = "ClusterId", 0, UNBOUNDED, "[a-z0-9]{26}";
    KINESIS_STREAM_ARN = "KinesisStreamArn", 1, 2048, r"arn:aws[a-zA-Z-]*:kinesis:[a-z0-9-]*:[0-9]{12}:stream/[a-zA-Z0-9+=,.@_/\-]+";
    KMS_ENCRYPTION_KEY = "KmsEncryptionKey", 1, 2048, "[a-zA-Z0-9:/_-]+";
    NEXT_TOKEN = "NextToken", 0, UNBOUNDED, "";
    POLICY_DOCUMENT = "PolicyDocument", 1, 20480, "";
    POLICY_VERSION = "PolicyVersion", 0, UNBOUNDED, "";
    REGION = "Region", 0, 50, "";
    ROLE_ARN = "RoleArn", 20, 2048, "arn:aws(-[^:]+)?:iam::[0-9]{12}:role(/[a-zA-Z0-9+=,.@_-]+)+";
    STREAM_ID = "StreamId", 0, UNBOUNDED, "[a-z0-9]{26}";
    TAG_KEY = "TagKey", 1, 128, r"[a-zA-Z0-9_.:/=+\-@ ]*";
    TAG_VALUE = "TagValue", 0, 256, r"[a-zA-Z0-9_.:/=+\-@ ]*";
}

fn anchored(pattern: &str) -> Regex {
    Regex::new(&format!("^(?:{pattern})$")).expect("the model's patterns are in the language of the regex crate")
}

impl Shape {
    /// What is wrong with a text at a place in the request, in the service framework's words.
    pub(crate) fn problem(&self, path: &str, text: &str) -> Option<String> {
        let length = text.chars().count();
        if !(self.min..=self.max).contains(&length) {
            let bound = if self.max == UNBOUNDED {
                format!("greater than or equal to {}", self.min)
            } else {
                format!("between {} and {}, inclusive", self.min, self.max)
            };
            return Some(format!("Value with length {length} at '/{path}' failed to satisfy constraint: Member must have length {bound}"));
        }
        (!self.pattern.is_empty() && !self.regex.is_match(text)).then(|| {
            format!("Value at '/{path}' failed to satisfy constraint: Member must satisfy regular expression pattern: ^{}$", self.pattern)
        })
    }
}
