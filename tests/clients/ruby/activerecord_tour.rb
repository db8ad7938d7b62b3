# ActiveRecord: its schema questions, models, relations, changes.
require "active_record"

def show(title, value)
  puts "#{title}: #{value.inspect}"
end

ActiveRecord::Base.establish_connection(adapter: "postgresql", host: ENV["PGHOST"], port: ENV["PGPORT"], username: ENV["PGUSER"], database: ENV["PGDATABASE"])
c = ActiveRecord::Base.connection
show("tables", c.tables.sort)
show("views", c.views)
c.tables.sort.each do |t|
  show("columns of #{t}", c.columns(t).map { |x| [x.name, x.sql_type, x.type, x.null, x.default] })
  show("key", c.primary_key(t))
  show("indexes", c.indexes(t).map(&:name))
  show("foreign keys", c.foreign_keys(t))
end
show("exists", [c.table_exists?("movies"), c.table_exists?("nowhere"), c.schema_exists?("public"), c.extensions])
show("settings", [c.current_database, c.current_schema, c.encoding, c.collation, c.ctype, c.schema_search_path, c.client_min_messages])

class Cast < ActiveRecord::Base
  self.primary_key = "__key"
end

class Movie < ActiveRecord::Base
  self.primary_key = "__key"
  has_many :casts, primary_key: :id, foreign_key: :movie_id
end

class Note < ActiveRecord::Base
  self.primary_key = "__key"
end

show("found", Movie.find(5).title)
show("where", Movie.where("vote_average > ?", 8.4).order(:title).pluck(:title))
show("in", Movie.where(__key: [1, 2, 3]).order(:title).map(&:title))
show("grouped", Movie.joins(:casts).group(:title).order(Arel.sql("count(*) DESC, title")).limit(3).count)
show("included", Movie.includes(:casts).where(__key: 1..3).order(:__key).map { |m| [m.title, m.casts.size] })
show("sums", [Movie.count, Movie.maximum(:vote_count), Movie.average(:vote_average).class, Movie.exists?(1), Movie.distinct.count(:vote_count)])
show("batches", Cast.in_batches(of: 500).map { |b| b.count }.sum)
Note.create!(__key: 1, author: "a", stars: 3)
Note.insert_all!([{ __key: 2, author: "b", words: nil, stars: 1 }]) rescue show("insert_all", $!.class)
Note.find(1).update!(words: "changed")
show("notes", Note.order(:__key).map(&:attributes))
Note.transaction { Note.where(__key: 1).update_all(stars: 5) }
show("sum", Note.sum(:stars))
begin
  Note.create!(__key: 1)
rescue ActiveRecord::RecordNotUnique => e
  show("unique", e.cause.class)
end
show("deleted", Note.delete_all)
begin
  c.execute("SELECT * FROM nowhere")
rescue ActiveRecord::StatementInvalid => e
  show("error", e.message)
end
