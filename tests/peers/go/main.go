// Ingests with the published Go client, unmodified, and prints what it learned as one JSON object.
//
// Arguments: the cluster's address, a database, a table, a CSV file, the address of a blob. The table has the columns of
// that file. SSL_CERT_FILE names the authority that vouches for the cluster.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-kusto-go/azkustodata"
	"github.com/Azure/azure-kusto-go/azkustodata/kql"
	"github.com/Azure/azure-kusto-go/azkustoingest"
)

const patience = 60 * time.Second

// row is a row of the table.
type row struct {
	A int64  `kusto:"a"`
	B string `kusto:"b"`
}

// learned is what is printed.
type learned struct {
	Statuses map[string]string `json:"statuses"`
	Rows     [][2]any          `json:"rows"`
	Counts   []int64           `json:"counts"`
	Streamed int               `json:"streamed"`
}

// session is what every step needs.
type session struct {
	ctx                      context.Context
	cluster, database, table string
	queued, streaming        azkustoingest.Ingestor
	managed                  azkustoingest.Ingestor
	engine                   *azkustodata.Client
	statuses                 map[string]string
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatalf("%T: %v", err, err)
	}
	return value
}

func main() {
	cluster, database, table, path, blob := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()

	connection := azkustodata.NewConnectionStringBuilder(cluster)
	// The emulator has one address for everything: nothing is put before it.
	here := []azkustoingest.Option{
		azkustoingest.WithDefaultDatabase(database),
		azkustoingest.WithDefaultTable(table),
		azkustoingest.WithoutEndpointCorrection(),
	}
	s := &session{
		ctx: ctx, cluster: cluster, database: database, table: table, statuses: map[string]string{},
		queued:    must(azkustoingest.New(connection, here...)),
		streaming: must(azkustoingest.NewStreaming(connection, here...)),
		managed:   must(azkustoingest.NewManaged(connection, append(here, azkustoingest.WithCustomIngestConnectionString(connection))...)),
		engine:    must(azkustodata.New(connection)),
	}
	s.queue(path, blob)
	s.refused()
	s.stream()
	s.survive(connection, here)
	must(0, json.NewEncoder(os.Stdout).Encode(s.look()))
}

