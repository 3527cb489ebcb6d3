/** Keeps what a model was asked and what it said, so that `replay/FILE` can serve it again. */
import { InputError, messageOf, ModelError } from "../../core/errors.ts";
import { LineLog } from "../../run/line_log.ts";
import type { ChatModel } from "../chat_model.ts";
import type { TextModel } from "../text_model.ts";
import {
  chatRequestFields,
  type RequestFields,
  requestKey,
  textRequestFields,
} from "../request_key.ts";
import { RecordingHeading } from "./recording.ts";

/**
 * The same teacher, each request and reply also appended to `file` before the reply is passed on.
 * A file of the same model is continued. Refusals that never pass are recorded too; failures that
 * may pass are not.
 *
 * Throws `InputError` where the file is not a recording of this model.
 */
export function recordChat(model: ChatModel, file: string): ChatModel {
  const log = openLog(file, {
    recording: 1,
    model: model.name,
    promptsForTags: model.promptsForTags,
  });
  return {
    name: model.name,
    promptsForTags: model.promptsForTags,
    concurrency: model.concurrency,
    reply: (request) => recorded(log, chatRequestFields(request), () => model.reply(request)),
    async close() {
      log.close();
      await model.close();
    },
  };
}

/** The same policy, recorded as `recordChat` does. */
export function recordText(model: TextModel, file: string): TextModel {
  const log = openLog(file, { recording: 1, model: model.name, promptsForTags: true });
  return {
    name: model.name,
    concurrency: model.concurrency,
    complete: (request) => recorded(log, textRequestFields(request), () => model.complete(request)),
    async close() {
      log.close();
      await model.close();
    },
  };
}

async function recorded<T>(
  log: LineLog,
  request: RequestFields,
  call: () => Promise<T>,
): Promise<T> {
  const key = requestKey(request);
  try {
    const reply = await call();
    log.append(JSON.stringify({ key, request, reply }));
    return reply;
  } catch (error) {
    if (error instanceof ModelError && error.kind === "reject") {
      const refused = { reason: error.reason, message: messageOf(error) };
      log.append(JSON.stringify({ key, request, refused }));
    }
    throw error;
  }
}

function openLog(file: string, heading: RecordingHeading): LineLog {
  const ours = JSON.stringify(heading) + "\n";
  const begins = firstBytes(file, new TextEncoder().encode(ours).length);
  // Checked before anything is opened for writing: the file may be somebody's data.
  if (begins !== "" && begins !== ours) {
    throw new InputError(
      `${file}: is there and no recording of ${heading.model}: choose another --record`,
    );
  }
  const log = LineLog.open(file);
  log.load(() => true);
  if (begins === "") log.append(JSON.stringify(heading));
  return log;
}

function firstBytes(file: string, length: number): string {
  let opened: Deno.FsFile;
  try {
    opened = Deno.openSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw new InputError(`${file}: cannot read: ${messageOf(error)}`);
  }
  try {
    const bytes = new Uint8Array(length);
    const read = opened.readSync(bytes) ?? 0;
    return new TextDecoder().decode(bytes.subarray(0, read));
  } finally {
    opened.close();
  }
}
