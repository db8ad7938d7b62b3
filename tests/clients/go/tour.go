package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lib/pq"
)

// questions are the demo's first three.
func questions() []string {
	text, err := os.ReadFile(os.Args[2] + "/../../../demo/questions.sql")
	must(err)
	var found []string
	for _, block := range strings.Split(string(text), "\n\n") {
		if block = strings.TrimSuffix(strings.TrimSpace(block), ";"); block != "" && len(found) < 3 {
			found = append(found, block)
		}
	}
	return found
}

func must(err error) {
	if err != nil {
		fmt.Println("failed:", words(err))
		os.Exit(1)
	}
}

// words tells an error with what the server said.
func words(err error) string {
	var a *pgconn.PgError
	var b *pq.Error
	switch {
	case errors.As(err, &a):
		return fmt.Sprint(a.Code, " ", a.Message, " ", a.Detail, " ", a.Hint, " ", a.Position)
	case errors.As(err, &b):
		return fmt.Sprint(b.Code, " ", b.Message, " ", b.Detail, " ", b.Hint, " ", b.Position)
	}
	return err.Error()
}

func show(title string, values ...any) {
	for i, value := range values {
		if moment, ok := value.(time.Time); ok {
			values[i] = moment.UTC().Format(time.RFC3339Nano)
		}
		if bytes, ok := value.([]byte); ok {
			values[i] = string(bytes)
		}
	}
	fmt.Printf("%s: %#v\n", title, values)
}

// rows prints what database/sql gives, with the types of the columns.
func rows(title string, r *sql.Rows, err error) {
	if err != nil {
		fmt.Println(title+":", words(err))
		return
	}
	defer r.Close()
	types, err := r.ColumnTypes()
	must(err)
	for _, t := range types {
		fmt.Print(t.Name(), " ", t.DatabaseTypeName(), " ", t.ScanType(), ", ")
	}
	fmt.Println()
	for r.Next() {
		values, places := make([]any, len(types)), make([]any, len(types))
		for i := range values {
			places[i] = &values[i]
		}
		must(r.Scan(places...))
		show(title, values...)
	}
	if err := r.Err(); err != nil {
		fmt.Println(title+":", words(err))
	}
}
