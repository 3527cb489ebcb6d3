/** Arrow's stream format from record batches: what `datasets.load_from_disk` maps into memory. */
import type { ByteSink, ShardEncoder } from "./shard_files.ts";

/** The end of an Arrow stream: a continuation mark and a length of zero. */
const END = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

/**
 * Joins record batches, each an Arrow IPC stream of its own with the same schema, into one stream.
 *
 * @param schema An IPC stream of the schema alone.
 */
export function arrowEncoder(sink: ByteSink, schema: Uint8Array): ShardEncoder<Uint8Array> {
  const head = schema.subarray(0, schema.length - END.length);
  sink.write(head);
  return {
    write(ipc) {
      sink.write(ipc.subarray(head.length, ipc.length - END.length));
      return Promise.resolve();
    },
    close() {
      sink.write(END);
      return Promise.resolve();
    },
  };
}
