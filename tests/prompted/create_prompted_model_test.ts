import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { Manifest } from "../../lib/core/manifest.ts";
import { createPromptedModel, type PromptedModel } from "../../lib/prompted/stage.ts";
import type { CreatePromptedModelOptions } from "../../lib/prompted/prompted_options.ts";
import { loadChatTemplate } from "../../lib/reply/chat_template.ts";
import { sha256 } from "../../lib/core/canonical.ts";
import { configText } from "../base_folders.ts";

const tokens = { "<s>": 0, "<|end_of_text|>": 1, "<|eot_id|>": 2, "<|im_end|>": 3, "a": 4 };

function tokenizerText(without: string[] = []): string {
  const vocab = Object.fromEntries(Object.entries(tokens).filter(([t]) => !without.includes(t)));
  return JSON.stringify({ model: { type: "BPE", vocab, merges: [] }, added_tokens: [] });
}

const tokenizerConfig = `{
  "zzz": {"nested": [1.0, 1e-05]},
  "bos_token": "<s>",
  "eos_token": {"content": "<|end_of_text|>", "lstrip": false},
  "model_max_length": 1000000000000000019884624838656,
  "chat_template": "old"
}`;

const base: Record<string, string> = {
  "config.json": configText("llama"),
  "tokenizer_config.json": tokenizerConfig,
  "tokenizer.json": tokenizerText(),
  "model-00001-of-00001.safetensors": "weights",
  "model.safetensors.index.json": "{}",
  "LICENSE": "licence",
  "original/params.json": '{"dim": 4096}',
};

