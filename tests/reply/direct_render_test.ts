import assert from "node:assert/strict";
import fc from "fast-check";
import { type Message, Role, Variant } from "../../lib/core/records.ts";
import { type ChatTemplate, chatTemplateOf } from "../../lib/reply/chat_template.ts";
import { directly } from "../../lib/reply/direct_render.ts";
import { PROMPTED_FORMS, promptedTemplate } from "../../lib/reply/prompted_template.ts";

const templateOf = (text: string, tokens: Record<string, string>) =>
  chatTemplateOf(text, { file: "test", specialTokens: tokens });
const refusing = (template: ChatTemplate): ChatTemplate => ({
  ...template,
  render: () => assert.fail("interpreted"),
});

const space = fc.constantFrom("", " ", "\n", "\u0085", "\ufeff", "\x1c ", "\u3000");
const content = fc.tuple(space, fc.string({ unit: "grapheme" }), space)
  .map((parts) => parts.join(""));
const chat = fc.array(fc.record({ role: fc.constantFrom(...Role.options), content }), {
  maxLength: 5,
});

Deno.test("a prompted model's template is rendered directly to what its Jinja gives", () => {
  for (const form of PROMPTED_FORMS) {
    for (const variant of Variant.options) {
      const eos: Record<string, string> = { eos_token: "</s>" };
      for (const tokens of [eos, { ...eos, bos_token: "<s>" }]) {
        const template = templateOf(promptedTemplate(form, variant), tokens);
        const direct = directly(refusing(template));
        fc.assert(fc.property(chat, fc.boolean(), (messages, addGenerationPrompt) => {
          const options = { addGenerationPrompt };
          assert.equal(direct.render(messages, options), template.render(messages, options));
        }));
      }
    }
  }
});

Deno.test("another template, other roles and variables of one's own are left to the template", () => {
  const text = promptedTemplate("document", "think");
  const user: Message[] = [{ role: "user", content: "Hi" }];
  const options = { addGenerationPrompt: true };
  for (const other of [`${text} `, text.replace("User", "Human")]) {
    const template = templateOf(other, { eos_token: "</s>" });
    assert.equal(directly(template), template);
  }
  const withoutEos = templateOf(text, {});
  assert.equal(directly(withoutEos), withoutEos);
  const own = directly(templateOf(text, { eos_token: "</s>" }));
  const variables = { bos_token: "<own>" };
  assert.match(own.render(user, { ...options, variables }), /^<own>/);
  const tool = [{ role: "tool", content: "4" }] as unknown as Message[];
  assert.throws(() => own.render(tool, options), /Only system, user and assistant/);
});
