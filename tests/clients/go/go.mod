module clients

go 1.24

require (
	github.com/jackc/pgx/v5 v5.7.5
	github.com/lib/pq v1.10.9
	gorm.io/driver/postgres v1.6.0
	gorm.io/gorm v1.30.0
)
