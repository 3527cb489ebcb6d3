import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { defaultContext } from "../../../lib/core/context.ts";
import { InputError } from "../../../lib/core/errors.ts";
import { openPolicy } from "../../../lib/model/open.ts";
import { EMBEDDED_POLICY } from "../../../lib/model/embedded/paths.ts";
import { downloadModel, type HubContext } from "../../../lib/io/hub/hub_model.ts";
import { buildDpo } from "../../../lib/dataset/dpo/stage.ts";
import { createPromptedModel } from "../../../lib/prompted/stage.ts";
import { onnxFiles, resolveLocal } from "../../../lib/model/local/hub_files.ts";
import { scoredRecord } from "../../dataset/records.ts";
import { taskArgs } from "../../cli.ts";
import { localText } from "../../../lib/model/local/local.ts";

const sha = "0123456789abcdef0123456789abcdef01234567";
const names = [
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "onnx/model.onnx",
];

/** A hub with one model, which can lie about it, and a folder for its cache. */
async function withHub(
  use: (
    context: HubContext,
    asked: string[],
    changes: { hash?: string; cut?: string },
  ) => Promise<void>,
  more: Record<string, string> = {},
): Promise<void> {
  const asked: string[] = [], changes: { hash?: string; cut?: string } = {};
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of names) {
    files.set(name, new Uint8Array(await readFile(`${EMBEDDED_POLICY}/${name}`)));
  }
  for (const [name, text] of Object.entries(more)) files.set(name, new TextEncoder().encode(text));
  const siblings = () => [
    ...[...files].map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      lfs: rfilename.endsWith(".onnx")
        ? { sha256: changes.hash ?? createHash("sha256").update(bytes).digest("hex") }
        : undefined,
    })),
    ...["../../evil.json", "model.safetensors", "onnx/model_fp16.onnx", "onnx/model.onnx_data/../x"]
      .filter((rfilename) => !files.has(rfilename)).map((rfilename) => ({ rfilename, size: 1 })),
  ];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const path = new URL(request.url).pathname;
    asked.push(path);
    if (path === "/api/models/org/tiny/revision/main") {
      return Response.json({ sha, siblings: siblings() });
    }
    const name = path.split(`/org/tiny/resolve/${sha}/`)[1];
    const bytes = name === undefined ? undefined : files.get(name);
    if (bytes === undefined) return new Response("no", { status: 404 });
    return new Response(name === changes.cut ? bytes.slice(0, 100) : bytes);
  });
  const home = await Deno.makeTempDir();
  const settings: Record<string, string> = {
    HF_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
    HF_HOME: home,
  };
  const context: HubContext = {
    env: (name) => settings[name],
    fetch,
    log: () => {},
    signal: new AbortController().signal,
    monotonic: () => performance.now(),
  };
  try {
    await use(context, asked, changes);
  } finally {
    await server.shutdown();
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("a model of the hub is downloaded once, into the cache that Python reads", async () => {
  await withHub(async (context, asked) => {
    const dir = await resolveLocal("org/tiny", context);
    const home = context.env("HF_HOME")!;
    assert.equal(dir, `${home}/hub/models--org--tiny/snapshots/${sha}`);
    assert.equal(await Deno.readTextFile(`${home}/hub/models--org--tiny/refs/main`), sha);
    assert.equal(asked.length, 1 + names.length);
    const model = await localText(dir);
    assert.equal(model.name, "org/tiny");
    await model.close();

    await resolveLocal("org/tiny", context);
    assert.equal(asked.length, 2 + names.length);
    const away: HubContext = { ...context, fetch: () => Promise.reject(new TypeError("no route")) };
    assert.equal(await resolveLocal("org/tiny", away), dir);
    const offline = (name: string) => name === "HF_HUB_OFFLINE" ? "1" : context.env(name);
    assert.equal(await resolveLocal("org/tiny", { ...context, env: offline }), dir);
    assert.equal(asked.length, 2 + names.length);
  });
});

Deno.test("of a hub's tokenizer the small files alone are downloaded, each with its size", async () => {
  await withHub(async (context, asked) => {
    const said: string[] = [];
    const told = { ...context, log: (line: string) => void said.push(line) };
    const given = { model: "embedded", tokenizer: "org/tiny", n: 1, baseUrl: [] };
    const chosen = openPolicy(given, defaultContext(told));
    // The embedded model's own folder has no chat template, which is told of the hub's copy.
    await assert.rejects(chosen, /models--org--tiny.*no chat template/);
    assert.ok(!asked.some((path) => path.endsWith(".onnx") || path.endsWith(".safetensors")));
    assert.equal(said.length, 4);
    assert.match(said[0]!, /^downloading org\/tiny\/config\.json \(0\.0 MB\)$/);
  });
});

Deno.test("a file that comes cut or changed is refused, and leaves nothing behind", async () => {
  await withHub(async (context, _asked, changes) => {
    changes.cut = "tokenizer.json";
    await assert.rejects(
      downloadModel("org/tiny", context, onnxFiles()),
      /tokenizer\.json: .*100 bytes/,
    );
    delete changes.cut;
    changes.hash = "0".repeat(64);
    await assert.rejects(downloadModel("org/tiny", context, onnxFiles()), /model\.onnx: .*SHA-256/);
    const folder = `${context.env("HF_HOME")}/hub/models--org--tiny`;
    assert.deepEqual([...Deno.readDirSync(`${folder}/parts`)], []);
    assert.deepEqual([...Deno.readDirSync(`${folder}/snapshots/${sha}/onnx`)], []);
    delete changes.hash;
    await (await localText(await downloadModel("org/tiny", context, onnxFiles()))).close();
  });
});

Deno.test("a name that is neither a folder nor a model of the hub is told in one line", async () => {
  await withHub(async (context) => {
    const refused = (name: string, rule: RegExp) =>
      assert.rejects(
        resolveLocal(name, context),
        (error) => error instanceof InputError && rule.test(error.message),
      );
    await refused("org/none", /org\/none: no such folder, and the Hub answers 404/);
    await refused("./no/where", /no such folder/);
    await refused(`${EMBEDDED_POLICY}/config.json`, /not a folder/);
    const away: HubContext = { ...context, fetch: () => Promise.reject(new TypeError("no route")) };
    await assert.rejects(resolveLocal("org/none", away), /out of reach: no route/);
  });
});

const TEMPLATE = "{% for m in messages %}<|user|>{{ m.content }}{{ eos_token }}{% endfor %}";

Deno.test("a builder takes its tokenizer by its name on the Hub, with the commit in the manifest", () =>
  withHub(async ({ env, ...context }, asked) => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/scored.jsonl`;
      const line = JSON.stringify(scoredRecord("a", [1, 2], {}, "prompted-nothink"));
      await Deno.writeTextFile(path, `${line}\n`);
      const options = { in: path, minResponses: 2, format: "prompted-nothink" as const };
      const tokenizer = "hf/org/tiny@main";
      const around = { ...context, env };
      const { manifest } = await buildDpo({ ...options, tokenizer, out: `${folder}/a` }, {
        context: around,
      });
      const [identity] = [manifest.identities!.tokenizer!].flat();
      assert.deepEqual([identity!.name, identity!.revision], [tokenizer, sha]);
      assert.ok(!asked.some((path) => path.endsWith(".onnx")));

      // The task has no network: a name that is in the cache does, another is told with the way out.
      const build = async (tokenizer: string, out: string) => {
        const given = ["--in", path, "--min-responses", "2", "--format", options.format];
        const [run, ...rest] = taskArgs("build-dpo", [
          ...[...given, "--tokenizer", tokenizer, "--out", `${folder}/${out}`],
        ]);
        const { code, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [run!, "--no-prompt", ...rest],
          env: { NO_COLOR: "1", HF_HOME: env("HF_HOME")!, HF_ENDPOINT: env("HF_ENDPOINT")! },
        }).output();
        return { code, stderr: new TextDecoder().decode(stderr) };
      };
      const there = await build("hf/org/tiny@main", "b");
      assert.equal(there.code, 0, there.stderr);
      const missing = await build("hf/org/other", "c");
      assert.equal(missing.code, 2);
      assert.match(
        missing.stderr.trim().split("\n").at(-1)!,
        /org\/other: .*not in the cache, .*download hf\/org\/other --what tokenizer/,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }, { "chat_template.jinja": TEMPLATE }));

Deno.test("a base model is taken by its name on the Hub, weights and all, with progress", () =>
  withHub(async (context) => {
    const out = await Deno.makeTempDir(), said: string[] = [];
    let now = 0;
    const told = {
      ...context,
      log: (line: string) => void said.push(line),
      monotonic: () => now += 7e3,
    };
    try {
      const made = { model: "hf/org/tiny", out: `${out}/think`, variant: "think" } as const;
      await createPromptedModel(made, { context: told });
      assert.equal(await Deno.readTextFile(`${out}/think/model.safetensors`), "w".repeat(500));
      const manifest = JSON.parse(await Deno.readTextFile(`${out}/think/manifest.json`));
      assert.match(manifest.options.model, new RegExp(`models--org--tiny/snapshots/${sha}$`));
      assert.ok(said.includes("downloading org/tiny/model.safetensors (0.0 MB)"), said.join("\n"));
      const progress = /^org\/tiny\/tokenizer\.json: .* MB of .* MB, \d+ s left, .* MB a second$/;
      assert.ok(said.some((line) => progress.test(line)), said.join("\n"));

      const config = { ...made, out: `${out}/none`, model: "hf/org" };
      await assert.rejects(createPromptedModel(config, { context: told }), /named hf\/OWNER\/NAME/);
    } finally {
      await Deno.remove(out, { recursive: true });
    }
  }, { "model.safetensors": "w".repeat(500) }));

Deno.test("a tokenizer in the cache is no base model: offline that is said, not made without weights", () =>
  withHub(async (context) => {
    const out = await Deno.makeTempDir();
    try {
      const options = { model: "embedded", tokenizer: "hf/org/tiny", n: 1, baseUrl: [] };
      await openPolicy(options, defaultContext({ ...context, log: () => {} }));
      const offline = (name: string) => name === "HF_HUB_OFFLINE" ? "1" : context.env(name);
      const made = { model: "hf/org/tiny", out: `${out}/think`, variant: "think" } as const;
      await assert.rejects(
        createPromptedModel(made, { context: { ...context, env: offline } }),
        /org\/tiny.*has no weights/,
      );
    } finally {
      await Deno.remove(out, { recursive: true });
    }
  }, { "chat_template.jinja": TEMPLATE }));
