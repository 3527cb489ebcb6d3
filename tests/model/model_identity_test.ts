import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../lib/core/context.ts";
import { folderIdentity } from "../../lib/io/disk/folder_identity.ts";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { givenIdentity, identityKey, identityOf } from "../../lib/model/model_identity.ts";
import type { RewardModel } from "../../lib/model/reward_model.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { openTeacher } from "../../lib/model/open.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { inFolder, runTask } from "../cli.ts";

const LARGE = 8_000_000;

async function model(folder: string, config = "{}", weights = new Uint8Array(LARGE)) {
  await Deno.mkdir(join(folder, "onnx"), { recursive: true });
  await Deno.writeTextFile(join(folder, "config.json"), config);
  await Deno.writeFile(join(folder, "onnx", "model.onnx"), weights);
  return await identityOf(`local/${folder}`, { name: "x" });
}

Deno.test("a folder and its copy elsewhere are one model; one byte of its weights makes another", () =>
  inFolder(async (folder) => {
    const one = await model(join(folder, "a")), other = new Uint8Array(LARGE);
    other[LARGE - 1] = 1;
    assert.equal(identityKey(await model(join(folder, "b"))), identityKey(one));
    const changed = await model(join(folder, "c"), '{"x":1}');
    assert.notEqual(identityKey(changed), identityKey(one));
    assert.equal(changed.weights, one.weights);
    const trained = await model(join(folder, "d"), "{}", other);
    assert.notEqual(identityKey(trained), identityKey(one));
    assert.notEqual(trained.weights, one.weights);
    for (const name of ["manifest.json", "lineage.json", "README.md"]) {
      await Deno.writeTextFile(join(folder, "a", name), "{}");
    }
    assert.deepEqual(await identityOf(`local/${join(folder, "a")}`, { name: "x" }), {
      ...one,
      name: `local/${join(folder, "a")}`,
    });
  }));

Deno.test("weights are read once; a file of the same size and date in their place is read again", () =>
  inFolder(async (folder) => {
    const dir = join(folder, "m"), weights = join(dir, "onnx", "model.onnx");
    await model(dir);
    const env = (name: string) => name === "XDG_CACHE_HOME" ? join(folder, "cache") : undefined;
    const long = new Date(Date.now() - 3_600_000);
    const known = join(folder, "cache", "thinkset", "hashes.json");
    const first = await folderIdentity(dir, { env });
    assert.ok(!(await Deno.stat(known).catch(() => null)), "changed just now: not to be trusted");
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    assert.deepEqual(await folderIdentity(dir, { env }), first);
    const cached = JSON.parse(Deno.readTextFileSync(known));
    assert.deepEqual(Object.keys(cached), [Deno.realPathSync(weights)]);
    // What is remembered is what is told, as long as the file stays.
    cached[Deno.realPathSync(weights)].sha256 = "f".repeat(64);
    Deno.writeTextFileSync(known, JSON.stringify(cached));
    const told = (await folderIdentity(dir, { env })).files.find(({ size }) => size === LARGE)!;
    assert.equal(told.sha256, "f".repeat(64));
    const { mtime } = Deno.statSync(weights);
    Deno.writeFileSync(weights, new Uint8Array(LARGE).fill(7));
    Deno.utimeSync(weights, long, mtime!);
    const read = (await folderIdentity(dir, { env })).files.find(({ size }) => size === LARGE)!;
    assert.ok(
      ![told.sha256, first.files.find(({ size }) => size === LARGE)!.sha256].includes(
        read.sha256,
      ),
    );
  }));