// wait follows a source in the status table, and notes how it ended.
func (s *session) wait(name string, result *azkustoingest.Result, err error) {
	if err != nil {
		s.statuses[name] = err.Error()
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	s.statuses[name] = "Succeeded"
	ended := <-result.Wait(ctx, azkustoingest.WithImmediateFirst(), azkustoingest.WithInterval(200*time.Millisecond))
	if ended != nil {
		code, err := azkustoingest.GetErrorCode(ended)
		if err != nil || code == "" {
			code = ended.Error()
		}
		s.statuses[name] = code
	}
}

func (s *session) fromText(name, text string, options ...azkustoingest.FileOption) {
	s.from(s.queued, name, text, options...)
}

// from ingests a text by way of a client, and follows it in the status table.
func (s *session) from(client azkustoingest.Ingestor, name, text string, options ...azkustoingest.FileOption) {
	options = append(options, azkustoingest.FlushImmediately(), azkustoingest.ReportResultToTable())
	result, err := client.FromReader(s.ctx, strings.NewReader(text), options...)
	s.wait(name, result, err)
}

// queue ingests a file, streams, and a blob by way of the queue, with mappings of both kinds.
func (s *session) queue(path, blob string) {
	flush, report := azkustoingest.FlushImmediately(), azkustoingest.ReportResultToTable()
	csv := azkustoingest.FileFormat(azkustoingest.CSV)
	result, err := s.queued.FromFile(s.ctx, path, flush, report)
	s.wait("file", result, err)
	s.fromText("stream", "3,stream\n", csv)
	columns := `[{"column":"a","Properties":{"Path":"$.a"}},{"column":"b","Properties":{"Path":"$.b"}}]`
	s.fromText("inline", `{"a":4,"b":"json"}{"b":"\u00fc","a":5}`,
		azkustoingest.FileFormat(azkustoingest.MultiJSON), azkustoingest.IngestionMapping(columns, azkustoingest.MultiJSON))
	create := kql.New(".create table ").AddTable(s.table).AddLiteral(
		` ingestion json mapping 'named' '[{"column":"a","Properties":{"Path":"$.x"}},{"column":"b","Properties":{"Path":"$.y"}}]'`)
	must(s.engine.Mgmt(s.ctx, s.database, create))
	s.fromText("reference", `{"x":6,"y":"reference"}`, azkustoingest.IngestionMappingRef("named", azkustoingest.MultiJSON))
	result, err = s.queued.FromFile(s.ctx, blob, flush, report, csv)
	s.wait("blob", result, err)
}

// refused ingests what cannot be ingested.
func (s *session) refused() {
	csv := azkustoingest.FileFormat(azkustoingest.CSV)
	s.fromText("missing table", "1,x\n", csv, azkustoingest.Table("NoSuchTable"))
	s.fromText("missing mapping", `{"a":1}`, azkustoingest.IngestionMappingRef("nowhere", azkustoingest.MultiJSON))
	s.fromText("malformed", `{"a":1,`, azkustoingest.FileFormat(azkustoingest.MultiJSON),
		azkustoingest.IngestionMappingRef("named", azkustoingest.MultiJSON))
}

// stream ingests by streaming, by managed streaming, and by managed streaming while streaming is away.
func (s *session) stream() {
	csv := azkustoingest.FileFormat(azkustoingest.CSV)
	must(s.streaming.FromReader(s.ctx, strings.NewReader("8,streaming\n"), csv))
	must(s.managed.FromReader(s.ctx, strings.NewReader("9,managed\n"), csv))
	s.emulator(http.MethodPost, "faults", `{"preset":"streaming-down"}`)
	s.from(s.managed, "fallback", "10,fallback\n", csv)
	s.emulator(http.MethodDelete, "faults", "")
}

// survive meets a service that throttles, a container and a queue that refuse.
func (s *session) survive(connection *azkustodata.ConnectionStringBuilder, here []azkustoingest.Option) {
	s.emulator(http.MethodPost, "faults", `{"fault":"throttled","seconds":1,"route":"Management"}`)
	for _, route := range []string{"PutBlob", "PutMessage"} {
		s.emulator(http.MethodPost, "faults", `{"fault":"status","status":403,"code":"AuthenticationFailed","route":"`+route+`"}`)
	}
	client := must(azkustoingest.New(connection, here...))
	defer client.Close()
	s.from(client, "survived", "11,survived\n", azkustoingest.FileFormat(azkustoingest.CSV))
	s.emulator(http.MethodDelete, "faults", "")
}

// emulator asks the emulator itself.
func (s *session) emulator(method, what, body string) {
	request := must(http.NewRequestWithContext(s.ctx, method, s.cluster+"/__emulator/"+what, strings.NewReader(body)))
	answer := must(http.DefaultClient.Do(request))
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		log.Fatalf("%s %s: %s", method, what, answer.Status)
	}
}

// look reads the table through the query client: at once, and as it comes.
func (s *session) look() learned {
	said := learned{Statuses: s.statuses}
	all := kql.New("").AddTable(s.table).AddLiteral(" | order by a asc")
	dataset := must(s.engine.Query(s.ctx, s.database, all))
	for _, found := range dataset.Tables()[0].Rows() {
		var one row
		if err := found.ToStruct(&one); err != nil {
			log.Fatal(err)
		}
		said.Rows = append(said.Rows, [2]any{one.A, one.B})
	}
	count := must(s.engine.Query(s.ctx, s.database, kql.New("").AddTable(s.table).AddLiteral(" | count")))
	said.Counts = []int64{*must(count.Tables()[0].Rows()[0].LongByName("Count"))}
	stream := must(s.engine.IterativeQuery(s.ctx, s.database, kql.New("").AddTable(s.table)))
	defer stream.Close()
	for table := range stream.Tables() {
		if table.Err() != nil {
			log.Fatal(table.Err())
		}
		if !table.Table().IsPrimaryResult() {
			if _, err := table.Table().ToTable(); err != nil {
				log.Fatal(err)
			}
			continue
		}
		for one := range table.Table().Rows() {
			if one.Err() != nil {
				log.Fatal(fmt.Errorf("a row: %w", one.Err()))
			}
			said.Streamed++
		}
	}
	return said
}
