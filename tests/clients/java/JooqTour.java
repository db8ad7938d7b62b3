import static org.jooq.impl.DSL.avg;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.rowNumber;
import static org.jooq.impl.DSL.table;

import java.sql.Connection;
import java.sql.DriverManager;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Schema;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jooq.meta.ColumnDefinition;
import org.jooq.meta.TableDefinition;
import org.jooq.meta.postgres.PostgresDatabase;

/** jOOQ: its metadata, the introspection of its code generator, and queries of its making. */
class JooqTour {
    public static void main(String[] args) throws Exception {
        try (Connection c = DriverManager.getConnection(Tour.url())) {
            DSLContext j = DSL.using(c, SQLDialect.POSTGRES);
            for (Schema schema : j.meta().getSchemas()) {
                if (schema.getName().equals("public")) {
                    for (Table<?> t : schema.getTables()) {
                        Tour.show("table", t.getName() + " " + t.fieldsRow() + " " + t.getPrimaryKey());
                    }
                }
            }
            PostgresDatabase database = new PostgresDatabase();
            database.setConnection(c);
            database.setIncludes(new String[] {".*"});
            database.setExcludes(new String[] {});
            database.setConfiguredSchemata(java.util.List.of(new org.jooq.meta.jaxb.SchemaMappingType().withInputSchema("public")));
            for (TableDefinition t : database.getTables(database.getSchema("public"))) {
                StringBuilder columns = new StringBuilder();
                for (ColumnDefinition d : t.getColumns()) {
                    columns.append(d.getName()).append(' ').append(d.getType().getType()).append(' ').append(d.getType().isNullable()).append(", ");
                }
                Tour.show("generated", t.getName() + " " + columns + t.getPrimaryKey());
            }
            var movies = table(name("movies"));
            var key = field(name("movies", "__key"), SQLDataType.INTEGER);
            var id = field(name("movies", "id"), SQLDataType.INTEGER);
            var title = field(name("movies", "title"), SQLDataType.VARCHAR);
            var votes = field(name("movies", "vote_count"), SQLDataType.INTEGER);
            for (Record r : j.select(title, votes).from(movies).where(key.in(1, 2, 3)).orderBy(title).fetch()) {
                Tour.show("row", r.valuesRow());
            }
            var reviews = table(name("reviews"));
            var movie = field(name("reviews", "movie_id"), SQLDataType.INTEGER);
            var rating = field(name("reviews", "rating"), SQLDataType.DOUBLE);
            Tour.show("grouped", j.select(title, avg(rating).cast(SQLDataType.DOUBLE), count()).from(movies).join(reviews).on(movie.eq(id))
                .groupBy(title).having(count().gt(inline(5))).orderBy(title).limit(5).fetch().format());
            Tour.show("numbered", j.select(title, rowNumber().over().orderBy(votes.desc(), key)).from(movies).orderBy(votes.desc(), key).limit(3).offset(2).fetch().format());
            Tour.show("exists", j.fetchExists(j.selectOne().from(movies).where(key.eq(1))));
            Tour.show("count", j.fetchCount(movies));
            Tour.show("json", j.select(DSL.jsonArrayAgg(DSL.jsonObject(DSL.key("t").value(title))).orderBy(title)).from(movies).where(key.le(2)).fetchOne(0));
            Tour.show("multiset", j.select(title, DSL.multiset(j.select(field(name("casts", "actor_id"), SQLDataType.INTEGER)).from(table(name("casts")))
                .where(field(name("casts", "movie_id"), SQLDataType.INTEGER).eq(id)).orderBy(field(name("casts", "__key"))))).from(movies).where(key.le(2)).orderBy(key).fetch().format());
            try (var cursor = j.transactionResult(t -> t.dsl().select(key).from(movies).orderBy(key).fetchSize(50).fetch().stream())) {
                Tour.show("streamed", cursor.count());
            }
            Tour.attempt("error", () -> j.fetch("select * from nowhere"));
        }
    }
}