Deno.test("weights of the same size exchanged under the same path: the OUT is refused by name", () =>
  inFolder(async (folder) => {
    const dir = join(folder, "policy"), out = join(folder, "out");
    await createPromptedModel({ model: EMBEDDED_POLICY, out: dir, variant: "nothink" }, {
      context: {
        log: () => {},
      },
    });
    const args = [
      ...["--prompts", EMBEDDED_PROMPTS, "--model", `local/${dir}`, "--limit", "2", "--n", "1"],
      ...["--format", "prompted-nothink", "--max-tokens", "8", "--out", out],
    ];
    const first = await runTask("sample-policy", args);
    assert.equal(first.code, 0, first.stderr);
    const graph = join(dir, "onnx", "model.onnx"), bytes = Deno.readFileSync(graph);
    // Somewhere within the numbers, which the graph of steps takes from here.
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    Deno.writeFileSync(graph, bytes);
    const again = await runTask("sample-policy", args);
    assert.equal(again.code, 2, again.stderr);
    assert.match(
      again.stderr,
      /holds a run with another model under the same name \(local\/.*policy/,
    );
  }));

Deno.test("a reward that is given goes on with its own version alone; without one with nothing", () =>
  inFolder(async (folder) => {
    const policy = join(folder, "policy"), log = () => {};
    await samplePolicy({
      ...{ prompts: EMBEDDED_PROMPTS, model: "embedded", format: "prompted-nothink", limit: 2 },
      ...{ n: 1, maxTokens: 32, out: policy },
    }, { context: { log } });
    const reward = (factor: number, version?: string): RewardModel => ({
      name: "length",
      version,
      concurrency: 1,
      score: (items) =>
        Promise.resolve(
          items.map(({ answer }) => ({ score: factor * answer.length, truncated: false })),
        ),
      close: () => Promise.resolve(),
    });
    const score = (out: string, given: RewardModel, log: (line: string) => void = () => {}) =>
      scoreResponses({ in: policy, rewardModel: "length", out: join(folder, out) }, {
        context: { log },
        model: given,
      });
    await score("versioned", reward(1, "1"));
    assert.equal((await score("versioned", reward(1, "1"))).worked, 0);
    await assert.rejects(score("versioned", reward(2, "2")), /another rewardModel under the same/);
    const said: string[] = [], own = reward(1);
    await score("unversioned", own, (line) => said.push(line));
    assert.match(said.join("\n"), /length: given without a version/);
    assert.equal((await score("unversioned", own)).worked, 0);
    await assert.rejects(score("unversioned", reward(2)), /another rewardModel under the same/);
  }));

Deno.test("models opened by their SPECs and given are known by what was loaded, and go on", () =>
  inFolder(async (folder) => {
    const said: string[] = [], log = (line: string) => said.push(line);
    const context = defaultContext({ log }), file = join(folder, "recorded.jsonl");
    const sampling = { prompts: EMBEDDED_PROMPTS, limit: 1, maxTokens: 8 };
    const given = async (spec: string, out: string) => {
      const model = await openTeacher({ model: spec, baseUrl: [] }, context);
      const options = { ...sampling, model: spec, allowMalformed: true, out: join(folder, out) };
      return await sampleTeacher(options, { context, model });
    };
    await sampleTeacher({ ...sampling, model: "embedded", record: file, out: join(folder, "a") }, {
      context: {
        log,
      },
    });
    for (const spec of ["embedded", `replay/${file}`]) {
      const { manifest } = await given(spec, spec.slice(0, 3));
      assert.equal((await given(spec, spec.slice(0, 3))).worked, 0, spec);
      const { version } = manifest.identities!.model as { version: string };
      assert.match(version, /^[0-9a-f]{64}$/, spec);
    }
    const named = { ...sampling, model: "embedded", out: join(folder, "emb") };
    assert.equal((await sampleTeacher(named, { context: { log } })).worked, 0);
    assert.doesNotMatch(said.join("\n"), /without a version/);
  }));

Deno.test("a served model is known by what its server says, a provider's by its SPEC", async () => {
  const served = (version: string) => identityOf("vllm/policy", { name: "policy", version });
  assert.notEqual(identityKey(await served("step 1")), identityKey(await served("step 2")));
  const provider = await identityOf("openai/gpt-4.1-mini", { name: "gpt-4.1-mini" });
  assert.equal(identityKey(provider), "openai/gpt-4.1-mini");
  const log = () => {};
  assert.equal(identityKey(await givenIdentity({ name: "x", version: "3" }, { log })), "x@3");
});
