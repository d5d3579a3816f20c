// Reads every member of a corpus with Java's GZIPInputStream, and says how many there are.

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.FileInputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

public class Read {
    public static void main(String[] arguments) throws Exception {
        int count = 0;
        try (var corpus = new DataInputStream(new BufferedInputStream(new FileInputStream(arguments[0])))) {
            for (corpus.mark(1); corpus.read() >= 0; corpus.mark(1)) {
                corpus.reset();
                byte[] source = part(corpus);
                var packed = new ByteArrayInputStream(part(corpus));
                byte[] read = new GZIPInputStream(packed).readAllBytes();
                if (!Arrays.equals(read, source) || packed.available() > 0) {
                    throw new AssertionError("a source of " + source.length + " bytes");
                }
                count++;
            }
        }
        System.out.println(count);
    }

    private static byte[] part(DataInputStream corpus) throws Exception {
        return corpus.readNBytes(Integer.reverseBytes(corpus.readInt()));
    }
}
