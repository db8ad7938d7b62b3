package main

import (
	"fmt"
	"strings"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

type Movie struct {
	Key     int32 `gorm:"column:__key;primaryKey;autoIncrement:false"`
	ID      int32
	Title   string
	Average float64 `gorm:"column:vote_average"`
	Casts   []Cast  `gorm:"foreignKey:MovieID;references:ID"`
}

type Cast struct {
	Key     int32 `gorm:"column:__key;primaryKey;autoIncrement:false"`
	MovieID int32
	ActorID int32
}

type Note struct {
	Key    int32 `gorm:"column:__key;primaryKey;autoIncrement:false"`
	Author *string
	Words  *string
	Stars  int32
}

// gormTour: its migrator's questions, finding, preloading, changing.
func gormTour() {
	for _, simple := range []bool{false, true} {
		fmt.Println("simple protocol:", simple)
		db, err := gorm.Open(postgres.New(postgres.Config{DSN: "TimeZone=UTC", PreferSimpleProtocol: simple}), &gorm.Config{Logger: logger.Discard})
		must(err)
		m := db.Migrator()
		tables, err := m.GetTables()
		must(err)
		show("tables", strings.Join(sorted(tables), " "))
		show("has", m.HasTable("movies"), m.HasTable("nowhere"), m.HasColumn(&Movie{}, "title"), m.CurrentDatabase())
		types, err := m.ColumnTypes(&Movie{})
		must(err)
		for _, t := range types {
			length, _ := t.Length()
			nullable, _ := t.Nullable()
			primary, _ := t.PrimaryKey()
			show("column", t.Name(), t.DatabaseTypeName(), length, nullable, primary)
		}
		indexes, err := m.GetIndexes("movies")
		must(err)
		for _, i := range indexes {
			unique, _ := i.Unique()
			primary, _ := i.PrimaryKey()
			show("index", i.Name(), i.Columns(), unique, primary)
		}
		var movie Movie
		must(db.First(&movie).Error)
		show("first", movie.Title)
		var movies []Movie
		must(db.Preload("Casts", func(tx *gorm.DB) *gorm.DB { return tx.Order("__key") }).Where("vote_average > ?", 8.4).Order("title").Find(&movies).Error)
		for _, movie := range movies {
			show("movie", movie.Title, len(movie.Casts))
		}
		var count int64
		must(db.Model(&Cast{}).Where("movie_id IN (?)", db.Model(&Movie{}).Select("id").Where("title LIKE ?", "The%")).Count(&count).Error)
		show("count", count)
		show("missing", words(db.First(&Movie{}, 100000).Error))
		notes := make([]Note, 10)
		for n := range notes {
			notes[n] = Note{Key: int32(n + 1), Stars: int32(n)}
		}
		must(db.CreateInBatches(notes, 4).Error)
		show("updated", db.Model(&Note{}).Where("stars > ?", 5).Updates(map[string]any{"words": "many", "stars": gorm.Expr("stars + 1")}).RowsAffected)
		var sums []struct {
			Words *string
			Sum   int64
		}
		must(db.Model(&Note{}).Select("words, sum(stars) AS sum").Group("words").Order("sum").Scan(&sums).Error)
		for _, sum := range sums {
			show("sum", sum.Words != nil, sum.Sum)
		}
		must(db.Transaction(func(tx *gorm.DB) error { return tx.Where("1 = 1").Delete(&Note{}).Error }))
		show("error", words(db.Raw("SELECT * FROM nowhere").Scan(&count).Error))
	}
}

func sorted(names []string) []string {
	for i := range names {
		for j := i + 1; j < len(names); j++ {
			if names[j] < names[i] {
				names[i], names[j] = names[j], names[i]
			}
		}
	}
	return names
}
