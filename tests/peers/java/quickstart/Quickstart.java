import java.net.URI;
import java.net.http.*;

import com.microsoft.azure.kusto.data.*;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.ingest.*;
import com.microsoft.azure.kusto.ingest.source.FileSourceInfo;

class Quickstart {
    public static void main(String[] arguments) throws Exception {
        String cluster = System.getenv("KUSTO_CLUSTER");
        var connection = new ConnectionStringBuilder(cluster);
        var into = new IngestionProperties("Samples", "Weather");
        into.setDataFormat(IngestionProperties.DataFormat.CSV);
        IngestClientFactory.createClient(connection).ingestFromFile(new FileSourceInfo("weather.csv"), into);
        var drained = HttpRequest.newBuilder(URI.create(cluster + "/__emulator/drained")).build();
        HttpClient.newHttpClient().send(drained, HttpResponse.BodyHandlers.discarding());
        var answer = ClientFactory.createClient(connection).executeQuery("Samples", "Weather | count").getPrimaryResults();
        answer.next();
        if (answer.getLong("Count") != 2) throw new AssertionError(answer.getLong("Count"));
        System.exit(0); // the clients keep threads
    }
}