/** A model folder with `changes` (null leaves a file out), and a folder to make things in. */
async function withModel(
  changes: Record<string, string | null>,
  test: (model: string, dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const model = join(dir, "model");
  try {
    for (const [name, text] of Object.entries({ ...base, ...changes })) {
      if (text === null) continue;
      await Deno.mkdir(join(model, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(model, name), text);
    }
    await test(model, dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function create(
  options: Partial<CreatePromptedModelOptions> & { model: string; out: string },
): Promise<PromptedModel & { said: string[] }> {
  const said: string[] = [];
  const made = await createPromptedModel({ variant: "think", ...options }, {
    context: {
      log: (line) => said.push(line),
    },
  });
  return { ...made, said };
}

const read = (...path: string[]) => Deno.readTextFile(join(...path));
const readJson = async (...path: string[]) => JSON.parse(await read(...path));
const names = (dir: string) => [...Deno.readDirSync(dir)].map((entry) => entry.name).sort();

Deno.test("every file agrees on template and EOS", async () => {
  const generation = '{"temperature": 0.6, "eos_token_id": [1, 9]}';
  const map = '{"eos_token": {"content": "<|end_of_text|>", "rstrip": false}, "bos_token": "<s>"}';
  const files = { "generation_config.json": generation, "special_tokens_map.json": map };
  await withModel(files, async (model, dir) => {
    const out = join(dir, "out");
    const made = await create({ model, out });
    assert.deepEqual([made.eosToken, made.eosTokenId, made.modelType], ["<|eot_id|>", 2, "llama"]);
    assert.equal((await readJson(out, "config.json")).eos_token_id, 2);
    const generated = await readJson(out, "generation_config.json");
    assert.deepEqual(generated, { temperature: 0.6, eos_token_id: 2 });
    const special = await readJson(out, "special_tokens_map.json");
    assert.deepEqual(special.eos_token, { content: "<|eot_id|>", rstrip: false });
    const config = await readJson(out, "tokenizer_config.json");
    assert.deepEqual(config.eos_token, { content: "<|eot_id|>", lstrip: false });
    assert.equal(config.chat_template, made.template);
    assert.equal(await read(out, "chat_template.jinja"), made.template);
    const loaded = await loadChatTemplate(out);
    assert.deepEqual([loaded.bosToken, loaded.eosToken], ["<s>", "<|eot_id|>"]);
  });
});

Deno.test("files that are not there are made where loaders look for the EOS", async () => {
  await withModel({}, async (model, dir) => {
    const out = join(dir, "out");
    await create({ model, out, variant: "nothink" });
    assert.deepEqual(await readJson(out, "generation_config.json"), {
      bos_token_id: 1,
      eos_token_id: 2,
    });
    assert.deepEqual(await readJson(out, "special_tokens_map.json"), {
      bos_token: "<s>",
      eos_token: "<|eot_id|>",
    });
    assert.equal(await read(out, "stop.txt"), "</response>");
    assert.deepEqual(await readJson(out, "longcot_config.json"), {
      longcot: true,
      longcot_delimiter: "<response>",
      end_delimiter: "</response>",
      start_think_marker: "",
    });
  });
});

Deno.test("other fields keep their order and the spelling of their numbers, other files their bytes", async () => {
  await withModel({}, async (model, dir) => {
    const out = join(dir, "out");
    await create({ model, out });
    const config = configText("llama").replace('"eos_token_id": 99', '"eos_token_id": 2');
    assert.equal(await read(out, "config.json"), config);
    const tokenizer = await read(out, "tokenizer_config.json");
    assert.match(tokenizer, /"model_max_length": 1000000000000000019884624838656,/);
    assert.match(tokenizer, /1\.0,\s+1e-05/);
    const order = ["zzz", "bos_token", "eos_token", "model_max_length", "chat_template"];
    assert.deepEqual(Object.keys(JSON.parse(tokenizer)), order);
    for (const name of Object.keys(base)) {
      if (/config\.json$/.test(name)) continue;
      assert.equal(await read(out, name), base[name], name);
    }
    assert.deepEqual(names(dir), ["model", "out"]);
    assert.equal(await read(model, "tokenizer_config.json"), tokenizerConfig);
  });
});

Deno.test("weights are copied or linked as asked, from a hub cache's links too, and all else is copied", async () => {
  await withModel({ "model-00001-of-00001.safetensors": null }, async (plain, dir) => {
    const hub = join(dir, "models--org--name"), model = join(hub, "snapshots/0123");
    const blob = join(hub, "blobs", "ab".repeat(32)), config = join(hub, "blobs", "cd".repeat(20));
    for (const folder of ["blobs", "snapshots"]) {
      await Deno.mkdir(join(hub, folder), { recursive: true });
    }
    await Deno.rename(plain, model);
    await Deno.writeTextFile(blob, "weights");
    await Deno.rename(join(model, "config.json"), config);
    for (
      const [name, to] of [["model-00001-of-00001.safetensors", blob], [
        "config.json",
        config,
      ]] as const
    ) {
      await Deno.symlink(`../../blobs/${basename(to)}`, join(model, name));
    }
    for (const weights of ["copy", "hardlink", "symlink"] as const) {
      const out = join(dir, weights);
      await create({ model, out, weights });
      const file = join(out, "model-00001-of-00001.safetensors");
      assert.equal(await Deno.readTextFile(file), "weights");
      const [info, source] = [await Deno.lstat(file), await Deno.stat(blob)];
      assert.equal(info.isSymlink, weights === "symlink");
      assert.equal(info.ino === source.ino, weights === "hardlink");
      for (const name of ["LICENSE", "config.json", "model.safetensors.index.json"]) {
        const copied = await Deno.lstat(join(out, name));
        assert.ok(copied.isFile && copied.nlink === 1, name);
      }
    }
    assert.equal(await Deno.readTextFile(config), base["config.json"]);
  });
});

Deno.test("the EOS is the family's, else the tokenizer's own and said aloud, else the one asked for", async () => {
  await withModel({ "tokenizer.json": tokenizerText(["<|eot_id|>"]) }, async (model, dir) => {
    const own = await create({ model, out: join(dir, "own") });
    assert.equal(own.eosToken, "<|end_of_text|>");
    assert.match(own.said.join("\n"), /no <\|eot_id\|>: the tokenizer's own "<\|end_of_text\|>"/);
    const asked = await create({ model, out: join(dir, "asked"), eos: "<|im_end|>" });
    assert.deepEqual([asked.eosToken, asked.eosTokenId, asked.said], ["<|im_end|>", 3, []]);
  });
  for (const type of ["qwen2", "qwen3"]) {
    await withModel({ "config.json": configText(type) }, async (model, dir) => {
      const made = await create({ model, out: join(dir, "out") });
      assert.deepEqual([made.eosToken, made.said], ["<|im_end|>", []]);
    });
  }
});

Deno.test("an added token is known by tokenizer.json's list or tokenizer_config.json's", async () => {
  const added = JSON.stringify({
    model: { vocab: { a: 0 } },
    added_tokens: [{ id: 7, content: "<|eot_id|>" }],
  });
  await withModel({ "tokenizer.json": added }, async (model, dir) => {
    assert.equal((await create({ model, out: join(dir, "out") })).eosTokenId, 7);
  });
  const decoder = JSON.stringify({ added_tokens_decoder: { "8": { content: "<|eot_id|>" } } });
  const files = {
    "tokenizer.json": tokenizerText(["<|eot_id|>"]),
    "tokenizer_config.json": decoder,
  };
  await withModel(files, async (model, dir) => {
    assert.equal((await create({ model, out: join(dir, "out") })).eosTokenId, 8);
  });
});

Deno.test("a Llama base model that never saw <|eot_id|> is warned of, a chat model is not", async () => {
  await withModel({}, async (model, dir) => {
    assert.match(
      (await create({ model, out: join(dir, "out") })).said[0]!,
      /never saw <\|eot_id\|>/,
    );
  });
  const chat = tokenizerConfig.replace("<|end_of_text|>", "<|eot_id|>");
  await withModel({ "tokenizer_config.json": chat }, async (model, dir) => {
    assert.deepEqual((await create({ model, out: join(dir, "out") })).said, []);
  });
});

Deno.test("a template of the user's own is taken, and warned of where a model cannot learn from it", async () => {
  await withModel({}, async (model, dir) => {
    const template = join(dir, "own.jinja");
    await Deno.writeTextFile(template, "{{ messages[0].content }}");
    const made = await create({ model, out: join(dir, "out"), template });
    assert.equal(made.template, "{{ messages[0].content }}");
    const [, bos, eos] = made.said;
    assert.match(bos!, /own.jinja writes <s> 0 times/);
    assert.match(eos!, /own.jinja never writes <\|eot_id\|>/);
    const text = (await loadChatTemplate(join(dir, "out"))).render(
      [{ role: "user", content: "Hi" }],
      { addGenerationPrompt: true },
    );
    assert.equal(text, "Hi");
  });
});

Deno.test("the manifest names what was made and what it was made from", async () => {
  await withModel({ "manifest.json": "not ours" }, async (model, dir) => {
    const out = join(dir, "out");
    await create({ model, out });
    const manifest = Manifest.parse(await readJson(out, "manifest.json"));
    assert.equal(manifest.stage, "create-prompted-model");
    for (const { path, sha256: hash } of manifest.outputs) {
      assert.equal(sha256(await read(out, path)), hash, path);
    }
    for (const { path, sha256: hash } of manifest.inputs) {
      assert.equal(sha256(await Deno.readTextFile(path)), hash, path);
    }
  });
});

Deno.test("a prompted model that is there is replaced only when asked, and nothing else is ever", async () => {
  await withModel({}, async (model, dir) => {
    const out = join(dir, "out");
    await create({ model, out });
    await Deno.writeTextFile(join(out, "leftover"), "x");
    await assert.rejects(create({ model, out, variant: "nothink" }), /exists already/);
    await create({ model, out, variant: "nothink", overwrite: true });
    assert.equal(names(out).includes("leftover"), false);
    assert.match(await read(out, "chat_template.jinja"), /The user asks a question/);
    const home = join(dir, "home");
    await Deno.mkdir(home);
    await Deno.writeTextFile(join(home, "thesis"), "x");
    await assert.rejects(create({ model, out: home, overwrite: true }), /not a prompted model/);
    assert.deepEqual(names(home), ["thesis"]);
    // A prompted model is a base for another variant as well.
    const twice = await create({ model: out, out: join(dir, "twice") });
    assert.equal(twice.template, await read(dir, "twice", "chat_template.jinja"));
  });
});

Deno.test("bad options and folders that are no models are refused in one line, and nothing is left", async () => {
  type Case = [
    Record<string, string | null>,
    (model: string, dir: string) => Partial<CreatePromptedModelOptions>,
    RegExp,
  ];
  const none = () => ({});
  const refused: Case[] = [
    [{ "config.json": null }, none, /model: not a model folder: no config.json$/],
    [{ "config.json": '{"model_type": ' }, none, /config.json: not JSON: /],
    [{ "config.json": "[]" }, none, /config.json: must hold a JSON object$/],
    [{ "config.json": "{}" }, none, /config.json: no "model_type"; known are llama, qwen2, qwen3$/],
    [{ "config.json": '{"model_type": "gpt2"}' }, none, /"gpt2" is not supported; known are llama/],
    [{ "config.json": '{"model_type": "constructor"}' }, none, /is not supported/],
    [{ "tokenizer.json": null }, none, /no tokenizer.json$/],
    [{ "tokenizer.json": "{" }, none, /tokenizer.json: not JSON: /],
    [{ "tokenizer.json": '{"model": null}' }, none, /tokenizer.json: not a tokenizer/],
    [{ "tokenizer.json": '{"model": {"vocab": {}}, "added_tokens": [5]}' }, none, /is no token$/],
    [{ "tokenizer_config.json": null }, none, /no tokenizer_config.json$/],
    [{ "tokenizer_config.json": "nope" }, none, /tokenizer_config.json: not JSON: /],
    [{ "generation_config.json": "{]" }, none, /generation_config.json: not JSON: /],
    [{}, () => ({ eos: "<|nope|>" }), /--eos "<\|nope\|>": not one token of the tokenizer/],
    [
      { "tokenizer.json": tokenizerText(["<|eot_id|>", "<|end_of_text|>"]) },
      none,
      /nor the tokenizer's own eos_token "<\|end_of_text\|>": give --eos TOKEN$/,
    ],
    [
      { "tokenizer.json": tokenizerText(["<|eot_id|>"]), "tokenizer_config.json": "{}" },
      none,
      /the tokenizer names no eos_token: give --eos TOKEN$/,
    ],
    [{}, (_, dir) => ({ model: join(dir, "nowhere") }), /nowhere: no such folder$/],
    [{}, (model) => ({ model: join(model, "LICENSE") }), /LICENSE: not a folder$/],
    [{}, (model) => ({ out: model }), /the model's own folder$/],
    [{}, (model) => ({ out: join(model, "deep", "out") }), /inside the model's folder/],
    [{}, (_, dir) => ({ out: dir, overwrite: true }), /holds the model's folder/],
    [{}, (model) => ({ out: join(model, "LICENSE", "out") }), /LICENSE/],
    [{}, (_, dir) => ({ template: join(dir, "no.jinja") }), /no.jinja: neither document nor rlmt/],
    [{ "bad.jinja": "{% for %}" }, (m) => ({ template: join(m, "bad.jinja") }), /bad.jinja: /],
  ];
  for (const [changes, options, rule] of refused) {
    await withModel(changes, async (model, dir) => {
      const before = names(dir);
      await assert.rejects(
        create({ model, out: join(dir, "out"), ...options(model, dir) }),
        (error: Error) => {
          assert.equal(error.name, "InputError", error.stack);
          assert.match(error.message, rule);
          assert.ok(!error.message.includes("\n"));
          return true;
        },
      );
      assert.deepEqual(names(dir), before);
    });
  }
});

Deno.test("broken links, loops of folders and an OUT behind a link are seen for what they are", async () => {
  await withModel({}, async (model, dir) => {
    await Deno.symlink(model, join(dir, "alias"));
    await assert.rejects(create({ model, out: join(dir, "alias", "out") }), /inside the model/);
    await Deno.symlink("nowhere", join(model, "gone.bin"));
    await assert.rejects(create({ model, out: join(dir, "out") }), /gone.bin: a broken link$/);
    await Deno.remove(join(model, "gone.bin"));
    await Deno.symlink(model, join(model, "loop"));
    await assert.rejects(create({ model, out: join(dir, "out") }), /a link to a folder that holds/);
  });
});

Deno.test("the task says what it made, and refuses in one line with exit status 2", async () => {
  const script = new URL("../../scripts/create_prompted_model.ts", import.meta.url).pathname;
  const run = async (...flags: string[]) => {
    const args = [
      "run",
      "--quiet",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      script,
      ...flags,
    ];
    const output = await new Deno.Command(Deno.execPath(), { args }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
  };
  await withModel({ "config.json": configText("qwen2") }, async (model, dir) => {
    const flags = ["--model", model, "--variant", "nothink", "--out"];
    const made = await run(...flags, join(dir, "out"), "--weights", "symlink");
    assert.deepEqual(made, {
      code: 0,
      stdout: `${join(dir, "out")}: qwen2, nothink, EOS <|im_end|>\n`,
      stderr: "",
    });
    const refused = await run(...flags, join(dir, "out"));
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^create-prompted-model: --out .*out: exists already .*\n$/);
    assert.match((await run("--help")).stdout, /--variant/);
  });
});

Deno.test("a stop that comes while files are copied leaves nothing behind", async () => {
  await withModel({}, async (model, dir) => {
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    const options = { model, out: join(dir, "out"), variant: "think" } as const;
    await assert.rejects(
      createPromptedModel(options, { context: { signal: stop.signal } }),
      /stopped/,
    );
    assert.deepEqual(names(dir), ["model"]);
  });
});
