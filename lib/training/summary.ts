/** What a trainer learns of a dataset, summed up. */
import { percent } from "../core/percent.ts";
import type { CheckedRow } from "./check_rows.ts";
import type { PartTokens } from "./part_tokens.ts";
import { type Rule, RULE_NAMES, RULES } from "./rules.ts";
import type { Trainer } from "./trainer.ts";

/** A rule that rows broke. */
export interface BrokenRule {
  /** Its name, as `--allow` takes it. */
  rule: string;
  /** What it says. */
  about: string;
  /** Rows that break it. */
  rows: number;
  /** `--allow` named it. */
  allowed: boolean;
  /** The first rows, by id, with what was found. */
  examples: { id: string; where: string; detail: string }[];
}

/** What one trainer makes of a dataset. */
export interface TrainingCheck {
  /** As `--trainer` has it. */
  trainer: string;
  /** The version whose source was followed. */
  version: string;
  /** Where the rows came from. */
  path: string;
  /** Tokens a sequence at most; null for no limit but the model's. */
  maxLength: number | null;
  /** The trainer's own chat template, where it does not render with the tokenizer's. */
  template: string | null;
  /** Rows that were checked. */
  rows: number;
  /** Sequences that were made of them: two of a pair. */
  sequences: number;
  /** Turns with a thought that are to be learnt, and those whose thought is, whole and once. */
  thoughts: { data: number; learnt: number };
  /** Tokens in the loss by part, and all that the trainer keeps. */
  tokens: PartTokens & { all: number };
  /** Of whole sequences, before any cut. */
  longest: number;
  /** Rules that rows broke. */
  broken: BrokenRule[];
  /** No rule is broken that was not allowed. */
  ok: boolean;
}

const EXAMPLES = 10;

/** Sums up rows one by one. */
export class Summary {
  readonly #allowed: ReadonlySet<string>;
  readonly #broken = new Map<Rule, BrokenRule>();
  readonly #check: Omit<TrainingCheck, "broken" | "ok">;

  constructor(
    { name, version }: Trainer,
    given: Pick<TrainingCheck, "path" | "maxLength" | "template">,
    allowed: readonly string[],
  ) {
    this.#allowed = new Set(allowed);
    this.#check = {
      trainer: name,
      version,
      ...given,
      rows: 0,
      sequences: 0,
      thoughts: { data: 0, learnt: 0 },
      tokens: { all: 0, thought: 0, answer: 0, end: 0, tags: 0, prompt: 0 },
      longest: 0,
    };
  }

  add({ row, trained, answers, faults }: CheckedRow): void {
    const check = this.#check;
    check.rows++;
    check.sequences += trained.sequences.length;
    for (const { sequence } of trained.sequences) {
      check.longest = Math.max(check.longest, sequence.ids.length);
    }
    for (const { thoughts, tokens, length } of answers) {
      check.thoughts.data += thoughts.data;
      check.thoughts.learnt += thoughts.learnt;
      check.tokens.all += length;
      for (const part of Object.keys(tokens) as (keyof PartTokens)[]) {
        check.tokens[part] += tokens[part];
      }
    }
    const seen = new Set<Rule>();
    for (const { rule, detail } of faults) {
      if (seen.has(rule)) continue;
      seen.add(rule);
      const broken = this.#broken.get(rule) ?? this.#begin(rule);
      broken.rows++;
      if (broken.examples.length < EXAMPLES) {
        broken.examples.push({ id: row.id, where: row.where, detail });
      }
    }
  }

  result(): TrainingCheck {
    const broken = RULE_NAMES.flatMap((rule) => this.#broken.get(rule) ?? []);
    return { ...this.#check, broken, ok: broken.every(({ allowed }) => allowed) };
  }

  #begin(rule: Rule): BrokenRule {
    const allowed = this.#allowed.has(rule);
    const broken = { rule, about: RULES[rule], rows: 0, allowed, examples: [] };
    this.#broken.set(rule, broken);
    return broken;
  }
}

/** The check in lines for a person: a table, then a line a broken rule with its rows. */
export function* linesOf(check: TrainingCheck): Generator<string> {
  const { trainer, version, path, maxLength, template, rows, thoughts, tokens } = check;
  const share = (count: number) => percent(count / Math.max(1, tokens.all));
  const count = (value: number) => value.toLocaleString("en-US");
  const own = template === null ? "" : `, template ${template}`;
  const most = maxLength === null ? "of any length" : `at most ${count(maxLength)} tokens`;
  yield `${trainer} ${version}${own}, ${most}: ${count(rows)} rows of ${path}`;
  yield `  thoughts in the data ${count(thoughts.data)}, in the loss ${count(thoughts.learnt)}`;
  const parts = (["thought", "answer", "end", "tags", "prompt"] as const)
    .map((part) => `${part} ${count(tokens[part])} (${share(tokens[part])})`);
  yield `  tokens in the loss: ${parts.join(", ")}, of ${count(tokens.all)}`;
  yield `  longest sequence: ${count(check.longest)} tokens`;
  for (const { rule, about, rows: broke, allowed, examples } of check.broken) {
    yield `${allowed ? "allowed" : "FAIL"} ${rule}: ${count(broke)} of ${
      count(rows)
    } rows: ${about}`;
    for (const { id, where, detail } of examples) yield `    ${id} (${where}): ${detail}`;
    if (broke > examples.length) yield `    and ${count(broke - examples.length)} more`;
  }
  if (check.broken.length === 0) yield "  ok: no rule is broken";
}
