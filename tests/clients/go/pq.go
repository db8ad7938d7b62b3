package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// pqTour: lib/pq through database/sql, with texts and with binary parameters.
func pqTour() {
	for _, options := range []string{"sslmode=disable", "sslmode=disable binary_parameters=yes"} {
		fmt.Println("options:", options)
		db, err := sql.Open("postgres", options)
		must(err)
		for _, question := range questions() {
			r, err := db.Query(question)
			rows("question", r, err)
		}
		r, err := db.Query("SELECT * FROM types ORDER BY __key")
		rows("types", r, err)
		for _, value := range []any{1, 1.5, "x", true, nil, time.Unix(0, 0).UTC(), pq.Array([]int64{1, 2}), []byte("bytes")} {
			r, err = db.Query("SELECT title, $1::text FROM movies WHERE __key = $2", value, 7)
			rows(fmt.Sprintf("parameter %v", value), r, err)
		}
		r, err = db.Query("SELECT title FROM movies WHERE __key = ANY($1) ORDER BY 1", pq.Array([]int64{1, 2, 3}))
		rows("by keys", r, err)
		s, err := db.Prepare("SELECT title FROM movies WHERE __key = $1")
		must(err)
		for key := range 8 {
			r, err = s.Query(key)
			rows("prepared", r, err)
		}
		s.Close()
		for _, text := range []string{"SELEC 1", "SELECT * FROM nowhere", "SELECT m.nothing FROM movies m", "SELECT 1/0"} {
			r, err = db.Query(text)
			rows(text, r, err)
		}
		tx, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelSerializable})
		must(err)
		for n := range 5 {
			_, err = tx.Exec("INSERT INTO notes VALUES ($1, $2, $3, $4)", n, "a", nil, n)
			must(err)
		}
		must(tx.Commit())
		result, err := db.Exec("UPDATE notes SET stars = stars * 2 WHERE stars > $1", 2)
		must(err)
		count, _ := result.RowsAffected()
		show("updated", count)
		r, err = db.Query("SELECT * FROM notes ORDER BY __key")
		rows("notes", r, err)
		_, err = db.Exec("DELETE FROM notes")
		must(err)
		short, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		_, err = db.ExecContext(short, "SELECT pg_sleep(20)")
		show("timeout", words(err))
		cancel()
		must(db.Ping())
		must(db.Close())
	}
}
