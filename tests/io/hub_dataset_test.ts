import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { sha256 } from "../../lib/core/canonical.ts";
import { hashInputs } from "../../lib/io/inputs/hash_inputs.ts";
import { cardFiles, namedFiles } from "../../lib/io/hub/hub_layout.ts";
import { readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { SplitWriter } from "../../lib/io/write/split_writer.ts";
import { COMMIT, withHub } from "./loopback_hub.ts";
import { all, inTemp, refuses } from "./temp.ts";

/** A Parquet file of prompts. */
async function parquet(...prompts: string[]): Promise<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array();
  await inTemp(async (root) => {
    const writer = new SplitWriter({ root, split: "rows", folder: "r" }, { prompt: "string" });
    for (const prompt of prompts) await writer.write({ prompt });
    const { parquet: [file] } = await writer.close();
    bytes = await Deno.readFile(`${root}/${file!.path}`);
  });
  return bytes;
}

const texts = async (prompts: ReturnType<typeof readPrompts>) =>
  (await all(prompts)).map(({ messages }) => messages[0]!.content);

Deno.test("a dataset of the Hub is read by split, from a cache, its revision in the manifest's paths", async () => {
  const train = await parquet("a", "b"), test = await parquet("c");
  await withHub({
    "README.md": "# A set",
    "data/train-00000-of-00001.parquet": train,
    "data/test-00000-of-00001.parquet": test,
    "notes.txt": "no rows",
    "../evil.parquet": "x",
  }, async ({ reading, asked }) => {
    await refuses(
      readPrompts("hf/org/set", reading()),
      "hf/org/set",
      "several splits (test, train)",
    );
    const own = reading({ split: "train" });
    const prompts = await all(readPrompts("hf/org/set", own));
    assert.deepEqual(prompts.map(({ messages }) => messages[0]!.content), ["a", "b"]);
    assert.equal(prompts[0]!.source, "set");
    const place = `hf/org/set@${COMMIT}/data/train-00000-of-00001.parquet`;
    assert.equal(prompts[1]!.where, `${place} row 2`);
    const before = asked.length;
    const [input, ...others] = await hashInputs("hf/org/set", own);
    assert.deepEqual([input!.path, others.length], [place, 0]);
    assert.equal(asked.length, before, "one revision for all readings, no file fetched twice");
    assert.ok(!asked.some((line) => line.includes("evil") || line.includes("notes")));
    assert.deepEqual(await texts(readPrompts("hf/org/set", reading({ split: "all" }))), [
      "c",
      "a",
      "b",
    ]);
  });
});

Deno.test("with the Hub out of reach the revision that was used last is read", async () => {
  await withHub({ "train.jsonl": '{"prompt":"a"}\n' }, async ({ reading, down }) => {
    assert.deepEqual(await texts(readPrompts("hf/org/set", reading())), ["a"]);
    await down();
    const later = reading({ revision: "main" });
    assert.deepEqual(await texts(readPrompts("hf/org/set", later)), ["a"]);
    await refuses(readPrompts("hf/org/other", reading()), "hf/org/other", "out of reach");
  });
});

Deno.test("two that want a file at once, as shards do, have it both, downloaded once", async () => {
  const rows = Array.from({ length: 999 }, (_, i) => `{"prompt":"${i} ${"x".repeat(1000)}"}\n`);
  await withHub({ "train.jsonl": rows.join("") }, async ({ reading, asked }) => {
    const both = [reading(), reading({ revision: "main" })].map((own) =>
      texts(readPrompts("hf/org/set", own))
    );
    for (const prompts of await Promise.all(both)) assert.equal(prompts.length, 999);
    assert.equal(asked.filter((line) => /^GET .*resolve/.test(line)).length, 1);
  });
});

Deno.test("a list of files that the Hub cuts short is asked for in pages", async () => {
  const none = Array.from({ length: 50_000 }, (_, i) => [`none/${i}.txt`, ""]);
  await withHub(
    { ...Object.fromEntries(none), "train.jsonl": '{"prompt":"a"}\n' },
    async ({ reading, asked }) => {
      assert.deepEqual(await texts(readPrompts("hf/org/set", reading())), ["a"]);
      assert.ok(asked.some((line) => line.includes("/tree/")));
    },
  );
});

Deno.test("a file of a dataset that comes other than the Hub says is refused, with its name", async () => {
  const content = new TextEncoder().encode('{"prompt":"a"}\n'.repeat(100_000));
  await withHub({ "train.jsonl": content }, async ({ reading, files }) => {
    files.set("train.jsonl", content.map((byte) => byte === 97 ? 98 : byte));
    const changed = reading({ fetch: toldOf(content) });
    await refuses(readPrompts("hf/org/set", changed), "org/set/train.jsonl", "SHA-256");
  });
});

Deno.test("a download is stopped by its signal and leaves no part; another reading's stop is not one's own", async () => {
  await withHub({ "train.jsonl": '{"prompt":"a"}\n' }, async ({ reading, settings }) => {
    const stop = new AbortController(), begun = Promise.withResolvers<void>();
    // Of the first download one byte comes, then nothing.
    let isFirst = true;
    const slow: typeof fetch = async (input, init) => {
      if (!String(input).includes("/resolve/") || !isFirst) return await fetch(input, init);
      isFirst = false;
      const { signal } = init!;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(new Uint8Array(1));
          signal!.addEventListener("abort", () => controller.error(signal!.reason));
        },
      });
      begun.resolve();
      return new Response(body);
    };
    const stopped = hashInputs("hf/org/set", reading({ fetch: slow, signal: stop.signal }));
    await begun.promise;
    const other = hashInputs("hf/org/set", reading({ fetch: slow }));
    stop.abort(new Error("enough"));
    await assert.rejects(stopped, { message: "enough" });
    assert.equal((await other).length, 1);
    const folder = `${settings.HF_HOME}/hub/datasets--org--set`;
    const files = [...Deno.readDirSync(`${folder}/snapshots/${COMMIT}`)];
    assert.deepEqual(files.map(({ name }) => name), ["train.jsonl"]);
    assert.deepEqual([...Deno.readDirSync(`${folder}/parts`)], []);
  });
});

