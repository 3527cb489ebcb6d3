import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { defaultContext } from "../../../lib/core/context.ts";
import { InputError } from "../../../lib/core/errors.ts";
import { openPolicy } from "../../../lib/model/open.ts";
import { EMBEDDED_POLICY } from "../../../lib/model/embedded/embedded.ts";
import { downloadModel, type HubContext } from "../../../lib/model/local/hub.ts";
import { localText, resolveLocal } from "../../../lib/model/local/local.ts";

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
): Promise<void> {
  const asked: string[] = [], changes: { hash?: string; cut?: string } = {};
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of names) {
    files.set(name, new Uint8Array(await readFile(`${EMBEDDED_POLICY}/${name}`)));
  }
  const siblings = () => [
    ...[...files].map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      lfs: rfilename.endsWith(".onnx")
        ? { sha256: changes.hash ?? createHash("sha256").update(bytes).digest("hex") }
        : undefined,
    })),
    ...["../../evil.json", "model.safetensors", "onnx/model_fp16.onnx", "onnx/model.onnx_data/../x"]
      .map((rfilename) => ({ rfilename, size: 1 })),
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
    await assert.rejects(downloadModel("org/tiny", context), /tokenizer\.json: .*100 bytes/);
    delete changes.cut;
    changes.hash = "0".repeat(64);
    await assert.rejects(downloadModel("org/tiny", context), /model\.onnx: .*SHA-256/);
    const dir = `${context.env("HF_HOME")}/hub/models--org--tiny/snapshots/${sha}`;
    const left = [...Deno.readDirSync(dir), ...Deno.readDirSync(`${dir}/onnx`)];
    assert.ok(left.every(({ name }) => !name.endsWith(".part")));
    delete changes.hash;
    await (await localText(await downloadModel("org/tiny", context))).close();
  });
});

Deno.test("a name that is neither a folder nor a model of the hub is told in one line", async () => {
  await withHub(async (context) => {
    const refused = (name: string, rule: RegExp) =>
      assert.rejects(
        resolveLocal(name, context),
        (error) => error instanceof InputError && rule.test(error.message),
      );
    await refused("org/none", /org\/none: no such folder, and the hub answers 404/);
    await refused("./no/where", /no such folder/);
    await refused(`${EMBEDDED_POLICY}/config.json`, /not a folder/);
    const away: HubContext = { ...context, fetch: () => Promise.reject(new TypeError("no route")) };
    await assert.rejects(resolveLocal("org/none", away), /out of reach: no route/);
  });
});
