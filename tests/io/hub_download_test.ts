/** Downloads that were broken off, by a kill too, and what they leave. */
import assert from "node:assert/strict";
import { sha256 } from "../../lib/core/canonical.ts";
import { hashInputs } from "../../lib/io/inputs/hash_inputs.ts";
import { runTask, startTask } from "../cli.ts";
import { COMMIT, type Hub, withHub } from "./loopback_hub.ts";

const content = new TextEncoder().encode(
  Array.from({ length: 40_000 }, (_, row) => `{"prompt":"question ${row} of many"}\n`).join(""),
);
const HALF = content.length >> 1;
const download = ["hf/org/set", "--what", "dataset"];

/** Starts a download as a user does, and kills it when half of the file is there. */
async function killed({ settings, sending, files }: Hub): Promise<string> {
  sending.stallsAfter = HALF;
  const part = `${settings.HF_HOME}/hub/datasets--org--set/parts/${
    sha256(files.get("train.jsonl")!)
  }`;
  const task = startTask("download", download, settings);
  const isHalf = () => Deno.stat(part).then(({ size }) => size === HALF, () => false);
  while (!await isHalf()) await new Promise((resolve) => setTimeout(resolve, 20));
  task.kill("SIGKILL");
  assert.equal((await task.output()).signal, "SIGKILL");
  delete sending.stallsAfter;
  return part;
}

/** The file is whole in its place, and nothing is left beside it. */
async function whole({ settings }: Hub, content: Uint8Array): Promise<void> {
  const folder = `${settings.HF_HOME}/hub/datasets--org--set`;
  assert.deepEqual([...Deno.readDirSync(`${folder}/parts`)], []);
  const snapshot = `${folder}/snapshots/${COMMIT}`;
  assert.deepEqual([...Deno.readDirSync(snapshot)].map(({ name }) => name), ["train.jsonl"]);
  assert.deepEqual(await Deno.readFile(`${snapshot}/train.jsonl`), content);
}

for (const [what, ranges] of [["goes on from its part", true], ["is whole", false]] as const) {
  Deno.test(`a download after a SIGKILL ${what} where the server ${ranges ? "gives" : "ignores"} ranges`, () =>
    withHub({ "train.jsonl": content }, async (hub) => {
      await killed(hub);
      hub.sending.ranges = ranges;
      const { code, stderr } = await runTask("download", download, hub.settings);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /org\/set\/train\.jsonl: going on after \d\.\d MB/);
      assert.equal(hub.sent.bytes, ranges ? content.length - HALF : content.length);
      await whole(hub, content);
    }));
}

Deno.test("the part of a file that changed in between goes, and the new one is fetched", () =>
  withHub({ "train.jsonl": content }, async (hub) => {
    const part = await killed(hub);
    const changed = content.map((byte) => byte === 113 ? 81 : byte);
    hub.files.set("train.jsonl", changed);
    await hashInputs("hf/org/set", hub.reading());
    assert.equal(hub.sent.bytes, changed.length);
    await whole(hub, changed);
    await assert.rejects(Deno.stat(part), Deno.errors.NotFound);
  }));

for (
  const [what, left] of [
    ["begins otherwise", new Uint8Array(HALF)],
    ["is longer than the file", new Uint8Array(content.length + 1)],
    ["is as long and not the file", new Uint8Array(content.length)],
    ["is the file", content],
  ] as const
) {
  Deno.test(`a part that ${what} ends as the file too`, () =>
    withHub({ "train.jsonl": content }, async (hub) => {
      const parts = `${hub.settings.HF_HOME}/hub/datasets--org--set/parts`;
      await Deno.mkdir(parts, { recursive: true });
      await Deno.writeFile(`${parts}/${sha256(content)}`, left);
      await Deno.writeFile(`${parts}/${"0".repeat(64)}`, new Uint8Array(9));
      await hashInputs("hf/org/set", hub.reading());
      if (left === content) assert.equal(hub.sent.bytes, 0);
      await whole(hub, content);
    }));
}

Deno.test("a server that sends more than it said is not followed to its end", () =>
  withHub({ "train.jsonl": content }, async (hub) => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (own) => {
        sent += content.length;
        own.enqueue(content);
      },
    });
    const fetched: typeof fetch = (input, init) =>
      String(input).includes("/resolve/")
        ? Promise.resolve(new Response(endless))
        : fetch(input, init);
    const reading = hub.reading({ fetch: fetched });
    await assert.rejects(hashInputs("hf/org/set", reading), /train\.jsonl: .*more than \d+ bytes/);
    assert.ok(sent < 10 * content.length);
  }));
