/** Recorded replies, found by the request, or by the prompt of an earlier run's record. */
import type { z } from "zod";
import { InputError, ModelError } from "../../core/errors.ts";
import { hashFile } from "../../io/disk/hash_file.ts";
import { type RequestFields, requestKey } from "../request_key.ts";
import { RecordedRefusal, type RecordingHeading } from "./recording.ts";
import { openRecording } from "./recording_index.ts";

/** What a file of replies holds for a stage. */
export interface ReplayForm<Record, Reply> {
  stage: "teacher" | "policy";
  /** The stage's own records, and the reply that one must have come from. */
  record: z.ZodType<Record>;
  reply: z.ZodType<Reply>;
}

/** An open file of replies. */
export interface Replay<Record, Reply> {
  heading: RecordingHeading;
  /** A hash of the file. */
  version: string;
  /**
   * The reply to a request. Throws `ModelError`: `reject` / `not_recorded`, the refusal that was
   * recorded in its place, `fatal` for a damaged line.
   */
  find(id: string, fields: RequestFields, ofRecord: (record: Record) => Reply): Reply;
  close(): Promise<void>;
}

/**
 * Opens a file made by `--record`, whose replies are found by a hash of the whole request, or the
 * records of an earlier run of the stage, found by prompt id. Texts stay on disk.
 *
 * Throws `InputError` for a file that cannot be read or holds something else.
 */
export async function openReplay<Record, Reply>(
  file: string,
  { stage, record, reply }: ReplayForm<Record, Reply>,
): Promise<Replay<Record, Reply>> {
  const index = await openRecording(file), { form, heading } = index;
  if (form !== "recording" && form !== stage) {
    index.close();
    throw new InputError(`${file}: holds ${form} records; a ${stage} needs a ${stage}'s`);
  }
  return {
    heading,
    version: await hashFile(file),
    find(id, fields, ofRecord) {
      const row = index.find(form === stage ? id : requestKey(fields));
      if (row === undefined) {
        throw new ModelError(
          "reject",
          `${file} holds no reply to this request (${JSON.stringify(id)}): it never came, or was ` +
            `asked with other options`,
          { reason: "not_recorded" },
        );
      }
      if (form === stage) {
        const read = record.safeParse(row);
        if (read.success) return ofRecord(read.data);
      } else {
        const line = row as { reply?: unknown; refused?: unknown };
        const refusal = RecordedRefusal.safeParse(line.refused);
        if (refusal.success) {
          throw new ModelError("reject", refusal.data.message, { reason: refusal.data.reason });
        }
        const read = reply.safeParse(line.reply);
        if (read.success) return read.data;
      }
      throw new ModelError("fatal", `${file}: the reply to ${JSON.stringify(id)} is damaged`);
    },
    close() {
      index.close();
      return Promise.resolve();
    },
  };
}
