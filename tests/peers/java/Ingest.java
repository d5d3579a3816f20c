// Ingests with the published Java client, unmodified, and prints what it learned as one JSON object.
//
// Arguments: the cluster's address, a database, a table, a CSV file, the address of a blob. The table has the columns of
// that file. The system's properties name a store of certificates in which the cluster's authority is.

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.sql.rowset.CachedRowSet;
import javax.sql.rowset.RowSetMetaDataImpl;
import javax.sql.rowset.RowSetProvider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.kusto.data.Client;
import com.microsoft.azure.kusto.data.ClientFactory;
import com.microsoft.azure.kusto.data.ClientRequestProperties;
import com.microsoft.azure.kusto.data.KustoResultSetTable;
import com.microsoft.azure.kusto.data.StreamingClient;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.ingest.ColumnMapping;
import com.microsoft.azure.kusto.ingest.IngestClient;
import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import com.microsoft.azure.kusto.ingest.IngestionMapping.IngestionMappingKind;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.IngestionProperties.DataFormat;
import com.microsoft.azure.kusto.ingest.IngestionProperties.IngestionReportLevel;
import com.microsoft.azure.kusto.ingest.IngestionProperties.IngestionReportMethod;
import com.microsoft.azure.kusto.ingest.exceptions.IngestionServiceException;
import com.microsoft.azure.kusto.ingest.result.IngestionResult;
import com.microsoft.azure.kusto.ingest.result.IngestionStatus;
import com.microsoft.azure.kusto.ingest.result.OperationStatus;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import com.microsoft.azure.kusto.ingest.source.FileSourceInfo;
import com.microsoft.azure.kusto.ingest.source.ResultSetSourceInfo;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;

