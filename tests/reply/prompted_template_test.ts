import assert from "node:assert/strict";
import type { Message, Variant } from "../../lib/core/records.ts";
import { chatTemplateOf } from "../../lib/reply/chat_template.ts";
import { renderReply, stopsOf } from "../../lib/reply/format.ts";
import {
  longcotConfig,
  PROMPTED_FORMS,
  type PromptedForm,
  promptedFormat,
  promptedFormOf,
  promptedTemplate,
  promptedText,
} from "../../lib/reply/prompted_template.ts";

const variants: Variant[] = ["think", "nothink"];
const cases = PROMPTED_FORMS.flatMap((form) => variants.map((variant) => ({ form, variant })));
const golden = (name: string) =>
  Deno.readTextFile(new URL(`../fixtures/prompted/${name}`, import.meta.url));

function template(form: PromptedForm, variant: Variant, bos?: string) {
  const specialTokens = { eos_token: "<|e|>", ...(bos === undefined ? {} : { bos_token: bos }) };
  return chatTemplateOf(promptedTemplate(form, variant), { file: "test", specialTokens });
}

Deno.test("one user turn renders to the contract's bytes, with BOS once where there is one", async () => {
  const chat: Message[] = [{ role: "user", content: "\n How do I bake a cake?\x1f " }];
  for (const { form, variant } of cases) {
    const wanted = await golden(`${form}-${variant}.txt`);
    const options = { addGenerationPrompt: true };
    assert.equal(template(form, variant).render(chat, options), wanted);
    assert.equal(template(form, variant, "<s>").render(chat, options), `<s>${wanted}`);
    const text = promptedText(form, variant, chat, { ...options, bosToken: "<s>", eosToken: "" });
    assert.equal(text, `<s>${wanted}`);
  }
});

Deno.test("the templates are the ones that were released, byte for byte", async () => {
  for (const { form, variant } of cases) {
    assert.equal(promptedTemplate(form, variant), await golden(`${form}-${variant}.jinja`));
  }
});

Deno.test("several turns, a system message and EOS stand where the contract has them", () => {
  const chat: Message[] = [
    { role: "system", content: " Be kind. " },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "<response> Hello </response>\n" },
    { role: "user", content: "Bye" },
  ];
  const text = (form: PromptedForm, addGenerationPrompt: boolean) =>
    template(form, "nothink").render(chat, { addGenerationPrompt });
  const [document, rlmt] = PROMPTED_FORMS.map((form) => text(form, true));
  assert.ok(document!.endsWith(
    "</response>.\nBe kind.\nUser: <query> Hi </query>\n" +
      "Assistant: <response> Hello </response><|e|>\nUser: <query> Bye </query>\nAssistant:",
  ));
  assert.ok(rlmt!.endsWith(
    "</response>.\n\nBe kind.\n\nUser: <query>Hi</query>\n" +
      "Assistant: <response> Hello </response><|e|>\nUser: <query>Bye</query>\nAssistant:",
  ));
  assert.ok(text("document", false).endsWith("User: <query> Bye </query>"));
});

Deno.test("a prompt is the beginning of the same chat with its reply", () => {
  for (const { form, variant } of cases) {
    const user: Message = { role: "user", content: "Hi" };
    const content = renderReply(promptedFormat(variant), { thought: "t", answer: "a" });
    const prompt = template(form, variant).render([user], { addGenerationPrompt: true });
    const whole = template(form, variant).render([user, { role: "assistant", content }], {
      addGenerationPrompt: false,
    });
    assert.equal(whole, `${prompt} ${content}<|e|>`);
  }
});

Deno.test("a role that the template does not know is refused", () => {
  const chat = [{ role: "tool", content: "x" }] as unknown as Message[];
  assert.throws(
    () => template("document", "think").render(chat, { addGenerationPrompt: true }),
    /chat template in test: Only system, user and assistant messages are known, not tool/,
  );
});

Deno.test("the settings for programs of the public scripts' family take a sampled reply apart", () => {
  for (const variant of variants) {
    const config = longcotConfig(variant);
    for (const value of Object.values(config)) assert.notEqual(value, null);
    const content = renderReply(promptedFormat(variant), { thought: "t", answer: "a" });
    assert.ok(content.startsWith(config.start_think_marker));
    const sampled = content.slice(config.start_think_marker.length);
    const [before, after] = sampled.split(config.longcot_delimiter);
    assert.equal(after!.split(config.end_delimiter)[0]!.trim(), "a");
    assert.equal(before!.includes("t"), variant === "think");
    assert.deepEqual(stopsOf(promptedFormat(variant)), [config.end_delimiter]);
  }
});

Deno.test("a template's name is told from a path", () => {
  assert.equal(promptedFormOf("rlmt"), "rlmt");
  assert.equal(promptedFormOf("./rlmt.jinja"), undefined);
});
