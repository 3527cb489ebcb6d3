/** The thread beside: splits are encoded and written here, in the order in which they are asked for. */
import { SplitFiles } from "./split_files.ts";
import { buffersOf, type SplitAnswer, type SplitRequest } from "./split_thread.ts";

/** The part of a worker's global scope that is used here. */
interface Scope {
  postMessage(answer: SplitAnswer, transfer: ArrayBuffer[]): void;
  onmessage: ((event: MessageEvent<SplitRequest>) => void) | null;
}

const scope = self as unknown as Scope;
const splits = new Map<number, SplitFiles>();
let before = Promise.resolve();

scope.onmessage = ({ data }) => {
  before = before.then(() => answer(data));
};

async function answer(request: SplitRequest): Promise<void> {
  const { call } = request;
  try {
    const result = await resultOf(request);
    scope.postMessage({ call, result }, result && "texts" in result ? buffersOf(result) : []);
  } catch (error) {
    const { name, message } = error as Error;
    scope.postMessage({ call, failed: { name, message } }, []);
  }
}

async function resultOf(request: SplitRequest) {
  const { split } = request;
  if (request.to === "open") {
    splits.set(split, new SplitFiles(request.place, request.columns));
    return null;
  }
  const files = splits.get(split)!;
  if (request.to === "write") return await files.write(request.rows);
  splits.delete(split);
  if (request.to === "close") return await files.close();
  await files.abandon();
  return null;
}
