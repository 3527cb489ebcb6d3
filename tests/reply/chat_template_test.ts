import assert from "node:assert/strict";
import { join } from "node:path";
import type { Message } from "../../lib/core/records.ts";
import { loadChatTemplate } from "../../lib/reply/chat_template.ts";
import { inFolder as runInFolder } from "../cli.ts";

const chat: Message[] = [{ role: "user", content: "Hi" }];
const plain = { addGenerationPrompt: false };

function inFolder(
  files: Record<string, unknown>,
  test: (dir: string) => Promise<void>,
): Promise<void> {
  return runInFolder(async (dir) => {
    for (const [name, value] of Object.entries(files)) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      await Deno.writeTextFile(join(dir, name), text);
    }
    await test(dir);
  });
}

Deno.test("chat_template.jinja wins over tokenizer_config.json", async () => {
  const files = {
    "tokenizer_config.json": { chat_template: "config" },
    "chat_template.jinja": "file\n",
  };
  await inFolder(files, async (dir) => {
    const template = await loadChatTemplate(dir);
    assert.equal(template.render(chat, plain), "file");
    assert.equal(template.file, join(dir, "chat_template.jinja"));
  });
});

Deno.test("of named templates the default is taken, and a list without one is refused", async () => {
  const named = (name: string) => ({ name, template: `{{ '${name}' }}` });
  const list = [named("tool_use"), named("default")];
  await inFolder({ "tokenizer_config.json": { chat_template: list } }, async (dir) => {
    assert.equal((await loadChatTemplate(dir)).render(chat, plain), "default");
  });
  const config = { chat_template: [named("tool_use")] };
  await inFolder({ "tokenizer_config.json": config }, async (dir) => {
    await assert.rejects(loadChatTemplate(dir), /without one named "default"/);
  });
});

Deno.test("special tokens are text or objects, and special_tokens_map.json fills what is missing", async () => {
  const template = "{{ bos_token }}|{{ eos_token }}|{{ pad_token }}";
  const config = {
    chat_template: template,
    bos_token: { content: "<s>", lstrip: false },
    eos_token: "</s>",
    add_bos_token: true,
  };
  const map = { eos_token: "<end>", pad_token: "<pad>" };
  await inFolder(
    { "tokenizer_config.json": config, "special_tokens_map.json": map },
    async (dir) => {
      const loaded = await loadChatTemplate(dir);
      assert.equal(loaded.render(chat, plain), "<s>|<end>|<pad>");
      assert.deepEqual([loaded.bosToken, loaded.eosToken], ["<s>", "<end>"]);
      assert.equal("add_bos_token" in loaded.specialTokens, false);
    },
  );
  // With added_tokens_decoder, transformers does not read the map.
  await inFolder(
    {
      "tokenizer_config.json": { ...config, bos_token: null, added_tokens_decoder: {} },
      "special_tokens_map.json": map,
    },
    async (dir) => {
      const loaded = await loadChatTemplate(dir);
      assert.equal(loaded.render(chat, plain), "|</s>|");
      assert.deepEqual([loaded.bosToken, loaded.eosToken], [null, "</s>"]);
    },
  );
});

Deno.test("a folder without a template, and files that are broken, are named in one line", async () => {
  const refused: [Record<string, unknown>, RegExp][] = [
    [
      {},
      /no chat template \(no chat_template.jinja, and no tokenizer_config.json\): create-prompted-model gives/,
    ],
    [
      { "tokenizer_config.json": {} },
      /no chat template \(no chat_template.jinja\): .*, or name the folder of/,
    ],
    [{ "tokenizer_config.json": "{" }, /tokenizer_config.json: not JSON: /],
    [{ "tokenizer_config.json": "[]" }, /tokenizer_config.json: must hold a JSON object$/],
    [{ "tokenizer_config.json": { chat_template: 5 } }, /must be text or a list/],
    [{ "chat_template.jinja": "{% if %}" }, /chat template in .*chat_template.jinja: /],
    [{ "chat_template.jinja": "{{ 'a' " }, /chat template in .*chat_template.jinja: /],
  ];
  for (const [files, rule] of refused) {
    await inFolder(files, async (dir) => {
      await assert.rejects(loadChatTemplate(dir), (error: Error) => {
        assert.equal(error.name, "InputError");
        assert.match(error.message, rule);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
    });
  }
});

Deno.test("the time that a template tells is an option", async () => {
  const text = "{{ strftime_now('%d %b %Y') }} {{ strftime_now('%A, %B %-d') }}";
  await inFolder({ "chat_template.jinja": text.split(" {{ strftime_now('%A")[0]! }, async (dir) => {
    const now = () => new Date(2026, 10, 2, 3, 4, 5);
    const template = await loadChatTemplate(dir, { now });
    assert.equal(template.render(chat, plain), "02 Nov 2026");
  });
  await inFolder({ "chat_template.jinja": text }, async (dir) => {
    const template = await loadChatTemplate(dir);
    assert.throws(() => template.render(chat, plain), /does not know %-/);
  });
});

Deno.test("a template's own variables reach it, and shadow nothing else", async () => {
  await inFolder(
    { "chat_template.jinja": "{{ enable_thinking }}{{ tools is none }}" },
    async (dir) => {
      const template = await loadChatTemplate(dir);
      const variables = { enable_thinking: "off" };
      assert.equal(template.render(chat, { ...plain, variables }), "offtrue");
    },
  );
});
