/**
 * Products of bytes, which some processors get wrong: without VNNI, onnxruntime adds two products of
 * an unsigned and a signed byte in 16 bits, where 2 * 255 * 127 does not fit and is cut off.
 */
import * as ort from "onnxruntime-node";
import { InputError } from "../../core/errors.ts";
import { type Fields, readFields } from "./protobuf.ts";

/** y = MatMulInteger(a, b), uint8 [1, 64] times int8 [64, 16]: the whole graph in 102 bytes. */
const PRODUCT =
  "CAk6XAoYCgFhCgFiEgF5Ig1NYXRNdWxJbnRlZ2VyEgFwWhMKAWESDgoMCAISCAoCCAEKAghAWhMKAWISDgoMCAMSCAoC" +
  "CEAKAggQYhMKAXkSDgoMCAYSCAoCCAEKAggQQgQKABAS";

/** Weights up to this fit in any order: 2 * 255 * 64 is below 2^15. */
const FITTING = 64;

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

/**
 * Throws `InputError` where an ONNX file multiplies signed bytes that this processor gets wrong.
 * Files are read on such processors alone.
 */
export async function checkIntegerProducts(path: string, cuts = cutsSums()): Promise<void> {
  if (!await cuts || !await hasLargeSignedWeights(path)) return;
  throw new InputError(
    `${path}: multiplies signed bytes beyond ${FITTING}, whose sums this processor cuts off at 16 ` +
      `bits: export it with scripts/export_onnx (its int8 fits), or in fp16 or fp32`,
  );
}

/** Operators that turn numbers into bytes before they multiply. */
const QUANTIZING = /Integer|QuantizeLinear|QLinear|QGemm|QAttention|DynamicQuantize/;

/** Whether a graph multiplies bytes and holds a matrix of signed ones beyond `FITTING`. */
async function hasLargeSignedWeights(path: string): Promise<boolean> {
  let quantizes = false, large = false;
  const file = await Deno.open(path);
  try {
    // The fields of onnx.proto: ModelProto.graph, GraphProto.node and .initializer.
    await readFields(file, {
      7: {
        1: { 4: ({ bytes }) => quantizes ||= QUANTIZING.test(new TextDecoder().decode(bytes)) },
        5: tensor((beyond) => large ||= beyond),
      },
    });
  } finally {
    file.close();
  }
  return quantizes && large;
}

/** TensorProto: data_type 2, of which 3 is int8; raw_data 9; data_location 14: another file. */
function tensor(tell: (beyond: boolean) => void): Fields {
  let signed = false;
  return {
    2: ({ number }) => signed = number === 3,
    9: ({ bytes }) => {
      const weights = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      tell(signed && weights.some((weight) => weight > FITTING || weight < -FITTING));
    },
    14: () => tell(signed),
  };
}
