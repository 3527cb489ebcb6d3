/** Keeps what a model was asked and what it said, so that `replay/FILE` can serve it again. */
import { messageOf, ModelError } from "../../core/errors.ts";
import { SharedLog } from "../../run/shared_log.ts";
import type { ChatModel } from "../chat_model.ts";
import {
  chatRequestFields,
  type RequestFields,
  requestKey,
  textRequestFields,
} from "../request_key.ts";
import type { TextModel } from "../text_model.ts";
import type { RecordingHeading } from "./recording.ts";

/**
 * The same teacher, each request and reply also appended to `file` before the reply is passed on.
 * A file of the same model is continued, and shards may share one. Refusals that never pass are
 * recorded too; failures that may pass are not.
 *
 * Throws `InputError` where the file is not a recording of this model. Where it takes no more, the
 * reply at hand is passed on, and the next request throws a `RunError` before it is sent.
 */
export async function recordChat(model: ChatModel, file: string): Promise<ChatModel> {
  const { name, promptsForTags } = model;
  const log = await openLog(file, { recording: 1, model: name, promptsForTags });
  return {
    ...model,
    reply: (request) => recorded(log, chatRequestFields(request), () => model.reply(request)),
    close: () => closed(log, model),
  };
}

/** The same policy, recorded as `recordChat` does. */
export async function recordText(model: TextModel, file: string): Promise<TextModel> {
  const log = await openLog(file, { recording: 1, model: model.name, promptsForTags: true });
  return {
    ...model,
    complete: (request) => recorded(log, textRequestFields(request), () => model.complete(request)),
    close: () => closed(log, model),
  };
}

async function recorded<T>(
  log: SharedLog,
  request: RequestFields,
  call: () => Promise<T>,
): Promise<T> {
  log.check();
  const key = requestKey(request);
  try {
    const reply = await call();
    await log.append(JSON.stringify({ key, request, reply }));
    return reply;
  } catch (error) {
    if (error instanceof ModelError && error.kind === "reject") {
      const refused = { reason: error.reason, message: messageOf(error) };
      await log.append(JSON.stringify({ key, request, refused }));
    }
    throw error;
  }
}

async function closed(log: SharedLog, model: Pick<ChatModel, "close">): Promise<void> {
  log.close();
  await model.close();
  log.check();
}

function openLog(file: string, heading: RecordingHeading): Promise<SharedLog> {
  return SharedLog.open(
    file,
    JSON.stringify(heading),
    `is there and no recording of ${heading.model}: choose another --record`,
  );
}
