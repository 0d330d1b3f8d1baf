\d
\dt
\dv
\ds
\di
\dtv
\dn
\du
\l
\d item
\d named
\d counter
\d item_pkey
\d "Odd Name"
\d nope
\dt nope*
\dt public.i*
\dt it?m
\dt *.item
\dn public
\du adm*
\x
\dt
\d named
\d counter
\x
\a
\d item
\dn
