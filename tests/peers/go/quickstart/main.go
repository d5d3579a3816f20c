package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/Azure/azure-kusto-go/azkustodata"
	"github.com/Azure/azure-kusto-go/azkustodata/kql"
	"github.com/Azure/azure-kusto-go/azkustoingest"
)

func main() {
	ctx, cluster := context.Background(), os.Getenv("KUSTO_CLUSTER")
	connection := azkustodata.NewConnectionStringBuilder(cluster)
	ingestor := must(azkustoingest.New(connection, azkustoingest.WithoutEndpointCorrection(),
		azkustoingest.WithDefaultDatabase("Samples"), azkustoingest.WithDefaultTable("Weather")))
	must(ingestor.FromFile(ctx, "weather.csv"))
	must(http.Get(cluster + "/__emulator/drained"))
	answer := must(must(azkustodata.New(connection)).Query(ctx, "Samples", kql.New("Weather | count")))
	if count := must(answer.Tables()[0].Rows()[0].LongByName("Count")); *count != 2 {
		log.Fatalf("%d rows", *count)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
