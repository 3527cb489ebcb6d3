/** What a run has paid for, on disk as soon as it is known, and a cap on it. */
import { z } from "zod";
import { LimitReached } from "../../core/errors.ts";
import { Usage } from "../../core/records.ts";
import type { LineLog } from "../../run/line_log.ts";
import { keyedLine, readKeyedLine } from "../../run/keyed_line.ts";
import { costOf } from "./cost.ts";
import type { ModelPrice } from "./price_table.ts";

/** A line of the journal. */
export const BillEntry = z.object({
  id: z.string(),
  usage: Usage,
  batch: z.boolean().optional(),
  once: z.number().optional(),
  /** The replies that the line stands for, where they are known by their sum alone. */
  replies: z.number().optional(),
});
export type BillEntry = z.infer<typeof BillEntry>;

/** The journal's lines have a key and a checksum as records do; nothing is looked up by their keys. */
const NO_KEY = 0n;

/** A line of the journal; undefined where it is damaged. */
export function readBillEntry(text: string): BillEntry | undefined {
  return readKeyedLine(text) && BillEntry.safeParse(JSON.parse(text)).data;
}

/** How a bill is kept. */
export interface BillOptions {
  /** The journal, a line a paid reply; an earlier process's lines count too. */
  log: LineLog;
  /** Undefined where no price is known: tokens are counted all the same. */
  price: ModelPrice | undefined;
  /** US dollars that may be spent, what is in flight counted at its most. */
  maxCostUsd?: number;
}

/** Every reply that was paid for, whether it became a record or not. */
export class Bill {
  readonly tokens = { prompt: 0, completion: 0, reasoning: 0, cached: 0 };
  replies = 0;
  /** Lines of an earlier process that could not be read: what they stood for is not counted. */
  readonly damaged: number;
  /** Of these, how many had no usage and are counted by their bytes. */
  estimated = 0;
  readonly #log: LineLog;
  readonly #options: BillOptions;
  #spent = 0;
  #reserved = 0;
  #inFlight = 0;
  #waiting: (() => void)[] = [];
  readonly #once = new Set<string>();

  constructor(options: BillOptions) {
    this.#options = options;
    this.#log = options.log;
    const { bad, torn } = this.#log.load((text) => {
      const entry = readBillEntry(text);
      if (entry) this.#count(entry);
      return entry !== undefined;
    });
    this.damaged = bad + (torn > 0 ? 1 : 0);
  }

  /** The journal's path. */
  get path(): string {
    return this.#log.path;
  }

  /** Visits what the journal holds. */
  visit(each: (entry: BillEntry) => void): void {
    this.#log.load((text) => {
      const entry = readBillEntry(text);
      if (entry) each(entry);
      return true;
    });
  }

  /** US dollars so far, or null where no price is known. */
  get cost(): number | null {
    return this.#options.price ? this.#spent : null;
  }

  /**
   * Holds back what a request may cost at most, and returns how to give that back. Waits where it
   * would not fit under the cap until others have come in for less.
   *
   * Throws `LimitReached` where it would not fit and nothing is in flight.
   */
  async reserve(most: Usage, options: { batch?: boolean } = {}): Promise<() => void> {
    const { price, maxCostUsd } = this.#options;
    const cost = price ? costOf(most, price, options) : 0;
    while (maxCostUsd !== undefined && this.#spent + this.#reserved + cost > maxCostUsd) {
      if (this.#inFlight === 0) {
        throw new LimitReached(
          `spent $${
            this.#spent.toFixed(4)
          } of --max-cost-usd ${maxCostUsd}, and the next request ` +
            `may cost $${cost.toFixed(4)}: stopped`,
        );
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
    this.#reserved += cost;
    this.#inFlight++;
    return () => {
      this.#reserved -= cost;
      this.#inFlight--;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resume of waiting) resume();
    };
  }

  /**
   * Writes down a reply that was paid for. With `once`, a number among the prompt's replies, a reply
   * that was written down before (a batch's, fetched again by a later process) is not again.
   */
  add(id: string, usage: Usage, options: Omit<BillEntry, "id" | "usage"> = {}): void {
    if (options.once !== undefined && this.#once.has(`${options.once} ${id}`)) return;
    const entry: BillEntry = { id, usage, ...options };
    this.#log.append(keyedLine(entry, NO_KEY));
    this.#count(entry);
  }

  close(): void {
    this.#log.close();
  }

  #count({ id, usage, batch, once, replies = 1 }: BillEntry): void {
    if (once !== undefined) this.#once.add(`${once} ${id}`);
    this.replies += replies;
    if (usage.estimated) this.estimated += replies;
    this.tokens.prompt += usage.prompt_tokens;
    this.tokens.completion += usage.completion_tokens;
    this.tokens.reasoning += usage.reasoning_tokens;
    this.tokens.cached += usage.cached_tokens ?? 0;
    if (this.#options.price) this.#spent += costOf(usage, this.#options.price, { batch });
  }
}
