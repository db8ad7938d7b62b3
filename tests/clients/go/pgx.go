package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgxTour: every mode of execution, batches, COPY, cursors, pool, cancel by context.
func pgxTour() {
	ctx := context.Background()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		fmt.Println("mode:", mode)
		config, err := pgx.ParseConfig("")
		must(err)
		config.DefaultQueryExecMode = mode
		c, err := pgx.ConnectConfig(ctx, config)
		must(err)
		for _, question := range questions() {
			pgxRows(ctx, c, "question", question)
		}
		pgxRows(ctx, c, "types", "SELECT * FROM types WHERE __key <> 2 ORDER BY __key")
		for _, value := range []any{1, int64(1e12), 1.5, "x", true, nil, time.Unix(0, 0).UTC(), []int32{1, 2}, []string{"a"}, []byte{0, 255}} {
			pgxRows(ctx, c, fmt.Sprintf("parameter %v", value), "SELECT $1::text", fmt.Sprint(value))
		}
		pgxRows(ctx, c, "by key", "SELECT title FROM movies WHERE __key = $1 AND vote_average > $2", 5, 1.5)
		pgxRows(ctx, c, "by keys", "SELECT title FROM movies WHERE __key = ANY($1) ORDER BY 1", []int32{1, 2, 3})
		for _, sql := range []string{"SELEC 1", "SELECT * FROM nowhere", "SELECT m.nothing FROM movies m", "SELECT 1/0"} {
			pgxRows(ctx, c, sql, sql)
		}
		tag, err := c.Exec(ctx, "INSERT INTO notes VALUES ($1, $2, $3, $4)", 1, "a", "b", 3)
		must(err)
		show("tag", tag.String())
		tag, err = c.Exec(ctx, "DELETE FROM notes WHERE __key = $1", 1)
		must(err)
		show("tag", tag.String())
		c.Close(ctx)
	}
	c, err := pgx.Connect(ctx, "")
	must(err)
	pgxBatch(ctx, c)
	var oid uint32
	var name string
	must(c.QueryRow(ctx, "SELECT oid, typname FROM pg_type WHERE typname = $1", "int4").Scan(&oid, &name))
	show("scanned", oid, name)
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err = c.Exec(short, "SELECT pg_sleep(20)")
	show("timeout", err != nil)
	pool, err := pgxpool.New(ctx, "")
	must(err)
	defer pool.Close()
	var all sync.WaitGroup
	counts := make([]int64, 20)
	for n := range counts {
		all.Add(1)
		go func() {
			defer all.Done()
			must(pool.QueryRow(ctx, "SELECT count(*) FROM casts WHERE __key <= $1", n).Scan(&counts[n]))
		}()
	}
	all.Wait()
	show("pool", counts)
}

func pgxRows(ctx context.Context, c *pgx.Conn, title, sql string, args ...any) {
	r, err := c.Query(ctx, sql, args...)
	if err != nil {
		fmt.Println(title+":", words(err))
		return
	}
	for _, f := range r.FieldDescriptions() {
		fmt.Print(f.Name, " ", f.DataTypeOID, " ", f.DataTypeSize, " ", f.TypeModifier, " ", f.TableAttributeNumber, ", ")
	}
	fmt.Println()
	for r.Next() {
		values, err := r.Values()
		must(err)
		for i, value := range values {
			values[i] = fmt.Sprintf("%v %T", value, value)
		}
		show(title, values...)
	}
	if r.Err() != nil {
		fmt.Println(title+":", words(r.Err()))
	}
	show(title, r.CommandTag().String())
}

func pgxBatch(ctx context.Context, c *pgx.Conn) {
	batch := &pgx.Batch{}
	for n := range 30 {
		batch.Queue("INSERT INTO notes VALUES ($1, $2, NULL, $3)", n, fmt.Sprint("a", n), n%4)
	}
	batch.Queue("SELECT count(*), sum(stars) FROM notes")
	results := c.SendBatch(ctx, batch)
	for range 30 {
		_, err := results.Exec()
		must(err)
	}
	var count, sum int64
	must(results.QueryRow().Scan(&count, &sum))
	must(results.Close())
	show("batch", count, sum)
	tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	must(err)
	_, err = tx.Exec(ctx, "DECLARE c CURSOR FOR SELECT __key FROM casts ORDER BY __key")
	must(err)
	r, err := tx.Query(ctx, "FETCH 5 FROM c")
	must(err)
	keys, err := pgx.CollectRows(r, pgx.RowTo[int32])
	must(err)
	show("cursor", keys)
	_, err = tx.Exec(ctx, "DELETE FROM notes")
	show("read only", words(err))
	must(tx.Rollback(ctx))
	_, err = c.Exec(ctx, "DELETE FROM notes")
	must(err)
	copied, err := c.PgConn().CopyTo(ctx, os.Stdout, "COPY (SELECT __key, title FROM movies ORDER BY __key LIMIT 3) TO STDOUT CSV HEADER")
	must(err)
	show("copied", copied.String())
}
