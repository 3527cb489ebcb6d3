/** What people get wrong on a command line, and what they are told: one line that says what to do. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandOf, readCommandLine } from "../../lib/cli/command.ts";
import { InputError } from "../../lib/core/errors.ts";
import { EMBEDDED_POLICY, EMBEDDED_REWARD } from "../../lib/model/embedded/paths.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import type { Stage, StageFacts } from "../../lib/run/define_stage.ts";
import { stages } from "../../lib/stages.ts";
import { inFolder, runTask } from "../cli.ts";
import { scoredRecord, teacherRecord } from "../dataset/records.ts";

const POLICY = "sample-policy --prompts @/good.jsonl --out @/out-N";
const SCORE = "score-responses --in @/replies.jsonl --out @/out-N";
const DPO = "build-dpo --in @/scored.jsonl --out @/out-N --tokenizer @/think";
const SFT = "build-sft --in @/teacher.jsonl --out @/out-N";
const BASE = "create-prompted-model --out @/out-N --variant think";

/** Command lines, `@/` for the test's folder, and what of the answer must be there. */
const MISTAKES: [string, ...RegExp[]][] = [
  // Flags.
  [`${POLICY} --modle embedded`, /no flag --modle \(did you mean --model\?\)/],
  [`${POLICY} --model embedded --max_tokens 5`, /did you mean --max-tokens\?/],
  [
    `${POLICY} --model embedded --format prompted_think`,
    /--format prompted_think: .*did you mean prompted-think\?/,
  ],
  [`${POLICY} --model embedded --n many`, /--n many: not a number/],
  [`${POLICY} --model embedded --format prompted-think --shard 4/4`, /--shard 4\/4/],
  [`${POLICY}`, /--model MODEL is needed: .*local\/DIR/],
  [`${POLICY} --model embedded --dtype q5`, /--dtype q5: .*"q4"/],
  [
    `${POLICY} --model embedded --format prompted-think --dtype q4`,
    /--dtype: is for models of local\/DIR/,
  ],
  // SPECs.
  [`${POLICY} --model llama`, /"llama": say where it runs: local\/llama/],
  [
    `${POLICY} --model meta-llama/Llama-3.1-8B`,
    /local\/meta-llama\/Llama-3\.1-8B .*vllm\/meta-llama/,
  ],
  [`${POLICY} --model opanai/gpt-4.1`, /did you mean openai\?/],
  [`${POLICY} --model embedded`, /--format is needed with --model embedded/],
  [`${POLICY} --model local/@/nowhere`, /nowhere: no such folder/],
  [`${POLICY} --model local/@/empty`, /empty\/config\.json: no such file/],
  [`${POLICY} --model local/@/plain`, /plain: no chat template .*create-prompted-model/],
  [`${POLICY} --model vllm/x`, /--tokenizer DIR is needed/],
  [`${POLICY} --model vllm/x --tokenizer @/think`, /--base-url URL is needed/],
  [
    `${POLICY} --model vllm/x --tokenizer @/think --base-url localhost:8000`,
    /base URL localhost.*must begin with http/,
  ],
  [`${POLICY} --model openai/gpt-4.1 --format chat`, /OPENAI_API_KEY/],
  [
    `${POLICY} --model local/@/think --format prompted-nothink`,
    /asks for prompted-think: .*leave --format out/,
  ],
  [
    `${POLICY} --model local/@/think --template-arg enable_thinking`,
    /--template-arg enable_thinking.*=/,
  ],
  [`${SCORE} --reward-model embeded`, /: one of embedded, .*rule\/NAME.*did you mean embedded\?/],
  [
    "sample-teacher --prompts @/good.jsonl --out @/out-N --model embeded",
    /one of embedded, local\/DIR, openai\/NAME, gemini\/NAME, vllm\/NAME, replay\/FILE \(did/,
  ],
  [`${SCORE} --reward-model gemini/flash`, /a reward model is one of embedded/],
  [`${SCORE} --reward-model rule/exakt --label-key a`, /the rules are exact.*did you mean exact\?/],
  [`${SCORE} --reward-model rule/exact`, /--label-key COLUMN is needed/],
  [`${SCORE} --reward-model module/@/nowhere.ts`, /nowhere\.ts/],
  [
    `${SCORE} --reward-model tei/x --base-url http://127.0.0.1:1`,
    /--reward-tokenizer DIR is needed/,
  ],
  // Inputs and their columns.
  [
    "sample-policy --prompts @/nowhere.jsonl --model embedded --format prompted-think --out @/out-N",
    /nowhere\.jsonl: no such file or folder/,
  ],
  [
    "sample-policy --prompts @/notes.txt --model embedded --format prompted-think --out @/out-N",
    /notes\.txt: a file must end in \.json/,
  ],
  [
    "sample-policy --prompts @/empty --model embedded --format prompted-think --out @/out-N",
    /empty: no \.json.* file in this folder/,
  ],
  [
    "sample-policy --prompts @/columns.csv --model embedded --format prompted-think --out @/out-N",
    /columns\.csv row 1: .*text, label/,
  ],
  [
    `${POLICY} --prompt-key question --model embedded --format prompted-think`,
    /no column question.*id, prompt/,
  ],
  [
    `${POLICY} --keep categroy --model embedded --format prompted-think`,
    /no row has the column categroy \(--keep.*category/,
  ],
  [
    "sample-policy --prompts @/splits --model embedded --format prompted-think --out @/out-N",
    /several splits \(test, train\).*--split/,
  ],
  [
    "sample-policy --prompts @/splits --split tain --model embedded --format prompted-think --out @/out-N",
    /no split tain.*train/,
  ],
  [
    "sample-policy --prompts @/good.jsonl --prompts @/good.jsonl --model embedded --format prompted-think --out @/out-N",
    /given twice/,
  ],
  [
    "score-responses --in @/good.jsonl --reward-model embedded --out @/out-N",
    /good\.jsonl:1.*(responses|reply)/,
  ],
  [
    "build-dpo --in @/replies.jsonl --tokenizer @/think --out @/out-N",
    /replies\.jsonl:1: .*score-responses/,
  ],
  ["build-sft --in @/scored.jsonl --tokenizer @/think --out @/out-N", /scored\.jsonl:1: .*--best/],
  [
    "build-sft --in @/replies.jsonl --tokenizer @/think --out @/out-N",
    /replies\.jsonl: 2 of 2 rows .*: .*jsonl:1: replies of a policy[^;]*; … 1 more$/,
  ],
  [
    "score-responses --in @/teacher.jsonl --reward-model embedded --out @/out-N",
    /one reply, as of a/,
  ],
  [
    "build-dpo --in @/teacher.jsonl --tokenizer @/think --out @/out-N",
    /one reply, as of a teacher/,
  ],
  [
    "check-training --in @/runs/twins --tokenizer @/think",
    /twins: name what it holds: .*twins\/nothink, .*twins\/think$/,
  ],
  [
    "sample-policy --prompts @/runs --model embedded --out @/out-N",
    /runs: name what it holds: .*runs\/twins$/,
  ],
  // Folders and names of the Hub.
  [`${DPO} --strategy best-wrost`, /--strategy best-wrost: .*did you mean best-worst\?/],
  [
    "build-dpo --in @/scored.jsonl --out @/out-N --tokenizer @/nowhere",
    /--tokenizer .*nowhere: no such folder/,
  ],
  [`${SFT} --tokenizer policy=hf/org/model`, /org\/model: .*HF_HUB_OFFLINE/],
  [`${SFT} --tokenizer policy=hf/model`, /hf\/model: a model of the Hub is named hf\/OWNER\/NAME/],
  [
    `${SFT} --tokenizer @/think --variant nothink`,
    /think: .*variant think: its template does not ask for nothink/,
  ],
  [
    "build-dpo --in @/scored-nothink.jsonl --out @/out-N --tokenizer @/think",
    /think: .*variant think: its template does not ask for nothink/,
  ],
  [`${SCORE} --reward-model local/@/think`, /think: a language model, not a reward model/],
  [
    `${POLICY} --model local/${EMBEDDED_REWARD} --format chat`,
    /reward: not a language model/,
  ],
  [`${BASE} --model @/empty`, /empty: not a model folder: no config\.json/],
  [`${BASE} --model hf/org/model`, /org\/model: .*HF_HUB_OFFLINE/],
  [`${BASE} --model @/plain --template chatml`, /--template chatml: neither document nor rlmt/],
  [`${BASE} --model @/strange`, /"mamba" is not supported; known are llama/],
  [
    "create-prompted-model --model @/plain --variant thinking --out @/out-N",
    /--variant thinking: .*think/,
  ],
  [
    "create-prompted-model --model @/plain --variant think --out @/empty",
    /exists already \(--overwrite/,
  ],
  ["report --in @/empty --out @/page.html", /empty/],
  ["verify --in @/nowhere", /nowhere: no such folder/],
  [
    "evaluate --in @/replies.jsonl --labels @/good.jsonl --label-key category",
    /replies\.jsonl:1: .*score/,
  ],
  [
    "check-training --in @/scored.jsonl --tokenizer @/think --trainer trll",
    /--trainer trll: .*did you mean trl\?/,
  ],
  ["push --in @/empty --repo mine", /--repo mine: must be OWNER\/NAME/],
];

/** What the mistakes are made with: all that is good, and some that is not. */
async function things(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  const write = (name: string, ...rows: unknown[]) =>
    Deno.writeTextFile(at(name), rows.map((row) => JSON.stringify(row) + "\n").join(""));
  await write("good.jsonl", { id: "a", prompt: "Hello?", category: "greeting" });
  await write("scored.jsonl", scoredRecord("a", [1, 2, 3, 4]));
  const { reward_model: _, responses, ...reply } = scoredRecord("a", [1, 2, 3, 4]);
  const unscored = { ...reply, responses: responses.map(({ score: _, ...own }) => own) };
  await write("replies.jsonl", unscored, { ...unscored, id: "b" });
  await write("scored-nothink.jsonl", scoredRecord("a", [1, 2, 3, 4], {}, "prompted-nothink"));
  await write("teacher.jsonl", teacherRecord("a"));
  await Deno.writeTextFile(at("columns.csv"), "text,label\nHello?,1\n");
  await Deno.writeTextFile(at("notes.txt"), "Hello?");
  // What `--twins` leaves: a manifest and rejects of the build, and a dataset of each variant.
  for (const name of ["runs/twins/think", "runs/twins/nothink"]) {
    await Deno.mkdir(at(name), { recursive: true });
    await Deno.writeTextFile(at(`${name}/manifest.json`), "{}");
  }
  await Deno.writeTextFile(at("runs/twins/manifest.json"), "{}");
  await write("runs/twins/rejects.jsonl", { id: "b", stage: "build-sft", reason: "empty" });
  for (const name of ["empty", "splits", "strange"]) await Deno.mkdir(at(name));
  for (const name of ["train", "test"]) await write(`splits/${name}.jsonl`, { prompt: name });
  await Deno.writeTextFile(at("strange/config.json"), '{"model_type":"mamba"}');
  await createPromptedModel({ model: EMBEDDED_POLICY, out: at("think"), variant: "think" }, {
    context: {
      log: () => {},
    },
  });
  await Deno.symlink(EMBEDDED_POLICY, at("plain"));
}

/** Runs a command line in this process, as its task would, without network and keys. */
async function run(line: string, folder: string): Promise<unknown> {
  const [name, ...args] = line.replaceAll("@/", `${folder}/`).split(" ");
  const stage = stages.find((each) => each.name === name) as
    | (StageFacts & Stage<unknown, never, unknown>)
    | undefined;
  const { options } = await readCommandLine(commandOf(stage!), args);
  const settings: Record<string, string> = { HF_HUB_OFFLINE: "1", HF_HOME: join(folder, "hub") };
  return await stage!(options, { context: { log: () => {}, env: (name) => settings[name] } });
}

Deno.test(`each of ${MISTAKES.length} mistakes is answered by one line that says what to do`, () =>
  inFolder(async (folder) => {
    await things(folder);
    const before = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const wrong: string[] = [];
    for (const [index, [line, ...rules]] of MISTAKES.entries()) {
      const error = await run(line.replace("out-N", `out-${index}`), folder).then(
        () => null,
        (error: unknown) => error,
      );
      const said = error instanceof Error ? error.message : "it is done";
      const isOk = error instanceof InputError && !said.includes("\n") &&
        rules.every((rule) => rule.test(said));
      if (!isOk) wrong.push(`${line}\n  ${error instanceof InputError ? "" : "NOT INPUT "}${said}`);
    }
    assert.equal(wrong.join("\n"), "");
    const after = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(after.filter((name) => !name.startsWith("out-")), before);
  }));

Deno.test("a dataset's name while offline is answered by one line that says what to do", () =>
  inFolder(async (folder) => {
    const args = ["--prompts", "hf/org/set", "--model", "embedded", "--format", "prompted-think"];
    const env = { HF_HUB_OFFLINE: "1", HF_HOME: join(folder, "hub") };
    const out = ["--out", join(folder, "out")];
    const { code, stderr } = await runTask("sample-policy", [...args, ...out], env);
    assert.equal(code, 2);
    assert.match(
      stderr.trim(),
      /^sample-policy: hf\/org\/set: not in the cache.*HF_HUB_OFFLINE.*download hf\/org\/set.*$/,
    );
  }));
