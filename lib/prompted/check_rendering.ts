/** Loads a prompted model's folder again and compares what its chat template renders. */
import { RunError } from "../core/errors.ts";
import type { Message, Variant } from "../core/records.ts";
import { type ChatTemplate, loadChatTemplate } from "../reply/chat_template.ts";
import { type PromptedForm, promptedText } from "../reply/prompted_template.ts";

const chats: Message[][] = [
  [{ role: "user", content: " How do I bake a cake?\n" }],
  [
    { role: "system", content: "Answer in French." },
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Bonjour" },
    { role: "user", content: "\u0085And \ufeffnow?\x1f" },
    { role: "assistant", content: " Au revoir " },
  ],
];

/**
 * Throws `RunError` where the folder's chat template does not render as it must: by the contract
 * for a named form, as `given` does for the user's own. Gives notes for a person: a template of
 * the user's own that writes no BOS, two, or no EOS.
 */
export async function checkRendering(
  dir: string,
  expected: { form: PromptedForm | undefined; variant: Variant; given: ChatTemplate },
): Promise<string[]> {
  const { form, variant, given } = expected;
  const loaded = await loadChatTemplate(dir);
  if (loaded.text !== given.text || loaded.eosToken !== given.eosToken) {
    throw new RunError(`${dir}: loaded again, the template or EOS is not what was written`);
  }
  const { bosToken, eosToken } = given;
  // A template of the user's own may refuse system messages.
  const ours = chats.map((chat) =>
    chat.filter(({ role }) => form !== undefined || role !== "system")
  );
  for (const chat of ours) {
    for (const addGenerationPrompt of [true, false]) {
      const options = { bosToken, eosToken: eosToken!, addGenerationPrompt };
      const wanted = form === undefined
        ? given.render(chat, { addGenerationPrompt })
        : promptedText(form, variant, chat, options);
      if (loaded.render(chat, { addGenerationPrompt }) !== wanted) {
        throw new RunError(`${dir}: loaded again, the chat template renders another text`);
      }
    }
  }
  const text = loaded.render(ours[1]!, { addGenerationPrompt: false });
  const notes: string[] = [];
  const bosCount = bosToken === null ? 1 : text.split(bosToken).length - 1;
  if (bosCount !== 1) notes.push(`warning: ${given.file} writes ${bosToken} ${bosCount} times`);
  if (!text.includes(eosToken!)) {
    notes.push(`warning: ${given.file} never writes ${eosToken}, so a model cannot learn to stop`);
  }
  return notes;
}
