/** Parquet from Arrow record batches, a row group at a time. */
import * as parquet from "parquet-wasm";
import type { ByteSink, ShardEncoder } from "./shard_files.ts";

/** Rows of a row group: what the Hub's viewer and streaming readers fetch at once. */
export const ROW_GROUP_ROWS = 1000;
const ROW_GROUP_BYTES = 64 << 20;

/**
 * Encodes record batches, each an Arrow IPC stream of its own, into a Parquet file: zstd, row
 * groups of 1,000 rows or 64 MiB. Only the open row group is held in memory.
 */
export function parquetEncoder(sink: ByteSink): ShardEncoder<Uint8Array> {
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.ZSTD)
    // Texts hardly ever repeat: looking for it takes as long as all the rest.
    .setDictionaryEnabled(false)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .setMaxRowGroupBytes(ROW_GROUP_BYTES)
    .setCreatedBy("thinkset")
    .build();
  const { readable, writable } = new TransformStream<parquet.RecordBatch, parquet.RecordBatch>();
  const writer = writable.getWriter();
  // The encoder reads the schema from the first batch before it gives its stream of bytes.
  let bytes: Promise<void> | undefined;
  const start = () => bytes ??= pump(readable, properties, sink, writer);
  return {
    async write(ipc) {
      const failed = start();
      const table = parquet.Table.fromIPCStream(ipc);
      for (const batch of table.recordBatches()) {
        await Promise.race([writer.write(batch), failed.then(() => writer.closed)]);
      }
      table.free();
    },
    async close() {
      await Promise.all([writer.close(), start()]);
    },
  };
}

async function pump(
  batches: ReadableStream<parquet.RecordBatch>,
  properties: parquet.WriterProperties,
  sink: ByteSink,
  writer: WritableStreamDefaultWriter<parquet.RecordBatch>,
): Promise<void> {
  try {
    const bytes = await parquet.transformParquetStream(batches, properties);
    for await (const chunk of bytes as ReadableStream<Uint8Array>) sink.write(chunk);
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}
