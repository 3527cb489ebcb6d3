/** A teacher in a folder: a local model behind its chat templates. */
import { ModelError } from "../../core/errors.ts";
import { seedFor } from "../../core/random.ts";
import type { Format } from "../../core/records.ts";
import type { ChatTemplate } from "../../reply/chat_template.ts";
import { prefillFor, prefillOf, stopsOf } from "../../reply/format.ts";
import { parseReply } from "../../reply/parse_reply.ts";
import type { ChatModel, Thinking } from "../chat_model.ts";
import { renderChat } from "../render_chat.ts";
import type { Completion } from "../text_model.ts";
import type { LocalTextModel } from "./text_model.ts";

/** The chat templates of a model by the reply format that each asks for. */
export type TemplatesByFormat = Partial<Record<Format, ChatTemplate>>;

/** A folder's template under the formats that it serves, told by the tags that it writes. */
export function templatesOf(template: ChatTemplate): TemplatesByFormat {
  if (!template.text.includes("<response>")) return { "chat": template, "chat-think": template };
  const thinks = template.text.includes("<think>");
  return thinks ? { "prompted-think": template } : { "prompted-nothink": template };
}

/**
 * A language model of this process as a teacher.
 *
 * Simulated thinking comes back as it was written, the prefilled `<think>` included. Native thinking
 * comes back as `reasoning` beside the answer; a prompted model's answer comes without its tags.
 * Throws `ModelError`: `template_error`, `malformed`, `length`, or what sampling throws.
 */
export function chatModelOf(model: LocalTextModel, templates: TemplatesByFormat): ChatModel {
  const { name, folder, concurrency, tokenizer } = model;
  const count = (text: string) => tokenizer.encode(text).length;
  return {
    name,
    folder,
    promptsForTags: templates["prompted-think"] !== undefined,
    takesTools: true,
    concurrency,
    async reply({ thinking, messages, tools, seed, attempt, ...request }) {
      const format = formatsFor(thinking).find((each) => templates[each] !== undefined);
      if (format === undefined) {
        throw new ModelError("fatal", `${name} cannot reply with --thinking ${thinking}`);
      }
      const prompt = renderChat(templates[format]!, messages, {
        addGenerationPrompt: true,
        tools,
      });
      const { id, maxTokens, temperature, topP, signal } = request;
      const [completion] = await model.complete({
        id,
        prompt: prompt + prefillFor(format, prompt),
        n: 1,
        maxTokens,
        temperature,
        topP,
        topK: 0,
        stop: stopsOf(format),
        includeStop: true,
        seed: attempt === 0 ? seed : seedFor(seed, "attempt", attempt),
        signal,
      });
      const { text, finishReason, completionTokens } = completion!;
      const { answer, thought } = read(format, thinking, completion!);
      return {
        text: answer ?? prefillOf(format).trimStart() + text,
        reasoning: thought,
        finishReason,
        finishReasonRaw: finishReason,
        usage: {
          prompt_tokens: count(prompt),
          completion_tokens: completionTokens,
          reasoning_tokens: thought === null ? 0 : count(thought),
        },
      };
    },
    close: () => model.close(),
  };
}

/** The parts of a reply that is not to be handed on as it was written. */
function read(
  format: Format,
  thinking: Thinking,
  { text, finishReason }: Completion,
): { answer: string | null; thought: string | null } {
  if (thinking === "simulated" || format === "chat") return { answer: null, thought: null };
  const origin = { finishReason, prefilled: prefillOf(format) !== "" };
  const { answer, thought, malformed } = parseReply(format, text, origin);
  if (malformed === null) return { answer, thought };
  const reason = finishReason === "length" ? "length" : "malformed";
  throw new ModelError("reject", `the reply breaks its format: ${malformed}`, { reason });
}

/** The formats that serve a way of thinking, the better first. */
function formatsFor(thinking: Thinking): Format[] {
  switch (thinking) {
    case "simulated":
      return ["prompted-think", "chat"];
    case "native":
      return ["prompted-think", "chat-think"];
    case "none":
      return ["prompted-nothink", "chat"];
    case "structured":
      return [];
  }
}
