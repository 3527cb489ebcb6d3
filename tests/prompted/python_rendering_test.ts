import assert from "node:assert/strict";
import { join } from "node:path";
import type { Message, Variant } from "../../lib/core/records.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { loadChatTemplate } from "../../lib/reply/chat_template.ts";
import { PROMPTED_FORMS, promptedText } from "../../lib/reply/prompted_template.ts";
import { BASE_FAMILIES, makeBaseFolder } from "../base_folders.ts";
import { generatedChats } from "../generated_chats.ts";
import { python } from "../python.ts";

const program = new URL("../render_chats.py", import.meta.url).pathname;

interface Rendered {
  chats: [string, string | null, number | null][];
  bos: string | null;
  eos: string;
  learned: string;
  eos_id: number;
  generation_eos_id: number;
}

async function renderInPython(
  job: { folders: string[]; chats: Message[][]; mask: boolean },
): Promise<Rendered[]> {
  const child = new Deno.Command(await python(), {
    args: [program],
    env: { HF_HUB_OFFLINE: "1", TOKENIZERS_PARALLELISM: "false" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(job)));
  await writer.close();
  const output = await child.output();
  assert.ok(output.success, new TextDecoder().decode(output.stderr).slice(-2000));
  return JSON.parse(new TextDecoder().decode(output.stdout));
}

const lastChat: Message[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hello" },
  { role: "assistant", content: "\n<response> Hi </response> " },
  { role: "user", content: "How do I bake a cake?" },
  { role: "assistant", content: "<response> Slowly. </response>" },
];

Deno.test("prompted models of every family, variant and form render to the contract's bytes in Python", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const made: { folder: string; form: "document" | "rlmt"; variant: Variant }[] = [];
    for (const family of BASE_FAMILIES) {
      const model = join(dir, family);
      await makeBaseFolder(family, model);
      for (const form of PROMPTED_FORMS) {
        for (const variant of ["think", "nothink"] as const) {
          const folder = join(dir, `${family}-${form}-${variant}`);
          const options = {
            model,
            out: folder,
            variant,
            template: form,
            weights: "hardlink",
          } as const;
          await createPromptedModel(options, { context: { log: () => {} } });
          made.push({ folder, form, variant });
        }
      }
    }
    const chats = [...generatedChats(200, 11), lastChat];
    const folders = made.map(({ folder }) => folder);
    const rendered = await renderInPython({ folders, chats, mask: true });
    for (const [at, { folder, form, variant }] of made.entries()) {
      const theirs = rendered[at]!;
      const llama = folder.includes("llama");
      assert.equal(theirs.eos, llama ? "<|eot_id|>" : "<|im_end|>");
      assert.equal(theirs.bos, llama ? "<|begin_of_text|>" : null);
      assert.equal(theirs.generation_eos_id, theirs.eos_id);
      assert.equal(
        theirs.learned,
        ` <response> Hi </response>${theirs.eos} <response> Slowly. </response>${theirs.eos}`,
      );
      const ours = await loadChatTemplate(folder);
      for (const [i, chat] of chats.entries()) {
        const [plain, prompt, bosIds] = theirs.chats[i]!;
        const where = `${folder}, chat ${i}: ${JSON.stringify(chat)}`;
        const wanted = (addGenerationPrompt: boolean) =>
          promptedText(form, variant, chat, {
            bosToken: theirs.bos,
            eosToken: theirs.eos,
            addGenerationPrompt,
          });
        assert.equal(plain, wanted(false), where);
        assert.equal(prompt, wanted(true), where);
        assert.equal(bosIds, llama ? 1 : null, where);
        assert.equal(ours.render(chat, { addGenerationPrompt: false }), plain, where);
        assert.equal(ours.render(chat, { addGenerationPrompt: true }), prompt, where);
      }
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("the chat models' own templates render here as they do in Python", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const folders = BASE_FAMILIES.map((family) => join(dir, family));
    for (const family of BASE_FAMILIES) await makeBaseFolder(family, join(dir, family));
    const chats = generatedChats(400, 12);
    const rendered = await renderInPython({ folders, chats, mask: false });
    for (const [at, folder] of folders.entries()) {
      const ours = await loadChatTemplate(folder);
      for (const [i, chat] of chats.entries()) {
        const [plain, prompt] = rendered[at]!.chats[i]!;
        const where = `${folder}, chat ${i}: ${JSON.stringify(chat)}`;
        assert.equal(ours.render(chat, { addGenerationPrompt: false }), plain, where);
        assert.equal(ours.render(chat, { addGenerationPrompt: true }), prompt, where);
      }
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
