/** Proves that think and nothink datasets are of the same ids and answers, from what was written. */
import { createHash, type Hash } from "node:crypto";
import { RunError } from "../../core/errors.ts";
import type { TeacherRecord } from "../../core/records.ts";
import { parseReply } from "../../reply/parse_reply.ts";
import { partsOfTurn } from "../../reply/turn_parts.ts";
import type { SftTarget } from "./sft_target.ts";

/** Hashes, over all rows in order, of a dataset's ids and of the answers read back from its turns. */
interface TwinHashes {
  folder: string;
  ids_sha256: string;
  answers_sha256: string;
}

/** Takes every written turn apart again and hashes its answer. */
export class TwinProof {
  readonly #hashes = new Map<string, { ids: Hash; answers: Hash }>();

  add({ format, folder }: SftTarget, record: TeacherRecord, turn: string): void {
    let hashes = this.#hashes.get(folder);
    if (hashes === undefined) {
      hashes = { ids: createHash("sha256"), answers: createHash("sha256") };
      this.#hashes.set(folder, hashes);
    }
    // A turn that calls tools may say nothing, which no reply may.
    const answer = record.tool_calls === undefined
      ? parseReply(format, turn, { finishReason: "stop" }).answer
      : partsOfTurn({ role: "assistant", content: turn }).answer ?? "";
    if (answer === null) {
      throw new RunError(`id ${record.id}: the written turn cannot be read as ${format}`);
    }
    hashes.ids.update(JSON.stringify(record.id) + "\n");
    hashes.answers.update(JSON.stringify(answer) + "\n");
  }

  /** The manifest's account. Throws `RunError` where the datasets differ. */
  result(): { equal: true; datasets: TwinHashes[] } {
    const datasets = [...this.#hashes].map(([folder, { ids, answers }]) => ({
      folder,
      ids_sha256: ids.digest("hex"),
      answers_sha256: answers.digest("hex"),
    }));
    const [one, ...others] = datasets;
    for (const other of others) {
      if (
        other.ids_sha256 !== one!.ids_sha256 || other.answers_sha256 !== one!.answers_sha256
      ) {
        throw new RunError(`the twins ${one!.folder} and ${other.folder} are not of equal answers`);
      }
    }
    return { equal: true, datasets };
  }
}
