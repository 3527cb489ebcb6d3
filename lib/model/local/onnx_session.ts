/** An ONNX file as a session of onnxruntime, with the little that this project needs of it. */
import * as ort from "onnxruntime-node";
import { InputError, messageOf } from "../../core/errors.ts";
import type { LocalRun } from "../providers/local_options.ts";
import type { GraphFile } from "./folder.ts";
import { cutsSums } from "./integer_products.ts";

export type { InferenceSession, Tensor } from "onnxruntime-node";

/** Models smaller than this lose time to threads: one thread runs them. */
const SMALL_MODEL_BYTES = 64 * 2 ** 20;

/** How a session is opened. */
export interface SessionOptions extends LocalRun {
  /** Default: one for a small model, as many as onnxruntime picks for a larger one. */
  threads?: number;
}

/**
 * Opens a graph and makes what runs it of the session, which is let go where `make` refuses it.
 *
 * @throws {InputError} as {@link openSession} does; what `make` throws.
 */
export async function openGraph<T>(
  { path, bytes }: GraphFile,
  options: SessionOptions,
  make: (session: ort.InferenceSession) => T,
): Promise<T> {
  const session = await openSession(path, bytes, options);
  try {
    return make(session);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/**
 * Opens a graph, on the CPU where no device is asked for. Throws `InputError` where onnxruntime
 * cannot load it, or has not the device.
 */
async function openSession(
  path: string,
  bytes: number,
  { threads = bytes < SMALL_MODEL_BYTES ? 1 : undefined, device = "cpu" }: SessionOptions = {},
): Promise<ort.InferenceSession> {
  const backends = ort.listSupportedBackends().map(({ name }) => name);
  if (!backends.includes(device)) {
    throw new InputError(
      `--device ${device}: onnxruntime-node has none of it on this platform; it has ` +
        backends.join(", "),
    );
  }
  const cuts = device === "cpu" && await cutsSums();
  try {
    return await ort.InferenceSession.create(path, {
      executionProviders: [device],
      // Its warnings are about what its optimizer did; errors are thrown.
      logSeverityLevel: 3,
      // Threads that spin while they wait took 30% more processor time, and others' too.
      // Signed weights are made unsigned where their sums would be cut off, which takes longer.
      extra: {
        session: { intra_op: { allow_spinning: "0" }, x64quantprecision: cuts ? "1" : "0" },
      },
      ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
    });
  } catch (error) {
    const why = messageOf(error);
    throw new InputError(
      device === "cpu"
        ? `${path}: onnxruntime cannot load it: ${why}`
        : `--device ${device}: onnxruntime cannot use it on this machine (cpu always works): ` +
          why.slice(0, 300),
    );
  }
}

/** A tensor of token ids, masks or positions. */
export function int64(values: ArrayLike<number>, dims: readonly number[]): ort.Tensor {
  return new ort.Tensor("int64", BigInt64Array.from(values as ArrayLike<number>, BigInt), dims);
}

/** A tensor over bytes that the caller keeps: nothing is copied before the run. */
export function tensor(
  type: ort.Tensor.Type,
  data: ort.Tensor.DataType | Float16Array,
  dims: readonly number[],
): ort.Tensor {
  // onnxruntime takes a Float16Array for float16; its types do not know the class yet.
  return new ort.Tensor(type, data as ort.Tensor.DataType, dims);
}

/** Numbers of a float tensor as 32-bit floats, copied only where they are stored otherwise. */
export function floats(value: ort.Tensor): Float32Array {
  const data = value.data;
  return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>);
}
