//! What `\?` prints.

pub(super) const TEXT: &str = r"General
  \q                     quit
  \g, \gx                run the statement (gx: with expanded output), or the last one again
  \c [DATABASE|- [USER]] connect anew, with a fresh token
  \conninfo              tell what is connected to
  \timing [on|off]       tell how long each statement takes
  \?                     this help

Statement
  \e [FILE]              edit the statement, or the last one
  \p, \r                 show, forget the statement
  \i FILE, \ir FILE      run a file (ir: relative to the running one)

Catalog (PATTERN may hold * and ?)
  \d [PATTERN]           relations, or one in detail
  \dt \di \dv \ds        tables, indexes, views, sequences
  \dn \du \l             schemas, roles, databases

Output
  \x [on|off]            a line for each value
  \a, \t                 aligned or not; rows only or not
  \pset NAME [VALUE]     expanded, fieldsep, footer, format (aligned, csv, unaligned), null, tuples_only
  \echo TEXT             print the text

Data and variables
  \copy TABLE FROM|TO FILE [OPTIONS]   copy rows from or to a file on this machine
  \set [NAME [VALUE]]    set a variable, used as :NAME, :'NAME' or :NAME in double quotes
  \unset NAME            unset it
";
