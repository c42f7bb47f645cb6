import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Flink counts a topic of words into another: {@code FlinkCount SERVERS FROM TO CHECKPOINT_FOLDER}.
 *
 * <p>This is the word count of its documentation, with what the documentation says for a low latency: a short buffer
 * timeout and reused objects. A checkpoint a second, so that a restart loses nothing.
 */
public final class FlinkCount {
    public static void main(String[] arguments) throws Exception {
        Configuration settings = new Configuration();
        settings.setString("execution.buffer-timeout.interval", "1 ms");
        settings.setString("pipeline.object-reuse", "true");
        settings.setString("execution.checkpointing.interval", "1 s");
        settings.setString("execution.checkpointing.dir", arguments[3]);
        settings.setString("state.backend.type", "hashmap");
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, settings); // one partition, so one of each task
        KafkaSource<String> source = KafkaSource.<String>builder()
                .setBootstrapServers(arguments[0])
                .setTopics(arguments[1])
                .setGroupId("count-" + arguments[1])
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new SimpleStringSchema())
                .build();
        KafkaSink<Tuple2<String, Long>> sink = KafkaSink.<Tuple2<String, Long>>builder()
                .setBootstrapServers(arguments[0])
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(new CountRecord(arguments[2]))
                .build();
        environment.fromSource(source, WatermarkStrategy.noWatermarks(), "words")
                .map(word -> Tuple2.of(word, 1L))
                .returns(Types.TUPLE(Types.STRING, Types.LONG))
                .keyBy(counted -> counted.f0, Types.STRING)
                .sum(1)
                .sinkTo(sink);
        environment.execute("word count");
    }

    /** Makes a record of a count: the word is its key. */
    private static final class CountRecord implements KafkaRecordSerializationSchema<Tuple2<String, Long>> {
        private static final long serialVersionUID = 1L;
        private final String topic;

        CountRecord(String topic) {
            this.topic = topic;
        }

        @Override
        public ProducerRecord<byte[], byte[]> serialize(
                Tuple2<String, Long> counted, KafkaSinkContext context, Long timestamp) {
            byte[] word = counted.f0.getBytes(StandardCharsets.UTF_8);
            return new ProducerRecord<>(topic, word, counted.f1.toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
