import assert from "node:assert/strict";
import { cutsSums } from "../../../lib/model/local/integer_products.ts";
import { openGraph, tensor } from "../../../lib/model/local/onnx_session.ts";

const text = new TextEncoder();

/** A protobuf field: bytes with their length, or a number. */
function field(number: number, value: Uint8Array | string | number): Uint8Array {
  const varint = (n: number): number[] => n < 128 ? [n] : [n % 128 + 128, ...varint(n >> 7)];
  if (typeof value === "number") return Uint8Array.from([...varint(number << 3), ...varint(value)]);
  const bytes = typeof value === "string" ? text.encode(value) : value;
  return Uint8Array.from([...varint(number << 3 | 2), ...varint(bytes.length), ...bytes]);
}
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A value of a graph by its name, its type in ONNX and its shape. */
function valueInfo(name: string, type: number, shape: number[]): Uint8Array {
  const dims = shape.map((dim) => field(1, field(1, dim)));
  return joined(
    field(1, name),
    field(2, field(1, joined(field(1, type), field(2, joined(...dims))))),
  );
}

/** y = MatMulInteger(a, b) with weights that stand in the file, as other programs write them. */
function multiplying(weights: Int8Array, columns: number): Uint8Array {
  const rows = weights.length / columns;
  const node = joined(field(1, "a"), field(1, "b"), field(2, "y"), field(4, "MatMulInteger"));
  const matrix = joined(
    ...[field(1, rows), field(1, columns), field(2, 3), field(8, "b")],
    field(9, new Uint8Array(weights.buffer)),
  );
  const graph = joined(
    ...[field(1, node), field(2, "g"), field(5, matrix)],
    ...[field(11, valueInfo("a", 2, [1, rows])), field(12, valueInfo("y", 6, [1, columns]))],
  );
  return joined(field(1, 9), field(7, graph), field(8, joined(field(1, ""), field(2, 18))));
}

Deno.test("weights of signed bytes are multiplied right, on a processor that cuts sums off too (9)", async () => {
  const path = await Deno.makeTempFile({ suffix: ".onnx" });
  const bytes = multiplying(new Int8Array(64 * 16).fill(127), 16);
  await Deno.writeFile(path, bytes);
  const session = await openGraph({ path, bytes: bytes.length }, {}, (session) => session);
  const { y } = await session.run({ a: tensor("uint8", new Uint8Array(64).fill(255), [1, 64]) });
  assert.deepEqual([...y!.data as Int32Array], new Array(16).fill(64 * 255 * 127));
  await session.release();
  await Deno.remove(path);
});

Deno.test("a product that is known tells whether this processor cuts sums off", async () => {
  const flags = await Deno.readTextFile("/proc/cpuinfo");
  // Not the rule, which is the product itself: what is known of two kinds of processors.
  if (/\bavx512_vnni\b|\bavx_vnni\b/.test(flags)) assert.equal(await cutsSums(), false);
  else if (/\bavx2\b/.test(flags)) assert.equal(await cutsSums(), true);
});
