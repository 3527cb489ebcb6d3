// deno task write-formats: docs/formats.md from the schemas
import { z } from "zod";
import { Lineage } from "../lib/core/lineage.ts";
import { Manifest } from "../lib/core/manifest.ts";
import { policyBound, rewardBound, teacherBound } from "../lib/model/call/request_bound.ts";
import type { Provider } from "../lib/model/providers/provider.ts";
import { formOf, isFor, PROVIDERS } from "../lib/model/providers/providers.ts";
import { REJECT_REASONS, type RejectReason } from "../lib/core/reject_reasons.ts";
import { PolicyRecord, Prompt, Reject, ScoredRecord, TeacherRecord } from "../lib/core/records.ts";
import { MALFORMED } from "../lib/reply/malformed.ts";
import type { StageFacts } from "../lib/run/define_stage.ts";
import { makers } from "../lib/stages.ts";

/** The page that is written. */
export const FORMATS_PAGE = "docs/formats.md";

interface JsonSchema {
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  required?: string[];
}

const formats: [string, string, z.ZodType][] = [
  ["Prompt", "What stages read, whatever the shape of the row it came from.", Prompt],
  ["Teacher record", "`sample-teacher`: one reply a prompt.", TeacherRecord],
  ["Policy record", "`sample-policy`: n replies a prompt.", PolicyRecord],
  ["Scored record", "`score-responses`: the policy's record with rewards.", ScoredRecord],
  ["Reject", "A prompt that a stage gave up.", Reject],
  [
    "Lineage",
    "`lineage.json` in a model's folder: where its weights come from, for `verify --lineage`. " +
    "`export_onnx` leaves one; `scripts/export_onnx/lineage.py` does after a training.",
    Lineage,
  ],
  ["Manifest", "`OUT/manifest.json`: a run's or a dataset's own account.", Manifest],
];

/** The page's text. */
export function formatsPage(known: readonly StageFacts[] = makers): string {
  const sections = formats.map(([name, about, schema]) => {
    const json = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
    return [`## ${name}`, about, table(["field", "type", ""], rowsOf(json, ""))].join("\n\n");
  });
  return [
    "# Formats",
    "Written by `deno task write-formats` from the zod schemas of `lib/core`, and checked by a test. " +
    "Records and rejects are JSON Lines in UTF-8, one prompt a line; each line ends with `key`, a " +
    "hash over all that affects it, by which a run resumes.",
    ...sections,
    "## SPEC",
    "How `--model` and `--reward-model` name a model: where it runs, a slash, and what it is called " +
    "there. A name may hold more slashes: `vllm/meta-llama/Llama-3.1-8B`. Servers are given by " +
    "`--base-url`, which may be repeated: work is spread over them.",
    table(["SPEC", "teacher", "policy", "reward", ""], PROVIDERS.map(providerRow)),
    "However a server answers, one prompt causes no more requests in a run than these: " +
    boundWords(),
    "## Reasons of rejects",
    "Each stage gives up prompts for the reasons of its own list, and no others.",
    table(["reason", "stages", ""], reasonRows(known)),
    "## Rules that a reply can break",
    "`malformed` of a reply names one, or is null.",
    table(["malformed", ""], Object.entries(MALFORMED).map(([rule, text]) => [code(rule), text])),
  ].join("\n\n") + "\n";
}

function providerRow(provider: Provider): string[] {
  const ports = (["teacher", "policy", "reward"] as const).map((port) =>
    isFor(provider, port) ? "yes" : ""
  );
  return [code(formOf(provider)), ...ports, provider.about];
}

/** The bounds of lib/model/call/request_bound.ts in a sentence. */
function boundWords(): string {
  const [teacher, policy, reward] = [teacherBound(3), policyBound(8), rewardBound(8)];
  return `${teacher} for a teacher with \`--attempts 3\`, ${policy} for a policy with \`--n 8\` ` +
    `(three servers tried at each of six attempts, reply by reply), ${reward} for a reward model ` +
    `with 8 answers. A server that has never answered ends the run after half a minute.`;
}

function reasonRows(known: readonly StageFacts[]): string[][] {
  return Object.entries(REJECT_REASONS).map(([reason, text]) => {
    const stages = known.filter(({ rejects }) => rejects.includes(reason as RejectReason));
    return [code(reason), stages.map(({ name }) => code(name)).join(", "), text];
  });
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`.replace(/ {2}\|/g, " |");
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const code = (text: string) => `\`${text}\``;

function rowsOf(schema: JsonSchema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const optional = schema.required?.includes(name) ? "" : "optional";
    const about = [optional, field.description ?? ""].filter(Boolean).join("; ");
    const path = `${prefix}${name}`;
    const inner = field.items?.properties ? field.items : field;
    const suffix = inner === field ? "." : "[].";
    return [[`\`${path}\``, typeOf(field), about], ...rowsOf(inner, `${path}${suffix}`)];
  });
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === "object" && !schema.properties) {
    return `object of ${typeOf(schema.additionalProperties)}`;
  }
  return [schema.type ?? "any"].flat().join(" or ");
}

if (import.meta.main) await Deno.writeTextFile(FORMATS_PAGE, formatsPage());
