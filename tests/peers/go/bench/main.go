// Ingests as often as it is told, for the benchmark that compares the clients: see tests/benches/peers.
//
// Arguments: the cluster's address, a file with the bytes of a small source. Says "ready" after a first ingestion; then
// for each line "COUNT" or "COUNT FILE" it ingests the bytes or the file so often, 8 at once, and says "done".
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/Azure/azure-kusto-go/azkustodata"
	"github.com/Azure/azure-kusto-go/azkustoingest"
)

const atOnce = 8

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	cluster, row := os.Args[1], must(os.ReadFile(os.Args[2]))
	client := must(azkustoingest.New(azkustodata.NewConnectionStringBuilder(cluster), azkustoingest.WithoutEndpointCorrection(),
		azkustoingest.WithDefaultDatabase("Samples"), azkustoingest.WithDefaultTable("Logs")))
	csv := azkustoingest.FileFormat(azkustoingest.CSV)
	ingest := func(path string) {
		if path != "" {
			must(client.FromFile(context.Background(), path, csv))
		} else {
			must(client.FromReader(context.Background(), bytes.NewReader(row), csv))
		}
	}
	ingest("")
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		count, path, _ := strings.Cut(lines.Text(), " ")
		places := make(chan struct{}, atOnce)
		var all sync.WaitGroup
		for range must(strconv.Atoi(count)) {
			places <- struct{}{}
			all.Add(1)
			go func() {
				defer all.Done()
				ingest(path)
				<-places
			}()
		}
		all.Wait()
		fmt.Println("done")
	}
}
