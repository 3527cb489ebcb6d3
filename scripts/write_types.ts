// deno task write-formats: also lib/public/types.ts and options.ts from the zod schemas
/** Plain interfaces of records and options, for readers and for `deno doc`. */
import { z } from "zod";
import { Decision } from "../lib/core/decisions.ts";
import { Counts, FileEntry, Manifest, ModelIdentity } from "../lib/core/manifest.ts";
import {
  Answer,
  Extra,
  FinishReason,
  Format,
  Message,
  PolicyRecord,
  PolicyReply,
  Prompt,
  Reject,
  Role,
  ScoredRecord,
  ScoredReply,
  TeacherRecord,
  ToolCall,
  Usage,
  Variant,
} from "../lib/core/records.ts";
import { datasetOptions, replyRowOptions } from "../lib/dataset/build/build_options.ts";
import { intervalOptions, labelOptions } from "../lib/evaluate/evaluate_options.ts";
import { inputOptions } from "../lib/io/inputs/input_options.ts";
import { paidOptions } from "../lib/model/paid/paid_options.ts";
import { ModelPrice, PriceTable } from "../lib/model/prices/price_table.ts";
import { localOptions } from "../lib/model/providers/local_options.ts";
import { judgeOptions } from "../lib/reward/judge_options.ts";
import { promptSource, runOptions, samplingOptions } from "../lib/run/run_options.ts";
import { stages } from "../lib/stages.ts";
import { callName } from "./write_tasks.ts";

/** The files that are written. */
export const TYPES_FILE = "lib/public/types.ts";
export const OPTIONS_FILE = "lib/public/options.ts";

/** A schema that gets a name, and a sentence on it. */
type Named = [name: string, schema: z.ZodType, about: string];

/** The named schemas of records; one that has every field of another, with more, extends it. */
const RECORDS: Named[] = [
  ["Role", Role, "Who speaks."],
  ["Variant", Variant, "What a prompted model is asked for: a thought before its answer, or not."],
  ["Format", Format, "The reply formats."],
  ["FinishReason", FinishReason, "Why a reply ended, normalized over all providers."],
  ["ToolCall", ToolCall, "A tool that an assistant's turn calls."],
  ["Message", Message, "One turn of a chat."],
  ["Extra", Extra, "Columns of an input's row that were carried along."],
  ["Prompt", Prompt, "A prompt to be answered: the messages end before the reply."],
  ["Usage", Usage, "Tokens that a reply cost."],
  ["TeacherRecord", TeacherRecord, "Stage 2a: a teacher's reply to a prompt."],
  ["PolicyReply", PolicyReply, "One sampled reply of a policy."],
  ["PolicyRecord", PolicyRecord, "Stage 3a: a policy's n replies to a prompt."],
  ["ScoredReply", ScoredReply, "A reply with its reward."],
  ["ScoredRecord", ScoredRecord, "Stage 3b: the policy's line with a score on each reply."],
  ["Reject", Reject, "A prompt that a stage gave up, and why."],
  ["Decision", Decision, "What somebody decided on a prompt by hand."],
  ["Counts", Counts, "Where every prompt stands: input = kept + rejected + pending, by id."],
  ["FileEntry", FileEntry, "A file that went in or came out."],
  [
    "ModelIdentity",
    ModelIdentity,
    "A model, by what was loaded or by what its server says of itself.",
  ],
  ["ModelPrice", ModelPrice, "What a model costs, in US dollars a million tokens."],
  ["PriceTable", PriceTable, "Prices by model, with their day and their source."],
  ["Manifest", Manifest, "The run's own account: options, models, files by hash, and the ledger."],
];

/** What stages share, those that hold others first: a stage extends the groups that it spreads. */
const GROUPS: Named[] = ([
  ["DatasetOptions", datasetOptions, "builders of datasets"],
  ["ReplyRowOptions", replyRowOptions, "builders whose rows hold replies"],
  ["JudgeOptions", judgeOptions, "stages that a judge may score for"],
  ["PaidOptions", paidOptions, "stages whose model may be paid for"],
  ["RunOptions", runOptions, "stages that give each prompt to a model"],
  ["SamplingOptions", samplingOptions, "stages that sample replies"],
  ["LocalModelOptions", localOptions, "stages that may run a model of `local/DIR`"],
  ["PromptSourceOptions", promptSource, "stages that read prompts"],
  ["InputOptions", inputOptions, "stages that read rows"],
  ["LabelOptions", labelOptions, "stages that hold answers against labels"],
  ["IntervalOptions", intervalOptions, "stages that draw intervals"],
] as const).map(([name, shape, whose]) => [name, z.object(shape), `Options of ${whose}.`]);

const written = (file: string) =>
  `// Written by deno task write-formats from the zod schemas; a test holds them equal.\n${file}`;

/** The text of the file of records. */
export function typesFile(): string {
  const types = RECORDS.map((named) => declared(named, RECORDS));
  return [
    written('/** Records as plain types. */\nimport type { Answer } from "../core/answer.ts";'),
    ...types,
  ].join("\n\n") + "\n";
}

