\d
\d movies
\d+ casts
\d types
\d no*
\d public.*
\d nothing
\dt
\dt+ public.movies
\dt m*
\dv
\dm
\ds
\di
\dn
\dn public
\du postgres
\dg postgres
\dT int4
\dT+ public.*
\df lower
\df+ public.nothing
\df pg_catalog.pg_table_size
\da string_agg
\do ||
\dC int4
\dD
\db
\dc
\dd movies
\ddp
\dE
\des
\deu
\dew
\det
\dF simple
\dFd simple
\dL
\dO C
\dp movies
\z casts
\drds
\dRp
\dRs
\dx
\dy
\dX
\dconfig work_mem
\dP
\dS pg_database
\d pg_class
\sf pg_catalog.pg_relation_size(regclass)
\sv pg_catalog.pg_tables
\lo_list
\conninfo
\encoding
