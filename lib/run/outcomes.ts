/** Keeps how each item of a run ended, shows it, and judges whether the run goes well. */
import type { StageContext } from "../core/context.ts";
import { messageOf, ModelError, RunError } from "../core/errors.ts";
import type { Manifest } from "../core/manifest.ts";
import { firstFault } from "../core/rule_words.ts";
import type { Ledger } from "./ledger.ts";
import type { Progress } from "./progress.ts";
import { QualityWatch } from "./quality.ts";
import type { RunFiles } from "./run_files.ts";
import type { StageRun, Tally } from "./stage_run.ts";

/** Replies are looked at after so many items, where the stage says nothing else. */
const LOOKED_AT_AFTER = 50;
/** Items that failed are named in the manifest up to here. */
const MOST_NAMED = 1_000;

/** What one process did of a shard. */
export class Outcomes<I extends { id: string; where?: string }, R extends { id: string }> {
  /** Items that this process did. */
  worked = 0;
  readonly failed: Manifest["failed"] = [];
  failedCount = 0;
  readonly #live: Tally = { tokens: {}, extra: {} };
  readonly #quality: QualityWatch;

  /** `stop` ends the run. */
  constructor(
    readonly stage: StageRun<I, R>,
    readonly files: RunFiles,
    readonly ledger: Ledger<I>,
    readonly log: StageContext["log"],
    readonly stop: (reason: RunError) => void,
  ) {
    this.#quality = new QualityWatch(stage.watch?.after ?? LOOKED_AT_AFTER);
  }

  /** Keeps a record. Throws a `ModelError` for one that could not be read again. */
  keep(row: number, record: R, progress: Progress): void {
    const { stage } = this;
    const parsed = stage.record?.safeParse(record);
    if (parsed?.success === false) {
      const { field, rule } = firstFault(parsed.error);
      throw new ModelError("reject", `its record would not be sound: ${field}: ${rule}`);
    }
    this.ledger.keep(row, record);
    this.worked++;
    stage.tally?.(record, this.#live);
    this.#quality.keep();
    progress.keep(stage.tokensOf?.(record) ?? 0, this.#live.extra);
    this.#judge();
  }

  /** Rejects an item; a reason that is not on the stage's list becomes `other`. */
  reject(
    row: number,
    id: string,
    { reason, detail }: { reason: string; detail: string },
    progress: Progress,
  ): void {
    const { stage, reasons } = this.stage;
    const reject = reasons.includes(reason)
      ? { id, stage, reason, detail }
      : { id, stage, reason: "other", detail: `${reason}: ${detail}` };
    this.ledger.reject(row, reject);
    this.worked++;
    this.#quality.reject(reject.reason);
    progress.reject(reject.reason);
    this.#judge();
  }

  /** Leaves an item pending, with the error that it failed with. */
  fail(id: string, error: unknown, progress: Progress): void {
    this.failedCount++;
    if (this.failed.length < MOST_NAMED) this.failed.push({ id, error: messageOf(error) });
    progress.fail();
  }

  /** Tells of too many bad replies as soon as there are; ends the run where that is asked for. */
  #judge(): void {
    const { stage, files } = this;
    const wrong = this.#quality.verdict(this.#live.extra);
    if (wrong === undefined) return;
    const look = `look at ${files.records} and ${files.rejects}`;
    if (!stage.watch?.ends) return this.log(`${stage.stage}: ${wrong}: ${look}`);
    this.stop(
      new RunError(
        `${wrong}: stopped before more is paid for: ${look}; --allow-malformed goes on, ` +
          `--retry-rejects REASON asks again`,
      ),
    );
  }
}
