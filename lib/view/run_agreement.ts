/** What the reward models of two runs say of the same replies. */
import { InputError } from "../core/errors.ts";
import { readScoredRecords } from "../io/records/read_records.ts";
import { shortNames } from "../io/inputs/short_names.ts";
import { type Agreement, AgreementTally } from "./agreement.ts";

/** A reward model's scores under its name. */
export interface NamedScores {
  /** The model, or its run where both runs are of one model. */
  name: string;
  /** A score a reply. */
  scores: number[];
}

/** The agreement of two runs. */
export interface RunsAgreement {
  /** How far the two orders of each prompt's replies agree. */
  agreement: Agreement;
  /** Scores of the replies that both scored, in one order: what `rewardAgreement` draws. */
  scores: [NamedScores, NamedScores];
}

/**
 * How far two scored runs of the same replies agree: prompts are the same by id, replies by index.
 *
 * @throws {InputError} where a run cannot be read, or no prompt has two replies that both scored.
 *
 * @example
 * ```ts
 * import { agreementOfRuns } from "thinkset/view";
 * import { EMBEDDED_PROMPTS, samplePolicy, scoreResponses } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const sampling = { model: "embedded", format: "prompted-nothink", n: 4, limit: 8 } as const;
 * const replies = await samplePolicy({ prompts: EMBEDDED_PROMPTS, ...sampling, out: `${folder}/a` });
 * const run = { in: replies.out, rewardModel: "embedded" };
 * const first = await scoreResponses({ ...run, out: `${folder}/b` });
 * const second = await scoreResponses({ ...run, out: `${folder}/c` });
 * const { agreement } = await agreementOfRuns(first.out, second.out);
 * assert.equal(agreement.tau, 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function agreementOfRuns(first: string, second: string): Promise<RunsAgreement> {
  const reading = { allowPartial: true };
  const known = new Map<string, Map<number, number | null>>(), models = ["", ""];
  for await (const { id, responses, reward_model } of readScoredRecords(first, reading)) {
    models[0] = reward_model;
    known.set(id, new Map(responses.map(({ index, score }) => [index, score])));
  }
  const tally = new AgreementTally(), scores: [number[], number[]] = [[], []];
  for await (const { id, responses, reward_model } of readScoredRecords(second, reading)) {
    models[1] = reward_model;
    const both = responses.flatMap(({ index, score }) => {
      const other = known.get(id)?.get(index) ?? null;
      return other === null || score === null ? [] : [{ scores: { first: other, second: score } }];
    });
    tally.add(both);
    scores[0].push(...both.map(({ scores }) => scores.first));
    scores[1].push(...both.map(({ scores }) => scores.second));
  }
  const [found] = tally.result();
  if (found === undefined) {
    throw new InputError(
      `${first} and ${second}: no prompt of both has two replies with a score in each`,
    );
  }
  const names = models[0] === models[1] ? shortNames([first, second]) : models;
  const [a, b] = names as [string, string];
  return {
    agreement: { ...found, models: [a, b] },
    scores: [{ name: a, scores: scores[0] }, { name: b, scores: scores[1] }],
  };
}
