/** A dataset is followed back by hashes; the first link that is broken is named. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { featuresIn, processorDifference } from "../../lib/core/processor.ts";
import { folderIdentity } from "../../lib/io/disk/folder_identity.ts";
import { hashFile } from "../../lib/io/disk/hash_file.ts";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { inFolder, runTask } from "../cli.ts";

async function must(task: Parameters<typeof runTask>[0], ...args: string[]): Promise<void> {
  const { code, stderr } = await runTask(task, args);
  assert.equal(code, 0, `${task}: ${stderr}`);
}

Deno.test("a dataset is followed to its scores, replies, models, base weights and prompts", () =>
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const base = at("base"), prompts = at("prompts.jsonl");
    await new Deno.Command("cp", { args: ["-r", EMBEDDED_POLICY, base] }).output();
    await Deno.writeTextFile(
      prompts,
      (await Deno.readTextFile(EMBEDDED_PROMPTS)).split("\n").slice(0, 8).join("\n") + "\n",
    );
    const prompted = ["--model", base, "--out", at("prompted"), "--variant", "nothink"];
    await must("create-prompted-model", ...prompted);
    const model = `local/${at("prompted")}`;
    const sampling = ["--n", "4", "--max-tokens", "32", "--out", at("policy")];
    await must("sample-policy", "--prompts", prompts, "--model", model, ...sampling);
    const scoring = ["--reward-model", "embedded", "--out", at("scored")];
    await must("score-responses", "--in", at("policy"), ...scoring);
    await must(
      "build-dpo",
      ...["--in", at("scored"), "--out", at("dataset"), "--tokenizer", at("prompted")],
      ...["--format", "prompted-nothink", "--min-responses", "2", "--train-split", "1"],
    );
    const lineage = () => runTask("verify", ["--lineage", "--in", at("dataset")]);
    const whole = await lineage();
    assert.equal(whole.code, 0, whole.stdout);
    for (
      const link of [
        /build-dpo read records\/.* of .*scored/,
        /score-responses read records\/.* of .*policy/,
        /sample-policy read .*prompts\.jsonl: an origin/,
        /model local\/.*prompted/,
        /prompted from .*base/,
        /weights [0-9a-f]{64}: an origin/,
      ]
    ) assert.match(whole.stdout, link);

    // The base was trained on an earlier dataset: the file that a trainer's user leaves says so.
    const { weights } = await folderIdentity(base);
    const earlier = { path: at("dataset"), manifest: await hashFile(at("dataset/manifest.json")) };
    const source = { path: EMBEDDED_POLICY, weights };
    const file = join(base, "lineage.json");
    await Deno.writeTextFile(file, JSON.stringify({ made_by: "trl", source, dataset: earlier }));
    const bridged = await lineage();
    assert.equal(bridged.code, 0, bridged.stdout);
    assert.match(bridged.stdout, /trl from .*embedded\/policy/);
    assert.match(bridged.stdout, /trained on .*dataset/);

    const breaks = async (
      path: string,
      change: (bytes: Uint8Array) => Uint8Array,
      named: RegExp,
    ) => {
      const before = await Deno.readFile(path);
      await Deno.writeFile(path, change(before.slice()));
      const { code, stdout } = await lineage();
      assert.equal(code, 1, stdout);
      const failed = stdout.split("\n").filter((line) => line.startsWith("FAIL"));
      assert.equal(failed.length, 1, stdout);
      assert.match(failed[0]!, named);
      await Deno.writeFile(path, before);
    };
    const flipped = (bytes: Uint8Array) => {
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      return bytes;
    };
    await breaks(
      prompts,
      (bytes) => bytes.subarray(0, -10),
      /prompts\.jsonl: it is not what it was/,
    );
    await breaks(
      at("prompted/onnx/model.onnx"),
      flipped,
      /not what was loaded: onnx\/model\.onnx changed/,
    );
    await breaks(at("base/onnx/model.onnx"), flipped, /prompted from .*its weights are not those/);
    await breaks(
      file,
      () => new TextEncoder().encode(JSON.stringify({ source: { path: EMBEDDED_POLICY } })),
      /lineage\.json: not of the form/,
    );
    const records = at("policy/records/part-00000-of-00001.jsonl");
    await breaks(records, (bytes) => bytes.subarray(0, -1), /policy\/records.*not what it was/);
  }));

Deno.test("processors are told apart by what changes a model's last bits", () => {
  const text = (flags: string) => `processor\t: 0\nflags\t\t: fpu ${flags}\nbugs\t: none\n`;
  const x86 = (flags: string) => ({
    arch: "x86_64",
    model: "one",
    features: featuresIn(text(flags)),
  });
  assert.deepEqual(x86("avx2 fma sse4_1").features, ["avx2", "fma", "sse4_1"]);
  assert.equal(processorDifference(x86("fma avx2"), x86("avx2 fma ht")), null);
  assert.match(processorDifference(x86("avx2 avx512f"), x86("avx2"))!, /avx512f on the one alone/);
  const unread = { arch: "x86_64", model: "one", features: null };
  assert.equal(processorDifference(x86("avx2"), unread), null);
  assert.equal(processorDifference(unread, { ...unread, model: "two" }), "one and two");
  assert.match(
    processorDifference(x86("avx2"), { arch: "aarch64", model: null, features: ["asimd"] })!,
    /x86_64 and aarch64/,
  );
});

Deno.test("verify tells of other options and inputs among shards, and of another processor", () =>
  inFolder(async (folder) => {
    const out = join(folder, "policy");
    for (const shard of ["0/2", "1/2"]) {
      await must(
        "sample-policy",
        ...["--prompts", EMBEDDED_PROMPTS, "--model", "embedded", "--format", "prompted-nothink"],
        ...["--limit", "4", "--n", "1", "--max-tokens", "8", "--out", out, "--shard", shard],
      );
    }
    const check = async () => {
      const { code, stdout } = await runTask("verify", ["--in", out]);
      return `${code} ${stdout}`;
    };
    assert.match(await check(), /^0 /);
    const part = join(out, "shards", "part-00001-of-00002.json");
    const whole = Deno.readTextFileSync(part);
    const changed = async (change: (manifest: Record<string, unknown>) => object) => {
      Deno.writeTextFileSync(
        part,
        JSON.stringify({ ...JSON.parse(whole), ...change(JSON.parse(whole)) }),
      );
      return await check();
    };
    assert.match(
      await changed(() => ({ fingerprint: "0".repeat(16) })),
      /^1 [^]*FAIL.*shard 1\/2 was made with other options than shard 0\/2/,
    );
    assert.match(
      await changed(() => ({ input_digest: "0".repeat(16) })),
      /^1 [^]*FAIL.*shard 1\/2 read another input than shard 0\/2/,
    );
    assert.match(
      await changed(() => ({ processor: { arch: "aarch64", model: null, features: ["asimd"] } })),
      /^0 [^]*made on different processors \(.* and aarch64\): equal bytes/,
    );
  }));