public final class Ingest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long BETWEEN_LOOKS_MS = 200;

    private final String cluster;
    private final String database;
    private final String table;
    private final ConnectionStringBuilder connection;
    private final Map<String, String> statuses = new LinkedHashMap<>();

    private Ingest(String cluster, String database, String table) {
        this.cluster = cluster;
        this.database = database;
        this.table = table;
        this.connection = new ConnectionStringBuilder(cluster);
    }

    public static void main(String[] arguments) throws Exception {
        Ingest ingest = new Ingest(arguments[0], arguments[1], arguments[2]);
        Map<String, Object> learned = new LinkedHashMap<>();
        Client engine = ClientFactory.createClient(ingest.connection);
        ingest.queue(engine, arguments[3], arguments[4]);
        ingest.stream();
        ingest.survive(Path.of(arguments[3]).resolveSibling("survived.csv"));
        learned.put("statuses", ingest.statuses);
        ingest.look(engine, learned);
        System.out.println(new ObjectMapper().writeValueAsString(learned));
        // Threads of the client's pools would keep the program.
        System.exit(0);
    }

    private IngestionProperties properties(DataFormat format) {
        return properties(table, format);
    }

    private IngestionProperties properties(String table, DataFormat format) {
        IngestionProperties properties = new IngestionProperties(database, table);
        properties.setDataFormat(format);
        properties.setFlushImmediately(true);
        properties.setReportLevel(IngestionReportLevel.FAILURES_AND_SUCCESSES);
        properties.setReportMethod(IngestionReportMethod.TABLE);
        return properties;
    }

    private static StreamSourceInfo text(String text) {
        return new StreamSourceInfo(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A file, streams, and a blob by way of the queue, with mappings of both kinds; and what cannot be ingested. */
    private void queue(Client engine, String path, String blob) throws Exception {
        try (IngestClient client = IngestClientFactory.createClient(connection)) {
            IngestionProperties csv = properties(DataFormat.CSV);
            note("file", () -> client.ingestFromFile(new FileSourceInfo(path), csv));
            note("stream", () -> client.ingestFromStream(text("3,stream\n"), csv));

            ColumnMapping a = new ColumnMapping("a", "long");
            a.setPath("$.a");
            ColumnMapping b = new ColumnMapping("b", "string");
            b.setPath("$.b");
            IngestionProperties inline = properties(DataFormat.MULTIJSON);
            inline.setIngestionMapping(new ColumnMapping[] {a, b}, IngestionMappingKind.JSON);
            note("inline", () -> client.ingestFromStream(text("{\"a\":4,\"b\":\"json\"}{\"b\":\"\\u00fc\",\"a\":5}"), inline));

            engine.executeMgmt(database, ".create table " + table + " ingestion json mapping 'named' "
                    + "'[{\"column\":\"a\",\"Properties\":{\"Path\":\"$.x\"}},{\"column\":\"b\",\"Properties\":{\"Path\":\"$.y\"}}]'");
            IngestionProperties named = properties(DataFormat.MULTIJSON);
            named.setIngestionMapping("named", IngestionMappingKind.JSON);
            note("reference", () -> client.ingestFromStream(text("{\"x\":6,\"y\":\"reference\"}"), named));
            note("blob", () -> client.ingestFromBlob(new BlobSourceInfo(blob), csv));
            note("rows", () -> client.ingestFromResultSet(new ResultSetSourceInfo(rows()), csv));

            note("missing table", () -> client.ingestFromStream(text("1,x\n"), properties("NoSuchTable", DataFormat.CSV)));
            IngestionProperties nowhere = properties(DataFormat.MULTIJSON);
            nowhere.setIngestionMapping("nowhere", IngestionMappingKind.JSON);
            note("missing mapping", () -> client.ingestFromStream(text("{\"a\":1}"), nowhere));
            note("malformed", () -> client.ingestFromStream(text("{\"a\":1,"), named));
        }
    }

    /** A row as a database's driver has it. */
    private static ResultSet rows() throws SQLException {
        RowSetMetaDataImpl columns = new RowSetMetaDataImpl();
        columns.setColumnCount(2);
        columns.setColumnType(1, Types.BIGINT);
        columns.setColumnType(2, Types.VARCHAR);
        CachedRowSet rows = RowSetProvider.newFactory().createCachedRowSet();
        rows.setMetaData(columns);
        rows.moveToInsertRow();
        rows.updateLong(1, 12);
        rows.updateString(2, "rows");
        rows.insertRow();
        rows.moveToCurrentRow();
        rows.beforeFirst();
        return rows;
    }

    /** Follows a source in the status table, and notes how it ended. */
    private void note(String name, Callable<IngestionResult> ingestion) throws Exception {
        IngestionResult result = patiently(ingestion);
        Instant deadline = Instant.now().plus(PATIENCE);
        IngestionStatus status = result.getIngestionStatusCollection().get(0);
        while (status.status == OperationStatus.Pending && Instant.now().isBefore(deadline)) {
            Thread.sleep(BETWEEN_LOOKS_MS);
            status = result.getIngestionStatusCollection().get(0);
        }
        statuses.put(name, status.status == OperationStatus.Failed ? status.getErrorCode() : status.getStatus());
    }

    /** The client waits 15 seconds for the addresses of the storage, which is not much on a busy machine. */
    private static <T> T patiently(Callable<T> ingestion) throws Exception {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                return ingestion.call();
            } catch (IngestionServiceException e) {
                if (!e.getMessage().startsWith("Unable to get ingestion resources") || Instant.now().isAfter(deadline)) {
                    throw e;
                }
            }
        }
    }

    /** Streaming, managed streaming, and managed streaming while streaming is away. */
    private void stream() throws Exception {
        IngestionProperties csv = properties(DataFormat.CSV);
        try (IngestClient streaming = IngestClientFactory.createStreamingIngestClient(connection);
                IngestClient managed = IngestClientFactory.createManagedStreamingIngestClient(connection, connection)) {
            streaming.ingestFromStream(text("8,streaming\n"), csv);
            managed.ingestFromStream(text("9,managed\n"), csv);
            emulator("POST", "faults", "{\"preset\":\"streaming-down\"}");
            note("fallback", () -> managed.ingestFromStream(text("10,fallback\n"), csv));
            emulator("DELETE", "faults", "");
        }
    }

    /**
     * A service that throttles, a container and a queue that refuse. A file is read anew for the next container; of a
     * stream, the client sends it what the first has left, which is nothing.
     */
    private void survive(Path file) throws Exception {
        Files.writeString(file, "11,survived\n");
        emulator("POST", "faults", "{\"fault\":\"throttled\",\"seconds\":1,\"route\":\"Management\"}");
        for (String route : List.of("PutBlob", "PutMessage")) {
            emulator("POST", "faults", "{\"fault\":\"status\",\"status\":403,\"code\":\"AuthenticationFailed\",\"route\":\"" + route + "\"}");
        }
        try (IngestClient client = IngestClientFactory.createClient(connection)) {
            note("survived", () -> client.ingestFromFile(new FileSourceInfo(file.toString()), properties(DataFormat.CSV)));
        }
        emulator("DELETE", "faults", "");
    }

    /** Asks the emulator itself. */
    private void emulator(String method, String what, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(cluster + "/__emulator/" + what))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(method + " " + what + ": " + answer.statusCode() + " " + answer.body());
        }
    }

    /** Reads the table through the query client: at once, as a stream, and as frames that say how far the query is. */
    private void look(Client engine, Map<String, Object> learned) throws Exception {
        KustoResultSetTable found = engine.executeQuery(database, table + " | order by a asc").getPrimaryResults();
        List<List<Object>> rows = new ArrayList<>();
        while (found.next()) {
            rows.add(List.of(found.getLong("a"), found.getString("b")));
        }
        learned.put("rows", rows);
        KustoResultSetTable count = engine.executeQuery(database, table + " | count").getPrimaryResults();
        count.next();
        learned.put("counts", List.of(count.getLong("Count")));
        learned.put("streamed", stream("DataTable", new ClientRequestProperties()));
        ClientRequestProperties progressive = new ClientRequestProperties();
        progressive.setOption("results_progressive_enabled", true);
        learned.put("progressive", stream("TableFragment", progressive));
    }

    /** How many rows the primary result has in frames of a kind, as a stream of them is read. */
    private int stream(String kind, ClientRequestProperties options) throws Exception {
        int rows = 0;
        StreamingClient client = ClientFactory.createStreamingClient(connection);
        try (InputStream stream = client.executeStreamingQuery(database, table, options)) {
            JsonNode primary = null;
            for (JsonNode frame : new ObjectMapper().readTree(stream)) {
                // A fragment tells its table by number: it is that of the header before it.
                primary = "PrimaryResult".equals(frame.path("TableKind").asText()) ? frame.path("TableId") : primary;
                if (kind.equals(frame.path("FrameType").asText()) && frame.path("TableId").equals(primary)) {
                    rows += frame.get("Rows").size();
                }
            }
        }
        return rows;
    }
}
