/** `--compat rlmt` against plain Python scripts that build as the public ones do. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { randomFor } from "../../lib/core/random.ts";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { python, runPython } from "../python.ts";
import { inFolder, quiet, rejectsOf } from "./records.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";
import { runProgram } from "./train_python.ts";

const words = "cake rain über 雨 four <b> {x} \\n the \u2028 a 😀 if then else".split(" ");

function textOf(random: () => number, length: number): string {
  const parts = Array.from({ length }, () => words[Math.floor(random() * words.length)]);
  return parts.join(" ").trim() || "text";
}

/** Runs a script for each of its command lines, in one Python, which takes seconds to start. */
const RUN_ALL = `
import json, runpy, sys
for sys.argv in json.load(sys.stdin):
    runpy.run_path(sys.argv[0], run_name="__main__")
`;

Deno.test(
  "Public files give the rows of a plain Python builder, in its order and splits",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const tokenizer = await makeTokenizer(at("tokenizer"));
    const random = randomFor(5);
    const some = (most: number) => Math.floor(random() * most);
    const thinking = Array.from({ length: 300 }, (_, index) => ({
      prompt: `${index} ${textOf(random, 1 + some(5))}`,
      responses: Array.from({ length: 3 + some(6) }, () => ({
        thought: textOf(random, 1 + some(30)),
        answer: textOf(random, 1 + some(20)),
        // Few values, so that there are ties.
        score: some(4) / 2,
      })),
    }));
    const plain = thinking.map(({ prompt, responses }) => ({
      prompt,
      responses: responses.map(({ answer, score }) => ({ response: answer, score })),
    }));
    const teacher = thinking.map(({ prompt, responses: [reply] }, index) => ({
      id: `row-${index}`,
      source: "public",
      messages: [{ role: "user", content: prompt }, { role: "assistant", content: "old" }],
      thought: reply!.thought,
      response: index % 50 === 7 ? "a <think> tag" : reply!.answer,
    }));
    await Deno.writeTextFile(at("thinking.json"), JSON.stringify(thinking));
    await Deno.writeTextFile(at("plain.json"), JSON.stringify(plain));
    await Deno.writeTextFile(at("teacher.json"), JSON.stringify(teacher));
    const compat = { compat: "rlmt", saveToDisk: true } as const;
    const pairs: [string, string][] = [], scripts: string[][] = [];
    const script = (name: string, args: string[]) =>
      scripts.push([new URL(`../../scripts/bench/${name}`, import.meta.url).pathname, ...args]);
    for (const format of ["chat-think", "prompted-think", "chat", "prompted-nothink"] as const) {
      const path = at(format.endsWith("-think") ? "thinking.json" : "plain.json");
      const [ours, theirs] = [at(`ours-${format}`), at(`theirs-${format}`)];
      const options = { in: path, out: ours, tokenizer, format, maxLength: 250, ...compat };
      await buildDpo(options, { context: quiet });
      const flags = ["--format", format, "--max-length", "250"];
      script("build_dpo.py", [path, theirs, tokenizer, ...flags]);
      pairs.push([ours, theirs]);
    }
    for (const variant of ["think", "nothink"] as const) {
      const [ours, theirs] = [at(`ours-${variant}`), at(`theirs-${variant}`)];
      const path = at("teacher.json");
      await buildSft({ in: path, out: ours, tokenizer: [tokenizer], variant, ...compat }, {
        context: quiet,
      });
      const flags = variant === "think" ? ["--think"] : [];
      script("build_sft.py", [path, theirs, tokenizer, ...flags]);
      pairs.push([ours, theirs]);
    }
    await runPython(RUN_ALL, [], { stdin: JSON.stringify(scripts) });
    const made = await runProgram<{ rows: Record<string, number>; differs: string[] }[]>(
      await python(),
      "compare_builds.py",
      { pairs },
    );
    for (const { rows, differs } of made) {
      assert.deepEqual(differs, []);
      assert.ok(rows.train! > 100);
    }
    // The test would prove little if nothing were too long or tied.
    const rejects = await rejectsOf(at("ours-chat-think"));
    for (const reason of ["too_long", "too_few_responses"]) {
      assert.ok(rejects.some((line) => line.endsWith(reason)));
    }
  }),
);
