/** A teacher in a folder: a local model behind its chat templates. */
import { ModelError } from "../../core/errors.ts";
import { seedFor } from "../../core/random.ts";
import type { Format } from "../../core/records.ts";
import type { ChatTemplate } from "../../reply/chat_template.ts";
import { prefillFor, prefillOf, stopsOf } from "../../reply/format.ts";
import { parseReply } from "../../reply/parse_reply.ts";
import type { ChatModel, ChatReply, ChatRequest, Thinking } from "../chat_model.ts";
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

/** A language model of this process as a teacher. */
export class LocalChatModel implements ChatModel {
  readonly name: string;
  readonly folder: string;
  readonly promptsForTags: boolean;
  readonly takesTools = true;
  readonly concurrency: number;
  readonly #model: LocalTextModel;
  readonly #templates: TemplatesByFormat;

  constructor(model: LocalTextModel, templates: TemplatesByFormat) {
    this.name = model.name;
    this.folder = model.folder;
    this.promptsForTags = templates["prompted-think"] !== undefined;
    this.concurrency = model.concurrency;
    this.#model = model;
    this.#templates = templates;
  }

  /**
   * Simulated thinking comes back as it was written, the prefilled `<think>` included. Native
   * thinking comes back as `reasoning` beside the answer; a prompted model's answer comes without
   * its tags. Throws `ModelError`: `template_error`, `malformed`, `length`, or what sampling throws.
   */
  async reply(request: ChatRequest): Promise<ChatReply> {
    const { format, template } = this.#choose(request.thinking);
    const { messages, tools } = request;
    const prompt = renderChat(template, messages, { addGenerationPrompt: true, tools });
    const { id, maxTokens, temperature, topP, seed, attempt, signal } = request;
    const [completion] = await this.#model.complete({
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
    const { answer, thought } = this.#read(format, request.thinking, completion!);
    const count = (text: string) => this.#model.tokenizer.encode(text).length;
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
  }

  close(): Promise<void> {
    return this.#model.close();
  }

  #choose(thinking: Thinking): { format: Format; template: ChatTemplate } {
    for (const format of formatsFor(thinking)) {
      const template = this.#templates[format];
      if (template !== undefined) return { format, template };
    }
    throw new ModelError("fatal", `${this.name} cannot reply with --thinking ${thinking}`);
  }

  /** The parts of a reply that is not to be handed on as it was written. */
  #read(
    format: Format,
    thinking: Thinking,
    { text, finishReason }: Completion,
  ): { answer: string | null; thought: string | null } {
    if (thinking === "simulated" || format === "chat") return { answer: null, thought: null };
    const prefilled = prefillOf(format) !== "";
    const origin = { finishReason, prefilled };
    const { answer, thought, malformed } = parseReply(format, text, origin);
    if (malformed === null) return { answer, thought };
    const reason = finishReason === "length" ? "length" : "malformed";
    throw new ModelError("reject", `the reply breaks its format: ${malformed}`, { reason });
  }
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