/** The text of the file of options. */
export function optionsFile(): string {
  const own = stages.map((
    { name, summary, options },
  ): Named => [optionsName(name), options, `Options of \`${name}\`: ${summary}.`]);
  const types = [...GROUPS, ...own].map((named) => declared(named, GROUPS)).join("\n\n");
  const used = RECORDS.map(([name]) => name).filter((name) =>
    new RegExp(`\\b${name}\\b(?!\\?)`).test(types.replaceAll(/\/\*\*.*?\*\//g, ""))
  );
  const head = "/** The options of stages as plain types. */\n" +
    `import type { ${used.join(", ")} } from "./types.ts";`;
  return [written(head), types].join("\n\n") + "\n";
}

/** `sample-policy` as `SamplePolicyOptions`. */
export function optionsName(stage: string): string {
  const call = callName(stage);
  return `${call[0]!.toUpperCase()}${call.slice(1)}Options`;
}

/** Names of schemas by what they are made of, which a described copy shares. */
const NAMES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [Answer.def, "Answer"],
  ...RECORDS.map(([name, schema]) => [schema.def, name] as const),
]);

function declared([name, schema, about]: Named, bases: readonly Named[]): string {
  const doc = `/** ${about} */\n`;
  if (defOf(schema).type !== "object") {
    return `${doc}export type ${name} = ${typeOf(schema, true)};`;
  }
  const fields = fieldsOf(schema);
  const extended: string[] = [];
  for (const [base, held] of bases) {
    const theirs = [...fieldsOf(held)],
      same = theirs.filter(([key, text]) => (
        fields.get(key) === text
      ));
    // One field may have words or a type of its own.
    const holdsAll = theirs.every(([key]) => fields.has(key)) && theirs.length - same.length < 2;
    if (same.length < 2 || !holdsAll || same.length === fields.size) continue;
    extended.push(base);
    for (const [key] of same) fields.delete(key);
  }
  const head = extended.length === 0 ? name : `${name} extends ${extended.join(", ")}`;
  return `${doc}export interface ${head} {\n${[...fields.values()].join("\n")}\n}`;
}

/** The lines of an object's fields, by their names. */
function fieldsOf(schema: z.ZodType): Map<string, string> {
  const fields = Object.entries(defOf(schema).shape ?? {});
  return new Map(fields.map(([key, field]) => [key, property(key, field)]));
}

/** What a zod schema is made of, as far as it is read here. */
interface Def {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  options?: z.ZodType[];
  in?: z.ZodType;
  shape?: Record<string, z.ZodType>;
  entries?: Record<string, string>;
  values?: unknown[];
  defaultValue?: unknown;
}

const defOf = (schema: z.ZodType): Def => schema.def as unknown as Def;

/** A schema's input as a TypeScript type. `whole` spells out a schema that has a name. */
function typeOf(schema: z.ZodType, whole = false): string {
  const name = NAMES.get(schema.def);
  if (name !== undefined && !whole) return name;
  const def = defOf(schema);
  switch (def.type) {
    case "object":
      return `{\n${[...fieldsOf(schema).values()].join("\n")}\n}`;
    case "array":
      return listOf(typeOf(def.element!));
    case "record":
      return `Record<string, ${typeOf(def.valueType!)}>`;
    case "union":
      return def.options!.map((each) => typeOf(each)).join(" | ");
    case "enum":
      return Object.values(def.entries!).map((value) => JSON.stringify(value)).join(" | ");
    case "literal":
      return def.values!.map((value) => JSON.stringify(value)).join(" | ");
    case "nullable":
      return `${typeOf(def.innerType!)} | null`;
    case "optional":
    case "default":
      return typeOf(def.innerType!);
    case "pipe":
      return typeOf(def.in!);
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "unknown":
      return def.type;
    // JSON, whose type is one that names itself.
    case "lazy":
      return "unknown";
  }
  throw new Error(`no TypeScript type is known for a schema of type ${def.type}`);
}

const listOf = (type: string) => / [|] /.test(type) ? `(${type})[]` : `${type}[]`;

function property(key: string, field: z.ZodType): string {
  const { type, defaultValue } = defOf(field);
  const mayLack = type === "optional" || type === "default";
  const about = field.description ?? "";
  const standard = type === "default" && !isEmpty(defaultValue)
    ? `Default: ${JSON.stringify(defaultValue)}.`
    : "";
  const sentence = about === "" ? "" : about[0]!.toUpperCase() + about.slice(1) + ".";
  const doc = [sentence, standard].filter(Boolean).join(" ").replaceAll("*/", "* /");
  const line = `  ${key}${mayLack ? "?" : ""}: ${typeOf(field)};`;
  return doc === "" ? line : `  /** ${doc} */\n${line}`;
}

const isEmpty = (value: unknown) =>
  value === false || value === "" || Array.isArray(value) && value.length === 0;

if (import.meta.main) {
  await Deno.writeTextFile(TYPES_FILE, typesFile());
  await Deno.writeTextFile(OPTIONS_FILE, optionsFile());
}
