import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends words to a topic at a steady rate, one word a record: {@code SteadyWords SERVERS TOPIC WORDS}.
 *
 * <p>WORDS is a file of words, one a line. For each line {@code RATE SECONDS} on standard input it sends random words of
 * the file at that rate for so long. Then it prints: the first offset, the offset after the last, the seconds until the
 * last record was acknowledged, the most milliseconds by which a record was late, and the last word with how often that
 * word has been sent so far.
 */
public final class SteadyWords {
    private static final long PAUSE_NANOSECONDS = 500_000;

    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        List<String> words = Files.readAllLines(Path.of(arguments[2]));
        byte[][] values = words.stream().map(word -> word.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
        long[] sent = new long[values.length];
        Random random = new Random(1);
        // A record waits for 1 ms at most; the larger batches are for rates at which many come in that time.
        Map<String, Object> settings =
                Map.of("bootstrap.servers", arguments[0], "linger.ms", 1, "batch.size", 256 << 10, "acks", "1");
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(arguments[1]); // fetches the metadata now; the first word would wait for it
            System.out.println("ready");
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                String[] parts = order.split(" ");
                double rate = Double.parseDouble(parts[0]);
                long records = (long) (rate * Double.parseDouble(parts[1]));
                Future<RecordMetadata> first = null;
                Future<RecordMetadata> last = null;
                int word = 0;
                long latest = 0;
                long start = System.nanoTime();
                for (long number = 0; number < records; number++) {
                    long due = start + (long) (number / rate * 1e9);
                    while (System.nanoTime() < due) {
                        LockSupport.parkNanos(Math.min(PAUSE_NANOSECONDS, due - System.nanoTime()));
                    }
                    word = random.nextInt(values.length);
                    sent[word]++;
                    last = producer.send(new ProducerRecord<>(arguments[1], 0, null, values[word]));
                    first = first == null ? last : first;
                    latest = Math.max(latest, System.nanoTime() - due);
                }
                producer.flush();
                double seconds = (System.nanoTime() - start) / 1e9;
                System.out.printf("%d %d %.3f %.1f %s %d%n", first.get().offset(), last.get().offset() + 1, seconds,
                        latest / 1e6, words.get(word), sent[word]);
            }
        }
    }
}
