import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;

/** Hibernate: validation of the schema, entities, HQL, paging, bulk changes. */
class HibernateTour {
    @Entity(name = "Movie")
    @Table(name = "movies")
    public static class Movie {
        @Id
        @Column(name = "__key")
        public Integer key;
        public Integer id;
        public String title;
        @Column(name = "vote_average")
        public Double average;
    }

    @Entity(name = "Cast")
    @Table(name = "casts")
    public static class Cast {
        @Id
        @Column(name = "__key")
        public Integer key;
        @Column(name = "movie_id")
        public Integer movie;
        @Column(name = "actor_id")
        public Integer actor;
    }

    @Entity(name = "Note")
    @Table(name = "notes")
    public static class Note {
        @Id
        @Column(name = "__key")
        public Integer key;
        public String author;
        public String words;
        public Integer stars;
    }

    public static void main(String[] args) {
        Logger.getLogger("org.hibernate").setLevel(Level.SEVERE);
        Logger.getLogger("org.hibernate").setUseParentHandlers(true);
        Configuration configuration = new Configuration().addAnnotatedClass(Movie.class).addAnnotatedClass(Cast.class).addAnnotatedClass(Note.class);
        configuration.setProperty("hibernate.connection.url", Tour.url());
        configuration.setProperty("hibernate.connection.username", System.getenv("PGUSER"));
        configuration.setProperty("hibernate.hbm2ddl.auto", "validate");
        configuration.setProperty("hibernate.jdbc.batch_size", "20");
        try (SessionFactory factory = configuration.buildSessionFactory()) {
            factory.inTransaction(s -> {
                Tour.show("found", s.find(Movie.class, 5).title);
                Tour.show("missing", s.find(Movie.class, 100000));
                List<Movie> page = s.createQuery("from Movie m where m.average > :a order by m.key", Movie.class).setParameter("a", 7.5).setFirstResult(10).setMaxResults(5).list();
                page.forEach(m -> Tour.show("page", m.key + " " + m.title));
                s.createQuery("select m.title, count(c), max(c.actor) from Movie m join Cast c on c.movie = m.id group by m.title order by count(c) desc, m.title", Object[].class)
                    .setMaxResults(5).list().forEach(r -> Tour.show("row", r));
                Tour.show("subquery", s.createQuery("select count(*) from Movie m where exists (select 1 from Cast c where c.movie = m.id and c.actor < 500)", Long.class).getSingleResult());
                Tour.show("functions", s.createQuery("select upper(m.title), length(m.title), substring(m.title, 1, 3), coalesce(m.average, 0), year(local date) > 2000 from Movie m where m.key = 1", Object[].class).getSingleResult());
                Tour.show("window", s.createQuery("select m.key, rank() over (order by m.average desc, m.key) from Movie m order by 2 limit 3", Object[].class).list().size());
            });
            factory.inTransaction(s -> {
                for (int i = 0; i < 30; i++) {
                    Note note = new Note();
                    note.key = i;
                    note.author = "a" + i;
                    note.stars = i % 5;
                    s.persist(note);
                }
            });
            factory.inTransaction(s -> {
                s.find(Note.class, 3).words = "changed";
                s.remove(s.find(Note.class, 4));
            });
            factory.inTransaction(s -> {
                Tour.show("changed", s.find(Note.class, 3).words + " " + s.find(Note.class, 4));
                Tour.show("bulk", s.createMutationQuery("update Note n set n.stars = n.stars + 1 where n.stars > 2").executeUpdate());
                Tour.show("sum", s.createQuery("select sum(n.stars), count(*) from Note n", Object[].class).getSingleResult());
                Tour.show("deleted", s.createMutationQuery("delete from Note").executeUpdate());
            });
            Tour.attempt("native error", () -> factory.fromSession(s -> s.createNativeQuery("select * from nowhere", Object[].class).list()));
        }
    }
}
