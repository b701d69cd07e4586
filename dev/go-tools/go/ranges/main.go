// Command ranges answers queries over given samples by Prometheus' own engine, without a server.
//
//	ranges < question.json
//
// A value that JSON has no word for (NaN, an infinity) is left out of the answer.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
)

// Question is what is asked, and of what. Times are milliseconds.
type Question struct {
	Queries []string `json:"queries"`
	Start   int64    `json:"start"`
	End     int64    `json:"end"`
	Step    int64    `json:"step"`
	Series  []Series `json:"series"`
}

// Series is one, with its points as pairs of time and value. Gone is when it was looked for and not there any more.
type Series struct {
	Labels map[string]string `json:"labels"`
	Points [][2]float64      `json:"points"`
	Gone   int64             `json:"gone,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var question Question
	if err := json.NewDecoder(os.Stdin).Decode(&question); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "ranges-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	options := tsdb.DefaultOptions()
	options.MinBlockDuration = int64(24 * time.Hour / time.Millisecond)
	options.MaxBlockDuration = options.MinBlockDuration
	options.RetentionDuration = 0
	db, err := tsdb.Open(folder, nil, nil, options, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := fill(db, question.Series); err != nil {
		return err
	}
	answers, err := answer(db, question)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

func fill(db *tsdb.DB, series []Series) error {
	appender := db.Appender(context.Background())
	for _, each := range series {
		points := each.Points
		if each.Gone != 0 {
			points = append(points, [2]float64{float64(each.Gone), math.Float64frombits(value.StaleNaN)})
		}
		for _, point := range points {
			if _, err := appender.Append(0, labels.FromMap(each.Labels), int64(point[0]), point[1]); err != nil {
				return fmt.Errorf("%v: %w", each.Labels, err)
			}
		}
	}
	return appender.Commit()
}

func answer(db *tsdb.DB, question Question) ([][]Series, error) {
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 50_000_000,
		Timeout:    time.Minute,
		Parser:     parser.NewParser(parser.Options{}),
	})
	at := func(ms int64) time.Time { return time.UnixMilli(ms) }
	step := time.Duration(question.Step) * time.Millisecond
	answers := make([][]Series, 0, len(question.Queries))
	for _, text := range question.Queries {
		query, err := engine.NewRangeQuery(context.Background(), db, nil, text, at(question.Start), at(question.End), step)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		matrix, err := query.Exec(context.Background()).Matrix()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		answers = append(answers, seriesOf(matrix))
		query.Close()
	}
	return answers, nil
}

func seriesOf(matrix promql.Matrix) []Series {
	found := make([]Series, 0, len(matrix))
	for _, each := range matrix {
		points := make([][2]float64, 0, len(each.Floats))
		for _, point := range each.Floats {
			if !math.IsNaN(point.F) && !math.IsInf(point.F, 0) {
				points = append(points, [2]float64{float64(point.T), point.F})
			}
		}
		found = append(found, Series{Labels: each.Metric.Map(), Points: points})
	}
	return found
}
