/** Files damaged at every byte: what a run left is mended by one resume, input is refused or read. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { InputError } from "../../lib/core/errors.ts";
import type { PolicyRecord, Prompt } from "../../lib/core/records.ts";
import { readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { tallyReplies } from "../../lib/policy/policy_options.ts";
import { fixedLimit } from "../../lib/run/concurrency_limit.ts";
import { runStage } from "../../lib/run/run_stage.ts";
import { makers } from "../../lib/stages.ts";
import { findings } from "../../lib/verify/verify.ts";
import { inFolder } from "../cli.ts";

const part = (out: string, name: string) => join(out, name, "part-00000-of-00001.jsonl");
const text = (path: string) => Deno.readTextFileSync(path);

/** Samples four prompts from a policy that is a pure function of them; one prompt is rejected. */
async function sample(out: string, input: string): Promise<string[]> {
  const said: string[] = [];
  await runStage<Prompt & { where: string }, PolicyRecord>({
    stage: "sample-policy",
    out,
    options: {},
    affects: {},
    inputs: [{ path: input, sha256: "" }],
    read: () => readPrompts(input),
    content: ({ id, messages }) => ({ id, messages }),
    work: ({ id, source, messages }) => {
      if (id === "p2") return Promise.resolve({ reject: { reason: "empty_prompt", detail: "é" } });
      const reply = { index: 0, text: `ä\n${id}`, thought: null, answer: null, malformed: "cut" };
      return Promise.resolve({
        record: {
          ...{ id, source, prompt: messages, format: "chat", model: "m" },
          responses: [{ ...reply, finish_reason: "length", completion_tokens: 1 }],
        },
      });
    },
    reasons: ["empty_prompt"],
    tally: tallyReplies,
    models: ["m"],
    packages: {},
    seed: 1,
    shard: { index: 0, count: 1 },
    slots: fixedLimit(2),
    timeoutMs: 1000,
  }, { log: (line) => said.push(line), now: () => 0 });
  return said;
}

async function assertVerified(out: string): Promise<void> {
  for await (const { ok, what } of findings([out], makers)) {
    // The input's hash is none of this test's.
    assert.ok(ok || what.startsWith("input "), what);
  }
}

/** Every way in which one byte can be lost, added, changed, or be the last. */
function* damages(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  const spliced = (at: number, remove: number, ...put: number[]) =>
    new Uint8Array([...bytes.subarray(0, at), ...put, ...bytes.subarray(at + remove)]);
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length) yield [`cut at ${at}`, bytes.slice(0, at)];
    if (at < bytes.length) yield [`byte ${at} changed`, spliced(at, 1, bytes[at]! ^ 1)];
    if (at < bytes.length) yield [`byte ${at} lost`, spliced(at, 1)];
    yield [`newline put in at ${at}`, spliced(at, 0, 10)];
  }
  yield ["a byte order mark put before", spliced(0, 0, 0xef, 0xbb, 0xbf)];
  yield ["emptied", new Uint8Array()];
  yield ["doubled", spliced(bytes.length, 0, ...bytes)];
}

Deno.test("records and rejects damaged at any byte are the same again after one resume, and verify", () =>
  inFolder(async (folder) => {
    const input = join(folder, "prompts.jsonl"), out = join(folder, "run");
    const rows = [1, 2, 3].map((n) => JSON.stringify({ id: `p${n}`, prompt: `Q${n}` }) + "\n");
    Deno.writeTextFileSync(input, rows.join(""));
    await sample(out, input);
    const whole = [part(out, "records"), part(out, "rejects"), join(out, "manifest.json")];
    const texts = whole.map(text);
    let count = 0;
    for (const path of whole.slice(0, 2)) {
      for (const [how, bytes] of damages(Deno.readFileSync(path))) {
        Deno.writeFileSync(path, bytes);
        await sample(out, input);
        assert.deepEqual(whole.map(text), texts, `${path}: ${how}`);
        if (count++ % 20 === 0) await assertVerified(out);
      }
    }
    console.log(`damaged records: ${count}; resumed equal: ${count}`);
  }));

