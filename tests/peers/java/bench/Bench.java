// Ingests as often as it is told, for the benchmark that compares the clients: see tests/benches/peers.
//
// Arguments: the cluster's address, a file with the bytes of a small source. Says `ready` after a first ingestion; then for
// each line `COUNT` or `COUNT FILE` it ingests the bytes or the file so often, 8 at once, and says `done`.

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.ingest.IngestClient;
import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.source.FileSourceInfo;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;

public final class Bench {
    private static final int AT_ONCE = 8;

    public static void main(String[] arguments) throws Exception {
        byte[] row = Files.readAllBytes(Path.of(arguments[1]));
        IngestClient client = IngestClientFactory.createClient(new ConnectionStringBuilder(arguments[0]));
        IngestionProperties into = new IngestionProperties("Samples", "Logs");
        into.setDataFormat(IngestionProperties.DataFormat.CSV);
        client.ingestFromStream(new StreamSourceInfo(new ByteArrayInputStream(row)), into);
        System.out.println("ready");
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            Callable<Object> one = () -> words.length > 1
                    ? client.ingestFromFile(new FileSourceInfo(words[1]), into)
                    : client.ingestFromStream(new StreamSourceInfo(new ByteArrayInputStream(row)), into);
            for (Future<Object> done : pool.invokeAll(Collections.nCopies(Integer.parseInt(words[0]), one))) {
                done.get();
            }
            System.out.println("done");
        }
        System.exit(0); // the client keeps threads
    }
}
