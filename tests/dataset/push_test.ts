import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../../lib/core/canonical.ts";
import { push } from "../../lib/dataset/push/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { writeTrainingFile } from "../../lib/io/records/training_file.ts";
import { inFolder, quiet, teacherRecord, writeLines } from "./records.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";

/** A hub of a few routes: small files come in the commit, Parquet files by the LFS protocol. */
function scriptedHub(options: { exists?: boolean; refuse?: boolean } = {}) {
  const seen = {
    created: [] as unknown[],
    files: new Map<string, string>(),
    stored: new Map<string, Uint8Array>(),
    tokens: new Set<string | null>(),
    private: undefined as unknown,
  };
  const handler = async (request: Request): Promise<Response> => {
    const { pathname, origin } = new URL(request.url);
    if (request.method === "PUT") {
      const bytes = new Uint8Array(await request.arrayBuffer());
      seen.stored.set(pathname.slice("/store/".length), bytes);
      return new Response();
    }
    seen.tokens.add(request.headers.get("authorization"));
    if (options.refuse) {
      return Response.json({ error: "no such token: hf_secret" }, { status: 401 });
    }
    if (pathname === "/api/repos/create") {
      seen.created.push(await request.json());
      if (options.exists) return Response.json({ error: "it exists" }, { status: 409 });
      return Response.json({ url: `${origin}/datasets/me/set` });
    }
    if (pathname === "/api/datasets/me/set/preupload/main") {
      const { files } = await request.json() as { files: { path: string }[] };
      return Response.json({
        files: files.map(({ path }) => ({
          path,
          uploadMode: path.endsWith(".parquet") ? "lfs" : "regular",
        })),
      });
    }
    if (pathname === "/datasets/me/set.git/info/lfs/objects/batch") {
      const { objects } = await request.json() as { objects: { oid: string; size: number }[] };
      return Response.json({
        transfer: "basic",
        objects: objects.map(({ oid, size }) => ({
          oid,
          size,
          actions: { upload: { href: `${origin}/store/${oid}`, header: {} } },
        })),
      });
    }
    if (pathname === "/api/datasets/me/set/commit/main") {
      for (const line of (await request.text()).trim().split("\n")) {
        const { key, value } = JSON.parse(line);
        if (key === "file") seen.files.set(value.path, value.content);
        if (key === "lfsFile") seen.files.set(value.path, value.oid);
      }
      return Response.json({ commitOid: "c0ffee", commitUrl: `${origin}/commit/c0ffee` });
    }
    return new Response(`not scripted: ${pathname}`, { status: 404 });
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  return { seen, url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}

async function makeDataset(folder: string): Promise<string> {
  const path = await writeLines(join(folder, "t.jsonl"), [teacherRecord("a"), teacherRecord("b")]);
  const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
  const out = join(folder, "out");
  await buildSft({ in: path, out, tokenizer, saveToDisk: true }, { context: quiet });
  return out;
}

const env = (name: string) => (name === "HF_TOKEN" ? "hf_secret" : undefined);
const plot = "plots/spread.svg";
const data = "data/train-00000-of-00001.parquet";
const completions = "prompt_completion/train-00000-of-00001.parquet";

Deno.test(
  "A dry run, the default, sends nothing and says what would go",
  inFolder(async (folder) => {
    const said: string[] = [];
    const refuse = () => Promise.reject(new Error("nothing may be sent"));
    const log = (line: string) => void said.push(line);
    const result = await push({ in: await makeDataset(folder), repo: "me/set" }, {
      context: { fetch: refuse, env, log },
    });
    assert.deepEqual(result.files.toSorted(), ["README.md", data, plot, completions]);
    assert.equal(result.commit, null);
    assert.match(said.at(-1)!, /would push 4 files/);
  }),
);

for (const exists of [false, true]) {
  Deno.test(
    `The card and the Parquet files arrive whole, in one commit (repository ${
      exists ? "there" : "new"
    })`,
    inFolder(async (folder) => {
      const out = await makeDataset(folder);
      const hub = scriptedHub({ exists });
      try {
        const options = { in: out, repo: "me/set", dryRun: false, hubUrl: hub.url };
        const { commit } = await push(options, { context: { ...quiet, env } });
        assert.equal(commit, `${hub.url}/commit/c0ffee`);
        const { files, stored, tokens, created } = hub.seen;
        assert.deepEqual([...tokens], ["Bearer hf_secret"]);
        assert.equal(created.length, 1);
        assert.deepEqual([...files.keys()].sort(), ["README.md", data, plot, completions]);
        assert.equal(
          atob(files.get("README.md")!),
          await Deno.readTextFile(join(out, "README.md")),
        );
        for (const path of [data, completions]) {
          const bytes = await Deno.readFile(join(out, path));
          assert.equal(files.get(path), sha256(bytes));
          assert.deepEqual(stored.get(files.get(path)!), bytes);
        }
      } finally {
        await hub.close();
      }
    }),
  );
}

Deno.test(
  "The card that arrives tells what check-training kept beside it",
  inFolder(async (folder) => {
    const out = await makeDataset(folder);
    const table = [["trainer", "in loss"], ["trl", "6,000"]];
    await writeTrainingFile(out, [{ title: "What trainers learn", table, lines: ["a|b"] }]);
    const hub = scriptedHub();
    try {
      const options = { in: out, repo: "me/set", dryRun: false, hubUrl: hub.url };
      await push(options, { context: { ...quiet, env } });
      const card = atob(hub.seen.files.get("README.md")!);
      assert.ok(card.startsWith((await Deno.readTextFile(join(out, "README.md"))).trimEnd()));
      assert.match(card, /\n## What trainers learn\n\n.*\n.*\n\| trl \| 6,000 \|\n\n- a\\\|b\n$/);
    } finally {
      await hub.close();
    }
  }),
);

Deno.test(
  "Files that are not what was built are not pushed",
  inFolder(async (folder) => {
    const out = await makeDataset(folder);
    await Deno.writeTextFile(join(out, "README.md"), "other\n", { append: true });
    const pushing = push({ in: out, repo: "me/set" }, { context: quiet });
    await assert.rejects(pushing, { name: "InputError", message: /README\.md: is not what/ });
  }),
);

Deno.test(
  "A refusal is said in one line, without the token",
  inFolder(async (folder) => {
    const out = await makeDataset(folder);
    const hub = scriptedHub({ refuse: true });
    try {
      const options = { in: out, repo: "me/set", dryRun: false, hubUrl: hub.url };
      await assert.rejects(push(options, { context: { ...quiet, env } }), (error: Error) => {
        assert.equal(error.name, "RunError");
        assert.match(error.message, /status 401/);
        assert.doesNotMatch(error.message, /hf_secret|\n/);
        return true;
      });
      await assert.rejects(
        push(options, { context: { ...quiet, env: () => undefined } }),
        /HF_TOKEN/,
      );
    } finally {
      await hub.close();
    }
  }),
);
