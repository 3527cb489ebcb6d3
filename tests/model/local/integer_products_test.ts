import assert from "node:assert/strict";
import { InputError } from "../../../lib/core/errors.ts";
import { checkIntegerProducts, cutsSums } from "../../../lib/model/local/integer_products.ts";
import { EMBEDDED_POLICY } from "../../../lib/model/embedded/paths.ts";

const text = new TextEncoder();

/** A protobuf field: bytes with their length, or a number. */
function field(number: number, value: Uint8Array | number): Uint8Array {
  const varint = (n: number): number[] => n < 128 ? [n] : [n % 128 + 128, ...varint(n >> 7)];
  return typeof value === "number"
    ? Uint8Array.from([...varint(number << 3), ...varint(value)])
    : Uint8Array.from([...varint(number << 3 | 2), ...varint(value.length), ...value]);
}
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** An ONNX file with a node and a matrix of bytes. */
async function graph(op: string, type: number, weights: Int8Array): Promise<string> {
  const node = field(1, joined(field(1, text.encode("x")), field(4, text.encode(op))));
  const raw = new Uint8Array(weights.buffer);
  const matrix = field(5, joined(field(1, weights.length), field(2, type), field(9, raw)));
  const path = await Deno.makeTempFile({ suffix: ".onnx" });
  await Deno.writeFile(path, joined(field(1, 9), field(7, joined(node, matrix)), field(8, raw)));
  return path;
}

Deno.test("where sums are cut off, graphs of large signed bytes are refused, others open (9)", async () => {
  const cuts = Promise.resolve(true);
  const large = new Int8Array(20_000).fill(1), fitting = new Int8Array(20_000).fill(-64);
  large[19_999] = 65;
  const refused = await graph("MatMulIntegerToFloat", 3, large);
  await assert.rejects(checkIntegerProducts(refused, cuts), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /signed bytes beyond 64.*export it with scripts\/export_onnx/);
    return true;
  });
  await checkIntegerProducts(refused, Promise.resolve(false));
  for (
    const path of [
      await graph("MatMulIntegerToFloat", 3, fitting),
      await graph("MatMulIntegerToFloat", 2, large),
      await graph("MatMul", 3, large),
    ]
  ) {
    await checkIntegerProducts(path, cuts);
    await Deno.remove(path);
  }
  await Deno.remove(refused);
  await checkIntegerProducts(`${EMBEDDED_POLICY}/onnx/steps.onnx`, cuts);
});

Deno.test("a product that is known tells whether this processor cuts sums off", async () => {
  const flags = await Deno.readTextFile("/proc/cpuinfo");
  // Not the rule, which is the product itself: what is known of two kinds of processors.
  if (/\bavx512_vnni\b|\bavx_vnni\b/.test(flags)) assert.equal(await cutsSums(), false);
  else if (/\bavx2\b/.test(flags)) assert.equal(await cutsSums(), true);
});