/** Requests to a hub that still tells of what a file was. */
function toldOf(content: Uint8Array): typeof fetch {
  return async (input, init) => {
    const reply = await fetch(input, init);
    if (!String(input).includes("/api/")) return reply;
    const said = await reply.json();
    said.siblings[0].lfs.sha256 = sha256(content);
    return Response.json(said);
  };
}

Deno.test("a card's configurations are named where none is asked for, and chosen by name", async () => {
  const card = "---\nconfigs:\n- config_name: easy\n  data_files:\n  - split: train\n" +
    "    path: easy/*.jsonl\n- config_name: hard\n  data_files: hard/**\n---\n";
  await withHub({
    "README.md": card,
    "easy/one.jsonl": '{"prompt":"easy"}\n',
    "hard/x/two.jsonl": '{"prompt":"hard"}\n',
  }, async ({ reading }) => {
    await refuses(readPrompts("hf/org/set", reading()), "configurations (easy, hard)", "--config");
    await refuses(readPrompts("hf/org/set", reading({ config: "odd" })), "no configuration odd");
    assert.deepEqual(await texts(readPrompts("hf/org/set", reading({ config: "hard" }))), ["hard"]);
    await refuses(
      readPrompts("hf/org/set", reading({ config: "easy", split: "test" })),
      "no split test",
      "there is train",
    );
    await refuses(readPrompts("hf/org/none", reading()), "hf/org/none", "the Hub answers 404");
    await refuses(readPrompts("hf/org", reading()), "hf/OWNER/NAME");
  });
});

Deno.test("files without a card belong to the configuration of their folder, by any layout", () => {
  const paths = ["data/train-00000-of-00001.parquet", "main/test/0000.parquet", "x.parquet"];
  assert.deepEqual(namedFiles(paths).map(({ config, split }) => [config, split]), [
    ["default", "train"],
    ["main", "test"],
    ["default", null],
  ]);
  assert.equal(cardFiles("# none", paths), null);
  assert.equal(cardFiles("---\n: : [\n---\n", paths), null);
  const long = `---\nconfigs:\n- config_name: a\n  data_files: "${"*a".repeat(200)}b"\n---\n`;
  const start = performance.now();
  assert.deepEqual(cardFiles(long, ["a".repeat(2000)]), []);
  assert.ok(performance.now() - start < 5000, "a pattern cannot take for ever");
});

Deno.test("with a limit the row groups that are read are fetched, once, and no others", async () => {
  const texts = Array.from({ length: 6000 }, (_, row) => {
    const bytes = crypto.getRandomValues(new Uint8Array(900));
    return `${row} ${Buffer.from(bytes).toString("base64")}`;
  });
  const content = await parquet(...texts);
  assert.ok(content.length > 4_000_000, `${content.length} bytes`);
  await withHub({ "train.parquet": content, "notes.txt": "x" }, async ({ reading, sent, down }) => {
    const first = async (rows: number, own: object) => {
      const found: string[] = [];
      for await (const { messages, where } of readPrompts("hf/org/set", own)) {
        assert.equal(where, `hf/org/set@${COMMIT}/train.parquet row ${found.length + 1}`);
        found.push(messages[0]!.content);
        if (found.length === rows) break;
      }
      return found;
    };
    const ranged = reading({ byRanges: true });
    assert.deepEqual(await first(10, ranged), texts.slice(0, 10));
    assert.ok(sent.bytes < content.length / 3, `${sent.bytes} of ${content.length} bytes`);
    const [input] = await hashInputs("hf/org/set", ranged);
    assert.equal(input!.sha256, sha256(content), "as the Hub says, without the file");
    const before = sent.bytes;
    assert.deepEqual(await first(10, ranged), texts.slice(0, 10));
    assert.equal(sent.bytes, before, "nothing is fetched again");
    // Another process finds the groups that the first one fetched; all rows can be had, too.
    assert.deepEqual(await first(6000, reading({ byRanges: true, revision: "main" })), texts);
    assert.ok(sent.bytes < content.length * 1.2, `${sent.bytes} of ${content.length} bytes`);
    await down();
  });
});

Deno.test("a footer that lies about the file is told in one line", async () => {
  const { RangedParquet } = await import("../../lib/io/hub/hub_ranges.ts");
  const sound = await parquet(...Array.from({ length: 50 }, (_, i) => `prompt ${i}`));
  await inTemp(async (dir) => {
    const open = (bytes: Uint8Array) =>
      RangedParquet.open(`${dir}/x.parquet`, "hf/x", new Blob([bytes.slice()]));
    const shorter = new Uint8Array([...sound.slice(0, 50), ...sound.slice(90)]);
    for (const bytes of [new Uint8Array(8), sound.slice(0, -1), sound.slice(-60), shorter]) {
      await assert.rejects(open(bytes), /hf\/x: not a sound Parquet file/);
    }
    await open(sound);
  });
});
