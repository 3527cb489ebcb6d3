/**
 * Products of bytes, which some processors get wrong: without VNNI, onnxruntime adds two products of
 * an unsigned and a signed byte in 16 bits, where 2 * 255 * 127 does not fit and is cut off.
 */
import * as ort from "onnxruntime-node";

/** y = MatMulInteger(a, b), uint8 [1, 64] times int8 [64, 16]: the whole graph in 102 bytes. */
const PRODUCT =
  "CAk6XAoYCgFhCgFiEgF5Ig1NYXRNdWxJbnRlZ2VyEgFwWhMKAWESDgoMCAISCAoCCAEKAghAWhMKAWISDgoMCAMSCAoC" +
  "CEAKAggQYhMKAXkSDgoMCAYSCAoCCAEKAggQQgQKABAS";

let known: Promise<boolean> | undefined;

/** Whether this processor cuts sums of products of bytes off, by a product that is known. */
export function cutsSums(): Promise<boolean> {
  return known ??= multiply();
}

async function multiply(): Promise<boolean> {
  const graph = Uint8Array.from(atob(PRODUCT), (letter) => letter.charCodeAt(0));
  const session = await ort.InferenceSession.create(graph, {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
  });
  const a = new ort.Tensor("uint8", new Uint8Array(64).fill(255), [1, 64]);
  const b = new ort.Tensor("int8", new Int8Array(64 * 16).fill(127), [64, 16]);
  const { y } = await session.run({ a, b });
  await session.release();
  return (y!.data as Int32Array).some((sum) => sum !== 64 * 255 * 127);
}
