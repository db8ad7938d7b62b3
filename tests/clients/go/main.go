// Tours of Go's clients. Arguments: which one, and the folder of these sources.
package main

import "os"

func main() {
	switch os.Args[1] {
	case "pgx":
		pgxTour()
	case "pq":
		pqTour()
	case "gorm":
		gormTour()
	}
}
