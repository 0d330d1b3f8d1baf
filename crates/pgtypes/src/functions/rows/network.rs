//! Rows: `inet` and `cidr`.

use crate::Body::Scalar;
use crate::functions::{network, row::functions};

functions! {
    598 "abbrev"(INET) -> TEXT, Immutable strict fixed, Scalar(network::inet_abbrev);
    599 "abbrev"(CIDR) -> TEXT, Immutable strict fixed, Scalar(network::cidr_abbrev);
    605 "set_masklen"(INET, INT4) -> INET, Immutable strict fixed, Scalar(network::inet_set_masklen);
    635 "set_masklen"(CIDR, INT4) -> CIDR, Immutable strict fixed, Scalar(network::cidr_set_masklen);
    683 "network"(INET) -> CIDR, Immutable strict fixed, Scalar(network::network_network);
    696 "netmask"(INET) -> INET, Immutable strict fixed, Scalar(network::network_netmask);
    697 "masklen"(INET) -> INT4, Immutable strict fixed, Scalar(network::network_masklen);
    698 "broadcast"(INET) -> INET, Immutable strict fixed, Scalar(network::network_broadcast);
    699 "host"(INET) -> TEXT, Immutable strict fixed, Scalar(network::network_host);
    711 "family"(INET) -> INT4, Immutable strict fixed, Scalar(network::network_family);
    920 "network_eq"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_eq);
    921 "network_lt"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_lt);
    922 "network_le"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_le);
    923 "network_gt"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_gt);
    924 "network_ge"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_ge);
    925 "network_ne"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_ne);
    926 "network_cmp"(INET, INET) -> INT4, Immutable strict fixed, Scalar(network::network_cmp);
    927 "network_sub"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_sub);
    928 "network_subeq"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_subeq);
    929 "network_sup"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_sup);
    930 "network_supeq"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_supeq);
    1362 "hostmask"(INET) -> INET, Immutable strict fixed, Scalar(network::network_hostmask);
    2627 "inetnot"(INET) -> INET, Immutable strict fixed, Scalar(network::inetnot);
    2628 "inetand"(INET, INET) -> INET, Immutable strict fixed, Scalar(network::inetand);
    2629 "inetor"(INET, INET) -> INET, Immutable strict fixed, Scalar(network::inetor);
    2630 "inetpl"(INET, INT8) -> INET, Immutable strict fixed, Scalar(network::inetpl);
    2631 "int8pl_inet"(INT8, INET) -> INET, Immutable strict fixed, Scalar(network::int8pl_inet);
    2632 "inetmi_int8"(INET, INT8) -> INET, Immutable strict fixed, Scalar(network::inetmi_int8);
    2633 "inetmi"(INET, INET) -> INT8, Immutable strict fixed, Scalar(network::inetmi);
    3551 "network_overlap"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::network_overlap);
    3562 "network_larger"(INET, INET) -> INET, Immutable strict fixed, Scalar(network::network_larger);
    3563 "network_smaller"(INET, INET) -> INET, Immutable strict fixed, Scalar(network::network_smaller);
    4063 "inet_merge"(INET, INET) -> CIDR, Immutable strict fixed, Scalar(network::inet_merge);
    4071 "inet_same_family"(INET, INET) -> BOOL, Immutable strict fixed, Scalar(network::inet_same_family);
}