Deno.test("a manifest that a power cut tore is made anew from the records, any other that is broken is refused", () =>
  inFolder(async (folder) => {
    const input = join(folder, "prompts.jsonl"), out = join(folder, "run");
    Deno.writeTextFileSync(input, JSON.stringify({ id: "p1", prompt: "Q" }) + "\n");
    await sample(out, input);
    const path = join(out, "manifest.json"),
      good = text(path),
      records = text(part(out, "records"));
    const manifest = JSON.parse(good);
    const broken = [
      ...Array.from({ length: good.length - 2 }, (_, at) => good.slice(0, at)),
      ...["null", "[]", "{}", "7", '"x"', "\0", "[".repeat(100_000)],
      ...Object.keys(manifest).flatMap((field) =>
        [null, -1, "x", [], {}, [{}], undefined].map((value) =>
          JSON.stringify({ ...manifest, [field]: value })
        )
      ),
      ...Object.keys(manifest.counts).flatMap((field) =>
        [null, -1, 0.5, "x", undefined].map((value) =>
          JSON.stringify({ ...manifest, counts: { ...manifest.counts, [field]: value } })
        )
      ),
    ];
    let refused = 0;
    for (const content of broken) {
      Deno.writeTextFileSync(path, content);
      for await (const { ok: _ } of findings([out], makers));
      try {
        await sample(out, input);
        assert.equal(
          text(path),
          good.replace(/"started_at": .*/, /"started_at": .*/.exec(text(path))![0]),
        );
      } catch (error) {
        assert.ok(error instanceof InputError, `${error}`);
        assert.ok(isJson(content), `refused: ${content.slice(0, 100)}`);
        assert.ok(error.message.startsWith(out) && !error.message.includes("\n"), error.message);
        refused++;
      }
      assert.equal(text(part(out, "records")), records);
    }
    Deno.writeTextFileSync(path, "");
    Deno.removeSync(join(out, "records"), { recursive: true });
    await assert.rejects(sample(out, input), /manifest.json: not JSON/);
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    await assert.rejects(sample(out, input), InputError);
    console.log(`broken manifests: ${broken.length}, ${refused} of them refused`);
    assert.ok(refused > 100 && broken.length - refused > good.length);
  }));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

Deno.test("input damaged at any byte is read or refused in one line that names its file", () =>
  inFolder(async (folder) => {
    const rows = [1, 2].map((n) => ({ id: `p${n}`, messages: [{ role: "user", content: "ä?" }] }));
    const lines = rows.map((row) => JSON.stringify(row) + "\n").join("");
    const fixture = (name: string) =>
      Deno.readFileSync(new URL(`../fixtures/io/${name}`, import.meta.url));
    const encode = (text: string) => new TextEncoder().encode(text);
    const files: [string, Uint8Array][] = [
      ["rows.jsonl", encode(lines)],
      ["rows.json", encode(JSON.stringify(rows))],
      ["rows.jsonl.gz", new Uint8Array(gzipSync(lines))],
    ];
    let count = 0;
    const readOrRefuse = async (path: string, bytes: Uint8Array, how: string) => {
      Deno.writeFileSync(path, bytes);
      count++;
      try {
        for await (const { id, messages } of readPrompts(path)) {
          assert.ok(id && messages.length > 0);
        }
      } catch (error) {
        assert.ok(error instanceof InputError, `${path}: ${how}: ${error}`);
        assert.ok(error.message.startsWith(path), error.message);
        assert.ok(!error.message.includes("\n"), error.message);
      }
    };
    for (const [name, bytes] of files) {
      for (const [how, damaged] of damages(bytes)) {
        await readOrRefuse(join(folder, name), damaged, how);
      }
    }
    for (const name of ["types.parquet", "types.arrow"]) {
      const bytes = fixture(name);
      for (let at = 0; at < bytes.length; at += 13) {
        await readOrRefuse(join(folder, name), bytes.subarray(0, at), `cut at ${at}`);
      }
    }
    // Lengths and offsets that lie: in Arrow any byte may be one. Polars says on stderr itself where
    // it stumbles over a Parquet file, beside the error; it maps the file, so each has its own.
    for (
      const [name, step, flip] of [["types.arrow", 5, 0x40], ["types.parquet", 97, 0xff]] as const
    ) {
      for (let at = 0; at < fixture(name).length; at += step) {
        const bytes = fixture(name);
        bytes[at]! ^= flip;
        await readOrRefuse(join(folder, `${at}-${name}`), bytes, `byte ${at} changed`);
      }
    }
    console.log(`damaged inputs: ${count}`);
  }));
